/** TLS over TCP, connect side (GOST tls). The certificate is verified unless a person turned that off for the node. */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { within } from '../net/within.ts';
import { duration } from '../options.ts';
import { defineDialer } from '../registry.ts';
import { keepAlive, keepaliveOptions } from '../transports/keepalive.ts';
import { connectTls } from '../transports/tls.ts';

export const tlsDialer = defineDialer({
  type: 'tls',
  title: 'TLS',
  summary: 'Reaches the proxy over TLS 1.2 or 1.3 and checks its certificate.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: z.object({
    ...keepaliveOptions,
    handshakeTimeout: duration({
      title: 'Time for the TLS handshake',
      description: 'The proxy has this long to finish it. 0 leaves it to the limit of the whole attempt.',
      defaultMs: 0,
    }),
  }),
  create: (options, { node, tls }) => ({
    dial: async (proxy, via, signal) => {
      const conn = await via.connect(proxy, signal);
      keepAlive(conn, options);
      const limitMs = options.handshakeTimeout === 0 ? null : options.handshakeTimeout;
      return within(
        signal,
        limitMs,
        (inTime) => connectTls(conn, tls, { hop: node, host: proxy.host }, inTime),
        () => new ProxyError('tls', { hop: node, reason: `no answer within ${(limitMs ?? 0) / 1000} s.` }),
        (late) => late.destroy(),
      );
    },
  }),
});
