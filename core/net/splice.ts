/**
 * Two streams into each other, both ways, until both directions have ended. Owns half-close, resets, the idle limit and the
 * byte counts of a connection; how bytes get from one stream into the other is flow.ts.
 *
 * Theory of operation. An end is passed on as an end, in either order. A stream that dies without having ended, and a splice
 * that is broken off, end both streams by reset: a cut must never look like an end. When both directions have ended, what was
 * written last still has to leave; a peer that takes nothing of it for `lingerMs` is reset. A stream that ended properly and is
 * then gone (HTTP/2 and smux know no half-close) has said everything: the other side still gets that, and its end.
 */
import { Socket } from 'node:net';
import { CLIENT_SIDE, ProxyError, TARGET_SIDE } from '../errors.ts';
import { adopt, canAdopt } from './adopt.ts';
import type { Conn } from './conn.ts';
import { Flow, isPlainSocket, type FlowOwner, type Way } from './flow.ts';
import { intakeOf } from './intake.ts';
import type { Meter, Meters } from './meter.ts';
import { MeteredFlow } from './metered-flow.ts';
import { reset } from './reset.ts';
import { joinSweep, leaveSweep, type Swept } from './sweep.ts';
import { abortReason } from './within.ts';

const LINGER_MS = 10_000;
/** An accepted socket that has sent this much is worth being made readable in place. */
const BULK_BYTES = 256 * 1024;
const ONCE = { once: true };

export interface SpliceOptions {
  /** Breaks the connection off, with its reason. */
  readonly signal: AbortSignal;
  /** Payload bytes: client to target, target to client. Added to as they are read. */
  readonly counters: {
    up: number;
    down: number;
    /** Set to the side that ended first. */
    endedBy?: 'client' | 'target' | null;
    /** Called when the target's first bytes have come. */
    firstByte?(): void;
  };
  /** The connection is broken off when neither side sent anything for this long; 0 or absent: never. */
  readonly idleMs?: number;
  /**
   * Holds the target's first bytes back until the client has sent something, at most this long. GOST clients lose bytes that
   * arrive in one segment with the reply (shared/gost/surprises.md A1).
   */
  readonly graceMs?: number;
  /** What limits the rate of each direction; null or absent: nothing does. */
  readonly meters?: Meters | null;
  /** How long a peer may take nothing of the last bytes written to it; default 10 s. */
  readonly lingerMs?: number;
}

/**
 * Owns both streams: they are ended or destroyed when it settles. Resolves when both directions have ended properly.
 * Rejects with `reset` (side), `idle`, or the reason of the signal.
 */
export function splice(client: Conn, target: Conn, options: SpliceOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    new Splice(client, target, options, (error) => {
      if (error === null) resolve();
      else reject(error);
    }).start();
  });
}

class Splice implements Swept, FlowOwner {
  #client: Conn;
  readonly #target: Conn;
  readonly #options: SpliceOptions;
  readonly #settle: (error: ProxyError | null) => void;
  readonly #up: Flow | MeteredFlow;
  readonly #down: Flow | MeteredFlow;
  /** What is left of an accepted socket whose connection moved to another one. */
  #shell: Conn | null = null;
  #bulkAt = BULK_BYTES;
  #ended = 0;
  #over = false;
  #grace: NodeJS.Timeout | null = null;
  #seenBytes = -1;
  #quietSince = 0;

