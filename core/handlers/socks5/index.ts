/** SOCKS5: RFC 1928 and RFC 1929. */
import * as z from 'zod';
import { defineHandler } from '../../registry.ts';
import { handshakeMs } from '../options.ts';
import { socks5Options } from './options.ts';
import { serveSocks5 } from './serve.ts';

export const socks5Handler = defineHandler({
  type: 'socks5',
  aliases: ['socks'],
  title: 'SOCKS5',
  summary: 'Serves SOCKS5 clients: connections, incoming connections and UDP, with or without a password.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options: z.object(socks5Options),
  create: (options, { router, auth }) => ({
    handle: (conn, session) => serveSocks5(conn, session, { router, auth, options }, handshakeMs(options)),
  }),
});
