/**
 * What a proxy must do to HTTP messages between two connections: find the target, keep hop-by-hop fields to the hop they
 * were for, answer for itself. Parsing and framing are Node's. Source: RFC 9110 §7, RFC 9112 §3.2.
 */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import { ERRORS } from '../../contract/errors.ts';
import { ProxyError } from '../../errors.ts';
import { formatAddress, parseAddress } from '../../net/address.ts';
import type { Address } from '../../net/conn.ts';
import { connectable } from '../target.ts';

export interface Forwarded {
  readonly target: Address;
  /** What the target's own request line and Host field say. */
  readonly path: string;
  readonly host: string;
}

/** RFC 9110 §7.6.1, and what proxies of old put beside it. Fields that Connection names are added per message. */
const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
];

/** The target of CONNECT: `host:port` and nothing else. Throws `malformed`, `bad_name` or `bad_port`. */
export function connectTarget(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw malformed();
  return connectable(address);
}

/**
 * The target of any other request: an absolute `http:` URL without user information. Path and query pass byte for byte.
 * Everything else is `malformed`: what has no host is not for a proxy, `https:` belongs into CONNECT.
 */
export function absoluteTarget(url: string, method: string): Forwarded {
  const parts = /^http:\/\/([^/?#]*)([^#]*)$/i.exec(url);
  const [, authority = '', rest = ''] = parts ?? [];
  if (authority === '' || authority.includes('@')) throw malformed();
  const address = parseAddress(
    /:\d*$/.test(authority) && !authority.endsWith(']') ? authority : `${authority}:80`,
  );
  if (address === null) throw malformed();
  const target = connectable(address);
  const path = rest === '' && method === 'OPTIONS' ? '*' : rest.startsWith('/') ? rest : `/${rest}`;
  return {
    target,
    path,
    host: target.port === 80 ? formatAddress(target).replace(/:80$/, '') : formatAddress(target),
  };
}

/** Raw fields, name and value in turn, without those meant for this hop and without `drop` (lower case). */
export function endToEnd(message: IncomingMessage, drop: readonly string[] = []): string[] {
  const named = (message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const without = new Set([...HOP_BY_HOP, ...named, ...drop]);
  const fields: string[] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = message.rawHeaders.slice(at, at + 2);
    if (!without.has(name.toLowerCase())) fields.push(name, value);
  }
  return fields;
}

/** Whether a body follows the request's head. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether CONNECT asks for datagrams inside the tunnel, as GOST clients do. */
export function wantsUdp({ headers }: IncomingMessage): boolean {
  return headers['x-gost-protocol'] === 'udp';
}

/** The host that a request line names; null where it names none. */
export function namedHost({ method = '', url = '' }: IncomingMessage): string | null {
  const authority = method === 'CONNECT' ? url : (/^http:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '');
  return parseAddress(/:\d+$/.test(authority) ? authority : `${authority}:80`)?.host ?? null;
}

/** The head of a request once more, as bytes, without the fields in `drop` (lower case) and without `token` in Connection. */
export function headOf(request: IncomingMessage, drop: readonly string[] = [], token?: string): Buffer {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const lower = name.toLowerCase();
    if (drop.includes(lower)) continue;
    lines.push(`${name}: ${lower === 'connection' && token !== undefined ? without(value, token) : value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function without(list: string, token: string): string {
  const kept = list.split(',').filter((item) => item.trim().toLowerCase() !== token);
  return kept.length === 0 ? 'keep-alive' : kept.join(',').trim();
}

/** User name and password of Basic authentication (RFC 7617), as bytes; null when there are none. */
export function basicCredentials(field: string | undefined): { user: Buffer; password: Buffer } | null {
  const [, token] = /^basic +([a-z0-9+/_-]+=*) *$/i.exec(field ?? '') ?? [];
  if (token === undefined) return null;
  const bytes = Buffer.from(token, 'base64');
  const colon = bytes.indexOf(0x3a);
  return colon === -1 ? null : { user: bytes.subarray(0, colon), password: bytes.subarray(colon + 1) };
}

/** What we answer ourselves: status, fields and a line of text. */
export interface Answer {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: string;
}

/**
 * The answer for an error. The text names the target but no hop: which way traffic takes is nobody's business on the other
 * side of this port.
 */
export function answerFor(error: ProxyError, realm: string): Answer {
  const status = ERRORS[error.code].http ?? 502;
  const tellsWay = ERRORS[error.code].sentence.includes('{hop}');
  const body = `${tellsWay ? 'The way to the target failed.' : error.message}\n`;
  const challenge =
    status === 407
      ? ['Proxy-Authenticate', `Basic realm="${realm.replaceAll(/["\\]/g, '')}", charset="UTF-8"`]
      : [];
  const fields = [
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
    ...challenge,
  ];
  return { status, fields, body };
}

/** An answer as bytes, for a connection that Node's server has let go of. */
export function encodeAnswer({ status, fields, body }: Answer): Buffer {
  const head = encodeHead(status, STATUS_CODES[status] ?? '', [...fields, 'Connection', 'close']);
  return Buffer.concat([head, Buffer.from(body)]);
}

/** The head of an answer as bytes; `fields` are names and values in turn. */
export function encodeHead(status: number, message: string, fields: readonly string[]): Buffer {
  const lines = [`HTTP/1.1 ${status} ${message}`];
  for (let at = 0; at < fields.length; at += 2) lines.push(`${fields[at] ?? ''}: ${fields[at + 1] ?? ''}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

export function malformed(): ProxyError {
  return new ProxyError('malformed', { protocol: 'a request for an HTTP proxy' });
}
