/**
 * The datagrams of one association between the client and the way out. Does no I/O of its own: it is given two PacketConns
 * and decides, datagram by datagram, what passes. A datagram that can not pass costs only itself and is counted.
 *
 * The client is one ip:port: the address of the control connection with the port announced in the request, or else the port
 * of the first sound datagram. Everybody else is a stranger, before and after (promises 14 and 15). Fragments are dropped,
 * FRAG 255 included: GOST marks whole datagrams so, but only towards its clients, never as one.
 */
import type { DropReason } from '../../contract/stats.ts';
import { ProxyError } from '../../errors.ts';
import { isGroup, isUnspecified } from '../../net/address.ts';
import type { Address, PacketConn } from '../../net/conn.ts';
import type { Meters } from '../../net/meter.ts';
import type { UdpSocket } from '../../net/udp.ts';
import type { AssociationStats } from '../../roles.ts';
import { decodeDatagram, encodeDatagramHeader } from '../../socks/datagram.ts';
import { connectable } from '../target.ts';

/** Targets of one association within one to two sweeps; more are refused, which bounds memory and makes scanning slow. */
export const MAX_TARGETS = 4096;
/** A target that was silent for one to two of these is forgotten. */
export const SWEEP_MS = 60_000;

export interface RelayParts {
  /** Towards the client. */
  readonly relay: UdpSocket;
  /** Towards the targets. */
  readonly upstream: PacketConn;
  /** IP of the control connection's peer. */
  readonly clientHost: string;
  /** Announced UDP port of the client; 0 when it announced none. */
  readonly clientPort: number;
  readonly stats: AssociationStats;
  /** A datagram beyond its rate is dropped. */
  readonly meters: Meters | null;
}

/** What is kept of a target: who it is and the header its answers get. */
interface Known {
  readonly address: Address;
  readonly header: Buffer;
}

export class DatagramRelay {
  readonly #parts: RelayParts;
  #client: Address | null = null;
  /** Targets seen since the last sweep, and those of the sweep before. */
  #recent = new Map<string, Known>();
  #older = new Map<string, Known>();
  /** Most datagrams go where the one before went: its header bytes, and who they mean. */
  #lastUp: { readonly header: Buffer; readonly address: Address } | null = null;
  #lastDown: Known | null = null;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    const { relay, upstream, stats, clientHost, clientPort } = parts;
    if (clientPort !== 0) this.#client = { host: clientHost, port: clientPort };
    relay.receive(this.#fromClient, (reason) => stats.drop(reason));
    upstream.receive(this.#fromTarget, (reason) => stats.drop(reason));
  }

  /** Forgets targets that were silent; to be called every SWEEP_MS. */
  sweep(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#lastUp = null;
    this.#lastDown = null;
  }

  readonly #fromClient = (data: Buffer, from: Address): void => {
    const { stats, clientHost } = this.#parts;
    const client = this.#client;
    if (from.host !== clientHost || (client !== null && client.port !== from.port))
      return stats.drop('stranger');
    const last = this.#lastUp;
    if (last !== null && startsWith(data, last.header)) return this.#up(data, last.header, last.address);
    const datagram = decodeDatagram(data);
    if (datagram === null) return stats.drop('header');
    if (datagram.frag !== 0) return stats.drop('fragment');
    this.#client ??= { host: from.host, port: from.port };
    const target = reachable(datagram.address);
    if (typeof target === 'string') return stats.drop(target);
    if (this.#know(target) === null) return stats.drop('targets');
    const header = Buffer.from(data.subarray(0, datagram.payloadAt));
    this.#lastUp = { header, address: target };
    this.#up(data, header, target);
  };

  readonly #fromTarget = (data: Buffer, from: Address): void => {
    const { stats, relay, meters } = this.#parts;
    if (this.#client === null) return stats.drop('stranger');
    const last = this.#lastDown;
    const known = last !== null && isSame(last.address, from) ? last : this.#know(from);
    if (known === null) return stats.drop('targets');
    this.#lastDown = known;
    if (meters?.down?.admits(data.length) === false) return stats.drop('limit');
    const length = known.header.length + data.length;
    const dropped = relay.sendParts([known.header, data], length, this.#client);
    if (dropped === null) stats.down(known.address, data.length);
    else stats.drop(dropped, length, relay.largest);
  };

  #up(data: Buffer, header: Buffer, target: Address): void {
    const { stats, upstream, meters } = this.#parts;
    const bytes = data.length - header.length;
    if (meters?.up?.admits(bytes) === false) return stats.drop('limit');
    const dropped = upstream.send(data.subarray(header.length), target);
    if (dropped === null) stats.up(target, bytes);
    else stats.drop(dropped, bytes, upstream.largest);
  }

  /** The target as it is remembered from now on; null when there are too many. */
  #know(address: Address): Known | null {
    const key = `${address.host} ${address.port}`;
    let known = this.#recent.get(key) ?? this.#older.get(key);
    if (known === undefined) {
      if (this.#recent.size + this.#older.size >= MAX_TARGETS) return null;
      known = { address, header: encodeDatagramHeader(address) };
    }
    this.#older.delete(key);
    this.#recent.set(key, known);
    return known;
  }
}

/** The target in its plain form, or why no datagram goes there. */
export function reachable(address: Address): Address | DropReason {
  try {
    const target = connectable(address);
    return isGroup(target.host) || isUnspecified(target.host) ? 'not_allowed' : target;
  } catch (error) {
    return error instanceof ProxyError && error.code === 'bad_port' ? 'unreachable' : 'name';
  }
}

function startsWith(data: Buffer, header: Buffer): boolean {
  return data.length >= header.length && data.compare(header, 0, header.length, 0, header.length) === 0;
}

function isSame(a: Address, b: Address): boolean {
  return a.port === b.port && a.host === b.host;
}
