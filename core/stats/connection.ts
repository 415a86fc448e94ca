/**
 * The counters of one client connection, and what is known about it. `up` and `down` are fields that splices add to. Over 300 lines: every
 * figure of it is settled with the same totals.
 */
import type {
  ClosedConnection,
  Command,
  ConnectionDetail,
  ConnectionInfo,
  HopCarrier,
  ProcessOwner,
  Protocol,
} from '../contract/stats.ts';
import { decidedBy, isWanted, type ProxyError } from '../errors.ts';
import type { Fields } from '../log.ts';
import { familyOf, isLoopback, isPrivate, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { AssociationStats, ConnStats, StatsSink } from '../roles.ts';
import { AssociationCounters } from './association.ts';
import { Timeline } from './timeline.ts';
import type { TotalsRow } from './totals.ts';

export type About = Parameters<StatsSink['open']>[0];
export type Way = Pick<ConnectionInfo, 'path' | 'chain'>;

/** What a connection needs of the statistics it belongs to. */
export interface Owner {
  /** Number of the frame that changes belong to now. */
  frame(): number;
  /** The totals of a chain and its nodes. */
  rows(way: Way): TotalsRow[];
  /** The totals of a target host, while somebody keeps a history. */
  host(host: string): TotalsRow | null;
  /** The same of a client program; the empty name stands for one that is not known. */
  program(name: string): TotalsRow | null;
  ended(connection: Connection): void;
  association(change: 1 | -1): void;
  /** A client was connected through a chain, to a target it named or to an address. */
  asked(service: string, client: string, literal: boolean): void;
}

export class Connection implements ConnStats {
  readonly id: string;
  readonly slot: number;
  up = 0;
  down = 0;
  endedBy: 'client' | 'target' | null = null;
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
  #host: TotalsRow | null = null;
  #protocol: Protocol | null = null;
  #command: Command | null = null;
  #target: Address | null = null;
  #user: string | null = null;
  #way: Way = { path: [], chain: null };
  #setupMs: number | null = null;
  /** Undefined: nobody has looked yet. */
  #program: ProcessOwner | null | undefined = undefined;
  #programCounted = false;
  #namingCounted = false;
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
    // the address in a request for datagrams is where they come from, not where they go
    const elsewhere = about.command === 'associate' || about.command === 'udp-tun';
    if (this.datagrams === null) this.#countHost(elsewhere ? null : (about.target?.host ?? null));
  }

  routed({ path, chain }: Way): void {
    if (this.closed !== null || this.#setupMs !== null) return;
    this.settle();
    this.#way = { path, chain };
    this.#setupMs = Date.now() - this.#startedAt;
    this.trace.replied();
    this.infoFrame = this.#owner.frame();
    this.enter(this.#owner.rows(this.#way));
    if (this.#program !== undefined) this.#countNaming();
    this.#about.established?.();
  }

  association(about: Parameters<ConnStats['association']>[0]): AssociationStats {
    this.routed(about);
    // where datagrams go is counted by peer (takePeers)
    this.#countHost(null);
    const { service, client } = this.#about;
    const { relay, carrier, path, chain, hops = [], idleMs = 0 } = about;
    // hops before the first that sees datagrams pass a stream
    const streams = path.length - hops.length;
    const carriers = path.map((_, at): HopCarrier => hops[at - streams] ?? 'tcp');
    this.datagrams = new AssociationCounters(
      { id: this.id, service, client, relay, carrier, carriers, idleMs: idleMs || null, path, chain },
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
    this.#countProgram();
    this.#countNaming();
    const failed = error !== null && !isWanted(error);
    for (const row of this.#rows) {
      row.open -= 1;
      if (failed) row.failed += 1;
      row.changed = this.#owner.frame();
    }
    const { up, down } = this;
    this.closed = Object.assign(this.info(), {
      endedAt: Date.now(),
      up,
      down,
      endedBy: decidedBy(error) ?? this.endedBy,
      error: error?.toWire() ?? null,
    });
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
    if (this.closed === null) this.#countProgram();
    this.#countNaming();
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

  /** Counts the connection at the host it now asks for, and no longer at the one before. */
  #countHost(host: string | null): void {
    this.settle();
    const before = this.#host;
    if (before !== null) {
      before.open -= 1;
      this.#rows = this.#rows.filter((row) => row !== before);
    }
    this.#host = host === null || this.closed !== null ? null : this.#owner.host(host.toLowerCase());
    if (this.#host !== null) this.enter([this.#host]);
  }

  /** Counts the connection at its program, with what it carried before that was known. Once: when it is known, at the latest in the end. */
  #countProgram(): void {
    if (this.#programCounted) return;
    this.#programCounted = true;
    this.settle();
    const row = this.#owner.program(this.#program?.name ?? '');
    if (row === null) return;
    row.up += this.#settledUp;
    row.down += this.#settledDown;
    row.packetsUp += this.#settledPacketsUp;
    row.packetsDown += this.#settledPacketsDown;
    this.enter([row]);
  }

  /** Counts how the target was named, once both the way and, if ever, the program are known. */
  #countNaming(): void {
    const target = this.#target;
    if (this.#namingCounted || this.#way.path.length === 0 || target === null) return;
    if (this.#command !== 'connect' || isLoopback(target.host) || isPrivate(target.host)) return;
    this.#namingCounted = true;
    const { service, client } = this.#about;
    this.#owner.asked(service, this.#program?.name ?? unmap(client.host), familyOf(target.host) !== 0);
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

  summary(): Fields {
    const path = this.#path;
    return {
      service: this.#about.service,
      target: this.#target,
      chain: this.#setupMs === null ? undefined : this.#way.chain,
      path: path.length === 0 ? undefined : path,
      up: this.up,
      down: this.down,
      ms: Date.now() - this.#startedAt,
    };
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
      path: this.#path,
      chain: this.#way.chain,
      setupMs: this.#setupMs,
      resolved: this.trace.resolved,
      owner: this.#program ?? null,
    };
  }

  /** The nodes it goes over, or was tried over last. */
  get #path(): readonly string[] {
    return this.#setupMs === null ? this.trace.tried : this.#way.path;
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
