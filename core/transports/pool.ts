/**
 * One shared session per way to a node, for transports that carry many streams (smux, HTTP/2, gRPC). The first stream makes
 * the session and later ones wait for it; a session that died is made again by the next stream. A stream that a shared
 * session refuses is tried once more on a new one: the session may have died without anybody having been told.
 */
import type { Conn } from '../net/conn.ts';

/** A session as the pool needs it. */
export interface PooledSession {
  /** False once it can not carry another stream. */
  readonly usable: boolean;
  open(signal: AbortSignal): Promise<Conn>;
  close(): void;
}

export class SessionPool<S extends PooledSession> {
  readonly #sessions = new Map<string, Promise<S>>();
  #closed = false;

  /**
   * A new stream on the session of `way`, which `make` makes when there is none. The signal of whoever comes first governs
   * the making; if that aborts, the next one makes it afresh.
   */
  async open(way: string, make: (signal: AbortSignal) => Promise<S>, signal: AbortSignal): Promise<Conn> {
    const shared = this.#sessions.get(way);
    if (shared !== undefined) {
      try {
        const session = await shared;
        if (session.usable) return await session.open(signal);
      } catch (error) {
        if (signal.aborted) throw error;
      }
      if (this.#sessions.get(way) === shared) this.#sessions.delete(way);
      return this.open(way, make, signal);
    }
    const making = make(signal);
    this.#sessions.set(way, making);
    try {
      const session = await making;
      if (this.#closed) session.close();
      return await session.open(signal);
    } catch (error) {
      if (this.#sessions.get(way) === making) this.#sessions.delete(way);
      throw error;
    }
  }

  /** Ends all sessions and with them their streams. */
  async close(): Promise<void> {
    this.#closed = true;
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of await Promise.allSettled(sessions)) {
      if (session.status === 'fulfilled') session.value.close();
    }
  }
}
