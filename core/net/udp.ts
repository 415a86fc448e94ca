/**
 * A dgram socket as a PacketConn: datagrams whole or not at all, errors are drops, nothing throws. Targets given as names
 * are resolved with a bounded number of datagrams waiting, so that a name that does not answer delays only its own.
 *
 * One socket of family IPv6 carries both families (IPv4 as ::ffff:a.b.c.d), so that every peer sees the same port.
 */
import { createSocket, type Socket } from 'node:dgram';
import { setMaxListeners } from 'node:events';
import type { DropReason } from '../contract/stats.ts';
import { errnoOf, toProxyError, type ProxyError } from '../errors.ts';
import { familyOf, isGroup, isUnspecified, unmap } from './address.ts';
import type { Address, DropSink, PacketConn, PacketSink } from './conn.ts';
import { systemLookup, type Lookup } from './lookup.ts';
import { Pace } from './pace.ts';

/**
 * Asked of the system, which may grant less. What is received has to wait while this process does not run: of 40,000 datagrams a
 * second Linux's default of 208 KiB lost 6 to 11 %, 4 MiB none. A longer queue of what is sent would only make it older.
 */
const BUFFER_BYTES = { setRecvBufferSize: 4 * 1024 * 1024, setSendBufferSize: 1024 * 1024 } as const;
/** Bytes handed to the socket and not sent yet, beyond which datagrams are dropped. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** Datagrams of one socket that wait for the addresses of their targets. */
const MAX_WAITING = 64;
const MAX_NAMES = 256;
const NAME_MS = 60_000;
const UNKNOWN_NAME_MS = 5000;
/** Largest UDP payload: 65,535 less the IPv4 and UDP headers, and less the UDP header only over IPv6. */
const MAX_PAYLOAD = { 4: 65_507, 6: 65_527 } as const;

export interface UdpOptions {
  /** For targets given as names; default: the system's. */
  readonly lookup?: Lookup;
  /** Judges the address a datagram would really go to; an error drops it as `not_allowed`. */
  readonly allow?: (ip: string, port: number) => ProxyError | null;
}

/** What a name means to one socket: an address, or null when it has none; forgotten after `until`. */
interface Known {
  readonly ip: string | null;
  readonly until: number;
}

/**
 * Binds a UDP socket. Host '' or '::' takes both families, or IPv4 alone where the system has no IPv6.
 * Rejects with port_in_use, port_denied or address_unavailable.
 */
export async function bindUdp(local: Address, options: UdpOptions = {}): Promise<UdpSocket> {
  const any = local.host === '' || local.host === '::';
  try {
    return await open(any ? '::' : local.host, local.port, options);
  } catch (error) {
    if (any && isWithoutIPv6(error)) return bindUdp({ host: '0.0.0.0', port: local.port }, options);
    throw toProxyError(error, { port: local.port, host: local.host, owner: 'another program' });
  }
}

/** True when a bind failed because this computer has no IPv6. */
export function isWithoutIPv6(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EAFNOSUPPORT' || errno === 'EADDRNOTAVAIL' || errno === 'EINVAL';
}

function open(host: string, port: number, options: UdpOptions): Promise<UdpSocket> {
  const family = familyOf(host) === 6 ? 6 : 4;
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: answerAtOnce });
    const fail = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', fail);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', fail);
      resolve(new UdpSocket(socket, family, options));
    });
  });
}

/** dgram asks a lookup even about literals; this one is only given literals and does not make it wait for a turn. */
function answerAtOnce(
  host: string,
  _options: unknown,
  done: (error: Error | null, address: string, family: number) => void,
): void {
  done(null, host, familyOf(host));
}

export class UdpSocket implements PacketConn {
  readonly carrier = 'udp';
  /** Over IPv4; IPv6 takes 20 more, with nothing between. */
  readonly largest = MAX_PAYLOAD[4];
  readonly local: Address;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #family: 4 | 6;
  readonly #lookup: Lookup;
  readonly #allow: UdpOptions['allow'];
  readonly #ending = new AbortController();
  readonly #names = new Map<string, Known>();
  /** The last sender, whole: most datagrams come from where the one before came from. */
  #lastFrom: { readonly raw: string; readonly address: Address } | null = null;
  readonly #pace = new Pace((data, ip, port) => this.#emit([data], ip, port));
  #waiting = 0;
  #locked = false;
  #open = true;
  #onDrop: DropSink = () => undefined;

