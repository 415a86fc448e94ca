/** Plain TCP, accept side. */
import * as z from 'zod';
import { openPort } from '../net/serve.ts';
import { abortReason } from '../net/within.ts';
import { defineListener } from '../registry.ts';
import { keepAlive, keepaliveOptions } from '../transports/keepalive.ts';

export const tcpListener = defineListener({
  type: 'tcp',
  title: 'TCP',
  summary: 'Accepts plain TCP connections.',
  facts: { auth: false, udp: false, tls: false, forward: false },
  options: z.object(keepaliveOptions),
  create: (options, { address }) => ({
    listen: async (sink, signal) => {
      const port = await openPort(address, (socket, client) => {
        if (!sink.admits(client)) return void socket.destroy();
        keepAlive(socket, options);
        sink.conn(socket, client);
      });
      if (signal.aborted) {
        port.close();
        throw abortReason(signal);
      }
      signal.addEventListener('abort', port.close, { once: true });
      return { addresses: [port.local], closed: port.closed };
    },
  }),
});
