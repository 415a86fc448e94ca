/**
 * The test of a chain: the picked way three times, then every other node of each hop. It uses nodes made for it alone, so that it shares no
 * session with traffic, marks nobody as failed and shows in no statistics. A node that fails is replaced by another of its hop, as traffic
 * would do; what failed stays in the result.
 */
import type {
  ChainTest,
  HopTest,
  IsolateTest,
  NodeTest,
  StageTime,
  StationTest,
  TestFrom,
} from '../contract/runs.ts';
import type { Stage } from '../contract/stage.ts';
import type { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import type { ChainNode, Route } from '../roles.ts';
import { tryWay, type Outcome, type Way } from './trial.ts';

const RUNS = 3;
/** Nodes beside the picked way that are tried at once. */
const AT_ONCE = 4;
/** Asked for when only the node itself is of interest: whatever it says about a port nobody listens on, it said. */
const NOBODY: Address = { host: '127.0.0.1', port: 9 };
const ORDER: readonly Stage[] = [
  'resolve',
  'connect',
  'tls',
  'transport',
  'method',
  'sign_in',
  'request',
  'first_byte',
];

export interface TestedNode {
  readonly name: string;
  readonly at: number;
  readonly addr: Address;
  /** A node of its own, whose dialer the caller closes. */
  make(): ChainNode;
}

interface TestedHop {
  readonly name: string;
  readonly at: number;
  readonly nodes: readonly TestedNode[];
  /** Index of a node, by the pick rule; avoids those in `tried` where there are others. */
  pick(tried: ReadonlySet<number>): number;
  bypasses(target: Address): boolean;
}

export interface TestedChain {
  readonly hops: readonly TestedHop[];
  readonly direct: Route;
}

/** What is left of a chain when it is entered at one of its hops; null when there is no such hop or node. */
export function partFrom(chain: TestedChain, from: TestFrom): TestedChain | null {
  const [first, ...rest] = chain.hops.slice(chain.hops.findIndex(({ at }) => at === from.hop));
  if (first?.at !== from.hop) return null;
  if (from.node === null) return { ...chain, hops: [first, ...rest] };
  const node = first.nodes.find(({ at }) => at === from.node);
  if (node === undefined) return null;
  return { ...chain, hops: [{ ...first, nodes: [node], pick: () => 0 }, ...rest] };
}

/** Limits other than the usual ones, for tests. */
export type Limits = Pick<Way, 'stageMs' | 'totalMs'>;

/** Tells `report` of every step and resolves with the whole. Rejects only with the reason of `signal`. */
export async function testChain(
  chain: TestedChain,
  target: Address,
  report: (test: ChainTest) => void,
  signal: AbortSignal,
  limits: Limits = {},
): Promise<ChainTest> {
  const { hops, direct } = chain;
  const records = hops.map(({ nodes }) => nodes.map(() => new Record()));
  const goal = new Record();
  const picked = hops.map((hop) => hop.pick(new Set()));
  let finished = 0;
  let silent = false;
  let failedStation: number | null = null;
  let ok: boolean | null = null;
  const totals: number[] = [];

  const recordAt = (way: readonly number[], station: number): Record | undefined =>
    station < hops.length ? records[station]?.[way[station] ?? 0] : goal;
  const shown = (): ChainTest => ({
    hops: hops.map((hop, h): HopTest => ({
      name: hop.name,
      at: hop.at,
      nodes: hop.nodes.map((node, n): NodeTest => ({
        name: node.name,
        at: node.at,
        picked: picked[h] === n,
        ...stationOf(records[h]?.[n], ok !== null),
      })),
    })),
    target: { ...stationOf(goal, ok !== null), silent },
    runs: RUNS,
    finished,
    ok,
    totalMs: totals.length === 0 ? null : median(totals),
    bypassedAt: hops.find((hop) => hop.bypasses(target))?.name ?? null,
  });

  const go = async (way: readonly number[]): Promise<Outcome> => {
    const nodes = hops.flatMap((hop, h) => hop.nodes[way[h] ?? 0]?.make() ?? []);
    const outcome = await measured(
      { nodes, direct, target, greet: true, ...limits },
      signal,
      (station, stage) => {
        recordAt(way, station)?.begin(stage);
        report(shown());
      },
    );
    const last = outcome.at?.station ?? hops.length;
    for (let station = 0; station <= last; station += 1) recordAt(way, station)?.end(outcome, station);
    return outcome;
  };

  const tried = hops.map(() => new Set<number>());
  for (let searching = true; searching && finished < RUNS;) {
    hops.forEach((_, h) => tried[h]?.add(picked[h] ?? 0));
    const outcome = await go(picked);
    if (outcome.at === null) {
      finished += 1;
      silent = outcome.silent;
      totals.push(outcome.passed.reduce((sum, { ms }) => sum + ms, 0));
      report(shown());
      continue;
    }
    const { station } = outcome.at;
    const hop = hops[station];
    const before = tried[station];
    if (hop !== undefined && before !== undefined && before.size < hop.nodes.length && finished === 0) {
      picked[station] = hop.pick(before);
      continue;
    }
    failedStation = station;
    searching = false;
  }

  for (const [h, hop] of hops.entries()) {
    if (failedStation !== null && h > failedStation) break;
    const others = hop.nodes.flatMap((node, n) =>
      tried[h]?.has(n) === true ? [] : [{ node, record: records[h]?.[n] }],
    );
    const next = hops[h + 1]?.nodes[picked[h + 1] ?? 0]?.addr ?? target;
    await inParallel(others, AT_ONCE, async ({ node, record }) => {
      for (let run = 0; run < RUNS; run += 1) {
        const before = hops.slice(0, h).flatMap((each, at) => each.nodes[picked[at] ?? 0]?.make() ?? []);
        const way = { nodes: [...before, node.make()], direct, target: next, greet: false, ...limits };
        const outcome = await measured(way, signal, (station, stage) => {
          if (station !== h) return;
          record?.begin(stage);
          report(shown());
        });
        record?.end(outcome, h);
        if (outcome.at?.station === h) break;
      }
      report(shown());
    });
  }

  ok = failedStation === null;
  const result = shown();
  report(result);
  return result;
}

/** Tries a node without the hops before it. */
export async function testAlone(
  node: TestedNode,
  direct: Route,
  report: (test: IsolateTest) => void,
  signal: AbortSignal,
  limits: Limits = {},
): Promise<IsolateTest> {
  const record = new Record();
  const way = { nodes: [node.make()], direct, target: NOBODY, greet: false, ...limits };
  const outcome = await measured(way, signal, (station, stage) => {
    if (station !== 0) return;
    record.begin(stage);
    report({ node: stationOf(record, false), answers: null });
  });
  record.end(outcome, 0);
  const result = { node: stationOf(record, true), answers: outcome.at?.station !== 0 };
  report(result);
  return result;
}

/** One try; the dialers of its nodes are closed afterwards. */
async function measured(
  way: Way,
  signal: AbortSignal,
  hear: (station: number, stage: Stage) => void,
): Promise<Outcome> {
  try {
    return await tryWay(way, hear, signal);
  } finally {
    await Promise.allSettled(way.nodes.map(async ({ dialer }) => dialer.close?.()));
  }
}

/** What was seen of one station. */
class Record {
  readonly times = new Map<Stage, number[]>();
  readonly sums: number[] = [];
  tried = 0;
  failed = 0;
  now: Stage | null = null;
  error: ProxyError | null = null;
  failedAt: Stage | null = null;

  begin(stage: Stage): void {
    this.now = stage;
  }

  /** Takes what a try tells about this station, which it came to. */
  end({ passed, error, at }: Outcome, station: number): void {
    this.now = null;
    if (at !== null && at.station < station) return; // it never came so far
    this.tried += 1;
    const mine = passed.filter((each) => each.station === station);
    for (const { stage, ms } of mine) this.times.set(stage, [...(this.times.get(stage) ?? []), ms]);
    if (at?.station === station) {
      this.failed += 1;
      this.error = error;
      this.failedAt = at.stage;
    } else this.sums.push(mine.reduce((sum, { ms }) => sum + ms, 0));
  }
}

function stationOf(record: Record | undefined, over: boolean): StationTest {
  const { times, sums, tried, failed, now, error, failedAt } = record ?? new Record();
  const stages = ORDER.flatMap((stage): StageTime[] => {
    if (stage === now || stage === failedAt) return [{ stage, ms: null }];
    const seen = times.get(stage);
    return seen === undefined ? [] : [{ stage, ms: median(seen) }];
  });
  const adds =
    sums.length === 0 ? null : { ms: median(sums), min: Math.min(...sums), max: Math.max(...sums) };
  const rest = tried > 0 ? 'ok' : over ? 'not_reached' : 'waiting';
  const state = failed > 0 ? 'failed' : now !== null ? 'testing' : rest;
  return { state, stages, adds, tried, failed, failedAt, error: error?.toWire() ?? null };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? high)) / 2;
}

async function inParallel<T>(
  items: readonly T[],
  count: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
