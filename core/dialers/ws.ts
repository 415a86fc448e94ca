/** WebSocket, connect side: ws and wss, and mws and mwss with many streams in one WebSocket per node. */
import * as z from 'zod';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { duration, flag, map, text } from '../options.ts';
import { defineDialer, type DialerDeps } from '../registry.ts';
import type { Dialer, Route } from '../roles.ts';
import { muxClient, muxShape } from '../transports/mux.ts';
import { SessionPool } from '../transports/pool.ts';
import { connectTls } from '../transports/tls.ts';
import { connectWebSocket } from '../transports/websocket.ts';

const shape = {
  host: text({
    title: 'Host header',
    description: 'Sent instead of the address of the node; also the TLS server name where none is set.',
    default: '',
    aliases: ['ws.host'],
  }),
  path: text({ title: 'Path', description: 'Path of the request.', default: '/ws', aliases: ['ws.path'] }),
  header: map({ title: 'Request headers', description: 'Added to the request.', aliases: ['ws.header'] }),
  enableCompression: flag({
    title: 'Compression',
    description: 'Offers permessage-deflate.',
    default: false,
    aliases: ['ws.enableCompression'],
  }),
  keepalive: flag({
    title: 'Ping',
    description: 'Sends pings and ends a connection that answers none.',
    default: false,
    aliases: ['ws.keepalive'],
  }),
  ttl: duration({
    title: 'Ping interval',
    description: 'How often a ping is sent.',
    defaultMs: 15_000,
    aliases: ['keepalive.interval'],
  }),
};
const plain = z.object(shape);
const muxed = z.object({ ...shape, ...muxShape(1) });
type Options = z.output<typeof plain>;

/** One WebSocket to the node over the route before it. */
async function open(
  options: Options,
  secure: boolean,
  { node, tls }: DialerDeps,
  proxy: Address,
  via: Route,
  signal: AbortSignal,
): Promise<Conn> {
  const below = await via.connect(proxy, signal);
  const host = options.host === '' ? formatAddress(proxy) : options.host;
  const conn = secure
    ? await connectTls(
        below,
        tls,
        { hop: node, host: options.host === '' ? proxy.host : nameOf(options.host) },
        signal,
      )
    : below;
  return connectWebSocket(
    conn,
    {
      path: options.path,
      headers: options.header,
      compression: options.enableCompression,
      host,
      pingMs: options.keepalive ? options.ttl : 0,
    },
    node,
    signal,
  );
}

/** A Host header without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

function single(secure: boolean): (options: Options, deps: DialerDeps) => Dialer {
  return (options, deps) => ({
    dial: (proxy, via, signal) => open(options, secure, deps, proxy, via, signal),
  });
}

function shared(secure: boolean): (options: z.output<typeof muxed>, deps: DialerDeps) => Dialer {
  return (options, deps) => {
    const pool = new SessionPool();
    return {
      dial: (proxy, via, signal) =>
        pool.open(
          `${formatAddress(proxy)} ${via.path.join(' ')}`,
          async (making) =>
            muxClient(await open(options, secure, deps, proxy, via, making), options, deps.node),
          signal,
        ),
      close: () => pool.close(),
    };
  };
}

const facts = (tls: boolean) => ({ auth: false, udp: false, tls, forward: false });

export const wsDialer = defineDialer({
  type: 'ws',
  title: 'WebSocket',
  summary: 'Reaches the proxy through a WebSocket.',
  facts: facts(false),
  options: plain,
  create: single(false),
});

export const wssDialer = defineDialer({
  type: 'wss',
  title: 'WebSocket over TLS',
  summary: 'Reaches the proxy through a WebSocket over TLS.',
  facts: facts(true),
  options: plain,
  create: single(true),
});

export const mwsDialer = defineDialer({
  type: 'mws',
  title: 'Multiplexed WebSocket',
  summary: 'Reaches the proxy with many connections in one WebSocket.',
  facts: facts(false),
  options: muxed,
  create: shared(false),
});

export const mwssDialer = defineDialer({
  type: 'mwss',
  title: 'Multiplexed WebSocket over TLS',
  summary: 'Reaches the proxy with many connections in one WebSocket over TLS.',
  facts: facts(true),
  options: muxed,
  create: shared(true),
});
