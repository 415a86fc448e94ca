/** The newest test of every chain and of every node that was tried alone, out of the runs the host tells of. Pure. */
import type { NodeTest, PastTest, Run, StationTest } from '../../core/contract/runs.ts';

export type ChainRun = Extract<Run, { kind: 'chain' }>;
export type IsolateRun = Extract<Run, { kind: 'isolate' }>;
type UdpRun = Extract<Run, { kind: 'udp' }>;

export interface Tests {
  /** By chain name. */
  readonly chains: Readonly<Record<string, ChainRun>>;
  /** By `isolateKey`. */
  readonly isolated: Readonly<Record<string, IsolateRun>>;
  /** UDP checks by service name. */
  readonly udp: Readonly<Record<string, UdpRun>>;
  /** By chain name, the oldest first. */
  readonly past: Readonly<Record<string, readonly PastTest[]>>;
}

export const NO_TESTS: Tests = { chains: {}, isolated: {}, udp: {}, past: {} };

function isolateKey(chain: string, hop: number, node: number): string {
  return `${chain}/${hop}/${node}`;
}

export function withRuns(tests: Tests, runs: readonly Run[]): Tests {
  const chains = { ...tests.chains };
  const isolated = { ...tests.isolated };
  const udp = { ...tests.udp };
  for (const run of runs) {
    if (run.kind === 'chain') {
      const known = chains[run.about.chain];
      if (known === undefined || known.id === run.id || known.startedAt <= run.startedAt)
        chains[run.about.chain] = run;
    } else if (run.kind === 'udp') {
      const known = udp[run.about.service];
      if (known === undefined || known.id === run.id || known.startedAt <= run.startedAt)
        udp[run.about.service] = run;
    } else {
      const key = isolateKey(run.about.chain, run.about.hop, run.about.node);
      const known = isolated[key];
      if (known === undefined || known.id === run.id || known.startedAt <= run.startedAt) isolated[key] = run;
    }
  }
  return { ...tests, chains, isolated, udp };
}

/** What a test says about a node that is called so and stands there now; null when the chain was changed since. */
export function nodeTest(
  run: ChainRun | undefined,
  place: { readonly hop: number; readonly node: number },
  names: { readonly hop: string; readonly node: string },
): NodeTest | null {
  const hop = run?.progress?.hops.find(({ at }) => at === place.hop);
  const node = hop?.nodes.find(({ at }) => at === place.node);
  const same = node !== undefined && (node.name === names.node || node.name === `${names.hop}/${names.node}`);
  return same ? node : null;
}

export interface FailedStation {
  /** Null: the target. */
  readonly hop: { readonly at: number; readonly name: string; readonly node: number } | null;
  readonly station: StationTest;
}

/** Where the picked way of a finished test failed. */
export function failureOf(run: ChainRun): FailedStation | null {
  const { progress } = run;
  if (progress?.ok !== false) return null;
  for (const { name, at, nodes } of progress.hops) {
    const failed = nodes.find((node) => node.picked && node.failed > 0);
    if (failed !== undefined) return { hop: { at, name, node: failed.at }, station: failed };
  }
  return { hop: null, station: progress.target };
}

/** The hop that adds most. */
export function slowestOf(run: ChainRun): { readonly name: string; readonly ms: number } | null {
  let slowest: { name: string; ms: number } | null = null;
  for (const { name, nodes } of run.progress?.hops ?? []) {
    const ms = nodes.find(({ picked }) => picked)?.adds?.ms;
    if (ms !== undefined && (slowest === null || ms > slowest.ms)) slowest = { name, ms };
  }
  return slowest;
}
