/**
 * Every role of the engine, types only: the first file to read. A listener accepts, a handler serves one client, a router
 * picks a route, a route is a way out, a dialer and a connector make one hop of it. No implementation may live here.
 *
 * Ownership: whoever is given a Conn returns it, hands it on, or destroys it. A `signal` passed to a verb governs
 * *establishing* only; once the promise resolves, the result lives until its owner closes it.
 */
import type { Stage } from './contract/stage.ts';
import type { Command, DropReason, NamedBy, Protocol } from './contract/stats.ts';
import type { Acceptor, Address, Conn, Incoming, PacketConn, PacketFlow } from './net/conn.ts';
import type { Meters } from './net/meter.ts';
import type { ProxyError } from './errors.ts';
import type { Fields, Log } from './log.ts';

/** A concrete way out. The three verbs are the three commands of SOCKS; the two `listen` verbs are GOST's extensions. */
export interface Route {
  /** Node names from first to last hop; empty for the host machine itself. */
  readonly path: readonly string[];
  connect(dst: Address, signal: AbortSignal): Promise<Conn>;
  /** `peer`: nobody else will be sent to. A proxy may do that where it refuses, or knows no, association with many. */
  associate(signal: AbortSignal, peer?: Address): Promise<PacketConn>;
  /** `dst` is the announced peer (port ignored when 0); the far end listens wherever it likes. */
  bind(dst: Address, signal: AbortSignal): Promise<Incoming>;
  /** Listens on `address` at the far end for many TCP peers (GOST MBIND; plain BIND where that is refused). */
  listen(address: Address, signal: AbortSignal): Promise<Acceptor>;
  /** Listens on `address` at the far end for datagrams (GOST UDP-TUN bind mode). */
  listenPackets(address: Address, signal: AbortSignal): Promise<PacketConn>;
  /** What the far end knows of a name, or of an address: an address or a name (Tor's RESOLVE and RESOLVE_PTR). */
  resolve(question: Question, signal: AbortSignal): Promise<string>;
}

/** `name`: which address has it? `address`: which name does it have? */
export interface Question {
  readonly kind: 'name' | 'address';
  readonly host: string;
}

/** The connect side of a transport: reaches a proxy over the route before it and ends with a byte stream to that proxy. */
export interface Dialer {
  dial(proxy: Address, via: Route, signal: AbortSignal): Promise<Conn>;
  /** Ends shared sessions, if it keeps any. */
  close?(): Promise<void>;
}

/** Another stream to the same proxy; whoever calls it owns what it gives. */
type Redial = (signal: AbortSignal) => Promise<Conn>;

/**
 * What we ask of a proxy over a stream that a dialer made. Owns `conn` from the call on: hands it back or destroys it.
 * `redial` is for a proxy that refuses what it was asked first and has to be asked for something else on a new stream.
 */
export interface Connector {
  connect(conn: Conn, dst: Address, signal: AbortSignal): Promise<Conn>;
  /**
   * `via` reaches the proxy's own host, for datagrams beside the stream; `proxy` is its configured address. `peer` as in Route.
   */
  associate?(
    conn: Conn,
    proxy: Address,
    via: Route,
    signal: AbortSignal,
    redial: Redial,
    peer?: Address,
  ): Promise<PacketConn>;
  bind?(conn: Conn, dst: Address, signal: AbortSignal): Promise<Incoming>;
  listen?(conn: Conn, address: Address, signal: AbortSignal, redial: Redial): Promise<Acceptor>;
  listenPackets?(conn: Conn, address: Address, signal: AbortSignal): Promise<PacketConn>;
  resolve?(conn: Conn, question: Question, signal: AbortSignal): Promise<string>;
  /** The same proxy asked in the name of one client; present where clients are told apart there. */
  forClient?(client: string): Connector;
}

/** One upstream proxy with everything needed to use it. */
export interface ChainNode {
  readonly name: string;
  readonly addr: Address;
  readonly dialer: Dialer;
  readonly connector: Connector;
}

/** Hears how a way out is made, for the timeline of a connection: a few calls while it is set up, none per chunk. */
export interface WayTrace {
  /** A choice of nodes, or Direct, is about to be tried. */
  attempt(): void;
  dialling(node: ChainNode): void;
  /** The stream to the node stands; what comes next is the node's answer. */
  reached(node: ChainNode): void;
  /** The node did what it was asked. */
  answered(node: ChainNode): void;
  /** A step of establishing begins. */
  stage(stage: Stage): void;
  failed(error: ProxyError): void;
  /** `address` is null when nobody on this computer had to find one. */
  named(by: NamedBy, address: string | null): void;
  /** Which of a name's addresses the connection went to. */
  dialled(address: string): void;
}

export interface Request {
  readonly command: 'connect' | 'bind' | 'associate' | 'listen' | 'listenPackets' | 'resolve';
  readonly dst: Address;
  readonly client: Address;
  readonly user: string | null;
  readonly trace?: WayTrace;
  /** Of an association: the only one that will be sent to. */
  readonly peer?: Address;
  /** Of an association: names are looked up on this computer, not by the last hop. */
  readonly namesHere?: boolean;
}

