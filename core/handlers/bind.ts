/**
 * BIND as SOCKS4 and SOCKS5 have it in common: a port for one announced peer, told in two replies. What the client writes
 * before the peer has come stays in its stream and reaches the peer first.
 */
import { ProxyError } from '../errors.ts';
import { familyOf, isUnspecified, unmap } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { splice } from '../net/splice.ts';
import { within } from '../net/within.ts';
import { whileClientStays } from './client.ts';
import { REPLY_GRACE_MS, type Carry, type Served } from './connect.ts';
import { checkedTarget } from './target.ts';

const WAIT_MS = 60_000;

/**
 * Opens a port for the peer announced as `dst` (an unspecified address announces nobody in particular), writes
 * `granted(bound address)`, waits up to 60 s, writes `granted(peer)`. A rejection after the first reply becomes the second:
 * `bind_timeout`, or `bind_peer` when somebody else connected. `announce` replaces the host of the first reply.
 */
export async function bind(
  { conn, session, router, user }: Served,
  dst: Address,
  granted: (address: Address) => Buffer,
  announce: string | null = null,
): Promise<Carry> {
  const expected = checkedTarget(dst);
  const { out, path, chain } = await whileClientStays(
    conn,
    session.signal,
    (signal) =>
      router.bind(
        { command: 'bind', dst: expected, client: session.client, user, trace: session.stats.trace },
        signal,
      ),
    (late) => late.out.close(),
  );
  try {
    session.stats.routed({ path, chain });
    conn.write(granted({ host: announce ?? reachableHost(out.local.host, conn), port: out.local.port }));
    const accepted = await whileClientStays(
      conn,
      session.signal,
      (signal) => within(signal, WAIT_MS, (inTime) => out.accept(inTime), late, discard),
      discard,
      { untilFin: true },
    );
    const peer = { host: unmap(accepted.peer.host), port: accepted.peer.port };
    if (!announced(expected.host, peer.host)) {
      accepted.conn.destroy();
      throw new ProxyError('bind_peer', { target: expected.host });
    }
    conn.write(granted(peer));
    return () =>
      splice(conn, accepted.conn, {
        signal: session.signal,
        counters: session.stats,
        meters: session.meters,
        graceMs: REPLY_GRACE_MS,
      });
  } finally {
    out.close();
  }
}

/**
 * Whether the peer that came may be the announced one. Names were checked where the port was opened, which is where they
 * mean something; a far end that does not know who came says 0.0.0.0.
 */
function announced(expected: string, peer: string): boolean {
  return familyOf(expected) === 0 || isUnspecified(expected) || isUnspecified(peer) || expected === peer;
}

/** An address to tell others: a port bound to every interface is reached where the client reached us. */
export function reachableHost(host: string, conn: Conn): string {
  return isUnspecified(host) && conn.localAddress !== undefined ? unmap(conn.localAddress) : unmap(host);
}

function late(): ProxyError {
  return new ProxyError('bind_timeout', { seconds: WAIT_MS / 1000 });
}

function discard({ conn }: { readonly conn: Conn }): void {
  conn.destroy();
}
