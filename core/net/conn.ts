/**
 * What the engine moves bytes through: a stream (Conn), datagrams (PacketConn), a port that waits for one peer (Incoming).
 * Types only; behaviour lives with whoever makes one.
 */
import type { Duplex } from 'node:stream';
import type { Address } from '../contract/address.ts';
import type { DropReason } from '../contract/stats.ts';

export type { Address } from '../contract/address.ts';

/** Any byte stream with optional socket addresses. `net.Socket` and `tls.TLSSocket` are Conns as they are. */
export interface Conn extends Duplex {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Takes one datagram. `data` is only valid during the call unless the sink copies it. */
export type PacketSink = (data: Buffer, from: Address) => void;

/** Hears about a datagram that was accepted by `send` and lost later on (name not found, destination unreachable, …). */
export type DropSink = (reason: DropReason, to: Address) => void;

/** Datagrams to and from many peers. Losing one is legal; queueing without bound is not. */
export interface PacketConn {
  /** The address peers see, or the address of the carrier when datagrams travel inside a stream. */
  readonly local: Address;
  /** How the datagrams leave this process, in the words the statistics use. */
  readonly carrier: 'udp' | 'udp-tun' | 'relay';
  /** How the hops pass them on, from the first that sees datagrams to the last; absent: there is none. */
  readonly hops?: readonly PacketConn['carrier'][];
  /** The largest payload it takes, where that does not depend on the target. */
  readonly largest?: number | undefined;
  /** It ends by itself after as much silence; absent or 0: never. */
  readonly idleMs?: number | undefined;
  /** Settles when the last owner closed it or the carrier died; never rejects. */
  readonly closed: Promise<void>;
  /** Sets the only receiver. Datagrams that arrive before the call are dropped. */
  receive(sink: PacketSink, onDrop?: DropSink): void;
  /** Sends one datagram whole, or says why not. Null: handed to the carrier. Never throws, never queues without bound. */
  send(data: Buffer, to: Address): DropReason | null;
  close(): void;
}

/** The datagrams of one client of a UDP listener (its ip:port), as the far side of a forwarder sees them. */
export interface PacketFlow {
  readonly client: Address;
  /** It ends after as much silence. */
  readonly idleMs?: number;
  readonly closed: Promise<void>;
  receive(sink: (data: Buffer) => void): void;
  /** Answers the client. */
  send(data: Buffer): DropReason | null;
  close(): void;
}

/** A bound port that accepts many peers, possibly at the far end of a chain (MBIND, rtcp). */
export interface Acceptor {
  readonly local: Address;
  /** Settles when the port is gone; never rejects. The reason, if it was not closed by its owner, is in the value. */
  readonly closed: Promise<Error | null>;
  /** Sets the only receiver of accepted peers, who then owns each Conn. */
  accept(sink: (conn: Conn, peer: Address) => void): void;
  close(): void;
}

/** A bound port that waits for exactly one peer (SOCKS BIND). */
export interface Incoming {
  readonly local: Address;
  /** Resolves with the first accepted peer, whose stream `close` leaves alone; the port is closed by then. `signal` ends the wait. */
  accept(signal: AbortSignal): Promise<{ conn: Conn; peer: Address }>;
  close(): void;
}
