/**
 * Counters of one UDP association: its peers, packets, bytes and drops. Called per datagram, so it only looks up and adds;
 * the view for a window is made when somebody asks.
 */
import type { AssociationInfo, DropReason, ProcessOwner, TooBig, UdpPeer } from '../contract/stats.ts';
import type { Address } from '../net/conn.ts';
import type { AssociationStats } from '../roles.ts';
import { OTHERS } from '../contract/traffic.ts';
import type { TotalsTable } from './totals.ts';

/** Peers remembered; beyond that the one known longest is forgotten and would count as a new one. */
const MAX_PEERS = 4096;
const SHOWN_PEERS = 64;

interface Peer {
  readonly address: Address;
  readonly firstAt: number;
  packetsUp: number;
  packetsDown: number;
  up: number;
  down: number;
  largest: number;
  lastAt: number;
  /** Datagrams and bytes that `takePeers` has passed on. */
  taken: { packetsUp: number; packetsDown: number; up: number; down: number };
}

const NOTHING = { packetsUp: 0, packetsDown: 0, up: 0, down: 0 } as const;

export type AssociationAbout = Pick<
  AssociationInfo,
  'id' | 'service' | 'client' | 'relay' | 'carrier' | 'carriers' | 'idleMs' | 'path' | 'chain'
>;

/** What an association asks and tells the connection it belongs to. */
export interface AssociationHooks {
  /** The program at the other end, once known. */
  owner(): ProcessOwner | null;
  /** The first datagram came back. */
  answered(): void;
  /** Called once, when the association ends. */
  closed(): void;
}

export class AssociationCounters implements AssociationStats {
  packetsUp = 0;
  packetsDown = 0;
  bytesUp = 0;
  bytesDown = 0;
  drops = 0;
  readonly #about: AssociationAbout;
  readonly #hooks: AssociationHooks;
  readonly #startedAt = Date.now();
  /** By host, then port: two look-ups need no key to be made up. */
  readonly #peers = new Map<string, Map<number, Peer>>();
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  /** What forgotten peers carried that nobody took. */
  readonly #orphaned = { packetsUp: 0, packetsDown: 0, up: 0, down: 0 };
  #known = 0;
  #peerCount = 0;
  #last: Peer | null = null;
  #lastAt = this.#startedAt;
  #tooBig: TooBig | null = null;
  #endedAt: number | null = null;

  constructor(about: AssociationAbout, hooks: AssociationHooks) {
    this.#about = about;
    this.#hooks = hooks;
  }

  up(address: Address, bytes: number): void {
    const peer = this.#peer(address);
    peer.packetsUp += 1;
    peer.up += bytes;
    if (bytes > peer.largest) peer.largest = bytes;
    this.packetsUp += 1;
    this.bytesUp += bytes;
  }

  down(address: Address, bytes: number): void {
    if (this.packetsDown === 0) this.#hooks.answered();
    const peer = this.#peer(address);
    peer.packetsDown += 1;
    peer.down += bytes;
    if (bytes > peer.largest) peer.largest = bytes;
    this.packetsDown += 1;
    this.bytesDown += bytes;
  }

