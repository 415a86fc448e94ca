/**
 * Two streams into each other, both ways, until both directions have ended. Owns half-close, resets, the idle limit,
 * back-pressure and the byte counts of a connection; nothing else may sit between two streams of the engine.
 *
 * Theory of operation. Each direction is a Flow: chunks go from `data` of one stream straight into `write` of the other; when
 * that says no, the source is paused until `drain`. End is passed on as end, so half-close works in either order. A stream
 * that dies without an end makes the other one die by reset, never by a clean end: truncation must be visible.
 */
import { Socket } from 'node:net';
import { ProxyError } from '../errors.ts';
import type { Conn } from './conn.ts';
import { abortReason } from './within.ts';

export interface SpliceOptions {
  /** Ends the connection with its reason. */
  readonly signal: AbortSignal;
  /** Payload bytes: client to target, target to client. */
  readonly counters: { up: number; down: number };
  /** The connection is closed when neither side sent anything for this long; 0 or absent: never. */
  readonly idleMs?: number;
  /**
   * Holds the target's first bytes back until the client has sent something, at most this long. GOST clients lose bytes
   * that arrive in one segment with the reply.
   */
  readonly graceMs?: number;
}

/** One sweep looks at all spliced connections; no connection has a timer of its own. */
const SWEEP_MS = 1000;
const idle = new Set<Splice>();
let sweep: NodeJS.Timeout | null = null;

/**
 * Resolves when both directions have ended properly. Rejects with `reset` (side), `idle`, or the signal's reason. Both
 * streams are ended or destroyed afterwards, whatever happened.
 */
export function splice(client: Conn, target: Conn, options: SpliceOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    new Splice(client, target, options, (error) => {
      if (error === null) resolve();
      else reject(error);
    }).start();
  });
}

class Splice {
  readonly #client: Conn;
  readonly #target: Conn;
  readonly #options: SpliceOptions;
  readonly #settle: (error: ProxyError | null) => void;
  #over = false;
  #ended = 0;
  #seen = 0;
  #quietSince = 0;
  #grace: NodeJS.Timeout | null = null;

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
  }

  start(): void {
    const { signal, idleMs = 0, graceMs = 0 } = this.#options;
    if (signal.aborted) return this.#finish(abortReason(signal), true);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    for (const conn of [this.#client, this.#target]) {
      if (conn instanceof Socket) conn.setNoDelay(true);
      conn.on('error', this.#ignore);
    }
    this.#client.once('close', () => this.#closed(this.#client, 'The client'));
    this.#target.once('close', () => this.#closed(this.#target, 'The target'));
    if (this.#client.destroyed) return this.#closed(this.#client, 'The client');
    if (this.#target.destroyed) return this.#closed(this.#target, 'The target');
    this.#flow(this.#client, this.#target, (bytes) => (this.#options.counters.up += bytes));
    const down = (): void => {
      this.#grace = null;
      if (!this.#over)
        this.#flow(this.#target, this.#client, (bytes) => (this.#options.counters.down += bytes));
    };
    if (graceMs === 0) down();
    else this.#holdBack(graceMs, down);
    if (idleMs > 0) this.#watch();
  }

  /** Called by the sweep. */
  checkIdle(now: number): void {
    const { counters, idleMs = 0 } = this.#options;
    const seen = counters.up + counters.down;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#quietSince = now;
    } else if (now - this.#quietSince >= idleMs) {
      this.#finish(new ProxyError('idle', { seconds: idleMs / 1000 }), true);
    }
  }

  #flow(from: Conn, to: Conn, count: (bytes: number) => void): void {
    const resume = (): void => void from.resume();
    from.on('data', (chunk: Buffer) => {
      count(chunk.length);
      if (!to.write(chunk)) {
        from.pause();
        to.once('drain', resume);
      }
    });
    from.once('end', () => {
      to.end();
      this.#endOne(from, to);
    });
    if (from.readableEnded) to.end();
    else from.resume();
  }

  /** A direction is done when its bytes have left: the end was read and the other side has flushed. */
  #endOne(_from: Conn, to: Conn): void {
    const done = (): void => {
      this.#ended += 1;
      if (this.#ended === 2) this.#finish(null, false);
    };
    if (to.writableFinished) done();
    else to.once('finish', done);
  }

  #holdBack(graceMs: number, down: () => void): void {
    const start = (): void => {
      if (this.#grace === null) return;
      clearTimeout(this.#grace);
      this.#client.off('data', start);
      down();
    };
    this.#grace = setTimeout(start, graceMs);
    this.#client.once('data', start);
  }

  #closed(conn: Conn, side: string): void {
    if (this.#over) return;
    const proper = conn.readableEnded && conn.writableFinished;
    if (proper) return;
    const clean = conn.readableEnded && conn.errored === null;
    // a side that has said everything and then went away while being written to: its own end was proper, ours was cut
    this.#finish(new ProxyError('reset', { side }, { cause: conn.errored }), !clean || this.#ended < 1);
  }

  readonly #onAbort = (): void => this.#finish(abortReason(this.#options.signal), true);
  readonly #ignore = (): void => undefined;

  #watch(): void {
    this.#quietSince = Date.now();
    idle.add(this);
    sweep ??= setInterval(() => {
      const now = Date.now();
      for (const one of idle) one.checkIdle(now);
    }, SWEEP_MS).unref();
  }

  #finish(error: ProxyError | null, abruptly: boolean): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#grace !== null) clearTimeout(this.#grace);
    idle.delete(this);
    if (idle.size === 0 && sweep !== null) {
      clearInterval(sweep);
      sweep = null;
    }
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    for (const conn of [this.#client, this.#target]) {
      if (error === null) continue;
      if (abruptly && conn instanceof Socket && !conn.destroyed) conn.resetAndDestroy();
      else conn.destroy();
    }
    this.#settle(error);
  }
}
