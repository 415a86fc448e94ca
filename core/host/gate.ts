/**
 * Decides about a request to the headless server before any work is done on it: is it addressed to us (DNS rebinding), from our own
 * page (Origin), by somebody who has the secret. Pure decisions over headers; answering is headless.ts's part.
 */
import { isIP } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback, isUnspecified, parseAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { Tokens } from './token.ts';

/** One name for each port: browsers share cookies between the ports of a host. */
export function cookieName(port: number): string {
  return `session-${port}`;
}

/** `host` is the value of the Host header. True for the address we listen on under a name no stranger's DNS can give us. */
export function hostAllowed(host: string | undefined, bound: Address): boolean {
  const asked = host === undefined ? null : parseAddress(host);
  if (asked === null || asked.port !== bound.port) return false;
  const name = asked.host.toLowerCase();
  if (isUnspecified(bound.host)) return name === 'localhost' || isIP(name) !== 0;
  if (isLoopback(bound.host) && (name === 'localhost' || name === '127.0.0.1' || name === '::1')) return true;
  return name === bound.host.toLowerCase();
}

/** The Origin our own page sends under this Host header; nothing else opens a WebSocket, not even no Origin at all. */
export function originAllowed(origin: string | undefined, host: string): boolean {
  return origin === `http://${host}`;
}

/** True when exactly one cookie of our name came and it is the session's secret. */
export function signedIn(headers: IncomingHttpHeaders, port: number, tokens: Tokens): boolean {
  const prefix = `${cookieName(port)}=`;
  const values = (headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix));
  const [value, another] = values;
  return value !== undefined && another === undefined && tokens.accepts(value.slice(prefix.length));
}

/** Browsers load addresses ahead of a click; that must not use up the one-time link. */
export function isSpeculative(headers: IncomingHttpHeaders): boolean {
  return [headers['sec-purpose'], headers['purpose'], headers['x-moz']].some((value) =>
    String(value ?? '').includes('prefetch'),
  );
}