export interface Routed<T> {
  readonly out: T;
  readonly path: readonly string[];
  readonly chain: string | null;
  readonly attempts: number;
}

/** Route plus policy of one service: bypass, hosts, resolver, guard, chain, retries. A chain without a usable node is an error, never Direct. */
export interface Router {
  connect(request: Request, signal: AbortSignal): Promise<Routed<Conn>>;
  /** The PacketConn applies the policy to every datagram and reports drops. */
  associate(request: Request, signal: AbortSignal): Promise<Routed<PacketConn>>;
  bind(request: Request, signal: AbortSignal): Promise<Routed<Incoming>>;
  listen(request: Request, signal: AbortSignal): Promise<Routed<Acceptor>>;
  listenPackets(request: Request, signal: AbortSignal): Promise<Routed<PacketConn>>;
  /** The answer to a question about the request's target; its port plays no part. */
  resolve(request: Request, kind: Question['kind'], signal: AbortSignal): Promise<Routed<string>>;
}

/** What a listener hands to its service. */
export interface ListenerSink {
  /** An accepted stream, after the transport's own handshake. `client` where the socket below does not tell. */
  conn(conn: Conn, client?: Address): void;
  /** A new client of a datagram listener. */
  packets(flow: PacketFlow): void;
  /**
   * False: the service is at its limit; the listener closes what it accepted before spending anything on it. `conn` is the
   * accepted stream, which counts until it closes, whatever number of clients comes out of it; datagrams have none.
   */
  admits(client: Address, conn?: Conn): boolean;
}

export interface Listener {
  /** Resolves when the port is really open. `signal` stops listening; accepted streams live on. */
  listen(sink: ListenerSink, signal: AbortSignal): Promise<Bound>;
}

export interface Bound {
  /** What the system says is bound; the port is the real one. */
  readonly addresses: readonly Address[];
  /** Settles when it no longer listens: null after `signal`, else the reason. Never rejects. */
  readonly closed: Promise<Error | null>;
}

/** Serves one client. Owns `conn`; returns when finished; rejects with ProxyError. */
export interface Handler {
  handle(conn: Conn, session: Session): Promise<void>;
  /** Present where the handler can serve a datagram listener. */
  handlePackets?(flow: PacketFlow, session: Session): Promise<void>;
}

/** One client connection as its handler sees it. */
export interface Session {
  readonly id: string;
  readonly service: string;
  readonly client: Address;
  /** Aborts when the service stops or a person closes the connection. */
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly stats: ConnStats;
  /** What limits the rate of this client; null: nothing does. Whoever carries its bytes keeps to it. */
  readonly meters: Meters | null;
  /** The request is known: tells the statistics, and counts it. Throws `limit_rate` when there were too many. */
  request(about: Parameters<ConnStats['request']>[0]): void;
}

/** Plain counters read by the publisher; nothing is called per chunk. */
export interface StatsSink {
  open(about: {
    service: string;
    client: Address;
    /** Ends the connection from outside, with the reason its statistics then show. */
    close: (error: ProxyError) => void;
    /** The client sends datagrams to a listener of them; default: it has a TCP connection. */
    udp?: boolean;
    /** Called once, at the first `routed` or `association`: the client's request has been answered. */
    established?: () => void;
  }): ConnStats;
}

export interface ConnStats {
  readonly id: string;
  /** Payload bytes client to target / target to client; the splice adds to them. */
  up: number;
  down: number;
  /** Whose side of the connection ended first; the splice sets it. */
  endedBy: 'client' | 'target' | null;
  /** For the requests made to the router in this connection's name. */
  readonly trace: WayTrace;
  /** The first byte came back from the target; the splice calls it once. */
  firstByte(): void;
  /** The request is known. */
  request(about: { protocol: Protocol; command: Command; target: Address | null; user: string | null }): void;
  /** The way out is known and the client was told. */
  routed(about: { path: readonly string[]; chain: string | null }): void;
  /** The connection turned into an association; the returned counters belong to it. */
  association(about: {
    relay: Address;
    carrier: 'udp' | 'udp-tun' | 'relay';
    /** Of its way out (PacketConn). */
    hops?: PacketConn['hops'];
    /** It ends after as much silence; 0 or absent: never. */
    idleMs?: number;
    path: readonly string[];
    chain: string | null;
  }): AssociationStats;
  close(error: ProxyError | null): void;
  /** What is known so far, for a log line. */
  summary(): Fields;
}

export interface AssociationStats {
  up(peer: Address, bytes: number): void;
  down(peer: Address, bytes: number): void;
  /** `size` and `limit` tell how much of what did not fit would have. */
  drop(reason: DropReason, size?: number, limit?: number): void;
  close(): void;
}

/** Who may sign in. Constant time; `null` from `check` is a refusal. */
export interface Authenticator {
  /** True when at least one user exists or the list is empty on purpose (rejects everybody). */
  readonly required: boolean;
  /** The identity that signed in, or null. Bytes, so that NUL and invalid UTF-8 compare honestly. */
  check(user: Buffer, password: Buffer): string | null;
  /** SOCKS4: a user id without password; only users configured without a password match. */
  checkUserId(user: Buffer): string | null;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}
