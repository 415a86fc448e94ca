/** TLS over TCP, accept side (GOST tls). The handshake happens here, under a deadline, before a service sees the client. */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import type { Address, Conn } from '../net/conn.ts';
import { openPort } from '../net/serve.ts';
import { abortReason, within } from '../net/within.ts';
import { defineListener } from '../registry.ts';
import { keepAlive, keepaliveOptions } from '../transports/keepalive.ts';
import { TlsAcceptor } from '../transports/tls.ts';

const HANDSHAKE_MS = 15_000;
/** Clients in the middle of their handshake; more are turned away. */
const MAX_HANDSHAKES = 1024;

export const tlsListener = defineListener({
  type: 'tls',
  title: 'TLS',
  summary: 'Accepts TLS 1.2 and 1.3 connections.',
  facts: { auth: false, udp: false, tls: true, forward: false },
  options: z.object(keepaliveOptions),
  create: (options, { address, tls, state, log }) => ({
    listen: async (sink, signal) => {
      const acceptor = await TlsAcceptor.create(tls, state, log);
      let handshakes = 0;
      const serve = async (conn: Conn, client: Address): Promise<void> => {
        handshakes += 1;
        try {
          sink.conn(await within(signal, HANDSHAKE_MS, () => acceptor.accept(conn), late), client);
        } catch (error) {
          conn.destroy();
          log.debug('tls_handshake_failed', { client, error });
        } finally {
          handshakes -= 1;
        }
      };
      const port = await openPort(address, (socket, client) => {
        if (handshakes >= MAX_HANDSHAKES || !sink.admits(client)) return void socket.destroy();
        keepAlive(socket, options);
        void serve(socket, client);
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

function late(): ProxyError {
  return new ProxyError('handshake_timeout', { seconds: HANDSHAKE_MS / 1000 });
}
