/** Test-only: schemas of a few components in the shape the host makes them. */
import type { ComponentSchema, Schemas } from '../../core/contract/api.ts';

type Kind = 'boolean' | 'integer' | 'duration' | 'text' | 'list' | 'map';

function option(
  kind: Kind,
  title: string,
  description: string,
  fallback: unknown,
  more: object = {},
): object {
  return { kind, title, description, default: fallback, aliases: [], ...more };
}

function component(
  type: string,
  title: string,
  summary: string,
  facts: Partial<ComponentSchema['facts']>,
  properties: Record<string, object> = {},
): ComponentSchema {
  return {
    type,
    title,
    summary,
    facts: { auth: false, udp: false, tls: false, forward: false, ...facts },
    options: { type: 'object', properties },
  };
}

const byType = (all: readonly ComponentSchema[]): Record<string, ComponentSchema> =>
  Object.fromEntries(all.map((one) => [one.type, one]));

export const FAKE_SCHEMAS: Schemas = {
  handlers: byType([
    component(
      'socks5',
      'SOCKS5',
      'SOCKS version 5 with CONNECT, BIND and UDP.',
      { auth: true, udp: true },
      {
        udp: option('boolean', 'UDP', 'Lets clients send datagrams through this service.', false),
        bind: option('boolean', 'BIND', 'Lets clients wait for incoming connections.', false),
        notls: option('boolean', 'No TLS method', 'Does not offer the TLS methods of GOST.', false),
        readTimeout: option('duration', 'Handshake deadline', 'Longest time for a complete request.', 15_000),
        udpBufferSize: option('integer', 'UDP buffer', 'Kept for GOST files.', 4096, { unit: 'bytes' }),
      },
    ),
    component(
      'auto',
      'SOCKS and HTTP',
      'SOCKS4, SOCKS5 and HTTP on one port.',
      { auth: true, udp: true },
      {
        udp: option('boolean', 'UDP', 'Lets SOCKS5 clients send datagrams.', false),
      },
    ),
    component(
      'http',
      'HTTP',
      'An HTTP proxy with CONNECT.',
      { auth: true },
      {
        header: option('map', 'Headers', 'Added to every reply.', {}),
      },
    ),
    component('socks4', 'SOCKS4', 'SOCKS version 4 and 4a.', {}),
  ]),
  listeners: byType([
    component('tcp', 'TCP', 'Plain TCP.', {}),
    component('tls', 'TLS', 'TCP with TLS.', { tls: true }),
  ]),
  connectors: byType([
    component('socks5', 'SOCKS5', 'Asks a SOCKS5 proxy.', { auth: true, udp: true }),
    component('http', 'HTTP', 'Asks an HTTP proxy.', { auth: true }),
    component('socks4', 'SOCKS4', 'Asks a SOCKS4 proxy.', {}),
  ]),
  dialers: byType([
    component('tcp', 'TCP', 'Plain TCP.', {}),
    component('tls', 'TLS', 'TCP with TLS.', { tls: true }),
  ]),
};
