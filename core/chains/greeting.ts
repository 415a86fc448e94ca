/**
 * What a test says to a target to get a first byte out of it. TLS ports get the opening of a TLS handshake (RFC 8446 §4.1.2), ports of
 * servers that speak first get nothing, everything else a HEAD request, which nearly every server answers with something.
 */
import { randomBytes } from 'node:crypto';
import { familyOf, formatAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';

const TLS_PORTS = new Set([443, 465, 563, 636, 853, 990, 993, 995, 5061, 8443]);
const SPEAK_FIRST = new Set([21, 22, 25, 110, 143, 587, 3306]);

/** Null: wait for the target to speak. */
export function greetingFor(dst: Address): Buffer | null {
  if (TLS_PORTS.has(dst.port)) return clientHello(dst.host);
  if (SPEAK_FIRST.has(dst.port)) return null;
  const host = dst.port === 80 ? formatAddress(dst).replace(/:80$/, '') : formatAddress(dst);
  return Buffer.from(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, 'latin1');
}

const SUITES = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0x009c, 0x009d, 0x002f, 0x0035];
const GROUPS = [0x001d, 0x0017, 0x0018];
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
const X25519 = 0x001d;

function clientHello(host: string): Buffer {
  const name = Buffer.from(host, 'latin1');
  const extensions = [
    ...(familyOf(host) === 0 ? [extension(0, sized(2, Buffer.concat([Buffer.of(0), sized(2, name)])))] : []),
    extension(10, sized(2, words(GROUPS))),
    extension(11, Buffer.of(1, 0)),
    extension(13, sized(2, words(SIGNATURES))),
    extension(43, Buffer.of(4, 3, 4, 3, 3)),
    // any 32 bytes are a public key of X25519; nobody will use it
    extension(51, sized(2, Buffer.concat([words([X25519]), sized(2, randomBytes(32))]))),
  ];
  const body = Buffer.concat([
    Buffer.of(3, 3),
    randomBytes(32),
    sized(1, randomBytes(32)),
    sized(2, words(SUITES)),
    Buffer.of(1, 0),
    sized(2, Buffer.concat(extensions)),
  ]);
  return Buffer.concat([Buffer.of(22, 3, 1), sized(2, Buffer.concat([Buffer.of(1, 0), sized(2, body)]))]);
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([words([type]), sized(2, body)]);
}

function words(values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

/** With its length before it, in one or two bytes. */
function sized(lengthBytes: 1 | 2, body: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(body.length, 0, lengthBytes);
  return Buffer.concat([length, body]);
}
