/**
 * Counters of one UDP association: its peers, packets, bytes and drops. Called per datagram, so it only looks up and adds;
 * the view for a window is made when somebody asks.
 */
import type { AssociationInfo, DropReason, UdpPeer } from '../contract/stats.ts';
import type { Address } from '../net/conn.ts';
import type { AssociationStats } from '../roles.ts';

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
  lastAt: number;
}

export type AssociationAbout = Pick<
  AssociationInfo,
  'id' | 'service' | 'client' | 'relay' | 'carrier' | 'path' | 'chain'
>;

export class AssociationCounters implements AssociationStats {
  packetsUp = 0;
  packetsDown = 0;
  bytesUp = 0;
  bytesDown = 0;
  drops = 0;
  readonly #about: AssociationAbout;
  readonly #onClose: () => void;
  readonly #startedAt = Date.now();
  /** By host, then port: two look-ups need no key to be made up. */
  readonly #peers = new Map<string, Map<number, Peer>>();
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  #known = 0;
  #peerCount = 0;
  #last: Peer | null = null;
  #lastAt = this.#startedAt;
  #endedAt: number | null = null;

  /** `onClose` is called once, when the association ends. */
  constructor(about: AssociationAbout, onClose: () => void) {
    this.#about = about;
    this.#onClose = onClose;
  }

  up(address: Address, bytes: number): void {
    const peer = this.#peer(address);
    peer.packetsUp += 1;
    peer.up += bytes;
    this.packetsUp += 1;
    this.bytesUp += bytes;
  }

  down(address: Address, bytes: number): void {
    const peer = this.#peer(address);
    peer.packetsDown += 1;
    peer.down += bytes;
    this.packetsDown += 1;
    this.bytesDown += bytes;
  }

  drop(reason: DropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
    this.drops += 1;
  }

  close(): void {
    if (this.#endedAt !== null) return;
    this.#endedAt = Date.now();
    this.#onClose();
  }

  info(): AssociationInfo {
    return {
      ...this.#about,
      startedAt: this.#startedAt,
      peerCount: this.#peerCount,
      peers: this.#busiest(),
      packetsUp: this.packetsUp,
      packetsDown: this.packetsDown,
      up: this.bytesUp,
      down: this.bytesDown,
      lastAt: this.#lastAt,
      dropped: { ...this.#dropped },
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
    const peer = { address, firstAt: now, packetsUp: 0, packetsDown: 0, up: 0, down: 0, lastAt: now };
    const ports = this.#peers.get(address.host) ?? new Map<number, Peer>();
    ports.set(address.port, peer);
    this.#peers.set(address.host, ports);
    this.#known += 1;
    this.#peerCount += 1;
    return peer;
  }

  #forgetOldest(): void {
    for (const [host, ports] of this.#peers) {
      for (const port of ports.keys()) {
        ports.delete(port);
        if (ports.size === 0) this.#peers.delete(host);
        this.#known -= 1;
        return;
      }
    }
  }

  #busiest(): UdpPeer[] {
    const peers = [...this.#peers.values()].flatMap((ports) => [...ports.values()]);
    peers.sort((a, b) => b.packetsUp + b.packetsDown - (a.packetsUp + a.packetsDown));
    return peers.slice(0, SHOWN_PEERS).map(({ address, ...counters }) => ({ peer: address, ...counters }));
  }
}
