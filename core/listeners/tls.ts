/** TLS over TCP, accept side (GOST tls). The handshake happens here, under a deadline, before a service sees the client. */
import * as z from 'zod';
import { defineListener } from '../registry.ts';
import { keepaliveOptions } from '../transports/keepalive.ts';
import { listenThrough, tlsLayer } from '../transports/layers.ts';

export const tlsListener = defineListener({
  type: 'tls',
  title: 'TLS',
  summary: 'Accepts TLS 1.2 and 1.3 connections.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: z.object(keepaliveOptions),
  create: (options, { address, tls, state, log }) => ({
    listen: async (sink, signal) =>
      listenThrough(address, options, [await tlsLayer(tls, state, log)], sink, signal),
  }),
});
