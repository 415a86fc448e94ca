/** smux over TCP (mtcp) and over TLS (mtls), accept side. GOST speaks version 2 on mtcp and version 1 everywhere else. */
import * as z from 'zod';
import { integer } from '../options.ts';
import { defineListener } from '../registry.ts';
import { keepaliveOptions } from '../transports/keepalive.ts';
import { listenThrough, muxLayer, tlsLayer } from '../transports/layers.ts';
import { muxShape } from '../transports/mux.ts';

const backlog = integer({
  title: 'Backlog',
  description: 'Accepted for GOST: nothing waits here.',
  default: 128,
  unit: 'connections',
});

export const mtcpListener = defineListener({
  type: 'mtcp',
  title: 'Multiplexed TCP',
  summary: 'Accepts many connections in each TCP connection.',
  facts: { auth: false, udp: false, tls: false, forward: false },
  options: z.object({ ...keepaliveOptions, backlog, ...muxShape(2) }),
  create: (options, { address, log }) => ({
    listen: (sink, signal) => listenThrough(address, options, [muxLayer(options, log)], sink, signal),
  }),
});

export const mtlsListener = defineListener({
  type: 'mtls',
  title: 'Multiplexed TLS',
  summary: 'Accepts many connections in each TLS connection.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: z.object({ ...keepaliveOptions, backlog, ...muxShape(1) }),
  create: (options, { address, tls, state, log }) => ({
    listen: async (sink, signal) =>
      listenThrough(
        address,
        options,
        [await tlsLayer(tls, state, log), muxLayer(options, log)],
        sink,
        signal,
      ),
  }),
});
