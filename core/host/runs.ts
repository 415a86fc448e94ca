/**
 * Runs as the host keeps them (contract/runs.ts): what is going on, what has ended lately, and who is told. Windows get each run whole
 * whenever it changed and they are ready for it, so a slow window skips steps and never falls behind.
 */
import { partFrom, testAlone, testChain, type TestedChain } from '../chains/test-chain.ts';
import type { ChainTest, IsolateTest, Run, RunRequest, TestFrom } from '../contract/runs.ts';
import type { UdpCheck } from '../contract/udp-check.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { abortReason } from '../net/within.ts';
import { Feed } from './feed.ts';
import { udpCheck, type UdpSubject } from './udp-check/check.ts';

/** Runs at once; one more is refused. */
const MAX_RUNNING = 16;
/** Ended runs that a window which comes later still hears of. */
const MAX_ENDED = 32;
/** Whatever a run waits for: it is over then. */
const LONGEST_MS = 300_000;

export interface RunDeps {
  readonly tested: (chain: string) => TestedChain;
  /** What the UDP check needs of a service. Throws `config` for one that does not exist. */
  readonly udpSubject: (service: string) => UdpSubject;
  /** A run has ended by itself. */
  readonly ended: (run: Run) => void;
}

/** The parts of a run that are the same for every kind. */
type Base = Pick<Run, 'id' | 'startedAt' | 'state' | 'endedAt' | 'error'>;

interface Kept {
  run: Run;
  version: number;
  readonly stop: AbortController;
}

export class Runs {
  readonly #deps: RunDeps;
  readonly #kept = new Map<string, Kept>();
  #lastId = 0;
  #version = 0;
  readonly feed = new Feed<readonly Run[]>(() => {
    let seen = 0;
    return {
      next: () => {
        const news = [...this.#kept.values()].filter(({ version }) => version > seen);
        seen = this.#version;
        return news.length === 0 ? undefined : news.map(({ run }) => run);
      },
    };
  });

  constructor(deps: RunDeps) {
    this.#deps = deps;
  }

  /** Starts a run. Throws `limit` when too many are going on. */
  start(request: RunRequest): Run {
    const going = [...this.#kept.values()].filter(({ run }) => run.state === 'running').length;
    if (going >= MAX_RUNNING) throw new ProxyError('limit', { count: going });
    switch (request.kind) {
      case 'chain': {
        const { chain, target, from } = request;
        return this.#begin<ChainTest>(
          (base, progress) => ({ ...base, kind: 'chain', about: { chain, target, from }, progress }),
          (report, signal) => testChain(this.#part(chain, from), target, report, signal),
        );
      }
      case 'udp': {
        const { service, probe, target } = request;
        return this.#begin<UdpCheck>(
          (base, progress) => ({ ...base, kind: 'udp', about: { service, probe, target }, progress }),
          (report, signal) => udpCheck(this.#deps.udpSubject(service), { probe, target }, report, signal),
        );
      }
      case 'isolate': {
        const { chain, hop, node } = request;
        return this.#begin<IsolateTest>(
          (base, progress) => ({ ...base, kind: 'isolate', about: { chain, hop, node }, progress }),
          (report, signal) => this.#isolate(chain, hop, node, report, signal),
        );
      }
    }
  }

  /** Ends a run; one that is over or unknown stays as it is. */
  cancel(id: string): void {
    this.#kept.get(id)?.stop.abort(new ProxyError('aborted'));
  }

  close(): void {
    for (const { stop } of this.#kept.values()) stop.abort(new ProxyError('stopping'));
  }

  #part(chain: string, from: TestFrom | null): TestedChain {
    const whole = this.#deps.tested(chain);
    return from === null ? whole : (partFrom(whole, from) ?? noSuchNode(chain));
  }

  #isolate(
    chain: string,
    hop: number,
    node: number,
    report: (progress: IsolateTest) => void,
    signal: AbortSignal,
  ): Promise<IsolateTest> {
    const { direct, hops } = this.#deps.tested(chain);
    const found = hops.find(({ at }) => at === hop)?.nodes.find(({ at }) => at === node);
    return testAlone(found ?? noSuchNode(chain), direct, report, signal);
  }

  #begin<Progress>(
    shape: (base: Base, progress: Progress | null) => Run,
    work: (report: (progress: Progress) => void, signal: AbortSignal) => Promise<Progress>,
  ): Run {
    this.#lastId += 1;
    const id = `run-${this.#lastId}`;
    const stop = new AbortController();
    let base: Base = { id, startedAt: Date.now(), state: 'running', endedAt: null, error: null };
    let latest: Progress | null = null;
    const kept: Kept = { run: shape(base, latest), version: 0, stop };
    this.#kept.set(id, kept);
    const change = (part: Partial<Base>): void => {
      this.#version += 1;
      base = { ...base, ...part };
      kept.version = this.#version;
      kept.run = shape(base, latest);
      this.feed.changed();
    };
    const report = (progress: Progress): void => {
      latest = progress;
      change({});
    };
    change({});
    const late = new ProxyError('timed_out', { target: 'The test', seconds: LONGEST_MS / 1000 });
    const over = setTimeout(() => stop.abort(late), LONGEST_MS);
    over.unref();
    // a turn later, so that whoever started it knows the id before the first step is told
    void Promise.resolve()
      .then(() => work(report, stop.signal))
      .then(
        (progress) => {
          latest = progress;
          change({ state: 'done', endedAt: Date.now() });
          this.#deps.ended(kept.run);
        },
        (thrown: unknown) => {
          const cancelled = stop.signal.aborted && abortReason(stop.signal).code === 'aborted';
          const error = cancelled ? null : toProxyError(thrown).toWire();
          change({ state: cancelled ? 'cancelled' : 'failed', endedAt: Date.now(), error });
        },
      )
      .finally(() => {
        clearTimeout(over);
        this.#forget();
      });
    return kept.run;
  }

  #forget(): void {
    const ended = [...this.#kept].filter(([, { run }]) => run.state !== 'running');
    for (const [id] of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#kept.delete(id);
  }
}

function noSuchNode(chain: string): never {
  throw new ProxyError('config', { where: chain, message: 'there is no such proxy in this chain' });
}
