/**
 * UDP ASSOCIATE, RFC 1928 §4 and §7: opens the way out first, then a relay socket on the control connection's own local
 * address, and keeps both for as long as the control connection lives. What passes is decided in datagrams.ts.
 */
import { ProxyError } from '../../errors.ts';
import { isLoopback, isUnspecified, unmap } from '../../net/address.ts';
import type { Address, Conn } from '../../net/conn.ts';
import { bindUdp, type UdpSocket } from '../../net/udp.ts';
import { within } from '../../net/within.ts';
import type { Session } from '../../roles.ts';
import { whileClientStays } from '../client.ts';
import type { Carry, Served } from '../connect.ts';
import { carriedBy } from '../pump.ts';
import { DatagramRelay, SWEEP_MS } from './datagrams.ts';

export interface AssociateOptions {
  /** Ports the relay may use; 0 and 0 leave the choice to the system. */
  readonly minPort: number;
  readonly maxPort: number;
  /** Replaces the relay's IP in the reply. */
  readonly announce: string | null;
  /** Names of targets are looked up on this computer before they go into a chain. */
  readonly namesHere?: boolean;
}

/** How many ports of a range are tried before it counts as full. */
const PORT_TRIES = 64;

/**
 * Opens an association for a client that announced to send from `declared` and writes `granted(relay address)`. Rejects
 * before anything was written. The returned work ends, without an error, when the client finishes or resets the control
 * connection; bytes on it mean nothing and are dropped.
 */
export async function associate(
  { conn, session, router, user }: Served,
  declared: Address,
  granted: (relay: Address) => Buffer,
  options: AssociateOptions,
): Promise<Carry> {
  const request = {
    command: 'associate',
    dst: declared,
    client: session.client,
    user,
    trace: session.stats.trace,
    namesHere: options.namesHere === true,
  } as const;
  const { out, path, chain } = await whileClientStays(
    conn,
    session.signal,
    (signal) => router.associate(request, signal),
    (late) => late.out.close(),
  );
  const relay = await bindRelay(conn, session, options).catch((error: unknown) => {
    out.close();
    throw error;
  });
  const address = { host: options.announce ?? relay.local.host, port: relay.local.port };
  const stats = session.stats.association({ relay: address, ...carriedBy(out), path, chain });
  const clientHost = unmap(session.client.host);
  const datagrams = new DatagramRelay({
    relay,
    upstream: out,
    clientHost,
    clientPort: isUnspecified(declared.host) || unmap(declared.host) === clientHost ? declared.port : 0,
    stats,
    meters: session.meters,
  });
  conn.write(granted(address));
  return async () => {
    const sweep = setInterval(() => datagrams.sweep(), SWEEP_MS).unref();
    try {
      await within(session.signal, null, () =>
        Promise.race([
          finished(conn).then(() => {
            session.stats.endedBy ??= 'client';
          }),
          relay.closed,
          out.closed.then(carrierLost),
        ]),
      );
    } finally {
      clearInterval(sweep);
      relay.close();
      out.close();
      stats.close();
      conn.destroy();
    }
  };
}

/** Resolves when the client finishes or resets the control connection. */
function finished(conn: Conn): Promise<void> {
  return new Promise((resolve) => {
    if (conn.destroyed || conn.readableEnded) return resolve();
    conn.once('end', resolve);
    conn.once('close', resolve);
    conn.resume();
  });
}

function carrierLost(): never {
  throw new ProxyError('reset', { side: 'The carrier of the datagrams' });
}

/** The relay socket: where the client reached us, so that no other network can reach it (promise 16). */
async function bindRelay(conn: Conn, session: Session, options: AssociateOptions): Promise<UdpSocket> {
  const host = localHost(conn, session);
  const { minPort, maxPort } = options;
  if (minPort === 0 || maxPort < minPort) return bindUdp({ host, port: 0 });
  const ports = maxPort - minPort + 1;
  const first = Math.floor(Math.random() * ports);
  const tries = Math.min(ports, PORT_TRIES);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await bindUdp({ host, port: minPort + ((first + attempt) % ports) });
    } catch (error) {
      const taken = error instanceof ProxyError && error.code === 'port_in_use';
      if (!taken || attempt + 1 >= tries) throw error;
    }
  }
}

/** A link-local address keeps its zone, without which it can not be bound; a stream without address falls back to its kind. */
function localHost(conn: Conn, session: Session): string {
  const host = conn.localAddress ?? (isLoopback(session.client.host) ? '127.0.0.1' : '0.0.0.0');
  return host.includes('%') ? host : unmap(host);
}
