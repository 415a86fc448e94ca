/** HTTP/2 (h2 over TLS, h2c in clear text) and gRPC, accept side. Every HTTP/2 stream is a client of its own. */
import * as z from 'zod';
import { flag, integer, map, text } from '../options.ts';
import { defineListener } from '../registry.ts';
import { GRPC_PATH } from '../transports/grpc.ts';
import { keepaliveOptions } from '../transports/keepalive.ts';
import { grpcLayer, h2Layer, listenThrough, tlsLayer } from '../transports/layers.ts';

const backlog = integer({
  title: 'Backlog',
  description: 'Accepted for GOST: nothing waits here.',
  default: 128,
  unit: 'connections',
});
const h2Options = z.object({
  ...keepaliveOptions,
  path: text({
    title: 'Path',
    description: 'Empty: clients use CONNECT. Else they GET this path.',
    default: '',
  }),
  header: map({ title: 'Answer headers', description: 'Added to the answer.' }),
  backlog,
});

export const h2Listener = defineListener({
  type: 'h2',
  title: 'HTTP/2',
  summary: 'Accepts connections inside HTTP/2 over TLS.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: h2Options,
  create: ({ path, header, ...options }, { address, tls, state, log }) => ({
    listen: async (sink, signal) =>
      listenThrough(
        address,
        options,
        [await tlsLayer(tls, state, log, ['h2']), h2Layer({ path, headers: header })],
        sink,
        signal,
      ),
  }),
});

export const h2cListener = defineListener({
  type: 'h2c',
  title: 'HTTP/2 in clear text',
  summary: 'Accepts connections inside HTTP/2 without TLS.',
  facts: { auth: false, udp: false, tls: false, forward: false },
  options: h2Options,
  create: ({ path, header, ...options }, { address }) => ({
    listen: (sink, signal) =>
      listenThrough(address, options, [h2Layer({ path, headers: header })], sink, signal),
  }),
});

export const grpcListener = defineListener({
  type: 'grpc',
  title: 'gRPC',
  summary: 'Accepts connections inside gRPC streams.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: z.object({
    ...keepaliveOptions,
    path: text({
      title: 'Method',
      description: 'Path of the streaming call.',
      default: GRPC_PATH,
      aliases: ['grpc.path'],
    }),
    insecure: flag({
      title: 'Without TLS',
      description: 'HTTP/2 in clear text.',
      default: false,
      aliases: ['grpcInsecure', 'grpc.insecure'],
    }),
    backlog,
  }),
  create: ({ path, insecure, ...options }, { address, tls, state, log }) => ({
    listen: async (sink, signal) => {
      const secure = insecure ? [] : [await tlsLayer(tls, state, log, ['h2'])];
      return listenThrough(
        address,
        options,
        [...secure, grpcLayer(path === '' ? GRPC_PATH : path)],
        sink,
        signal,
      );
    },
  }),
});
