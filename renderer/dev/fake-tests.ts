/** Runs of the fake host: chains that are tested step by step, one of which has a dead hop. */
import type { Chain } from '../../core/contract/config.ts';
import type { WireError } from '../../core/contract/errors.ts';
import type { ChainTest, PastTest, Run, RunRequest, StationTest } from '../../core/contract/runs.ts';
import type { Stage } from '../../core/contract/stage.ts';
import { UDP_RUNGS, type UdpCheck, type UdpProbe } from '../../core/contract/udp-check.ts';
import type { Address } from '../../core/contract/address.ts';

const STEP_MS = 250;
const STAGES: readonly Stage[] = ['connect', 'method', 'sign_in'];

/** Starts a run and tells `emit` how it goes. */
export class FakeTests {
  readonly past = new Map<string, PastTest[]>();
  readonly #emit: (runs: Run[]) => void;
  readonly #down: WireError;
  #lastId = 0;

  constructor(emit: (runs: Run[]) => void, down: WireError) {
    this.#emit = emit;
    this.#down = down;
  }

  start(request: RunRequest, chain: Chain | undefined): Run {
    this.#lastId += 1;
    const about = { id: `run-${this.#lastId}`, startedAt: Date.now(), endedAt: null, error: null };
    if (request.kind === 'isolate') {
      const { hop, node } = request;
      const begun = { ...about, kind: 'isolate', about: { chain: request.chain, hop, node } } as const;
      const progress = { node: passed(31), answers: true };
      setTimeout(() => this.#emit([{ ...begun, state: 'done', endedAt: Date.now(), progress }]), 600);
      return { ...begun, state: 'running', progress: null };
    }
    if (request.kind === 'udp') {
      const { service, probe, target } = request;
      const begun = { ...about, kind: 'udp', about: { service, probe, target } } as const;
      const done = { ...begun, state: 'done', progress: climbed(service, probe, target) } as const;
      setTimeout(() => this.#emit([{ ...done, endedAt: Date.now() }]), 600);
      return { ...begun, state: 'running', progress: null };
    }
    const { target, from } = request;
    const run = { ...about, kind: 'chain', about: { chain: request.chain, target, from } } as const;
    this.#step(run, chain, target, 0);
    return { ...run, state: 'running', progress: this.#at(chain, 0) };
  }

  #step(
    run: Omit<Extract<Run, { kind: 'chain' }>, 'state' | 'progress'>,
    chain: Chain | undefined,
    target: Address,
    step: number,
  ): void {
    const progress = this.#at(chain, step);
    const over = progress.ok !== null;
    if (over) {
      const { ok, totalMs } = progress;
      const failed = ok === true ? undefined : progress.hops[1];
      const test: PastTest = {
        at: run.startedAt,
        target,
        ok: ok === true,
        totalMs,
        hop: failed?.name ?? null,
        stage: failed === undefined ? null : 'connect',
        error: failed === undefined ? null : this.#down,
      };
      this.past.set(run.about.chain, [...(this.past.get(run.about.chain) ?? []), test].slice(-20));
    }
    this.#emit([{ ...run, state: over ? 'done' : 'running', endedAt: over ? Date.now() : null, progress }]);
    if (!over) setTimeout(() => this.#step(run, chain, target, step + 1), STEP_MS);
  }

  #at(chain: Chain | undefined, step: number): ChainTest {
    const hops = chain?.hops ?? [];
    const dead = chain?.name === 'lab' ? 1 : -1;
    const last = dead === -1 ? hops.length : dead;
    const over = step > last;
    const station = (at: number): StationTest => {
      if (at > last)
        return { ...passed(0), state: over ? 'not_reached' : 'waiting', stages: [], adds: null, tried: 0 };
      if (at < step && at !== dead) return passed(24 + at * 31);
      if (at === dead && over)
        return {
          ...passed(0),
          state: 'failed',
          stages: [{ stage: 'connect', ms: null }],
          adds: null,
          failed: 1,
          failedAt: 'connect',
          error: this.#down,
        };
      if (at === step)
        return {
          ...passed(0),
          state: 'testing',
          stages: [{ stage: 'connect', ms: null }],
          adds: null,
          tried: 0,
        };
      return { ...passed(0), state: 'waiting', stages: [], adds: null, tried: 0 };
    };
    return {
      hops: hops.map((hop, at) => ({
        name: hop.name ?? `hop-${at}`,
        at,
        nodes: (hop.nodes ?? []).map((node, index) => ({
          ...(index === 0
            ? station(at)
            : { ...passed(0), state: 'waiting' as const, stages: [], adds: null, tried: 0 }),
          name: node.name ?? `node-${index}`,
          at: index,
          picked: index === 0,
        })),
      })),
      target: { ...station(hops.length), silent: false },
      runs: 3,
      finished: over ? 3 : 0,
      ok: over ? dead === -1 : null,
      totalMs: over && dead === -1 ? 148 : null,
      bypassedAt: null,
    };
  }
}

function passed(ms: number): StationTest {
  const stages = STAGES.map((stage, index) => ({ stage, ms: (ms * (3 - index)) / 6 }));
  const adds = { ms, min: ms * 0.9, max: ms * 1.3 };
  return { state: 'ok', stages, adds, tried: 3, failed: 0, failedAt: null, error: null };
}

function climbed(service: string, probe: UdpProbe, target: Address | null): UdpCheck {
  return {
    service,
    probe,
    target,
    rungs: UDP_RUNGS.map((name) => ({
      name,
      state: name === 'hops' ? 'skipped' : 'ok',
      ms: 12,
      error: null,
      fix: null,
    })),
    bound: { host: '127.0.0.1', port: 40_911 },
    chain: null,
    hops: [],
    dropped: null,
    stun: null,
    sizes: { largest: 1_472, lost: 4_096 },
    loss: {
      sent: 20,
      received: 19,
      duplicated: 0,
      reordered: 1,
      rtt: { min: 8.1, avg: 11.4, max: 30.2 },
      jitterMs: 2.3,
    },
    ok: true,
  };
}
