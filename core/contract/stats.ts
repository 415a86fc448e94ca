/**
 * What the engine tells a window about traffic. Totals are exact payload bytes as relayed; rates are for display.
 * A frame carries what changed since the previous frame of the same subscription, keyed by slot, so that ten thousand
 * live connections cost only their changes. Frames are latest-wins per subscriber: one that is slow skips frames and
 * gets the union of what it missed.
 */
import type { WireError } from './errors.ts';
import type { Address } from './address.ts';
import type { Stage } from './stage.ts';

export type Protocol = 'socks4' | 'socks4a' | 'socks5' | 'http' | 'relay' | 'forward';
/** The program at the client's end of a connection, as far as the system tells. */
export interface ProcessOwner {
  readonly pid: number;
  readonly name: string;
}

export type Command = 'connect' | 'bind' | 'associate' | 'mbind' | 'udp-tun' | 'forward' | 'resolve';

/** What never changes about a connection once its request is known. */
export interface ConnectionInfo {
  /** Unique for the life of the process; shown in logs as well. */
  readonly id: string;
  /** Slot of this connection in `StatsFrame.counters` until it is removed. */
  readonly slot: number;
  readonly service: string;
  readonly client: Address;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly protocol: Protocol | null;
  readonly command: Command | null;
  readonly target: Address | null;
  readonly user: string | null;
  /** Node names from first to last hop; empty means Direct. While `setupMs` is null: those that are being tried, empty when none is yet. */
  readonly path: readonly string[];
  readonly chain: string | null;
  /** Milliseconds from accept to the success reply; null while it is still being set up. */
  readonly setupMs: number | null;
  /** The address the target's name was given on this computer; null when it is a literal or travelled as a name. */
  readonly resolved: string | null;
  /** Null: not on this computer, not looked up yet, or not told by the system. */
  readonly owner: ProcessOwner | null;
}

/** Whose doing the end of a connection was: the first to have said all it had to say, or Sockeye itself. */
type EndedBy = 'client' | 'target' | 'us';

/** A connection that has ended. */
export interface ClosedConnection extends ConnectionInfo {
  readonly endedAt: number;
  readonly up: number;
  readonly down: number;
  /** Null: it did not come so far that there were two sides, or nobody can tell. */
  readonly endedBy: EndedBy | null;
  /** Null: ended as it should. */
  readonly error: WireError | null;
}

/** Why a UDP datagram was not relayed. Sentences: `DROP_REASONS`. */
export type DropReason =
  | 'fragment'
  | 'header'
  | 'stranger'
  | 'not_allowed'
  | 'name'
  | 'too_big'
  | 'empty'
  | 'queue'
  | 'targets'
  | 'limit'
  | 'unreachable'
  | 'no_udp'
  | 'closing';

export const DROP_REASONS: Readonly<Record<DropReason, string>> = {
  fragment: 'It was a SOCKS fragment, which is not supported.',
  header: 'Its SOCKS header was damaged.',
  stranger: 'Its sender is not the client that opened the session.',
  not_allowed: 'A rule forbids its target.',
  name: 'The name of its target could not be resolved.',
  too_big: 'It was larger than the path allows.',
  empty: 'It was empty, which can not travel inside a stream.',
  queue: 'The send buffer was full.',
  targets: 'The session already has too many targets.',
  limit: 'It was more than a rate limit allows.',
  unreachable: 'Its target could not be reached.',
  no_udp: 'A hop of the chain can not carry UDP.',
  closing: 'The session was being closed.',
};

