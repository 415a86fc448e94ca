/** What the window asks of the host, and what the stores and the user are told when the answer comes. No React. */
import type { UriPreview } from '../../core/contract/api.ts';
import type { Edit, Json, Node } from '../../core/contract/config.ts';
import type { WireError } from '../../core/contract/errors.ts';
import type { Change } from '../edits/chains.ts';
import { isObject } from '../edits/diff.ts';
import { errorText, hostText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import type { SelfTest } from '../store/host.ts';
import { say, toast } from '../store/ui.ts';

/** Null when it worked, else why not; the caller shows it where the user is looking. */
export type Outcome = WireError | null;

/** Saves and applies edits made on the revision the window shows. */
export async function edit(model: Model, edits: Edit[], label: string): Promise<Outcome> {
  const config = model.host.getState().config;
  if (config === null || edits.length === 0) return null;
  const reply = await model.client.call('config.edit', { revision: config.revision, edits, label });
  if (!reply.ok) return reply.error;
  model.host.setState({ config: reply.value });
  return null;
}

/** An edit of the lanes: the focus follows, a refusal becomes a toast. */
export async function change(
  model: Model,
  what: Change | null,
  label: string,
  undo = false,
): Promise<boolean> {
  if (what === null) return false;
  const refused = await edit(model, what.edits, label);
  if (refused !== null) {
    toast(model.ui, errorText(refused), { tone: 'bad' });
    return false;
  }
  if (what.focus !== null) model.ui.setState({ place: what.focus });
  if (undo) toast(model.ui, label, { undo: true });
  say(model.ui, label);
  return true;
}

/** Start at login; the store then holds what the system says, whatever was asked for. */
export async function setLogin(model: Model, on: boolean): Promise<void> {
  const reply = await model.client.call('login.set', { on });
  if (reply.ok) model.host.setState({ login: reply.value });
  else toast(model.ui, errorText(reply.error), { tone: 'bad' });
}

export async function undo(model: Model): Promise<void> {
  await step(model, 'config.undo', model.host.getState().config?.undo ?? null);
}

export async function redo(model: Model): Promise<void> {
  await step(model, 'config.redo', model.host.getState().config?.redo ?? null);
}

async function step(model: Model, call: 'config.undo' | 'config.redo', label: string | null): Promise<void> {
  if (label === null) return;
  const reply = await model.client.call(call, null);
  if (!reply.ok) {
    toast(model.ui, errorText(reply.error), { tone: 'bad' });
    return;
  }
  model.host.setState({ config: reply.value });
  toast(model.ui, t(call === 'config.undo' ? 'edit.undone' : 'edit.redone', { label: hostText(label) }));
}

/** Starts or stops one service. Its state comes back as the host read it, never as it was wished. */
export async function switchService(model: Model, name: string, on: boolean): Promise<void> {
  const { host, client } = model;
  if (host.getState().switching.includes(name)) return;
  host.setState({ switching: [...host.getState().switching, name] });
  const reply = await client.call(on ? 'service.start' : 'service.stop', { name });
  host.setState({ switching: host.getState().switching.filter((other) => other !== name) });
  if (!reply.ok) {
    toast(model.ui, errorText(reply.error), { tone: 'bad' });
    return;
  }
  const services = host.getState().services.map((state) => (state.name === name ? reply.value : state));
  host.setState({ services });
  if (reply.value.state === 'failed' && reply.value.error !== null) {
    toast(model.ui, errorText(reply.value.error), { tone: 'bad' });
  }
}

/** The first click. `port` null: 1080 or the next free one. */
export async function quickStart(model: Model, port: number | null): Promise<Outcome> {
  const reply = await model.client.call('quick.start', { port });
  if (!reply.ok) return reply.error;
  const { service, steps } = reply.value;
  model.host.setState({
    quick: reply.value,
    selfTests: { ...model.host.getState().selfTests, [service]: { running: false, steps, error: null } },
  });
  const [config, services] = await Promise.all([
    model.client.call('config.get', null),
    model.client.call('services.list', null),
  ]);
  if (config.ok) model.host.setState({ config: config.value });
  if (services.ok) model.host.setState({ services: services.value });
  return null;
}

export async function selfTest(model: Model, service: string): Promise<void> {
  const { host } = model;
  const put = (test: Partial<SelfTest>): void => {
    const { selfTests } = host.getState();
    const known = selfTests[service] ?? { running: false, steps: [], error: null };
    host.setState({ selfTests: { ...selfTests, [service]: { ...known, ...test } } });
  };
  put({ running: true, error: null });
  const reply = await model.client.call('selftest.run', { service });
  if (reply.ok) put({ running: false, steps: reply.value });
  else put({ running: false, error: reply.error });
}

export async function closeConnections(model: Model, ids: readonly string[]): Promise<void> {
  const reply = await model.client.call('connection.close', { ids: [...ids] });
  if (!reply.ok) toast(model.ui, errorText(reply.error), { tone: 'bad' });
  else say(model.ui, t('connections.closedSome', { count: reply.value.closed }));
}

export async function previewUri(model: Model, uri: string): Promise<UriPreview | WireError> {
  const reply = await model.client.call('uri.preview', { uri });
  return reply.ok ? reply.value : reply.error;
}

/** The nodes a pasted URI means, ready to be put into a hop. */
export interface PastedNodes {
  readonly nodes: readonly Node[];
  readonly selector: Json | undefined;
}

export async function nodesOfUri(model: Model, uri: string): Promise<PastedNodes | WireError> {
  const reply = await model.client.call('uri.node', { uri });
  if (!reply.ok) return reply.error;
  const { node, selector } = reply.value;
  const all: readonly Json[] = Array.isArray(node)
    ? (node as readonly Json[])
    : node === undefined
      ? []
      : [node];
  return { nodes: all.filter(isObject), selector };
}

export async function addHopToService(model: Model, service: string, uri: string): Promise<Outcome> {
  const reply = await model.client.call('quick.addHop', { service, uri });
  if (!reply.ok) return reply.error;
  model.host.setState({ config: reply.value });
  return null;
}

/** Copies and says so; a refusal (no permission, no focus) is said as well. */
export async function copy(model: Model, text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(model.ui, t('copy.done', { what }));
  } catch {
    toast(model.ui, t('copy.refused'), { tone: 'bad' });
  }
}
