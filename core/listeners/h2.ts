/** HTTP/2 (h2 over TLS, h2c in clear text) and gRPC, accept side. Every HTTP/2 stream is a client of its own. */
import * as z from 'zod';
import { integer } from '../options.ts';
import { defineListener } from '../registry.ts';
import { GRPC_FACTS, grpcPath, grpcShape, H2_FACTS, H2C_FACTS, h2Shape } from '../transports/h2-options.ts';
import { grpcLayer, h2Layer, listenThrough, tlsLayer } from '../transports/layers.ts';

const backlog = integer({
  title: 'Backlog',
  description: 'Accepted for GOST: nothing waits here.',
  default: 128,
  unit: 'connections',
});
const h2Options = z.object({ ...h2Shape('answer'), backlog });

export const h2Listener = defineListener({
  type: 'h2',
  title: 'HTTP/2',
  summary: 'Accepts connections inside HTTP/2 over TLS.',
  facts: H2_FACTS,
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
  facts: H2C_FACTS,
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
  facts: GRPC_FACTS,
  options: z.object({ ...grpcShape, backlog }),
  create: ({ path, insecure, ...options }, { address, tls, state, log }) => ({
    listen: async (sink, signal) => {
      const secure = insecure ? [] : [await tlsLayer(tls, state, log, ['h2'])];
      return listenThrough(address, options, [...secure, grpcLayer(grpcPath(path))], sink, signal);
    },
  }),
});
