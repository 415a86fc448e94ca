/** Testing chains: what is started and cancelled, and the target a test goes to. */
import type { Address } from '../../core/contract/address.ts';
import type { TestFrom } from '../../core/contract/runs.ts';
import { hostPort, splitAddress, validPort } from '../format/address.ts';
import { errorText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { applyRuns } from '../store/runs.ts';
import { toast } from '../store/ui.ts';

const EXAMPLE: Address = { host: 'example.com', port: 443 };

/** The target as typed for this chain, else the host last visited through it, else an example. */
export function targetText(model: Model, chain: string): string {
  return model.ui.getState().targets[chain] ?? hostPort(lastTarget(model, chain) ?? EXAMPLE);
}

export function parseTarget(text: string): Address | null {
  const { host, port } = splitAddress(text);
  return host !== '' && validPort(port) ? { host, port: Number(port) } : null;
}

function lastTarget({ live }: Model, chain: string): Address | null {
  let newest: { at: number; target: Address } | null = null;
  const look = (
    info: { chain: string | null; target: Address | null; startedAt: number; command: unknown } | undefined,
  ) => {
    if (info?.chain !== chain || info.target === null || info.command !== 'connect') return;
    if (newest === null || info.startedAt > newest.at) newest = { at: info.startedAt, target: info.target };
  };
  for (const info of live.info) look(info);
  for (const info of live.closed) if (info.error === null) look(info);
  return (newest as { target: Address } | null)?.target ?? null;
}

/** Tests a chain, or what is left of it from one of its places on. */
export async function testChain(model: Model, chain: string, from: TestFrom | null = null): Promise<void> {
  if (model.host.getState().tests.chains[chain]?.state === 'running') return;
  const target = parseTarget(targetText(model, chain));
  if (target === null) {
    toast(model.ui, t('chainTest.badTarget'), { tone: 'bad' });
    return;
  }
  await start(model, { kind: 'chain', chain, target, from });
}

export async function isolateNode(model: Model, chain: string, hop: number, node: number): Promise<void> {
  await start(model, { kind: 'isolate', chain, hop, node });
}

export async function cancelTest(model: Model, chain: string): Promise<void> {
  const run = model.host.getState().tests.chains[chain];
  if (run?.state === 'running') await model.client.call('run.cancel', { id: run.id });
}

async function start(
  model: Model,
  request: Parameters<typeof model.client.call<'run.start'>>[1],
): Promise<void> {
  const reply = await model.client.call('run.start', request);
  if (reply.ok) applyRuns(model, [reply.value]);
  else toast(model.ui, errorText(reply.error), { tone: 'bad' });
}