  drop(reason: DropReason, size = 0, limit?: number): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
    this.drops += 1;
    if (reason === 'too_big' && size > (this.#tooBig?.size ?? 0))
      this.#tooBig = { size, limit: limit ?? null };
  }

  close(): void {
    if (this.#endedAt !== null) return;
    this.#endedAt = Date.now();
    this.#hooks.closed();
  }

  /** Adds what each peer carried since the last call to the row of its host. Off the path of datagrams. */
  takePeers(hosts: TotalsTable): void {
    for (const ports of this.#peers.values()) {
      for (const peer of ports.values()) {
        const { address, packetsUp, packetsDown, up, down, taken } = peer;
        if (packetsUp === taken.packetsUp && packetsDown === taken.packetsDown) continue;
        const row = hosts.row(address.host.toLowerCase());
        row.packetsUp += packetsUp - taken.packetsUp;
        row.packetsDown += packetsDown - taken.packetsDown;
        row.up += up - taken.up;
        row.down += down - taken.down;
        peer.taken = { packetsUp, packetsDown, up, down };
      }
    }
    const orphaned = this.#orphaned;
    if (orphaned.packetsUp + orphaned.packetsDown === 0) return;
    const row = hosts.row(OTHERS);
    row.packetsUp += orphaned.packetsUp;
    row.packetsDown += orphaned.packetsDown;
    row.up += orphaned.up;
    row.down += orphaned.down;
    Object.assign(orphaned, NOTHING);
  }

  get dropped(): Readonly<Partial<Record<DropReason, number>>> {
    return this.#dropped;
  }

  info(): AssociationInfo {
    const [asked, unanswered] = this.#asked();
    return {
      ...this.#about,
      startedAt: this.#startedAt,
      owner: this.#hooks.owner(),
      peerCount: this.#peerCount,
      asked,
      unanswered,
      packetsUp: this.packetsUp,
      packetsDown: this.packetsDown,
      up: this.bytesUp,
      down: this.bytesDown,
      lastAt: this.#lastAt,
      dropped: { ...this.#dropped },
      tooBig: this.#tooBig,
      endedAt: this.#endedAt,
    };
  }

  #peer(address: Address): Peer {
    const now = Date.now();
    this.#lastAt = now;
    const last = this.#last;
    const isLast = last !== null && last.address.port === address.port && last.address.host === address.host;
    const peer = isLast
      ? last
      : (this.#peers.get(address.host)?.get(address.port) ?? this.#add(address, now));
    peer.lastAt = now;
    this.#last = peer;
    return peer;
  }

  #add(address: Address, now: number): Peer {
    if (this.#known >= MAX_PEERS) this.#forgetOldest();
    const peer: Peer = {
      address,
      firstAt: now,
      packetsUp: 0,
      packetsDown: 0,
      up: 0,
      down: 0,
      largest: 0,
      lastAt: now,
      taken: NOTHING,
    };
    const ports = this.#peers.get(address.host) ?? new Map<number, Peer>();
    ports.set(address.port, peer);
    this.#peers.set(address.host, ports);
    this.#known += 1;
    this.#peerCount += 1;
    return peer;
  }

  #forgetOldest(): void {
    for (const [host, ports] of this.#peers) {
      for (const [port, peer] of ports) {
        this.#orphaned.packetsUp += peer.packetsUp - peer.taken.packetsUp;
        this.#orphaned.packetsDown += peer.packetsDown - peer.taken.packetsDown;
        this.#orphaned.up += peer.up - peer.taken.up;
        this.#orphaned.down += peer.down - peer.taken.down;
        ports.delete(port);
        if (ports.size === 0) this.#peers.delete(host);
        this.#known -= 1;
        return;
      }
    }
  }

  /** How many of the remembered peers were sent to, and how many of those never answered. */
  #asked(): [number, number] {
    let asked = 0;
    let unanswered = 0;
    for (const ports of this.#peers.values()) {
      for (const { packetsUp, packetsDown } of ports.values()) {
        if (packetsUp === 0) continue;
        asked += 1;
        if (packetsDown === 0) unanswered += 1;
      }
    }
    return [asked, unanswered];
  }

  /** The peers with the most packets. */
  busiest(): UdpPeer[] {
    const peers = [...this.#peers.values()].flatMap((ports) => [...ports.values()]);
    peers.sort((a, b) => b.packetsUp + b.packetsDown - (a.packetsUp + a.packetsDown));
    return peers
      .slice(0, SHOWN_PEERS)
      .map(({ address, packetsUp, packetsDown, up, down, largest, firstAt, lastAt }) => ({
        peer: address,
        packetsUp,
        packetsDown,
        up,
        down,
        largest,
        firstAt,
        lastAt,
      }));
  }
}
