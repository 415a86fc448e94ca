/** The UDP check: what is started and cancelled, where it goes, and the fixes that are one click. No React. */
import type { Address } from '../../core/contract/address.ts';
import type { UdpProbe } from '../../core/contract/udp-check.ts';
import { indexOfService } from '../edits/services.ts';
import { errorText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { applyRuns } from '../store/runs.ts';
import { toast } from '../store/ui.ts';
import { edit } from './host.ts';
import { parseTarget } from './test.ts';

/** Public servers that answer strangers; what is typed instead goes there. */
export const USUAL_TARGETS: Readonly<Record<UdpProbe, string>> = {
  echo: '',
  dns: '1.1.1.1:53',
  ntp: 'time.cloudflare.com:123',
  stun: 'stun.cloudflare.com:3478',
};

/** The service to check first: the one in the inspector, else the first that is up and has UDP. */
export function checkedService({ ui, host }: Model): string | null {
  const { selected } = ui.getState();
  const { services } = host.getState();
  if (selected?.kind === 'service') return selected.name;
  const best =
    services.find(({ state, udp }) => state === 'up' && udp) ?? services.find(({ state }) => state === 'up');
  return (best ?? services[0])?.name ?? null;
}

/** Shows the check of a service; nothing is sent yet. */
export function openUdpCheck(model: Model, service: string | null): void {
  const name = service ?? checkedService(model);
  if (name !== null) model.ui.setState({ selected: { kind: 'udp-check', service: name }, adding: null });
}

/** The target as typed; `null` is the built-in echo, `undefined` makes no sense. */
export function checkTarget(probe: UdpProbe, typed: string, chained: boolean): Address | null | undefined {
  const text = typed.trim();
  if (text === '' && probe === 'echo') return chained ? undefined : null;
  return parseTarget(text === '' ? USUAL_TARGETS[probe] : text) ?? undefined;
}

export async function startUdpCheck(
  model: Model,
  service: string,
  probe: UdpProbe,
  target: Address | null,
): Promise<void> {
  const reply = await model.client.call('run.start', { kind: 'udp', service, probe, target });
  if (reply.ok) applyRuns(model, [reply.value]);
  else toast(model.ui, errorText(reply.error), { tone: 'bad' });
}

export async function cancelUdpCheck(model: Model, service: string): Promise<void> {
  const run = model.host.getState().tests.udp[service];
  if (run?.state === 'running') await model.client.call('run.cancel', { id: run.id });
}

/** Switches UDP on for a service, with undo. */
export async function enableUdp(model: Model, service: string): Promise<boolean> {
  const config = model.host.getState().config?.config;
  const index = config === undefined ? -1 : indexOfService(config, service);
  if (index < 0) return false;
  const label = t('udpCheck.enabled', { service });
  const refused = await edit(
    model,
    [{ op: 'set', path: ['services', index, 'handler', 'metadata', 'udp'], value: true }],
    label,
  );
  if (refused === null) toast(model.ui, label, { undo: true });
  else toast(model.ui, errorText(refused), { tone: 'bad' });
  return refused === null;
}
