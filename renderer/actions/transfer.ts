/** What the window asks of the host about imports, exports, earlier states and linked files, and what the user is told then. No React. */
import type { Edit } from '../../core/contract/config.ts';
import type { ImportItem, ImportRepair, ImportReview, ImportSource } from '../../core/contract/imports.ts';
import { allOf, decided, flat, toggled, type Decision } from '../edits/import-choice.ts';
import { t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { resetImport } from '../store/transfer.ts';
import { goTo, toast } from '../store/ui.ts';
import type { Outcome } from './host.ts';

/** As the host's limit; a larger text is refused before it travels. */
const MAX_BYTES = 1024 * 1024;

export function openImport(model: Model): void {
  resetImport(model.transfer);
  model.ui.setState({ dialog: 'import' });
}

/** Shows a text for review. Nothing is changed by that. */
export async function reviewText(model: Model, name: string, text: string): Promise<void> {
  resetImport(model.transfer);
  model.ui.setState({ dialog: 'import' });
  if (new TextEncoder().encode(text).length > MAX_BYTES) {
    refuse(model, t('transfer.tooBig', { name }));
    return;
  }
  await review(model, { name, text, list: 'hop', dialect: 'v3' }, null, []);
}

/** Where a file lies on this computer, as far as the desktop tells. */
function pathOf(file: File): string | null {
  return window.sockeye?.pathOf?.(file) || null;
}

/** Takes files or images that were dropped, pasted or chosen: the first that can be used. */
export async function reviewFile(model: Model, file: File): Promise<void> {
  resetImport(model.transfer);
  model.ui.setState({ dialog: 'import' });
  if (file.type.startsWith('image/')) {
    model.transfer.setState({ busy: true });
    const { readCode } = await import('../views/transfer/code.ts');
    const text = await readCode(file);
    model.transfer.setState({ busy: false });
    if (text === null) refuse(model, t('transfer.noCode', { name: file.name }));
    else await reviewText(model, file.name, text);
    return;
  }
  if (file.size > MAX_BYTES) {
    refuse(model, t('transfer.tooBig', { name: file.name }));
    return;
  }
  await reviewText(model, file.name, await file.text());
  if (model.transfer.getState().source?.name === file.name) model.transfer.setState({ path: pathOf(file) });
}

function refuse(model: Model, problem: string): void {
  model.transfer.setState({ problem, source: null, review: null });
}

/** Reads the text again, changed by a repair or the edits of a fix, or read in another way. */
export async function review(
  model: Model,
  source: ImportSource,
  repair: ImportRepair | null,
  edits: readonly Edit[],
): Promise<void> {
  const { transfer } = model;
  transfer.setState({ source, busy: true, error: null });
  const reply = await model.client.call('import.review', { source, repair, edits: [...edits] });
  if (transfer.getState().source !== source) return; // another text came meanwhile
  if (!reply.ok) {
    transfer.setState({ busy: false, error: reply.error });
    return;
  }
  const { text, items } = reply.value;
  // a fix changes one value: what was decided before still holds
  const before = edits.length > 0 ? transfer.getState() : null;
  const known = new Set(flat(before?.review?.items ?? []).map(({ id }) => id));
  const taken = [...allOf(items)].filter((id) => !known.has(id) || before?.taken.has(id) === true);
  transfer.setState({
    busy: false,
    source: { ...source, text },
    review: reply.value,
    taken: new Set(taken),
    clashes: before?.clashes ?? {},
    shown: before?.shown ?? null,
    line: before?.line ?? 0,
  });
}

export function toggleItem(model: Model, { id }: ImportItem, on: boolean): void {
  const { review: shown, taken } = model.transfer.getState();
  if (shown !== null) model.transfer.setState({ taken: toggled(shown.items, taken, id, on) });
}

/** What to do about a name that is taken; `all` for every such name of this import. */
export function decideClash(model: Model, item: ImportItem, decision: Decision, all: boolean): void {
  const { review: shown, taken, clashes } = model.transfer.getState();
  if (shown === null) return;
  const about = all ? shown.items.filter(({ state }) => state === 'changed') : [item];
  model.transfer.setState(decided(shown.items, { taken, clashes }, about, decision));
}

/** True when there is nothing that a person would have to decide before importing. */
export function nothingToDecide({ items, findings }: ImportReview): boolean {
  return (
    items.some(({ state }) => state === 'new') &&
    items.every(({ state }) => state === 'new' || state === 'same') &&
    findings.every(({ grade }) => grade === 'ignored' || grade === 'hint')
  );
}

export async function applyImport(model: Model): Promise<void> {
  const { transfer, client, host, ui } = model;
  const { source, taken, clashes, busy } = transfer.getState();
  const revision = host.getState().config?.revision;
  if (source === null || revision === undefined || busy || taken.size === 0) return;
  transfer.setState({ busy: true, error: null });
  const label = t('transfer.importLabel', { name: source.name });
  const reply = await client.call('import.apply', {
    revision,
    source,
    choice: { take: [...taken], clashes },
    label,
  });
  transfer.setState({ busy: false });
  if (!reply.ok) {
    transfer.setState({ error: reply.error });
    return;
  }
  host.setState({ config: reply.value.state });
  resetImport(transfer);
  ui.setState({ dialog: null });
  goTo(ui, 'services');
  toast(ui, t('transfer.imported', { count: reply.value.taken }), { undo: true });
}

/** Links a file at a path of the computer the engine runs on; null goes back to Sockeye's own. */
export async function linkFile(model: Model, path: string | null): Promise<Outcome> {
  const reply = await model.client.call('config.link', { path });
  if (!reply.ok) return reply.error;
  model.host.setState({ config: reply.value });
  toast(model.ui, path === null ? t('transfer.unlinked') : t('transfer.linked', { path }));
  return null;
}

export async function settle(model: Model, text: string): Promise<Outcome> {
  const reply = await model.client.call('config.settle', { text, label: t('transfer.settleLabel') });
  if (!reply.ok) return reply.error;
  model.host.setState({ config: reply.value });
  model.ui.setState({ dialog: null });
  toast(model.ui, t('transfer.settled'), { undo: true });
  return null;
}

export async function restore(model: Model, id: string, when: string): Promise<Outcome> {
  const revision = model.host.getState().config?.revision;
  if (revision === undefined) return null;
  const label = t('transfer.restoreLabel', { when });
  const reply = await model.client.call('snapshots.restore', { revision, id, label });
  if (!reply.ok) return reply.error;
  model.host.setState({ config: reply.value });
  toast(model.ui, t('transfer.restored', { when }), { undo: true });
  return null;
}

/** Opens the text of the configuration, at a line where one is given. */
export function openText(model: Model, line = 0): void {
  model.transfer.setState({ goTo: line });
  model.ui.setState({ dialog: 'text' });
}

/** The report of a review as text: for a colleague, or for a note beside the file. */
export function reportOf({ items, findings }: ImportReview, { name }: ImportSource): string {
  const rows = findings.map(({ grade, code, line, column, message }) => {
    const place = line > 0 ? `${name}:${line}:${column}` : name;
    return `${t(`grade.${grade}`)}  ${place}  ${code}: ${message}`;
  });
  const things = items.map(
    (item) =>
      `${t(`importState.${item.state}`)}  ${t(`importKind.${item.kind}`)} ${item.name} ${item.detail}`,
  );
  return [name, '', ...things, '', ...rows, ''].join('\n');
}

/** Hands a text to the user as a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
