/** HTTP proxy: CONNECT and forwarding of absolute-form requests, RFC 9110 and 9112, with Basic authentication; UDP in CONNECT as GOST has it. */
import * as z from 'zod';
import { duration, flag, map, text } from '../../options.ts';
import { defineHandler } from '../../registry.ts';
import { handshakeMs, readTimeout } from '../options.ts';
import { socks5Options } from '../socks5/options.ts';
import { parseDecoy } from './decoy.ts';
import { HttpFront } from './serve.ts';

export const httpOptions = {
  readTimeout,
  udp: socks5Options.udp,
  udpBufferSize: socks5Options.udpBufferSize,
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
  proxyAgent: text({
    title: 'Name of the proxy',
    description: 'What the answers of the proxy itself say in Proxy-Agent. Empty: nothing.',
    aliases: ['http.proxyAgent'],
    default: '',
  }),
  keepalive: flag({
    title: 'Keep connections to servers',
    description:
      'After an answer the connection to the server stays open for the next plain request of the same client to it.',
    aliases: ['http.keepalive'],
    default: false,
  }),
  compression: flag({
    title: 'Compress on the way in',
    description:
      'Ask servers for gzip where the program did not ask for anything, and unpack it for the program.',
    aliases: ['http.compression'],
    default: false,
  }),
  probeResist: text({
    title: 'Disguise',
    description:
      'What somebody without the password gets instead of a sign-in question: `code:404`, `web:example.com` (that page), ' +
      '`file:/var/www/index.html` (that file) or `host:192.168.1.1:80` (that server answers). Empty: the question.',
    aliases: ['probe_resist'],
    default: '',
    check: {
      test: (value) => value === '' || parseDecoy(value) !== null,
      message: 'write code:STATUS, web:URL, file:PATH or host:HOST:PORT',
    },
  }),
  knock: text({
    title: 'Knock',
    description:
      'Host names, separated by commas: a request for one of them gets the sign-in question in spite of the disguise.',
    default: '',
    secret: true,
  }),
};

export const httpHandler = defineHandler({
  type: 'http',
  title: 'HTTP proxy',
  summary: 'Serves HTTP proxy clients: tunnels by CONNECT and plain requests, with or without a password.',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options: z.object(httpOptions),
  create: (options, { router, auth }) => {
    const front = new HttpFront({ router, auth, options });
    return { handle: (conn, session) => front.serve(conn, session, handshakeMs(options)) };
  },
});
