/** SOCKS5: RFC 1928, RFC 1929 and GOST's extensions. */
import * as z from 'zod';
import { defineHandler } from '../../registry.ts';
import { handshakeMs } from '../options.ts';
import { socks5Options } from './options.ts';
import { serveSocks5, socks5Parts } from './serve.ts';

export const socks5Handler = defineHandler({
  type: 'socks5',
  aliases: ['socks'],
  title: 'SOCKS5',
  summary:
    'Serves SOCKS5 clients: connections, remote ports and UDP, with or without a password, GOST extensions included.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options: z.object(socks5Options),
  create: (options, deps) => {
    const parts = socks5Parts(options, deps);
    return { handle: (conn, session) => serveSocks5(conn, session, parts, handshakeMs(options)) };
  },
});
