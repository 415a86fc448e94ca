/**
 * UDP inside a stream that outlives its stream: GOST closes the whole tunnel when a name of one datagram can not be resolved
 * or one address can not be reached. A tunnel that ends without our doing is opened again; datagrams sent meanwhile are lost,
 * as datagrams may be.
 */
import type { DropReason } from '../contract/stats.ts';
import type { Address, DropSink, PacketConn, PacketSink } from '../net/conn.ts';
import { ProxyError } from '../errors.ts';
import { within } from '../net/within.ts';

/** A tunnel opened this often without one answer is not worth opening again. */
const MAX_IN_VAIN = 3;
const REOPEN_MS = 15_000;

/** Owns the tunnels. */
export class SteadyTunnel implements PacketConn {
  readonly carrier: PacketConn['carrier'];
  readonly hops: readonly PacketConn['carrier'][];
  readonly largest: number | undefined;
  readonly closed: Promise<void>;
  readonly #open: (signal: AbortSignal) => Promise<PacketConn>;
  readonly #stop = new AbortController();
  #current: PacketConn;
  #inVain = 0;
  #receiver: { readonly sink: PacketSink; readonly onDrop: DropSink | undefined } | null = null;

  /** `open` makes another tunnel like `first`. */
  constructor(first: PacketConn, open: (signal: AbortSignal) => Promise<PacketConn>) {
    this.carrier = first.carrier;
    this.hops = first.hops ?? [];
    this.largest = first.largest;
    this.#current = first;
    this.#open = open;
    this.closed = this.#keepOpen();
  }

  get local(): Address {
    return this.#current.local;
  }

  receive(sink: PacketSink, onDrop?: DropSink): void {
    this.#receiver = { sink, onDrop };
    this.#attach();
  }

  send(data: Buffer, to: Address): DropReason | null {
    return this.#current.send(data, to);
  }

  close(): void {
    this.#stop.abort(new ProxyError('stopping'));
    this.#current.close();
  }

  async #keepOpen(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#current.closed;
      if (signal.aborted || this.#inVain >= MAX_IN_VAIN) return;
      this.#inVain += 1;
      try {
        this.#current = await within(signal, REOPEN_MS, this.#open, undefined, (late) => late.close());
      } catch {
        return; // the proxy is gone, and with it what waits for `closed`
      }
      this.#attach();
    }
  }

  #attach(): void {
    const receiver = this.#receiver;
    if (receiver === null) return;
    this.#current.receive((data, from) => {
      this.#inVain = 0;
      receiver.sink(data, from);
    }, receiver.onDrop);
  }
}
