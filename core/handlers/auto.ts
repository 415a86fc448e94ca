/**
 * SOCKS4, SOCKS4a, SOCKS5 and HTTP on one port: the first byte tells which. Users are the same for all of them, so that no
 * protocol is a way around another's password (promise 10). Anything else is closed, TLS included: whoever wants that wraps
 * the port in a TLS listener.
 */
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { Reader } from '../net/reader.ts';
import { inTime } from '../net/within.ts';
import { defineHandler } from '../registry.ts';
import { SOCKS4_VERSION, SOCKS5_VERSION } from '../socks/constants.ts';
import { httpOptions } from './http/index.ts';
import { HttpFront } from './http/serve.ts';
import { handshakeMs } from './options.ts';
import { serveSocks4, socks4Options } from './socks4.ts';
import { socks5Options } from './socks5/options.ts';
import { serveSocks5, socks5Parts } from './socks5/serve.ts';

export const autoHandler = defineHandler({
  type: 'auto',
  title: 'SOCKS and HTTP',
  summary: 'Serves SOCKS4, SOCKS4a, SOCKS5 and HTTP proxy clients on one port.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options: z.object({ ...socks4Options, ...socks5Options, ...httpOptions }),
  create: (options, deps) => {
    const { router, auth } = deps;
    const parts = { router, auth, options };
    const parts5 = socks5Parts(options, deps);
    const http = new HttpFront(parts);
    return {
      handle: async (conn, session) => {
        const deadlineMs = handshakeMs(options);
        const started = performance.now();
        const late = (): ProxyError => new ProxyError('handshake_timeout', { seconds: deadlineMs / 1000 });
        const first = await inTime(session.signal, deadlineMs, () => peekByte(conn), late);
        // one absolute deadline, however long the first byte took
        const leftMs = Math.max(1, deadlineMs - (performance.now() - started));
        if (first === SOCKS5_VERSION) return serveSocks5(conn, session, parts5, leftMs);
        if (first === SOCKS4_VERSION) return serveSocks4(conn, session, parts, leftMs);
        if (isLetter(first)) return http.serve(conn, session, leftMs);
        throw new ProxyError('version', { version: first });
      },
    };
  },
});

async function peekByte(conn: Conn): Promise<number> {
  const reader = new Reader(conn);
  try {
    return (await reader.peek(1)).readUInt8(0);
  } finally {
    reader.release();
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
