/**
 * How one connection came to be, as its inspector tells it: when the request was known, where the name was resolved, which
 * nodes were tried, when the client was told, when the first byte came back. Written a few times per connection, read when
 * somebody asks. Times are milliseconds since the client was accepted.
 */
import type { Stage } from '../contract/stage.ts';
import type { AttemptTiming, ConnectionDetail, HopTiming, NamedBy, StageTiming } from '../contract/stats.ts';
import type { WireError } from '../contract/errors.ts';
import type { ProxyError } from '../errors.ts';
import type { ChainNode, WayTrace } from '../roles.ts';

/** Attempts remembered; a chain with more retries shows the last ones. */
const MAX_ATTEMPTS = 8;

/** Steps remembered per attempt: a chain of many hops has a handful each. */
const MAX_STAGES = 64;

/** Shared by all that have nothing yet; never changed. */
const NONE: never[] = [];

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Hop = Writable<Omit<HopTiming, 'reach' | 'ask'>>;

/** Times as the clock tells them; they are rounded when somebody asks. */
interface Attempt {
  readonly startMs: number;
  endMs: number | null;
  hops: Hop[];
  stages: { readonly stage: Stage; readonly startMs: number }[];
  error: WireError | null;
}

export class Timeline implements WayTrace {
  #requestMs: number | null = null;
  #name: ConnectionDetail['name'] = null;
  #repliedMs: number | null = null;
  #firstByteMs: number | null = null;
  readonly #startedAt = performance.now();
  #attempts: Attempt[] = NONE;

  /** The address the name was given here, if it was one. */
  get resolved(): string | null {
    return this.#name?.address ?? null;
  }

  /** Nodes of the last attempt, in order of travel: dialling begins with the last hop, which asks the one before it. */
  get tried(): string[] {
    return [...new Set(this.#attempts.at(-1)?.hops.map(({ node }) => node))].toReversed();
  }

  requested(): void {
    this.#requestMs = this.#now();
  }

  named(by: NamedBy, address: string | null): void {
    const ms = this.#now() - (this.#requestMs ?? 0);
    this.#name = { by, address, ms: by === 'literal' || by === 'hop' ? null : ms };
  }

  dialled(address: string): void {
    if (this.#name !== null && this.#name.address !== null) this.#name = { ...this.#name, address };
  }

  attempt(): void {
    const attempt: Attempt = { startMs: this.#now(), endMs: null, hops: NONE, stages: NONE, error: null };
    // most connections have one: an array of exactly one takes a tenth of what one takes that has grown
    this.#attempts =
      this.#attempts.length === 0 ? [attempt] : [...this.#attempts, attempt].slice(-MAX_ATTEMPTS);
  }

  dialling({ name, addr }: ChainNode): void {
    const attempt = this.#attempts.at(-1);
    if (attempt === undefined) return;
    const hop: Hop = { node: name, address: addr, startMs: this.#now(), reachedMs: null, answeredMs: null };
    attempt.hops = [...attempt.hops, hop];
  }

  reached(node: ChainNode): void {
    const hop = this.#hop(node);
    if (hop !== undefined) hop.reachedMs = this.#now();
  }

  answered(node: ChainNode): void {
    const hop = this.#hop(node);
    if (hop !== undefined) hop.answeredMs = this.#now();
  }

  stage(stage: Stage): void {
    const attempt = this.#attempts.at(-1);
    if (attempt === undefined || attempt.stages.length >= MAX_STAGES) return;
    attempt.stages = [...attempt.stages, { stage, startMs: this.#now() }];
  }

  failed(error: ProxyError): void {
    const attempt = this.#attempts.at(-1);
    if (attempt === undefined) return;
    attempt.endMs = this.#now();
    attempt.error = error.toWire();
  }

  replied(): void {
    this.#repliedMs = this.#now();
    const attempt = this.#attempts.at(-1);
    if (attempt !== undefined) attempt.endMs ??= this.#repliedMs;
  }

  firstByte(): void {
    this.#firstByteMs ??= this.#now();
  }

  detail(): Omit<ConnectionDetail, 'id' | 'peers'> {
    const name = this.#name;
    return {
      requestMs: tenth(this.#requestMs),
      name: name === null ? null : { ...name, ms: tenth(name.ms) },
      attempts: this.#attempts.map(timingOf),
      repliedMs: tenth(this.#repliedMs),
      firstByteMs: tenth(this.#firstByteMs),
    };
  }

  /** A proxy that is asked a second time on a new stream has two entries; the latter is the one that goes on. */
  #hop({ name }: ChainNode): Hop | undefined {
    return this.#attempts.at(-1)?.hops.findLast(({ node }) => node === name);
  }

  #now(): number {
    return performance.now() - this.#startedAt;
  }
}

/**
 * The last hop is the first to be dialled: its dialer asks the hop before it for a stream. In order of travel a hop begins when
 * the one before has done what it was asked. A step belongs to the hop during which it began.
 */
function timingOf({ startMs, endMs, hops, stages, error }: Attempt): AttemptTiming {
  const ordered = hops
    .toReversed()
    .sort((a, b) => (a.reachedMs ?? Infinity) - (b.reachedMs ?? Infinity) || 0);
  let next = 0;
  /** The steps that began before `to` and belong to nobody yet. */
  const until = (to: number | null): StageTiming[] => {
    const taken: StageTiming[] = [];
    for (
      let step = stages[next];
      step !== undefined && step.startMs < (to ?? Infinity);
      step = stages[next]
    ) {
      next += 1;
      const end = Math.min(stages[next]?.startMs ?? Infinity, to ?? Infinity, endMs ?? Infinity);
      taken.push({ stage: step.stage, ms: end === Infinity ? null : tenth(end - step.startMs) });
    }
    return taken;
  };
  let from = 0;
  const timings = ordered.map(({ reachedMs, answeredMs, ...hop }): HopTiming => {
    const begin = Math.max(hop.startMs, from);
    from = answeredMs ?? from;
    return {
      ...hop,
      startMs: tenth(begin),
      reachedMs: tenth(reachedMs),
      answeredMs: tenth(answeredMs),
      reach: until(reachedMs),
      ask: until(answeredMs),
    };
  });
  return {
    startMs: tenth(startMs),
    endMs: tenth(endMs),
    hops: timings,
    stages: ordered.length === 0 ? until(endMs) : [],
    error,
  };
}

function tenth(ms: number): number;
function tenth(ms: number | null): number | null;
function tenth(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
