/**
 * Rates of bytes: token buckets, and the meter of one direction of one connection, which is as slow as the slowest of its
 * buckets. A bucket may be shared by many connections. Pieces are booked in the order in which they are asked for, into debt
 * when nothing is left, so that connections which share a bucket take turns. Knows no sockets and no timers.
 */

/** A piece carries at most this much time's worth of bytes, so that a slow connection trickles instead of stuttering. */
const PIECE_SECONDS = 0.05;

/** Bytes per second with a burst of (by default) one second. An infinite rate lets everything pass. */
export class Bucket {
  #rate: number;
  #burst: number;
  #tokens: number;
  #at: number;

  constructor(bytesPerSecond: number, burstBytes: number, now: number) {
    this.#rate = bytesPerSecond;
    this.#burst = burstBytes;
    this.#tokens = burstBytes;
    this.#at = now;
  }

  /** Another rate from now on; what was saved up or is owed stays, within the new burst. */
  set(bytesPerSecond: number, burstBytes: number, now: number): void {
    this.#refill(now);
    this.#rate = bytesPerSecond;
    this.#burst = burstBytes;
    this.#tokens = bytesPerSecond === Infinity ? burstBytes : Math.min(this.#tokens, burstBytes);
  }

  /** How many of `wanted` bytes should be booked at once; at least 1. */
  piece(wanted: number, now: number): number {
    this.#refill(now);
    const trickle = Math.min(this.#burst, this.#rate * PIECE_SECONDS);
    return Math.min(wanted, Math.max(1, Math.floor(Math.max(trickle, this.#tokens))));
  }

  /** Books bytes and gives the milliseconds until they may pass. */
  reserve(bytes: number, now: number): number {
    this.#refill(now);
    if (this.#rate === Infinity) return 0;
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate) * 1000;
  }

  /** Whether this many bytes may pass now, without booking them. */
  has(bytes: number, now: number): boolean {
    this.#refill(now);
    return this.#tokens >= bytes;
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    if (this.#rate === Infinity) this.#tokens = this.#burst;
    else this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed / 1000) * this.#rate);
  }
}

/** One direction of one connection. */
export class Meter {
  readonly #buckets: readonly Bucket[];
  readonly #now: () => number;

  constructor(buckets: readonly Bucket[], now: () => number) {
    this.#buckets = buckets;
    this.#now = now;
  }

  with(other: Meter): Meter {
    return new Meter([...this.#buckets, ...other.#buckets], this.#now);
  }

  /** Books the next piece of `wanted` bytes of a stream: its size, and how long it has to wait. */
  next(wanted: number): { readonly bytes: number; readonly waitMs: number } {
    const now = this.#now();
    let bytes = wanted;
    for (const bucket of this.#buckets) bytes = Math.min(bytes, bucket.piece(wanted, now));
    let waitMs = 0;
    for (const bucket of this.#buckets) waitMs = Math.max(waitMs, bucket.reserve(bytes, now));
    return { bytes, waitMs };
  }

  /** Whether a datagram may pass; a datagram never waits. */
  admits(bytes: number): boolean {
    const now = this.#now();
    if (!this.#buckets.every((bucket) => bucket.has(bytes, now))) return false;
    for (const bucket of this.#buckets) bucket.reserve(bytes, now);
    return true;
  }
}

/** One meter that keeps to all of these; null when there is none. */
export function joinMeters(meters: readonly Meter[]): Meter | null {
  const [first, ...others] = meters;
  if (first === undefined) return null;
  return others.reduce((joined, meter) => joined.with(meter), first);
}

/** Both directions of one connection; null where nothing limits it. */
export interface Meters {
  readonly up: Meter | null;
  readonly down: Meter | null;
}
