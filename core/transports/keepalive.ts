/** TCP keep-alive as GOST names it; `keepalive.interval` and `keepalive.count` are the system's business in Node. */
import { Socket } from 'node:net';
import type { Conn } from '../net/conn.ts';
import { duration, flag } from '../options.ts';

export const keepaliveOptions = {
  keepalive: flag({
    title: 'TCP keep-alive',
    description: 'Let the system notice peers that vanished without a word.',
    default: false,
  }),
  'keepalive.idle': duration({
    title: 'Silence before keep-alive',
    description: 'A connection that was silent this long is probed. 0 is the default of the system.',
    defaultMs: 0,
  }),
};

/** Turns keep-alive on if the options say so. Streams that are no sockets have none. */
export function keepAlive(
  conn: Conn,
  options: { readonly keepalive: boolean; readonly 'keepalive.idle': number },
): void {
  if (options.keepalive && conn instanceof Socket) conn.setKeepAlive(true, options['keepalive.idle']);
}
