/**
 * `rtcp`: a TCP port at the far end of a chain. Without a chain it is a port of this machine. The end of the far port is the
 * end of the listener, with its reason; the engine opens it again.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { defineListener } from '../registry.ts';

export const rtcpListener = defineListener({
  type: 'rtcp',
  title: 'Remote TCP port',
  summary: 'Takes connections on a port at the far end of a chain.',
  facts: { auth: false, udp: false, tls: false, forward: true },
  options: z.object({}),
  create: (_options, { address, route }) => ({
    async listen(sink, signal) {
      const port = await (await route(signal)).listen(address, signal);
      port.accept((conn, peer) => {
        if (sink.admits(peer, conn)) sink.conn(conn, peer);
        else conn.destroy();
      });
      const end = (): void => port.close();
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const closed = port.closed.then((reason) => {
        signal.removeEventListener('abort', end);
        return signal.aborted
          ? null
          : (reason ?? new ProxyError('reset', { side: 'The far end of the port' }));
      });
      return { addresses: [port.local], closed };
    },
  }),
});
