/** HTTP/2 (h2 over TLS, h2c in clear text) and gRPC, connect side: one session per node, one stream per connection. */
import * as z from 'zod';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { text } from '../options.ts';
import { defineDialer, type ClientTls, type DialerDeps } from '../registry.ts';
import type { Dialer, Route } from '../roles.ts';
import { grpcClient } from '../transports/grpc-client.ts';
import { GRPC_FACTS, grpcPath, grpcShape, H2_FACTS, H2C_FACTS, h2Shape } from '../transports/h2-options.ts';
import { h2Client } from '../transports/h2.ts';
import { keepAlive } from '../transports/keepalive.ts';
import { SessionPool, type PooledSession } from '../transports/pool.ts';
import { connectTls, NO_CLIENT_TLS } from '../transports/tls.ts';

const h2Options = z.object({
  ...h2Shape('request'),
  host: text({ title: 'Authority', description: 'Sent instead of the address of the node.', default: '' }),
});

/** The stream below the HTTP/2 session. */
async function below(
  options: Parameters<typeof keepAlive>[1],
  secure: boolean,
  { node, tls }: DialerDeps,
  proxy: Address,
  via: Route,
  signal: AbortSignal,
): Promise<Conn> {
  const conn = await via.connect(proxy, signal);
  keepAlive(conn, options);
  return secure ? connectTls(conn, withH2(tls), { hop: node, host: proxy.host }, signal) : conn;
}

function withH2(tls: ClientTls | null): ClientTls {
  const settings = tls ?? NO_CLIENT_TLS;
  return settings.alpn.length > 0 ? settings : { ...settings, alpn: ['h2'] };
}

function pooled(make: (proxy: Address, via: Route, signal: AbortSignal) => Promise<PooledSession>): Dialer {
  const pool = new SessionPool();
  return {
    dial: (proxy, via, signal) =>
      pool.open(
        `${formatAddress(proxy)} ${via.path.join(' ')}`,
        (making) => make(proxy, via, making),
        signal,
      ),
    close: () => pool.close(),
  };
}

function h2(secure: boolean): (options: z.output<typeof h2Options>, deps: DialerDeps) => Dialer {
  return (options, deps) =>
    pooled(async (proxy, via, signal) =>
      h2Client(
        await below(options, secure, deps, proxy, via, signal),
        {
          path: options.path,
          headers: options.header,
          host: options.host === '' ? formatAddress(proxy) : options.host,
          scheme: secure ? 'https' : 'http',
        },
        deps.node,
        signal,
      ),
    );
}

export const h2Dialer = defineDialer({
  type: 'h2',
  title: 'HTTP/2',
  summary: 'Reaches the proxy inside HTTP/2 over TLS.',
  facts: H2_FACTS,
  options: h2Options,
  create: h2(true),
});

export const h2cDialer = defineDialer({
  type: 'h2c',
  title: 'HTTP/2 in clear text',
  summary: 'Reaches the proxy inside HTTP/2 without TLS.',
  facts: H2C_FACTS,
  options: h2Options,
  create: h2(false),
});

export const grpcDialer = defineDialer({
  type: 'grpc',
  title: 'gRPC',
  summary: 'Reaches the proxy inside a gRPC stream.',
  facts: GRPC_FACTS,
  options: z.object({
    ...grpcShape,
    host: text({
      title: 'Authority',
      description: 'Sent instead of the name of the node.',
      default: '',
      aliases: ['grpc.host', 'grpc.authority'],
    }),
  }),
  create: (options, deps) =>
    pooled(async (proxy, via, signal) =>
      grpcClient(
        await below(options, !options.insecure, deps, proxy, via, signal),
        {
          host: options.host === '' ? proxy.host : options.host,
          path: grpcPath(options.path),
          scheme: options.insecure ? 'http' : 'https',
        },
        deps.node,
        signal,
      ),
    ),
});
