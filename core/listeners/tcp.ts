/** Plain TCP, accept side. */
import * as z from 'zod';
import { defineListener } from '../registry.ts';
import { keepaliveOptions } from '../transports/keepalive.ts';
import { listenThrough } from '../transports/layers.ts';

export const tcpListener = defineListener({
  type: 'tcp',
  title: 'TCP',
  summary: 'Accepts plain TCP connections.',
  facts: { auth: false, udp: false, tls: false, forward: false },
  options: z.object(keepaliveOptions),
  create: (options, { address }) => ({
    listen: (sink, signal) => listenThrough(address, options, [], sink, signal),
  }),
});
