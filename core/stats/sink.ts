/**
 * The statistics of an engine. Handlers and splices add to plain fields; nothing is called or allocated per chunk.
 *
 * Theory of operation. Time is cut into frames. Whoever wants to see (the publisher) calls `turn()`, which walks over the open
 * connections once, moves what they carried since the last turn into the totals, and stamps what changed with the number of
 * the frame. "What changed after frame 17" is then a comparison of numbers: a subscriber that missed ten frames asks for
 * everything after the one it has and gets the union, without anything being kept for it.
 */
import type {
  AssociationInfo,
  ClosedConnection,
  ConnectionDetail,
  ConnectionInfo,
  StatsFrame,
} from '../contract/stats.ts';
import { DIRECT, type TrafficKind } from '../contract/traffic.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import type { ConnStats, StatsSink } from '../roles.ts';
import { Connection, type About, type Owner, type Way } from './connection.ts';
import { Naming } from './naming.ts';
import { Recorder } from './recorder.ts';
import type { Timeline } from './timeline.ts';
import { TotalsTable, type Taken, type TotalsRow } from './totals.ts';

const CLOSED_KEPT = 1000;
const CLOSED_ASSOCIATIONS_KEPT = 256;
/** Of those kept, clients that were not let in: a flood of them must not push out what people look for. They are counted as failed in any case. */
const REFUSED_KEPT = 100;
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['not_admitted', 'limit_client', 'limit']);

/** What is remembered of a connection that ended; its details are worked out when somebody asks. */
interface Ended {
  readonly row: ClosedConnection;
  readonly trace: Timeline;
  readonly peers: ConnectionDetail['peers'];
}

const NO_PEERS: ConnectionDetail['peers'] = [];

/** Keeps nothing of the connections that are given to it. */
const NOBODY: Owner = {
  frame: () => 0,
  rows: () => [],
  host: () => null,
  program: () => null,
  ended: () => undefined,
  association: () => undefined,
  asked: () => undefined,
};

