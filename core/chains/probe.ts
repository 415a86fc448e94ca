/**
 * Tries a chain on purpose and tells how far it goes: hops in order, up to the first that fails. Without a target the last
 * hop is asked for a port of its own that nobody listens on: whatever it answers, it answered, and our sign-in was good.
 */
import type { ProbeResult } from '../contract/api.ts';
import { toProxyError, type ProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { ChainNode, Route } from '../roles.ts';
import type { Chain } from './chain.ts';

export interface ProbeAbout {
  readonly chain: Chain;
  readonly target: Address | null;
  readonly direct: Route;
  readonly ms: number;
  readonly now?: () => number;
}

const NOBODY: Address = { host: '127.0.0.1', port: 9 };

/** Never rejects: what went wrong is in the result. */
export async function probeChain(about: ProbeAbout, signal: AbortSignal): Promise<ProbeResult> {
  const { chain, target, direct, ms, now = () => performance.now() } = about;
  const start = now();
  const reachedAt = new Map<ChainNode, number>();
  const watch = {
    dialling: () => undefined,
    reached: (node: ChainNode) => void reachedAt.set(node, now()),
    answered: () => undefined,
  };
  const dst = target ?? NOBODY;
  let nodes: readonly ChainNode[] = [];
  let error: ProxyError | null = null;
  try {
    const { attempt } = chain.pick({ target, key: '' }, new Set(), direct, watch);
    nodes = attempt.nodes;
    const conn = await attempt.run(
      (route, inner) => route.connect(dst, inner),
      { target: formatAddress(dst), ms },
      signal,
      (late) => late.destroy(),
    );
    conn.destroy();
  } catch (thrown) {
    error = toProxyError(thrown, { target: formatAddress(dst) });
  }
  const hops: ProbeResult['hops'][number][] = [];
  const culprit = error === null ? -1 : culpritOf(error, nodes, reachedAt);
  const end = now();
  let before = start;
  for (const [index, node] of nodes.entries()) {
    const failed = index === culprit;
    const at = failed ? end : (reachedAt.get(node) ?? end);
    const hop = chain.hops[index]?.name ?? node.name;
    hops.push({ hop, node: node.name, ms: at - before, error: failed ? (error?.toWire() ?? null) : null });
    if (failed) break;
    before = at;
  }
  const answered = error !== null && culprit === -1 && target === null && isAnswer(error);
  const failure = answered ? null : error;
  return { ok: failure === null, hops, error: failure?.toWire() ?? null };
}

/** Index of the hop that failed; -1 when the hops did their part and the target is what could not be reached. */
function culpritOf(
  error: ProxyError,
  nodes: readonly ChainNode[],
  reachedAt: ReadonlyMap<ChainNode, number>,
): number {
  if (isAnswer(error)) return -1;
  const named = nodes.findIndex(({ name }) => name === error.detail['hop']);
  return named !== -1 ? named : nodes.findIndex((node) => !reachedAt.has(node));
}

/** The last hop said something about the target: it understood us and let us in. */
function isAnswer({ code, rep }: ProxyError): boolean {
  return rep !== null && (code === 'hop_refused' || code === 'refused');
}
