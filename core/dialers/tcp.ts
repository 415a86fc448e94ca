/** Plain TCP, connect side: the route before it already gives what is needed. */
import * as z from 'zod';
import { defineDialer } from '../registry.ts';
import { keepAlive, keepaliveOptions } from '../transports/keepalive.ts';

export const tcpDialer = defineDialer({
  type: 'tcp',
  title: 'TCP',
  summary: 'Reaches the proxy over plain TCP.',
  facts: { auth: false, udp: false, tls: false, forward: false },
  options: z.object(keepaliveOptions),
  create: (options) => ({
    dial: async (proxy, via, signal) => {
      const conn = await via.connect(proxy, signal);
      keepAlive(conn, options);
      return conn;
    },
  }),
});