/** One distinct peer of an association. */
export interface UdpPeer {
  readonly peer: Address;
  readonly packetsUp: number;
  readonly packetsDown: number;
  readonly up: number;
  readonly down: number;
  /** Bytes of the largest datagram that passed, either way. */
  readonly largest: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** How datagrams pass a hop: as datagrams, inside of a stream, or in a stream that is only made into datagrams further on. */
export type HopCarrier = 'udp' | 'udp-tun' | 'relay' | 'tcp';

/** The largest datagram that did not fit, and how much would have; null: nobody told. */
export interface TooBig {
  readonly size: number;
  readonly limit: number | null;
}

/** One UDP association without its peers, which are asked for by `connection.detail`. */
export interface AssociationInfo {
  readonly id: string;
  readonly service: string;
  readonly client: Address;
  readonly relay: Address;
  readonly startedAt: number;
  readonly path: readonly string[];
  readonly chain: string | null;
  /** How datagrams leave the last hop. */
  readonly carrier: 'udp' | 'udp-tun' | 'relay';
  /** Of each hop of the path. */
  readonly carriers: readonly HopCarrier[];
  /** It ends after as much silence; null: with its control connection alone. */
  readonly idleMs: number | null;
  readonly owner: ProcessOwner | null;
  /** Distinct peers seen. */
  readonly peerCount: number;
  /** Peers that datagrams were sent to, and those of them that never sent one back. */
  readonly asked: number;
  readonly unanswered: number;
  readonly packetsUp: number;
  readonly packetsDown: number;
  readonly up: number;
  readonly down: number;
  readonly lastAt: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly tooBig: TooBig | null;
  readonly endedAt: number | null;
}

/** Who turned the target's name into an address: nobody had to, a hosts list, a resolver, this computer, or the last hop. */
export type NamedBy = 'literal' | 'hosts' | 'resolver' | 'system' | 'hop';

/** A step of establishing, as tests of a chain name them; null: it did not come to its end. */
export interface StageTiming {
  readonly stage: Stage;
  readonly ms: number | null;
}

/** One hop of an attempt. Times are milliseconds since the client was accepted; null: it did not come that far. */
export interface HopTiming {
  readonly node: string;
  readonly address: Address;
  readonly startMs: number;
  /** The stream to the node stood, its transport included. */
  readonly reachedMs: number | null;
  /** The node had done what it was asked. */
  readonly answeredMs: number | null;
  /** The steps of reaching the node, then those of asking it. */
  readonly reach: readonly StageTiming[];
  readonly ask: readonly StageTiming[];
}

/** One choice of nodes, tried. Without hops it is Direct. */
export interface AttemptTiming {
  readonly startMs: number;
  readonly endMs: number | null;
  readonly hops: readonly HopTiming[];
  /** The steps of an attempt without hops. */
  readonly stages: readonly StageTiming[];
  readonly error: WireError | null;
}

/** What a window asks about one connection when somebody looks at it; open or among the last closed. */
export interface ConnectionDetail {
  readonly id: string;
  /** Milliseconds since the client was accepted, as all times here. */
  readonly requestMs: number | null;
  readonly name: { readonly by: NamedBy; readonly ms: number | null; readonly address: string | null } | null;
  readonly attempts: readonly AttemptTiming[];
  /** The client was told that its request succeeded. */
  readonly repliedMs: number | null;
  /** The first byte or datagram came back from the target. */
  readonly firstByteMs: number | null;
  /** Of a UDP session, the 64 busiest. */
  readonly peers: readonly UdpPeer[];
}

/**
 * How a client of a service named the public targets it was connected to through a chain. `client` is a program, or an address where the
 * system tells none; empty for all that are not told apart.
 */
export interface NamingCount {
  readonly client: string;
  readonly named: number;
  /** By an address, which the client looked up by itself. */
  readonly literal: number;
}

/** Counters of a service, a chain or a node since the engine started. */
export interface Totals {
  readonly name: string;
  readonly up: number;
  readonly down: number;
  readonly open: number;
  readonly opened: number;
  readonly failed: number;
  readonly packetsUp: number;
  readonly packetsDown: number;
}

/** Numbers per row of `StatsFrame.counters`: slot, bytes up, bytes down. */
export const COUNTER_STRIDE = 3;

export interface StatsFrame {
  readonly at: number;
  /** True: forget all connections before applying this frame (first frame, or too much was missed). */
  readonly reset: boolean;
  /** New connections, and known ones whose info changed (target known, path known). */
  readonly upserts: readonly ConnectionInfo[];
  /** Apply these first: an upsert of the same frame may use the slot of one that closed. */
  readonly closed: readonly ClosedConnection[];
  /** Flat rows of COUNTER_STRIDE numbers for connections whose counters changed. */
  readonly counters: readonly number[];
  readonly associations: readonly AssociationInfo[];
  readonly totals: {
    readonly up: number;
    readonly down: number;
    readonly open: number;
    readonly associations: number;
    readonly packetsUp: number;
    readonly packetsDown: number;
  };
  /**
   * Of services, chains and nodes: the rows that changed since the previous frame, all of them in a reset frame. The chain with the
   * empty name is Direct.
   */
  readonly services: readonly Totals[];
  readonly chains: readonly Totals[];
  readonly nodes: readonly Totals[];
}
