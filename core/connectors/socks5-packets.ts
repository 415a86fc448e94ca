/**
 * Datagrams through a SOCKS5 relay: a control stream that keeps the association alive, and a PacketConn that reaches the
 * relay (a UDP socket, or the association of the hop before). Either one ending ends both.
 */
import type { DropReason } from '../contract/stats.ts';
import { familyOf, sameHost, unmap } from '../net/address.ts';
import type { Address, Conn, DropSink, PacketConn, PacketSink } from '../net/conn.ts';
import { decodeDatagram, encodeDatagramHeader } from '../socks/datagram.ts';

/** GOST hands on whole datagrams under this FRAG. */
const GOST_WHOLE = 255;

/** Owns `control` and `carrier` from now on. `relay` is where the proxy takes datagrams. */
export class RelayedPackets implements PacketConn {
  readonly local: Address;
  readonly carrier: PacketConn['carrier'];
  readonly hops: readonly PacketConn['carrier'][];
  readonly idleMs: number;
  readonly closed: Promise<void>;
  readonly #control: Conn;
  readonly #carrier: PacketConn;
  readonly #relay: Address;
  readonly #idle: NodeJS.Timeout | null;
  /** Host the relay sends from. A relay given by name is known by its port until its first datagram. */
  #source: string | null;
  /** The last target and its header: most datagrams go where the one before went. */
  #last: { readonly to: Address; readonly header: Buffer } | null = null;
  #onDrop: DropSink = () => undefined;

  constructor(control: Conn, carrier: PacketConn, relay: Address, idleMs: number) {
    this.local = relay;
    this.carrier = carrier.carrier;
    this.hops = [...(carrier.hops ?? []), 'udp'];
    this.idleMs = idleMs;
    this.#control = control;
    this.#carrier = carrier;
    this.#relay = relay;
    this.#source = familyOf(relay.host) === 0 ? null : unmap(relay.host);
    this.#idle = idleMs === 0 ? null : setTimeout(() => this.close(), idleMs).unref();
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.close();
        resolve();
      };
      if (control.closed) end();
      else control.once('close', end);
    });
    void carrier.closed.then(() => this.close());
    control.on('error', () => undefined); // told by `closed`
    control.once('end', () => this.close());
    control.resume(); // a proxy has nothing to say here; its end has to be noticed
    if (control.readableEnded) this.close();
  }

  receive(sink: PacketSink, onDrop?: DropSink): void {
    if (onDrop !== undefined) this.#onDrop = onDrop;
    this.#carrier.receive(
      (data, from) => {
        if (!this.#isRelay(from)) return;
        const datagram = decodeDatagram(data);
        if (datagram === null || (datagram.frag !== 0 && datagram.frag !== GOST_WHOLE)) return;
        this.#idle?.refresh();
        sink(data.subarray(datagram.payloadAt), datagram.address);
      },
      // the carrier only knows the relay, which says nothing about the target
      (reason) => this.#onDrop(reason, this.#relay),
    );
  }

  send(data: Buffer, to: Address): DropReason | null {
    if (this.#control.destroyed) return 'closing';
    // a GOST relay stops working for good after either of these
    if (to.port === 0 || to.host === '') return 'unreachable';
    const header = this.#headerFor(to);
    if (header === null) return 'name';
    this.#idle?.refresh();
    return this.#carrier.send(Buffer.concat([header, data]), this.#relay);
  }

  close(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#control.destroy();
    this.#carrier.close();
  }

  #isRelay(from: Address): boolean {
    if (from.port !== this.#relay.port) return false;
    this.#source ??= unmap(from.host);
    return sameHost(from.host, this.#source);
  }

  /** Null when the name does not fit into a datagram. */
  #headerFor(to: Address): Buffer | null {
    const last = this.#last;
    if (last !== null && last.to.port === to.port && last.to.host === to.host) return last.header;
    try {
      const header = encodeDatagramHeader(to);
      this.#last = { to, header };
      return header;
    } catch {
      return null;
    }
  }
}
