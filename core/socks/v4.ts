/**
 * The messages of SOCKS4 and SOCKS4a, both roles. Sources: "SOCKS: A protocol for TCP proxy across firewalls" and
 * "SOCKS 4A: A simple extension to SOCKS 4 protocol".
 *
 *     request  +----+----+---------+-------+--------+------+  +------+------+
 *              | VN | CD | DSTPORT | DSTIP | USERID | NUL  |  | NAME | NUL  |   the name only when DSTIP is
 *              | 1  | 1  |    2    |   4   |        |  1   |  |      |  1   |   0.0.0.x with x not zero (4a)
 *              +----+----+---------+-------+--------+------+  +------+------+
 *     reply    VN (0), CD, DSTPORT, DSTIP
 */
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { encodeIp, encodeName, ipv4Text } from './atyp.ts';
import { MAX_FIELD_BYTES, SOCKS4_VERSION } from './constants.ts';
import type { Decoded } from './message.ts';

export interface Request4 {
  readonly command: number;
  readonly dst: Address;
  readonly userId: Buffer;
  /** The target came as text behind the user id. */
  readonly extended: boolean;
}

export interface Reply4 {
  readonly code: number;
  readonly bound: Address;
}

const HEAD_BYTES = 8;
const REPLY_BYTES = 8;

/**
 * A request for `dst`: the 4a form for anything but an IPv4 literal, or for everything when `extended` is set (as GOST v3
 * sends). Throws `bad_name` for a name that does not fit, `unsupported` for a user id over 255 bytes or with a NUL in it.
 */
export function encodeRequest4(
  command: number,
  dst: Address,
  userId: string,
  options: { readonly extended?: boolean } = {},
): Buffer {
  const user = Buffer.from(userId, 'utf8');
  if (user.length > MAX_FIELD_BYTES || user.includes(0)) {
    throw new ProxyError('unsupported', {
      what: 'A user id of more than 255 bytes or with a NUL',
      by: 'SOCKS4',
    });
  }
  const ip = options.extended === true ? null : encodeIp(dst.host);
  if (ip?.length === 4)
    return Buffer.concat([head(SOCKS4_VERSION, command, { port: dst.port, ip }), user, Buffer.of(0)]);
  const name = encodeName(dst.host);
  if (name.length === 0 || name.includes(0)) throw new ProxyError('bad_name', { host: dst.host });
  const marker = head(SOCKS4_VERSION, command, { port: dst.port, ip: Buffer.of(0, 0, 0, 1) });
  return Buffer.concat([marker, user, Buffer.of(0), name, Buffer.of(0)]);
}

/** Throws `version`, or `malformed` when the user id or the name is over 255 bytes. */
export function decodeRequest4(bytes: Buffer): Decoded<Request4> {
  if (bytes.length === 0) return { need: 1 }; // another protocol is told by its first byte, and may send no more
  if (bytes.readUInt8(0) !== SOCKS4_VERSION) throw new ProxyError('version', { version: bytes.readUInt8(0) });
  if (bytes.length <= HEAD_BYTES) return { need: HEAD_BYTES + 1 };
  const userEnd = terminator(bytes, HEAD_BYTES);
  if (userEnd === null) return { need: bytes.length + 1 };
  const command = bytes.readUInt8(1);
  const port = bytes.readUInt16BE(2);
  const userId = bytes.subarray(HEAD_BYTES, userEnd);
  const extended = bytes.readUIntBE(4, 3) === 0 && bytes.readUInt8(7) !== 0;
  if (!extended) {
    const dst = { host: ipv4Text(bytes, 4), port };
    return { value: { command, dst, userId, extended }, size: userEnd + 1 };
  }
  const nameEnd = terminator(bytes, userEnd + 1);
  if (nameEnd === null) return { need: bytes.length + 1 };
  const dst = { host: bytes.toString('latin1', userEnd + 1, nameEnd), port };
  return { value: { command, dst, userId, extended }, size: nameEnd + 1 };
}

/** The address field can only hold IPv4; anything else is written as 0.0.0.0. */
export function encodeReply4({ code, bound }: Reply4): Buffer {
  const ip = encodeIp(bound.host);
  return head(0, code, { port: bound.port, ip: ip?.length === 4 ? ip : Buffer.alloc(4) });
}

/** The first byte should be 0; some servers send 4, so it is not checked. */
export function decodeReply4(bytes: Buffer): Decoded<Reply4> {
  if (bytes.length < REPLY_BYTES) return { need: REPLY_BYTES };
  const bound = { host: ipv4Text(bytes, 4), port: bytes.readUInt16BE(2) };
  return { value: { code: bytes.readUInt8(1), bound }, size: REPLY_BYTES };
}

function head(first: number, code: number, to: { readonly port: number; readonly ip: Buffer }): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES);
  bytes.writeUInt8(first, 0);
  bytes.writeUInt8(code, 1);
  bytes.writeUInt16BE(to.port, 2);
  to.ip.copy(bytes, 4);
  return bytes;
}

/** Where the field that starts at `from` has its NUL; null when that is still to come. */
function terminator(bytes: Buffer, from: number): number | null {
  const end = bytes.indexOf(0, from);
  if ((end === -1 ? bytes.length : end) - from > MAX_FIELD_BYTES)
    throw new ProxyError('malformed', { protocol: 'SOCKS4' });
  return end === -1 ? null : end;
}
