/**
 * The host machine itself as a route: the end of every chain. Names are resolved here and the address that was checked is the
 * address that is dialled, so that rules can not be answered one way and connected another (DNS rebinding).
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Route } from '../roles.ts';
import { familyOf, formatAddress, isUnspecified, unmap } from './address.ts';
import type { Acceptor, Address, Conn, Incoming, PacketConn } from './conn.ts';
import { systemLookup, type Lookup } from './lookup.ts';
import { bindUdp } from './udp.ts';
import { abortReason, within } from './within.ts';

const DIAL_MS = 10_000;
/** A second address is tried beside the first after this long (RFC 8305). */
const STAGGER_MS = 250;

export interface DirectOptions {
  readonly lookup?: Lookup;
  /** Judges a resolved address; only an address that passed is dialled or sent to. */
  readonly allow?: (ip: string, port: number) => ProxyError | null;
  readonly dialTimeoutMs?: number;
  /** Local address that bound ports listen on when the request names none; the handler passes the control connection's. */
  readonly bindHost?: string;
  readonly log?: Log;
}

/** Connects, associates and binds from this machine. */
export function directRoute(options: DirectOptions = {}): Route {
  const { lookup = systemLookup, allow = anything, dialTimeoutMs = DIAL_MS, bindHost = '' } = options;
  return {
    path: [],
    connect: (dst, signal) => connectTo(dst, lookup, allow, dialTimeoutMs, signal),
    associate: (): Promise<PacketConn> => bindUdp({ host: '', port: 0 }, { lookup, allow }),
    bind: (dst, signal) => bindFor(dst, bindHost, lookup, signal),
    listen: (address) => listenOn(address),
    listenPackets: (address) => bindUdp(address, { lookup, allow }),
  };
}

function anything(): null {
  return null;
}

async function connectTo(
  dst: Address,
  lookup: Lookup,
  allow: (ip: string, port: number) => ProxyError | null,
  dialTimeoutMs: number,
  signal: AbortSignal,
): Promise<Conn> {
  const target = formatAddress(dst);
  const addresses = interleave(await lookup(dst.host, signal));
  let refused: ProxyError | null = null;
  const allowed = addresses.filter((host) => {
    const verdict = allow(unmap(host), dst.port);
    refused ??= verdict;
    return verdict === null;
  });
  if (allowed.length === 0) throw refused ?? new ProxyError('name_not_found', { host: dst.host });
  return within(
    signal,
    dialTimeoutMs,
    (inner) => race(allowed, dst.port, target, inner),
    () => new ProxyError('timed_out', { target, seconds: dialTimeoutMs / 1000 }),
    (late) => late.destroy(),
  );
}

/** IPv6 and IPv4 taking turns, starting with what the resolver preferred. */
function interleave(addresses: readonly string[]): string[] {
  const first = familyOf(addresses[0] ?? '');
  const same = addresses.filter((host) => familyOf(host) === first);
  const other = addresses.filter((host) => familyOf(host) !== first);
  return same
    .flatMap((host, index) => [host, ...other.slice(index, index + 1)])
    .concat(other.slice(same.length));
}

/** Dials the addresses in order, the next one when the last failed or took long; the first that connects wins. */
function race(hosts: readonly string[], port: number, target: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const dialling = new Set<Socket>();
    let failure: ProxyError | null = null;
    let next = 0;
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const socket of dialling) socket.destroy();
    };
    const onAbort = (): void => {
      settle();
      reject(abortReason(signal));
    };
    const dial = (): void => {
      clearTimeout(timer);
      const host = hosts[next];
      if (host === undefined) return;
      next += 1;
      const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
      dialling.add(socket);
      const onError = (error: Error): void => {
        dialling.delete(socket);
        failure ??= toProxyError(error, { target, seconds: DIAL_MS / 1000 });
        if (next < hosts.length) dial();
        else if (dialling.size === 0) {
          settle();
          reject(failure);
        }
      };
      socket.once('error', onError);
      socket.once('connect', () => {
        socket.off('error', onError);
        socket.on('error', () => undefined);
        dialling.delete(socket);
        settle();
        resolve(socket);
      });
      if (next < hosts.length) timer = setTimeout(dial, STAGGER_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    dial();
  });
}

/** A port for one announced peer. `dst.host` unspecified or a name that can not be checked lets anybody be first. */
async function bindFor(
  dst: Address,
  bindHost: string,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<Incoming> {
  const anybody = dst.host === '' || isUnspecified(dst.host);
  const expected = anybody ? null : new Set((await lookup(dst.host, signal)).map(unmap));
  const { server, local } = await openServer({ host: bindHost, port: 0 });
  return {
    local,
    close: () => server.close(),
    accept: async (wait) => {
      try {
        return await within(wait, null, () => firstPeer(server, expected, dst));
      } finally {
        server.close();
      }
    },
  };
}

function firstPeer(
  server: Server,
  expected: ReadonlySet<string> | null,
  dst: Address,
): Promise<{ conn: Conn; peer: Address }> {
  return new Promise((resolve, reject) => {
    server.once('close', () => reject(new ProxyError('aborted')));
    server.once('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      socket.on('error', () => undefined);
      if (expected === null || expected.has(peer.host)) {
        resolve({ conn: socket, peer });
      } else {
        socket.destroy();
        reject(new ProxyError('bind_peer', { target: dst.host }));
      }
    });
  });
}

async function listenOn(address: Address): Promise<Acceptor> {
  const { server, local } = await openServer(address);
  const open = new Set<Socket>();
  let sink: ((conn: Conn, peer: Address) => void) | null = null;
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    if (sink === null) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    } else sink(socket, peerOf(socket));
  });
  return {
    local,
    closed: new Promise((resolve) => {
      server.once('close', () => resolve(null));
      server.once('error', (error) => resolve(error));
    }),
    accept: (taker) => {
      sink = taker;
      for (const socket of open) taker(socket, peerOf(socket));
      open.clear();
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Opens a TCP port. Host '' is every interface of both families, or of IPv4 where there is no IPv6. */
export function openServer(address: Address): Promise<{ server: Server; local: Address }> {
  const listen = (host: string): Promise<{ server: Server; local: Address }> =>
    new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
      server.once('error', reject);
      server.listen({ host, port: address.port, exclusive: true }, () => {
        server.off('error', reject);
        const at = server.address();
        if (typeof at !== 'object' || at === null) return reject(new ProxyError('bug'));
        resolve({ server, local: { host: unmap(at.address), port: at.port } });
      });
    });
  const about = { port: address.port, host: address.host, owner: 'another program' };
  if (address.host !== '') {
    return listen(address.host).catch((error: unknown) => {
      throw toProxyError(error, about);
    });
  }
  return listen('::').catch((error: unknown) => {
    const mapped = toProxyError(error, about);
    if (mapped.code === 'port_in_use' || mapped.code === 'port_denied') throw mapped;
    return listen('0.0.0.0').catch((second: unknown) => {
      throw toProxyError(second, about);
    });
  });
}

function peerOf(socket: Socket): Address {
  return { host: unmap(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}
