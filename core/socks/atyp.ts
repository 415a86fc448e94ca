/**
 * The address field of SOCKS5 requests, replies and datagrams (RFC 1928 §5).
 *
 *     +------+----------+----------+
 *     | ATYP | ADDR     | PORT     |     1: 4 bytes   4: 16 bytes   3: length byte and name
 *     |  1   | variable |    2     |
 *     +------+----------+----------+
 *
 * An address becomes text the one usual way: `::ffff:1.2.3.4` reads as `1.2.3.4`, and a name that is really an IP literal
 * (GOST v2 sends all its targets so) needs no care, since an Address does not tell them apart. Names are bytes as Latin-1;
 * whether one is valid is for the caller to say (`validName`), as is what an empty one means (GOST's UDP-TUN: any address).
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { ATYP, MAX_FIELD_BYTES } from './constants.ts';
import type { Decoded } from './message.ts';

/** `0.0.0.0:0`: an address that is not known or does not matter. */
export const NO_ADDRESS: Address = { host: '0.0.0.0', port: 0 };

/** Bytes of the field for `address`. Throws `bad_name` for a name over 255 bytes or one that is not plain ASCII. */
export function encodeAddress({ host, port }: Address): Buffer {
  const ip = encodeIp(host);
  if (ip !== null) return withPort(ip.length === 4 ? ATYP.IPV4 : ATYP.IPV6, ip, port);
  const name = encodeName(host);
  return withPort(ATYP.NAME, Buffer.concat([Buffer.of(name.length), name]), port);
}

/** Decodes the field that starts at `offset`; `size` and `need` count from the start of `bytes`. Throws `address_type`. */
export function decodeAddress(bytes: Buffer, offset = 0): Decoded<Address> {
  if (bytes.length <= offset) return { need: offset + 1 };
  const start = offset + 1;
  switch (bytes.readUInt8(offset)) {
    case ATYP.IPV4:
      return decodeBody(bytes, start, start + 4, ipv4Text);
    case ATYP.IPV6:
      return decodeBody(bytes, start, start + 16, ipv6Text);
    case ATYP.NAME: {
      if (bytes.length <= start) return { need: start + 1 };
      const first = start + 1;
      return decodeBody(bytes, first, first + bytes.readUInt8(start), nameText);
    }
    default:
      throw new ProxyError('address_type');
  }
}

/** Name bytes for any SOCKS field; throws `bad_name` when they do not fit into one. */
export function encodeName(host: string): Buffer {
  const name = Buffer.from(host, 'utf8');
  if (name.length > MAX_FIELD_BYTES || name.length !== host.length)
    throw new ProxyError('bad_name', { host });
  return name;
}

/** 4 or 16 bytes of an IP literal (zone ids dropped, IPv4-mapped ones as IPv4); null when it is a name. */
export function encodeIp(host: string): Buffer | null {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number));
  if (!isIPv6(host)) return null;
  const bytes = ipv6Bytes(host);
  return isMapped(bytes, 0) ? bytes.subarray(12) : bytes;
}

/** Dotted text of the four bytes at `offset`. */
export function ipv4Text(bytes: Buffer, offset: number): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(offset, offset + 4);
  return `${a}.${b}.${c}.${d}`;
}

function decodeBody(
  bytes: Buffer,
  from: number,
  to: number,
  text: (bytes: Buffer, from: number, to: number) => string,
): Decoded<Address> {
  if (bytes.length < to + 2) return { need: to + 2 };
  return { value: { host: text(bytes, from, to), port: bytes.readUInt16BE(to) }, size: to + 2 };
}

function nameText(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}

function withPort(atyp: number, body: Buffer, port: number): Buffer {
  const field = Buffer.allocUnsafe(body.length + 3);
  field.writeUInt8(atyp, 0);
  body.copy(field, 1);
  field.writeUInt16BE(port, body.length + 1);
  return field;
}

function isMapped(bytes: Buffer, offset: number): boolean {
  for (let at = 0; at < 10; at += 1) if (bytes[offset + at] !== 0) return false;
  return bytes.readUInt16BE(offset + 10) === 0xffff;
}

function ipv6Bytes(text: string): Buffer {
  const [plain = ''] = text.split('%', 1);
  const [head = '', tail] = plain.split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  const bytes = Buffer.alloc(16);
  left.forEach((group, at) => bytes.writeUInt16BE(group, 2 * at));
  right.forEach((group, at) => bytes.writeUInt16BE(group, 16 - 2 * (right.length - at)));
  return bytes;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function ipv6Text(bytes: Buffer, offset: number): string {
  if (isMapped(bytes, offset)) return ipv4Text(bytes, offset + 12);
  const parts = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(offset + 2 * at));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let end = start;
    while (end < 8 && parts[end] === 0) end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const hex = (from: number, to: number): string =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  if (best.length === 1) return hex(0, 8);
  return `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`;
}
