/**
 * How one connection came to be, as its inspector tells it: when the request was known, where the name was resolved, which
 * nodes were tried, when the client was told, when the first byte came back. Written a few times per connection, read when
 * somebody asks. Times are milliseconds since the client was accepted.
 */
import type { AttemptTiming, ConnectionDetail, HopTiming, NamedBy } from '../contract/stats.ts';
import type { WireError } from '../contract/errors.ts';
import type { ProxyError } from '../errors.ts';
import type { ChainNode, WayTrace } from '../roles.ts';

/** Attempts remembered; a chain with more retries shows the last ones. */
const MAX_ATTEMPTS = 8;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Attempt {
  readonly startMs: number;
  endMs: number | null;
  readonly hops: Writable<HopTiming>[];
  error: WireError | null;
}

export class Timeline implements WayTrace {
  #requestMs: number | null = null;
  #name: ConnectionDetail['name'] = null;
  #repliedMs: number | null = null;
  #firstByteMs: number | null = null;
  readonly #startedAt = performance.now();
  readonly #attempts: Attempt[] = [];

  /** The address the name was given here, if it was one. */
  get resolved(): string | null {
    return this.#name?.address ?? null;
  }

  requested(): void {
    this.#requestMs = this.#now();
  }

  named(by: NamedBy, address: string | null): void {
    const ms = Math.round((this.#now() - (this.#requestMs ?? 0)) * 10) / 10;
    this.#name = { by, address, ms: by === 'literal' || by === 'hop' ? null : ms };
  }

  dialled(address: string): void {
    if (this.#name !== null && this.#name.address !== null) this.#name = { ...this.#name, address };
  }

  attempt(): void {
    this.#attempts.push({ startMs: this.#now(), endMs: null, hops: [], error: null });
    if (this.#attempts.length > MAX_ATTEMPTS) this.#attempts.shift();
  }

  dialling({ name, addr }: ChainNode): void {
    const hops = this.#attempts.at(-1)?.hops;
    hops?.push({ node: name, address: addr, startMs: this.#now(), reachedMs: null, answeredMs: null });
  }

  reached(node: ChainNode): void {
    const hop = this.#hop(node);
    if (hop !== undefined) hop.reachedMs = this.#now();
  }

  answered(node: ChainNode): void {
    const hop = this.#hop(node);
    if (hop !== undefined) hop.answeredMs = this.#now();
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
    return {
      requestMs: this.#requestMs,
      name: this.#name,
      attempts: this.#attempts.map(({ hops, ...attempt }): AttemptTiming => ({
        ...attempt,
        hops: inOrderOfTravel(hops),
      })),
      repliedMs: this.#repliedMs,
      firstByteMs: this.#firstByteMs,
    };
  }

  /** A proxy that is asked a second time on a new stream has two entries; the latter is the one that goes on. */
  #hop({ name }: ChainNode): Writable<HopTiming> | undefined {
    return this.#attempts.at(-1)?.hops.findLast(({ node }) => node === name);
  }

  #now(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }
}

/**
 * The last hop is the first to be dialled: its dialer asks the hop before it for a stream. In order of travel a hop begins when
 * the one before has done what it was asked.
 */
function inOrderOfTravel(hops: readonly HopTiming[]): HopTiming[] {
  const ordered = hops
    .toReversed()
    .sort((a, b) => (a.reachedMs ?? Infinity) - (b.reachedMs ?? Infinity) || 0);
  let from = 0;
  return ordered.map((hop) => {
    const startMs = Math.max(hop.startMs, from);
    from = hop.answeredMs ?? from;
    return { ...hop, startMs };
  });
}
