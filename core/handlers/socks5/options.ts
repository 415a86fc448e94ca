/** What can be set on a SOCKS5 handler; keys, aliases and defaults are GOST's. */
import type * as z from 'zod';
import { flag, integer, text } from '../../options.ts';
import { muxShape } from '../../transports/mux.ts';
import { readTimeout } from '../options.ts';

const PORTS = { default: 0, max: 65_535 };

export const socks5Options = {
  udp: flag({
    title: 'UDP',
    description: 'Relay datagrams for clients that ask for it, beside their stream or inside it.',
    default: false,
  }),
  bind: flag({
    title: 'Incoming connections',
    description: 'Open ports on this machine for clients that ask for it: BIND, rtcp and rudp of GOST.',
    default: false,
  }),
  tor: flag({
    title: 'Look up names',
    description:
      'Answer the questions for names and addresses that Tor added to SOCKS5: RESOLVE and RESOLVE_PTR.',
    aliases: ['enableTor', 'socks5.tor'],
    default: false,
  }),
  notls: flag({
    title: 'No TLS inside SOCKS5',
    description: 'Do not offer the TLS sign-in methods of GOST (0x80 and 0x82).',
    default: false,
  }),
  requireTls: flag({
    title: 'Require TLS',
    description: 'Turn away clients that do not encrypt with one of the TLS sign-in methods of GOST.',
    default: false,
  }),
  requireAuth: flag({
    title: 'Require sign-in',
    description:
      'Do not run without users: a service whose auth or auther is lost must not let everybody in.',
    default: false,
  }),
  comp: flag({
    title: 'GOST 2 remote ports',
    description: 'Do not tell clients who connected to a remote TCP port; GOST v2 needs it so.',
    default: false,
  }),
  readTimeout,
  udpBufferSize: integer({
    title: 'UDP buffer',
    description: 'Read for compatibility: datagrams up to 65,535 bytes are relayed whole, whatever it says.',
    aliases: ['udp.bufferSize'],
    default: 4096,
    unit: 'bytes',
  }),
  publicAddr: text({
    title: 'Public address',
    description:
      'The address told to clients for UDP and for incoming connections, when the one they see is not it. A name is told for incoming connections only.',
    aliases: ['socks.publicAddr'],
    default: '',
  }),
  'udp.resolveDomain': flag({
    title: 'Resolve names here',
    description:
      'Look up the names of UDP targets on this computer before they go into a chain. Off: the last hop does, and nobody else hears them.',
    aliases: ['udpResolveDomain'],
    default: false,
  }),
  'udp.bindRange.min': integer({
    title: 'First UDP port',
    description: 'UDP relays use ports from this one on. 0 leaves the choice to the system.',
    aliases: ['udp.minPort'],
    ...PORTS,
  }),
  'udp.bindRange.max': integer({
    title: 'Last UDP port',
    description: 'UDP relays use ports up to this one.',
    aliases: ['udp.maxPort'],
    ...PORTS,
  }),
  ...muxShape(1),
};

export type Socks5Options = {
  readonly [Key in keyof typeof socks5Options]: z.output<(typeof socks5Options)[Key]>;
};
