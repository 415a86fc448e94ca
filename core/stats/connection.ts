/** The counters of one client connection, and what is known about it. `up` and `down` are fields that splices add to. */
import type {
  AssociationInfo,
  ClosedConnection,
  Command,
  ConnectionDetail,
  ConnectionInfo,
  ProcessOwner,
  Protocol,
} from '../contract/stats.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import type { AssociationStats, ConnStats, StatsSink } from '../roles.ts';
import { AssociationCounters } from './association.ts';
import { Timeline } from './timeline.ts';
import type { TotalsRow } from './totals.ts';

/** Ends that somebody wanted: not counted as failures. */
const WANTED: ReadonlySet<ErrorCode> = new Set(['closed_by_user', 'stopping', 'client_gone', 'idle']);

export type About = Parameters<StatsSink['open']>[0];
export type Way = Pick<ConnectionInfo, 'path' | 'chain'>;

/** What a connection needs of the statistics it belongs to. */
export interface Owner {
  /** Number of the frame that changes belong to now. */
  frame(): number;
  /** The totals of a chain and its nodes. */
  rows(way: Way): TotalsRow[];
  ended(connection: Connection): void;
  association(change: 1 | -1): void;
}

export class Connection implements ConnStats {
  readonly id: string;
  readonly slot: number;
  up = 0;
  down = 0;
  /** Frames of the last changes. */
  infoFrame: number;
  countersFrame = 0;
  datagramsFrame = 0;
  /** Present once the connection has turned into an association. */
  datagrams: AssociationCounters | null = null;
  /** Present once it has ended. */
  closed: ClosedConnection | null = null;
  readonly trace = new Timeline();
  readonly #about: About;
  readonly #owner: Owner;
  readonly #startedAt = Date.now();
  #rows: readonly TotalsRow[] = [];
  #protocol: Protocol | null = null;
  #command: Command | null = null;
  #target: Address | null = null;
  #user: string | null = null;
  #way: Way = { path: [], chain: null };
  #setupMs: number | null = null;
  /** Undefined: nobody has looked yet. */
  #program: ProcessOwner | null | undefined = undefined;
  /** What the totals know already. */
  #settledUp = 0;
  #settledDown = 0;
  #settledPacketsUp = 0;
  #settledPacketsDown = 0;
  #settledDrops = 0;

  constructor(id: string, slot: number, about: About, owner: Owner) {
    this.id = id;
    this.slot = slot;
    this.#about = about;
    this.#owner = owner;
    this.infoFrame = owner.frame();
  }

  request(about: {
    protocol: Protocol;
    command: Command;
    target: Address | null;
    user: string | null;
  }): void {
    this.#protocol = about.protocol;
    this.#command = about.command;
    this.#target = about.target;
    this.#user = about.user;
    this.trace.requested();
    this.infoFrame = this.#owner.frame();
  }

  routed({ path, chain }: Way): void {
    if (this.closed !== null || this.#setupMs !== null) return;
    this.settle();
    this.#way = { path, chain };
    this.#setupMs = Date.now() - this.#startedAt;
    this.trace.replied();
    this.infoFrame = this.#owner.frame();
    this.enter(this.#owner.rows(this.#way));
    this.#about.established?.();
  }

  association(about: Way & Pick<AssociationInfo, 'relay' | 'carrier'>): AssociationStats {
    this.routed(about);
    const { service, client } = this.#about;
    const { relay, carrier, path, chain } = about;
    this.datagrams = new AssociationCounters(
      { id: this.id, service, client, relay, carrier, path, chain },
      {
        owner: () => this.#program ?? null,
        answered: () => this.trace.firstByte(),
        closed: () => {
          this.datagramsFrame = this.#owner.frame();
          this.#owner.association(-1);
        },
      },
    );
    this.datagramsFrame = this.#owner.frame();
    this.#owner.association(1);
    return this.datagrams;
  }

  close(error: ProxyError | null): void {
    if (this.closed !== null) return;
    this.datagrams?.close();
    this.settle();
    const failed = error !== null && !WANTED.has(error.code);
    for (const row of this.#rows) {
      row.open -= 1;
      if (failed) row.failed += 1;
      row.changed = this.#owner.frame();
    }
    const { up, down } = this;
    this.closed = { ...this.info(), endedAt: Date.now(), up, down, error: error?.toWire() ?? null };
    this.#owner.ended(this);
  }

  firstByte(): void {
    this.trace.firstByte();
  }

  /** Who is asked for the program at the other end; null when that was done. */
  ownerless(): { readonly service: string; readonly client: Address; readonly udp: boolean } | null {
    if (this.#program !== undefined) return null;
    const { service, client, udp = false } = this.#about;
    return { service, client, udp };
  }

  /** The program was looked up. */
  own(program: ProcessOwner | null): void {
    this.#program = program;
    if (program === null) return;
    this.infoFrame = this.#owner.frame();
    if (this.datagrams !== null) this.datagramsFrame = this.infoFrame;
  }

  detail(): ConnectionDetail {
    return { id: this.id, ...this.trace.detail(), peers: this.datagrams?.busiest() ?? [] };
  }

  /** Ends the connection from outside; its handler then closes it here. */
  abort(error: ProxyError): void {
    this.#about.close(error);
  }

  /** Counts the connection in `rows` from now on. */
  enter(rows: readonly TotalsRow[]): void {
    for (const row of rows) {
      row.open += 1;
      row.opened += 1;
      row.changed = this.#owner.frame();
    }
    this.#rows = [...this.#rows, ...rows];
  }

  /** Moves what was carried since the last call into the totals. */
  settle(): void {
    const { datagrams } = this;
    if (datagrams !== null) this.#settleDatagrams(datagrams);
    const up = this.up - this.#settledUp;
    const down = this.down - this.#settledDown;
    if (up === 0 && down === 0) return;
    this.#settledUp = this.up;
    this.#settledDown = this.down;
    this.countersFrame = this.#owner.frame();
    for (const row of this.#rows) {
      row.up += up;
      row.down += down;
      row.changed = this.countersFrame;
    }
  }

  info(): ConnectionInfo {
    const { service, client } = this.#about;
    return {
      id: this.id,
      slot: this.slot,
      service,
      client,
      startedAt: this.#startedAt,
      protocol: this.#protocol,
      command: this.#command,
      target: this.#target,
      user: this.#user,
      path: this.#way.path,
      chain: this.#way.chain,
      setupMs: this.#setupMs,
      resolved: this.trace.resolved,
      owner: this.#program ?? null,
    };
  }

  /** Payload of datagrams counts as payload of the connection that controls them. */
  #settleDatagrams({ packetsUp, packetsDown, bytesUp, bytesDown, drops }: AssociationCounters): void {
    const sent = packetsUp - this.#settledPacketsUp;
    const received = packetsDown - this.#settledPacketsDown;
    if (sent === 0 && received === 0 && drops === this.#settledDrops) return;
    this.#settledPacketsUp = packetsUp;
    this.#settledPacketsDown = packetsDown;
    this.#settledDrops = drops;
    this.datagramsFrame = this.#owner.frame();
    this.up = bytesUp;
    this.down = bytesDown;
    for (const row of this.#rows) {
      row.packetsUp += sent;
      row.packetsDown += received;
      row.changed = this.datagramsFrame;
    }
  }
}