  constructor(socket: Socket, family: 4 | 6, options: UdpOptions) {
    this.#socket = socket;
    this.#family = family;
    this.#lookup = options.lookup ?? systemLookup;
    this.#allow = options.allow;
    const bound = socket.address();
    this.local = { host: unmap(bound.address), port: bound.port };
    setMaxListeners(MAX_WAITING, this.#ending.signal);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined); // a failed read or send concerns one datagram; sends report theirs to #onSent
    enlarge(socket);
  }

  receive(sink: PacketSink, onDrop?: DropSink): void {
    if (onDrop !== undefined) this.#onDrop = onDrop;
    this.#socket.removeAllListeners('message');
    this.#socket.on('message', (data, from) => sink(data, this.#from(from.address, from.port)));
  }

  send(data: Buffer, to: Address): DropReason | null {
    return this.sendParts([data], data.length, to);
  }

  /** One datagram of `length` bytes from several buffers, so that no header must be copied in front of its payload. */
  sendParts(parts: readonly Buffer[], length: number, to: Address): DropReason | null {
    if (!this.#open) return 'closing';
    if (length > MAX_PAYLOAD[6]) return 'too_big';
    if (to.port === 0 || to.port > 65_535) return 'unreachable';
    if (familyOf(to.host) !== 0) return this.#sendTo(parts, length, to.host, to.port);
    const known = this.#names.get(to.host);
    if (known === undefined || known.until < Date.now())
      return this.#resolve(Buffer.concat(parts, length), to);
    return known.ip === null ? 'name' : this.#sendTo(parts, length, known.ip, to.port);
  }

  /**
   * From now on the system drops what others than `peer` send, and `send` only reaches `peer`. Worth about 10 % per datagram.
   * False when the system refused; then everything stays as it was.
   */
  lock(peer: Address): boolean {
    try {
      this.#socket.connect(peer.port, this.#spelled(unmap(peer.host)));
      this.#locked = true;
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ending.abort();
    this.#pace.close();
    this.#socket.close();
  }

  #from(raw: string, port: number): Address {
    const last = this.#lastFrom;
    if (last?.raw === raw && last.address.port === port) return last.address;
    const address = { host: unmap(raw), port };
    this.#lastFrom = { raw, address };
    return address;
  }

  #sendTo(parts: readonly Buffer[], length: number, ip: string, port: number): DropReason | null {
    const bare = unmap(ip);
    const family = familyOf(bare) === 6 ? 6 : 4;
    if (length > MAX_PAYLOAD[family]) return 'too_big';
    if (family === 6 && this.#family === 4) return 'unreachable';
    if (isGroup(bare) || isUnspecified(bare)) return 'not_allowed';
    if (this.#allow !== undefined && this.#allow(bare, port) !== null) return 'not_allowed';
    if (this.#socket.getSendQueueSize() > MAX_UNSENT_BYTES) return 'queue';
    if (this.#pace.passes(length)) this.#emit(parts, bare, port);
    else if (!this.#pace.wait(Buffer.concat(parts, length), bare, port)) return 'queue';
    return null;
  }

  #emit(parts: readonly Buffer[], ip: string, port: number): void {
    if (this.#locked) this.#socket.send(parts, this.#onSent);
    else this.#socket.send(parts, port, this.#spelled(ip), this.#onSent);
  }

  /** An address as a socket of this family wants it written. */
  #spelled(ip: string): string {
    return this.#family === 6 && familyOf(ip) === 4 ? `::ffff:${ip}` : ip;
  }

  /** One for all datagrams: the error itself tells which target it is about. */
  readonly #onSent = (error: unknown): void => {
    if (error === null || !this.#open) return;
    this.#onDrop(reasonOf(error), targetOf(error));
  };

  #resolve(data: Buffer, to: Address): DropReason | null {
    if (this.#waiting >= MAX_WAITING) return 'queue';
    this.#waiting += 1;
    void this.#lookup(to.host, this.#ending.signal)
      .then(
        (addresses) => addresses.find((ip) => this.#family === 6 || familyOf(unmap(ip)) === 4) ?? null,
        () => null,
      )
      .then((ip) => {
        this.#waiting -= 1;
        if (!this.#open) return;
        this.#remember(to.host, ip);
        const dropped = ip === null ? 'name' : this.#sendTo([data], data.length, ip, to.port);
        if (dropped !== null) this.#onDrop(dropped, to);
      });
    return null;
  }

  #remember(name: string, ip: string | null): void {
    const oldest = this.#names.keys().next();
    if (this.#names.size >= MAX_NAMES && oldest.done !== true) this.#names.delete(oldest.value);
    this.#names.set(name, { ip, until: Date.now() + (ip === null ? UNKNOWN_NAME_MS : NAME_MS) });
  }
}

function enlarge(socket: Socket): void {
  for (const set of ['setRecvBufferSize', 'setSendBufferSize'] as const) {
    try {
      socket[set](BUFFER_BYTES[set]);
    } catch {
      // refused: the system's default will do
    }
  }
}

function reasonOf(error: unknown): DropReason {
  switch (errnoOf(error)) {
    case 'EMSGSIZE':
      return 'too_big';
    case 'ENOBUFS':
    case 'EAGAIN':
    case 'ENOMEM':
      return 'queue';
    case 'EPERM':
    case 'EACCES':
      return 'not_allowed';
    default:
      return 'unreachable';
  }
}

function targetOf(error: unknown): Address {
  const about = { host: '', port: 0 };
  if (typeof error !== 'object' || error === null) return about;
  if ('address' in error && typeof error.address === 'string') about.host = unmap(error.address);
  if ('port' in error && typeof error.port === 'number') about.port = error.port;
  return about;
}
