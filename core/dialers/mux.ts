/** smux over TCP (mtcp) and over TLS (mtls), connect side: one session per node, one stream per connection. */
import * as z from 'zod';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { defineDialer, type DialerDeps } from '../registry.ts';
import type { Dialer } from '../roles.ts';
import { keepAlive, keepaliveOptions } from '../transports/keepalive.ts';
import { muxClient, muxShape } from '../transports/mux.ts';
import { SessionPool } from '../transports/pool.ts';
import { connectTls } from '../transports/tls.ts';

export const mtcpDialer = defineDialer({
  type: 'mtcp',
  title: 'Multiplexed TCP',
  summary: 'Reaches the proxy with many connections in one TCP connection.',
  facts: { auth: false, udp: false, tls: false, forward: false },
  options: z.object({ ...keepaliveOptions, ...muxShape(2) }),
  create: (options, deps) => muxDialer(options, deps, (conn) => conn),
});

export const mtlsDialer = defineDialer({
  type: 'mtls',
  title: 'Multiplexed TLS',
  summary: 'Reaches the proxy with many connections in one TLS connection.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: z.object({ ...keepaliveOptions, ...muxShape(1) }),
  create: (options, deps) =>
    muxDialer(options, deps, (conn, { host }, signal) =>
      connectTls(conn, deps.tls, { hop: deps.node, host }, signal),
    ),
});

/** `carrier` makes of the TCP stream to a proxy what the session runs in. */
function muxDialer(
  options: Parameters<typeof keepAlive>[1] & Parameters<typeof muxClient>[1],
  { node }: DialerDeps,
  carrier: (conn: Conn, proxy: Address, signal: AbortSignal) => Conn | Promise<Conn>,
): Dialer {
  const pool = new SessionPool();
  return {
    dial: (proxy, via, signal) =>
      pool.open(
        `${formatAddress(proxy)} ${via.path.join(' ')}`,
        async (making) => {
          const conn = await via.connect(proxy, making);
          keepAlive(conn, options);
          return muxClient(await carrier(conn, proxy, making), options, node);
        },
        signal,
      ),
    close: () => pool.close(),
  };
}
