/** TCP ports: opening one with the address as written, for many peers (Acceptor) or for exactly one (Incoming). */
import { createServer, type Server, type Socket } from 'node:net';
import { ProxyError, toProxyError } from '../errors.ts';
import { isUnspecified, unmap } from './address.ts';
import type { Acceptor, Address, Conn, Incoming } from './conn.ts';
import type { Lookup } from './lookup.ts';
import { reset } from './reset.ts';
import { isWithoutIPv6 } from './udp.ts';
import { inTime } from './within.ts';

/**
 * Peers the system accepts before we do. It takes as many of them as it is set up for (Linux: net.core.somaxconn, 4096 by
 * itself) when asked for more; Node asks for 511, and one that finds no place there tries again after a second only.
 */
const BACKLOG = 65_535;

export interface Port {
  /** What the system says is bound; the port is the real one. */
  readonly local: Address;
  /** Settles when the port is free again. Accepted streams live on. */
  readonly closed: Promise<null>;
  close(): void;
}

/**
 * Opens a TCP port. Host '' is every interface of both families, or of IPv4 alone where there is no IPv6. Accepted sockets
 * are paused, without delay, half-open capable, and have somebody who hears their errors. Out of descriptors, the system
 * drops new peers and the port stays. Rejects with port_in_use, port_denied or address_unavailable.
 */
export async function openPort(
  address: Address,
  onSocket: (socket: Socket, peer: Address) => void,
): Promise<Port> {
  try {
    return await listen({ host: address.host === '' ? '::' : address.host, port: address.port }, onSocket);
  } catch (error) {
    if (address.host === '' && isWithoutIPv6(error))
      return openPort({ host: '0.0.0.0', port: address.port }, onSocket);
    throw toProxyError(error, { port: address.port, host: address.host, owner: 'another program' });
  }
}

function listen({ host, port }: Address, onSocket: (socket: Socket, peer: Address) => void): Promise<Port> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    server.once('error', reject);
    server.on('connection', (socket: Socket) => {
      socket.on('error', ignore);
      onSocket(socket, { host: unmap(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 });
    });
    server.listen({ host, port, exclusive: true, backlog: BACKLOG }, () => {
      server.off('error', reject);
      server.on('error', ignore); // one peer could not be accepted (EMFILE, ECONNABORTED); the next one may be
      resolve({ local: boundAddress(server), ...closing(server) });
    });
  });
}

/** A port for many peers. Those that come before `accept` wait; close() ends them, not the ones handed out. */
export async function openAcceptor(address: Address): Promise<Acceptor> {
  const early = new Map<Conn, Address>();
  let sink: ((conn: Conn, peer: Address) => void) | null = null;
  const port = await openPort(address, (socket, peer) => {
    if (sink !== null) return sink(socket, peer);
    early.set(socket, peer);
    socket.once('close', () => early.delete(socket));
  });
  return {
    local: port.local,
    closed: port.closed,
    accept: (taker) => {
      sink = taker;
      for (const [conn, peer] of early) taker(conn, peer);
      early.clear();
    },
    close: () => {
      port.close();
      for (const conn of early.keys()) conn.destroy();
    },
  };
}

/**
 * A port for one announced peer. The first to connect settles it: the announced host is accepted, anybody else fails the wait
 * with `bind_peer` (SOCKS4: "if a mismatch is found … the server closes both connections"). An unspecified `expected` is
 * anybody; a name is every address it has now.
 */
export async function openIncoming(
  at: Address,
  expected: string,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<Incoming> {
  const hosts = isUnspecified(expected) ? null : new Set((await lookup(expected, signal)).map(unmap));
  let settled = false;
  let settle: (outcome: Arrival | ProxyError) => void = ignore;
  const arrival = new Promise<Arrival | ProxyError>((resolve) => {
    settle = (outcome) => {
      settled = true;
      resolve(outcome);
      port.close();
    };
  });
  const port = await openPort(at, (socket, peer) => {
    const welcome = hosts === null || hosts.has(peer.host);
    if (settled || !welcome) reset(socket);
    if (!settled)
      settle(welcome ? { conn: socket, peer } : new ProxyError('bind_peer', { target: expected }));
  });
  let taken = false;
  return {
    local: port.local,
    accept: async (wait) => {
      taken = true;
      const outcome = await inTime(wait, null, () => arrival, undefined, discard).finally(() => port.close());
      if (outcome instanceof ProxyError) throw outcome;
      return outcome;
    },
    close: () => {
      if (!settled) settle(new ProxyError('aborted'));
      if (!taken) void arrival.then(discard);
    },
  };
}

interface Arrival {
  readonly conn: Conn;
  readonly peer: Address;
}

function discard(outcome: Arrival | ProxyError): void {
  if (!(outcome instanceof ProxyError)) outcome.conn.destroy();
}

function boundAddress(server: Server): Address {
  const bound = server.address();
  if (bound === null || typeof bound === 'string')
    throw new ProxyError('bug', {}, { cause: new Error('not a TCP port') });
  return { host: unmap(bound.address), port: bound.port };
}

/** The port is free one turn after the handle was closed; 'close' of a server waits for its connections as well. */
function closing(server: Server): Pick<Port, 'closed' | 'close'> {
  let free: (value: null) => void = ignore;
  const closed = new Promise<null>((resolve) => {
    free = resolve;
  });
  const close = (): void => {
    server.close();
    setImmediate(free, null);
  };
  return { closed, close };
}

function ignore(): void {}
