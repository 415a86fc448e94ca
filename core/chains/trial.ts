/**
 * One try over one way on purpose, timed stage by stage. Stations are the nodes in the order of travel and then the target.
 *
 * Theory of operation. Stages come one after the other, because every stream is made inside the one before it; so the stage that was begun
 * last is the one that is going on, and an error belongs to it. Only what a node is *asked* to do belongs to the station it is to reach:
 * a request that fails is a failed `connect` of the next node, unless the node asked says that it is itself who will not or can not.
 */
import type { Stage } from '../contract/stage.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { watchStages } from '../net/stages.ts';
import { abortReason, within } from '../net/within.ts';
import type { ChainNode, Route } from '../roles.ts';
import { greetingFor } from './greeting.ts';
import { chainOf } from './route.ts';

const STAGE_MS = 5000;
const TOTAL_MS = 10_000;
/** RFC 1928 §6: refusals that are about the proxy asked and not about what it was to reach. */
const OWN_REFUSALS: ReadonlySet<number | null> = new Set([2, 7, 8]);

export interface Way {
  readonly nodes: readonly ChainNode[];
  readonly direct: Route;
  readonly target: Address;
  /** Also wait for the target to say something. */
  readonly greet: boolean;
  readonly stageMs?: number;
  readonly totalMs?: number;
}

interface StagePassed {
  readonly station: number;
  readonly stage: Stage;
  readonly ms: number;
}

export interface Outcome {
  /** Stages that were gone through, in order. */
  readonly passed: readonly StagePassed[];
  readonly error: ProxyError | null;
  /** Where it failed. */
  readonly at: { readonly station: number; readonly stage: Stage } | null;
  /** The target stands but said nothing. */
  readonly silent: boolean;
}

/** Goes the way once; `hear` is told of every stage that begins. Never rejects, except with the reason of `signal`. */
export async function tryWay(
  way: Way,
  hear: (station: number, stage: Stage) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const { nodes, direct, target, greet, stageMs = STAGE_MS, totalMs = TOTAL_MS } = way;
  const passed: StagePassed[] = [];
  const cap = new AbortController();
  const now: { station: number; stage: Stage | null; began: number } = { station: 0, stage: null, began: 0 };
  let timer: NodeJS.Timeout | undefined;

  const finish = (): void => {
    clearTimeout(timer);
    const { station, stage, began } = now;
    if (stage !== null) passed.push({ station, stage, ms: performance.now() - began });
    now.stage = null;
  };
  const begin = (next: Stage): void => {
    if (next === now.stage) return;
    finish();
    // asking a node is the first step of reaching the next station
    if (next === 'request') now.station += 1;
    const { station } = now;
    const stage = next === 'request' && station < nodes.length ? 'connect' : next;
    now.stage = stage;
    now.began = performance.now();
    timer = setTimeout(() => cap.abort(late(nodes, station, stage, target, stageMs)), stageMs);
    hear(station, stage);
  };

  const onAbort = (): void => cap.abort(abortReason(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let silent = false;
  const streams: Conn[] = [];
  try {
    await within(
      cap.signal,
      totalMs,
      async (inner) => {
        watchStages(inner, { stage: begin });
        const route = chainOf(nodes, direct, {
          dialling: (node) => {
            // transports over datagrams tell of no stage of their own
            if (node === nodes[0]) begin('connect');
          },
          reached: () => undefined,
          answered: () => undefined,
        });
        const connected = await route.connect(target, inner);
        streams.push(connected);
        if (inner.aborted) connected.destroy();
        if (!greet) return;
        begin('first_byte');
        silent = !(await firstByte(connected, target, stageMs * 0.9, inner));
      },
      () => late(nodes, now.station, now.stage, target, totalMs),
    );
    finish();
    return { passed, error: null, at: null, silent };
  } catch (thrown) {
    clearTimeout(timer);
    if (signal.aborted) throw abortReason(signal);
    const error = toProxyError(thrown, { target: formatAddress(target), side: formatAddress(target) });
    return { passed, error, at: placeOf(error, nodes, now.station, now.stage ?? 'connect'), silent };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    cap.abort();
    for (const stream of streams) stream.destroy();
  }
}

/** True when a byte came, false when nothing did in time. Rejects when the stream breaks off. */
async function firstByte(conn: Conn, target: Address, ms: number, signal: AbortSignal): Promise<boolean> {
  const greeting = greetingFor(target);
  if (greeting !== null) conn.write(greeting);
  const reader = new Reader(conn, { gone: 'reset', detail: { side: formatAddress(target) } });
  const quiet = new ProxyError('timed_out', { target: formatAddress(target), seconds: ms / 1000 });
  try {
    await within(
      signal,
      ms,
      () => reader.read(1),
      () => quiet,
    );
    return true;
  } catch (error) {
    if (error === quiet) return false;
    throw error;
  } finally {
    reader.release();
  }
}

function late(
  nodes: readonly ChainNode[],
  station: number,
  stage: Stage | null,
  target: Address,
  ms: number,
): ProxyError {
  const seconds = ms / 1000;
  const node = nodes[station];
  const before = nodes[station - 1];
  if (node === undefined) {
    if (before === undefined || stage === 'first_byte')
      return new ProxyError('timed_out', { target: formatAddress(target), seconds });
    const reason = `no answer about ${formatAddress(target)} within ${seconds} s.`;
    return new ProxyError('hop_refused', { hop: before.name, reason });
  }
  if (stage === 'tls')
    return new ProxyError('tls', { hop: node.name, reason: `no answer within ${seconds} s.` });
  const who =
    stage === 'connect' && before !== undefined
      ? `${before.name} did not connect to it`
      : 'it did not answer';
  return new ProxyError('hop_unreachable', { hop: node.name, reason: `${who} within ${seconds} s.` });
}

/** The station and stage an error is about, given the stage that was going on. */
function placeOf(
  error: ProxyError,
  nodes: readonly ChainNode[],
  station: number,
  stage: Stage,
): Outcome['at'] {
  const asking = stage === 'request' || (stage === 'connect' && station > 0);
  const asked = nodes[station - 1];
  if (!asking || asked === undefined) return { station, stage };
  const said = rootOf(error, nodes[station]?.name);
  const about = said.detail['hop'] === asked.name;
  const before = station - 1;
  if (said.code === 'hop_auth' && about) return { station: before, stage: 'sign_in' };
  if (said.code === 'hop_refused' && about && said.detail['wants'] === 'sign_in')
    return { station: before, stage: 'sign_in' };
  const broke = said.code === 'hop_protocol' || said.code === 'hop_unreachable' || said.code === 'tls';
  const refused = said.code === 'hop_refused' && OWN_REFUSALS.has(said.rep);
  if ((broke || refused) && about) return { station: before, stage: 'request' };
  if (said.code === 'unsupported' || said.code === 'bad_name' || said.code === 'config')
    return { station: before, stage: 'request' };
  return { station, stage };
}

/** What was said before the route told it again as "this node can not be reached". */
function rootOf(error: ProxyError, node: string | undefined): ProxyError {
  let root = error;
  while (root.code === 'hop_unreachable' && root.detail['hop'] === node && root.cause instanceof ProxyError)
    root = root.cause;
  return root;
}