export class Stats implements StatsSink {
  readonly naming = new Naming();
  readonly #open = new Map<string, Connection>();
  readonly #freeSlots: number[] = [];
  readonly #closed = new Recorder<Ended>(CLOSED_KEPT);
  readonly #closedAssociations = new Recorder<AssociationInfo>(CLOSED_ASSOCIATIONS_KEPT);
  readonly #services = new TotalsTable();
  readonly #chains = new TotalsTable();
  readonly #nodes = new TotalsTable();
  readonly #total = new TotalsTable();
  readonly #all = this.#total.row('');
  /** Present once somebody keeps a history and takes what is counted here. */
  #hosts: TotalsTable | null = null;
  #programs: TotalsTable | null = null;
  /** One for all connections: ten thousand of them need no closures of their own. */
  readonly #owner: Owner = {
    frame: () => this.#frame,
    rows: (way) => this.#rowsOf(way),
    host: (host) => this.#hosts?.row(host) ?? null,
    program: (name) => this.#programs?.row(name) ?? null,
    ended: (connection) => this.#end(connection),
    association: (change) => {
      this.#associations += change;
    },
    asked: (service, client, literal) => this.naming.count(service, client, literal),
  };
  /** Clients whose connections are counted nowhere, as `host:port`. */
  readonly #exempt = new Map<string, (connection: Connection) => void>();
  #associations = 0;
  #refused = 0;
  #slots = 0;
  #count = 0;
  /** The frame that changes belong to now. */
  #frame = 1;

  open(about: About): ConnStats {
    this.#count += 1;
    const exempt = this.#exempt.size === 0 ? undefined : this.#exempt.get(keyOf(about.client));
    if (exempt !== undefined) {
      const hidden = new Connection(`t${this.#count.toString(36)}`, -1, about, NOBODY);
      exempt(hidden);
      return hidden;
    }
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    const connection = new Connection(`c${this.#count.toString(36)}`, slot, about, this.#owner);
    connection.enter([this.#all, this.#services.row(about.service)]);
    this.#open.set(connection.id, connection);
    return connection;
  }

  /**
   * Connections of exactly this client address leave no trace until the returned function is called. For our own self-test, which
   * holds that port all the while: nothing a client sends can ask for it. `seen` is given the counters of such a connection.
   */
  exempt(client: Address, seen: (connection: Connection) => void = () => undefined): () => void {
    const key = keyOf(client);
    this.#exempt.set(key, seen);
    return () => void this.#exempt.delete(key);
  }

  /** Ends an open connection from outside; false when there is none with this id. */
  close(id: string, error: ProxyError): boolean {
    const connection = this.#open.get(id);
    connection?.abort(error);
    return connection !== undefined;
  }

  /** The last 1,000 connections that ended, newest first. */
  recent(): ClosedConnection[] {
    return this.#closed.recent().map(({ row }) => row);
  }

  /** What is known about one connection beyond its row: open, or among the last closed. */
  detail(id: string): ConnectionDetail | null {
    const open = this.#open.get(id);
    if (open !== undefined) return open.detail();
    const ended = this.#closed.recent().find(({ row }) => row.id === id);
    return ended === undefined ? null : { id, ...ended.trace.detail(), peers: ended.peers };
  }

  /** Open connections whose program nobody has looked up yet, at most `limit` of them. */
  ownerless(limit: number): Connection[] {
    const found: Connection[] = [];
    for (const connection of this.#open.values()) {
      if (found.length >= limit) break;
      if (connection.ownerless() !== null) found.push(connection);
    }
    return found;
  }

  /** Closes the current frame: every change up to now belongs to it. Returns its number, to be given to `since` later. */
  turn(): number {
    for (const connection of this.#open.values()) connection.settle();
    this.#frame += 1;
    return this.#frame - 1;
  }

  /**
   * What changed after frame `known`, if called right after `turn`. A frame that begins anew when `known` is null, or when
   * more ended since than is remembered.
   */
  since(known: number | null): StatsFrame {
    const reset = known === null || !this.#closed.reaches(known) || !this.#closedAssociations.reaches(known);
    const after = reset ? -1 : known;
    const upserts: ConnectionInfo[] = [];
    const counters: number[] = [];
    const associations = reset ? [] : this.#closedAssociations.since(after);
    for (const connection of this.#open.values()) {
      if (connection.infoFrame > after) upserts.push(connection.info());
      if (connection.countersFrame > after) counters.push(connection.slot, connection.up, connection.down);
      const { datagrams } = connection;
      if (datagrams !== null && connection.datagramsFrame > after) associations.push(datagrams.info());
    }
    const { up, down, open, packetsUp, packetsDown } = this.#all;
    return {
      at: Date.now(),
      reset,
      upserts,
      closed: reset ? [] : this.#closed.since(after).map(({ row }) => row),
      counters,
      associations,
      totals: { up, down, open, associations: this.#associations, packetsUp, packetsDown },
      services: this.#services.since(after),
      chains: this.#chains.since(after),
      nodes: this.#nodes.since(after),
    };
  }

  /**
   * From now on target hosts and client programs are counted too, for a history that calls `take` every few seconds. Without one they
   * are not: nobody would ever forget them.
   */
  keepNames(): void {
    this.#hosts ??= new TotalsTable();
    this.#programs ??= new TotalsTable();
  }

  /** What was carried since the last call, by everything that is counted. For the one history there is. */
  take(): { readonly kind: TrafficKind; readonly rows: readonly Taken[] }[] {
    this.turn();
    if (this.#hosts !== null) {
      for (const { datagrams } of this.#open.values()) datagrams?.takePeers(this.#hosts);
    }
    const taken = [
      { kind: 'all', rows: this.#total.take() },
      { kind: 'service', rows: this.#services.take() },
      { kind: 'chain', rows: this.#chains.take() },
      { kind: 'node', rows: this.#nodes.take() },
      { kind: 'host', rows: this.#hosts?.take() ?? [] },
      { kind: 'process', rows: this.#programs?.take() ?? [] },
    ] as const;
    this.#hosts?.forgetIdle();
    this.#programs?.forgetIdle();
    return [...taken];
  }

  #rowsOf({ path, chain }: Way): TotalsRow[] {
    const nodes = [...new Set(path)].map((node) => this.#nodes.row(node));
    return [...nodes, this.#chains.row(chain ?? DIRECT)];
  }

  #end(connection: Connection): void {
    this.#open.delete(connection.id);
    this.#freeSlots.push(connection.slot);
    const { closed, datagrams, trace } = connection;
    if (this.#hosts !== null) datagrams?.takePeers(this.#hosts);
    if (closed !== null) {
      const ended = { row: closed, trace, peers: datagrams?.busiest() ?? NO_PEERS };
      this.#remember(ended);
    }
    if (datagrams !== null) this.#closedAssociations.add(datagrams.info(), this.#frame);
  }

  #remember(ended: Ended): void {
    if (isRefusal(ended.row)) {
      if (this.#refused >= REFUSED_KEPT) return;
      this.#refused += 1;
    }
    const forgotten = this.#closed.add(ended, this.#frame);
    if (forgotten !== undefined && isRefusal(forgotten.row)) this.#refused -= 1;
  }
}

function isRefusal({ error }: ClosedConnection): boolean {
  return error !== null && REFUSALS.has(error.code);
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