  constructor(
    client: Conn,
    target: Conn,
    options: SpliceOptions,
    settle: (error: ProxyError | null) => void,
  ) {
    this.#client = client;
    this.#target = target;
    this.#options = options;
    this.#settle = settle;
    const meters = options.meters ?? null;
    this.#up = flowOf(client, target, meters?.up ?? null, 'up', this);
    this.#down = flowOf(target, client, meters?.down ?? null, 'down', this);
    const bulk = isPlainSocket(client) && isPlainSocket(target) && intakeOf(client) === null;
    if (!bulk || this.#up instanceof MeteredFlow || this.#down instanceof MeteredFlow)
      this.#bulkAt = Infinity;
  }

  start(): void {
    const { signal, idleMs = 0, graceMs = 0 } = this.#options;
    if (signal.aborted) return this.#finish(abortReason(signal));
    signal.addEventListener('abort', this.#onAbort, ONCE);
    this.#watch(this.#client);
    this.#watch(this.#target);
    if (this.#client.destroyed) return this.#onClose(this.#client);
    if (this.#target.destroyed) return this.#onClose(this.#target);
    if (idleMs > 0) joinSweep(this);
    if (graceMs > 0) this.#grace = setTimeout(() => this.#endGrace(), graceMs);
    else this.#down.start();
    this.#up.start();
  }

  sweep(now: number): void {
    const { counters, idleMs = 0 } = this.#options;
    const bytes = counters.up + counters.down;
    if (bytes !== this.#seenBytes) {
      this.#seenBytes = bytes;
      this.#quietSince = now;
    } else if (now - this.#quietSince >= idleMs) {
      this.#finish(new ProxyError('idle', { seconds: idleMs / 1000 }));
    }
  }

  carried(way: Way, bytes: number): void {
    const { counters } = this.#options;
    if (way === 'down') {
      if (counters.down === 0) counters.firstByte?.();
      counters.down += bytes;
      return;
    }
    counters.up += bytes;
    if (this.#grace !== null) this.#endGrace();
    this.#bulkAt -= bytes;
    if (this.#bulkAt > 0) return;
    this.#bulkAt = BULK_BYTES;
    if (canAdopt()) setImmediate(() => this.#readInPlace());
  }

  cut(way: Way): void {
    this.#cut(way === 'up' ? this.#client : this.#target);
  }

  #endGrace(): void {
    if (this.#grace === null) return;
    clearTimeout(this.#grace);
    this.#grace = null;
    this.#down.start();
  }

  /** Between two turns of the loop; when bytes for the client are under way then, it is tried again after as many bytes. */
  #readInPlace(): void {
    const old = this.#client;
    const up = this.#up;
    const down = this.#down;
    if (this.#over || !isPlainSocket(old) || up instanceof MeteredFlow || down instanceof MeteredFlow) return;
    const fresh = adopt(old);
    if (fresh === null) return;
    this.#bulkAt = Infinity;
    this.#unwatch(old);
    this.#shell = old;
    this.#client = fresh;
    this.#watch(fresh);
    down.writeTo(fresh);
    up.readFrom(fresh);
  }

  ended(way: Way): void {
    this.#options.counters.endedBy ??= way === 'up' ? 'client' : 'target';
    this.#ended += 1;
    if (this.#ended < 2) return;
    for (const conn of [this.#client, this.#target]) this.#awaitFlush(conn);
    this.#finishIfDone();
  }

  /** Progress is the system's to see: a socket's timer is put off by every byte that leaves. */
  #awaitFlush(conn: Conn): void {
    if (conn.writableFinished) return;
    conn.once('finish', () => this.#finishIfDone());
    const { lingerMs = LINGER_MS } = this.#options;
    if (conn instanceof Socket) conn.setTimeout(lingerMs, () => this.#cut(conn));
  }

  #finishIfDone(): void {
    const done = (conn: Conn): boolean => conn.writableFinished || conn.destroyed;
    if (done(this.#client) && done(this.#target)) this.#finish(null);
  }

  #watch(conn: Conn): void {
    conn.on('error', ignore);
    conn.on('close', conn === this.#target ? this.#onTargetClose : this.#onClientClose);
  }

  #unwatch(conn: Conn): void {
    conn.off('close', this.#onClientClose);
  }

  readonly #onClientClose = (): void => this.#onClose(this.#client);
  readonly #onTargetClose = (): void => this.#onClose(this.#target);

  #onClose(conn: Conn): void {
    if (this.#over) return;
    if (!conn.readableEnded || conn.errored !== null) return this.#cut(conn);
    if (conn.writableFinished) return;
    const [other, into] = conn === this.#target ? [this.#client, this.#up] : [this.#target, this.#down];
    into.stop();
    this.#awaitFlush(other);
    this.#finishIfDone();
  }

  #cut(conn: Conn): void {
    const target = conn === this.#target;
    this.#options.counters.endedBy ??= target ? 'target' : 'client';
    const side = target ? TARGET_SIDE : CLIENT_SIDE;
    this.#finish(new ProxyError('reset', { side }, { cause: conn.errored }));
  }

  readonly #onAbort = (): void => this.#finish(abortReason(this.#options.signal));

  #finish(error: ProxyError | null): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#grace !== null) clearTimeout(this.#grace);
    leaveSweep(this);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    for (const conn of [this.#client, this.#target]) {
      if (error === null) conn.destroy();
      else reset(conn);
    }
    this.#up.stop();
    this.#down.stop();
    this.#shell?.destroy();
    this.#settle(error);
  }
}

function flowOf(from: Conn, to: Conn, meter: Meter | null, way: Way, owner: FlowOwner): Flow | MeteredFlow {
  return meter === null ? new Flow(from, to, way, owner) : new MeteredFlow(from, to, meter, way, owner);
}

function ignore(): void {}
