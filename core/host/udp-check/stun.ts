/**
 * STUN as the UDP check needs it: Binding requests and what their answers say about the way (RFC 8489, RFC 5780).
 *
 *     0                   1                   2                   3
 *    |0 0|     type (14)     |            length (16)              |
 *    |                     magic cookie 0x2112A442                 |
 *    |                     transaction id (96)                     |
 */
import { isIPv6 } from 'node:net';
import type { Address } from '../../net/conn.ts';

const HEADER_BYTES = 20;
const COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const MAPPED_ADDRESS = 0x0001;
const CHANGE_REQUEST = 0x0003;
const XOR_MAPPED_ADDRESS = 0x0020;
const OTHER_ADDRESS = 0x802c;
/** RFC 3489 called it so; old servers still do. */
const CHANGED_ADDRESS = 0x0005;
export const TRANSACTION_BYTES = 12;

/** From where the server should answer instead of where it was asked. */
export interface Change {
  readonly ip: boolean;
  readonly port: boolean;
}

export interface StunAnswer {
  readonly transaction: Buffer;
  /** Where the server saw the request come from. */
  readonly mapped: Address | null;
  /** Another address and port of the same server, for tests of behaviour. */
  readonly other: Address | null;
}

export function encodeStun(transaction: Buffer, change: Change | null = null): Buffer {
  const attributes = change === null ? 0 : 8;
  const message = Buffer.alloc(HEADER_BYTES + attributes);
  message.writeUInt16BE(BINDING_REQUEST, 0);
  message.writeUInt16BE(attributes, 2);
  message.writeUInt32BE(COOKIE, 4);
  transaction.copy(message, 8, 0, TRANSACTION_BYTES);
  if (change !== null) {
    message.writeUInt16BE(CHANGE_REQUEST, HEADER_BYTES);
    message.writeUInt16BE(4, HEADER_BYTES + 2);
    message.writeUInt32BE((change.ip ? 4 : 0) | (change.port ? 2 : 0), HEADER_BYTES + 4);
  }
  return message;
}

/** A success answer; null for anything else. */
export function decodeStun(message: Buffer): StunAnswer | null {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== BINDING_SUCCESS) return null;
  if (message.readUInt32BE(4) !== COOKIE) return null;
  const end = Math.min(message.length, HEADER_BYTES + message.readUInt16BE(2));
  let mapped: Address | null = null;
  let other: Address | null = null;
  for (let at = HEADER_BYTES; at + 4 <= end;) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    const value = message.subarray(at + 4, Math.min(end, at + 4 + length));
    if (type === XOR_MAPPED_ADDRESS) mapped = readAddress(value, message.subarray(4, HEADER_BYTES));
    else if (type === MAPPED_ADDRESS) mapped ??= readAddress(value, null);
    else if (type === OTHER_ADDRESS || type === CHANGED_ADDRESS) other ??= readAddress(value, null);
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return { transaction: Buffer.from(message.subarray(8, HEADER_BYTES)), mapped, other };
}

/** `mask` is cookie and transaction: what the address is combined with bit by bit. */
function readAddress(value: Buffer, mask: Buffer | null): Address | null {
  const bytes = value[1] === 1 ? 4 : value[1] === 2 ? 16 : 0;
  if (bytes === 0 || value.length < 4 + bytes) return null;
  const port = value.readUInt16BE(2) ^ (mask === null ? 0 : COOKIE >>> 16);
  const ip = [...value.subarray(4, 4 + bytes)].map((byte, index) => byte ^ (mask?.[index] ?? 0));
  if (bytes === 4) return { host: ip.join('.'), port };
  const words = Array.from({ length: 8 }, (_, index) =>
    (((ip[index * 2] ?? 0) << 8) | (ip[index * 2 + 1] ?? 0)).toString(16),
  );
  const host = words.join(':');
  return isIPv6(host) ? { host, port } : null;
}
