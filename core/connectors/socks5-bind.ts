/** Ports at a SOCKS5 proxy by plain BIND: for one peer, and again and again for many where the proxy knows no MBIND. */
import { ProxyError } from '../errors.ts';
import type { Acceptor, Address, Conn, Incoming } from '../net/conn.ts';
import { abortReason, within } from '../net/within.ts';
import { COMMAND, REP } from '../socks/constants.ts';
import { converse } from './dialogue.ts';
import type { Granted, Socks5Exchange } from './socks5-exchange.ts';

/** Time for opening the port again after a peer has come. */
const AGAIN_MS = 15_000;

/** A bound port at the proxy: its second reply tells who connected, and the stream is then that peer's. */
export class SecondReply implements Incoming {
  readonly local: Address;
  readonly #conn: Conn;
  readonly #exchange: Socks5Exchange;
  /** The stream has become a peer's, who got it from `accept`. */
  #handedOn = false;

  constructor({ conn, bound }: Granted, exchange: Socks5Exchange) {
    this.#conn = conn;
    this.local = bound;
    this.#exchange = exchange;
  }

  accept(signal: AbortSignal): Promise<{ conn: Conn; peer: Address }> {
    const exchange = this.#exchange;
    return converse(this.#conn, { ...exchange.about, timeoutMs: 0 }, signal, async (proxy) => {
      const peer = await exchange.reply(proxy, COMMAND.BIND, this.local);
      this.#handedOn = true;
      return { conn: this.#conn, peer };
    });
  }

  close(): void {
    if (!this.#handedOn) this.#conn.destroy();
  }
}

/** One port for many peers, one at a time: while it is opened again after a peer, the next one is refused. */
export class RepeatedBind implements Acceptor {
  readonly local: Address;
  readonly closed: Promise<Error | null>;
  readonly #stop = new AbortController();
  readonly #again: (signal: AbortSignal) => Promise<Incoming>;
  #current: Incoming;
  #settle!: (reason: Error | null) => void;

  /** `again` opens the same port once more. */
  constructor(first: Incoming, again: (signal: AbortSignal) => Promise<Incoming>) {
    this.local = first.local;
    this.#current = first;
    this.#again = again;
    this.closed = new Promise((resolve) => (this.#settle = resolve));
  }

  accept(sink: (conn: Conn, peer: Address) => void): void {
    void this.#run(sink);
  }

  close(): void {
    this.#stop.abort(new ProxyError('stopping'));
    this.#current.close();
    this.#settle(null);
  }

  async #run(sink: (conn: Conn, peer: Address) => void): Promise<void> {
    const { signal } = this.#stop;
    try {
      for (;;) {
        const taken = await this.#current.accept(signal).catch(ifNobodyCame);
        const discard = (late: Incoming): void => late.close();
        // the port first, so that it is closed for as short as possible
        const next = within(signal, AGAIN_MS, this.#again, undefined, discard);
        if (taken !== null) sink(taken.conn, taken.peer);
        this.#current = await next;
        if (signal.aborted) throw abortReason(signal);
      }
    } catch (error) {
      this.#current.close();
      this.#settle(signal.aborted ? null : error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** A proxy that waited long enough says so; everything else is an end. */
function ifNobodyCame(error: unknown): null {
  if (error instanceof ProxyError && error.rep === REP.TTL_EXPIRED) return null;
  throw error;
}
