/** WebSocket, accept side: ws and wss, and mws and mwss with many streams in one WebSocket. */
import * as z from 'zod';
import { duration, flag, integer, list, map, text } from '../options.ts';
import { defineListener } from '../registry.ts';
import type { Listener } from '../roles.ts';
import { keepaliveOptions } from '../transports/keepalive.ts';
import { listenThrough, muxLayer, tlsLayer, websocketLayer } from '../transports/layers.ts';
import { muxShape } from '../transports/mux.ts';
import type { ListenerDeps } from '../registry.ts';

const shape = {
  ...keepaliveOptions,
  path: text({
    title: 'Path',
    description: 'Requests for another path get 404.',
    default: '/ws',
    aliases: ['ws.path'],
  }),
  header: map({ title: 'Answer headers', description: 'Added to the 101 answer.', aliases: ['ws.header'] }),
  enableCompression: flag({
    title: 'Compression',
    description: 'Accepts permessage-deflate where the client offers it.',
    default: false,
    aliases: ['ws.enableCompression'],
  }),
  handshakeTimeout: duration({
    title: 'Handshake limit',
    description: 'Time a client has to send its request.',
    defaultMs: 15_000,
    aliases: ['ws.handshakeTimeout'],
  }),
  backlog: integer({
    title: 'Backlog',
    description: 'Accepted for GOST: nothing waits here.',
    default: 128,
    unit: 'connections',
    aliases: ['ws.backlog'],
  }),
  origins: list({
    title: 'Allowed origins',
    description: 'Web pages of these origins may connect. Programs send no origin and always may.',
    aliases: ['ws.origins'],
  }),
};
const plain = z.object(shape);
const muxed = z.object({ ...shape, ...muxShape(1) });

function create(
  options: z.output<typeof plain>,
  mux: z.output<typeof muxed> | null,
  secure: boolean,
  deps: ListenerDeps,
): Listener {
  const { address, tls, state, log } = deps;
  return {
    listen: async (sink, signal) => {
      const layers = [
        ...(secure ? [await tlsLayer(tls, state, log)] : []),
        websocketLayer({
          path: options.path,
          headers: options.header,
          compression: options.enableCompression,
          origins: options.origins.map((origin) => origin.toLowerCase()),
          handshakeMs: options.handshakeTimeout,
        }),
        ...(mux === null ? [] : [muxLayer(mux, log)]),
      ];
      return listenThrough(address, options, layers, sink, signal);
    },
  };
}

const facts = (tls: boolean) => ({ auth: false, udp: false, tls, forward: false });

export const wsListener = defineListener({
  type: 'ws',
  title: 'WebSocket',
  summary: 'Accepts WebSocket connections.',
  facts: facts(false),
  options: plain,
  create: (options, deps) => create(options, null, false, deps),
});

export const wssListener = defineListener({
  type: 'wss',
  title: 'WebSocket over TLS',
  summary: 'Accepts WebSocket connections over TLS.',
  facts: facts(true),
  options: plain,
  create: (options, deps) => create(options, null, true, deps),
});

export const mwsListener = defineListener({
  type: 'mws',
  title: 'Multiplexed WebSocket',
  summary: 'Accepts many connections in each WebSocket.',
  facts: facts(false),
  options: muxed,
  create: (options, deps) => create(options, options, false, deps),
});

export const mwssListener = defineListener({
  type: 'mwss',
  title: 'Multiplexed WebSocket over TLS',
  summary: 'Accepts many connections in each WebSocket over TLS.',
  facts: facts(true),
  options: muxed,
  create: (options, deps) => create(options, options, true, deps),
});
