/** HTTP proxy: CONNECT and forwarding of absolute-form requests, RFC 9110 and 9112, with Basic authentication. */
import * as z from 'zod';
import { duration, map, text } from '../../options.ts';
import { defineHandler } from '../../registry.ts';
import { handshakeMs, readTimeout } from '../options.ts';
import { HttpFront } from './serve.ts';

export const httpOptions = {
  readTimeout,
  idleTimeout: duration({
    title: 'Idle time',
    description: 'A connection on which nothing moves for this long is closed. 0 means never.',
    defaultMs: 0,
  }),
  authBasicRealm: text({
    title: 'Realm',
    description: 'What programs show beside the question for user name and password.',
    default: 'gost',
  }),
  header: map({
    title: 'Additional header fields',
    description: 'Sent with the answers of the proxy itself.',
    aliases: ['http.header'],
  }),
};

export const httpHandler = defineHandler({
  type: 'http',
  title: 'HTTP proxy',
  summary: 'Serves HTTP proxy clients: tunnels by CONNECT and plain requests, with or without a password.',
  facts: { auth: true, udp: false, tls: false, forward: false },
  options: z.object(httpOptions),
  create: (options, { router, auth }) => {
    const front = new HttpFront({ router, auth, options });
    return { handle: (conn, session) => front.serve(conn, session, handshakeMs(options)) };
  },
});
