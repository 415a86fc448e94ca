/**
 * GOST's datagrams inside a stream (SOCKS5 command 0xF3, relay, HTTP): the datagram header with the payload's length where
 * RSV is. Source: go-gost/gosocks5, UDP over TCP.
 *
 *     +--------+------+------+----------+------+---------+
 *     | LENGTH | FRAG | ATYP | ADDR     | PORT | PAYLOAD |
 *     |   2    |  1   |  1   | variable |  2   | LENGTH  |
 *     +--------+------+------+----------+------+---------+
 *
 * FRAG is 255 from GOST v3 and 0 from v2, ignored by both; we write 0, because a v2 server hands it on to its client as a
 * fragment number. A frame with LENGTH 0 is an empty datagram here, but makes GOST lose its place: do not send it any.
 */
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { decodeAddress, encodeAddress } from './atyp.ts';
import type { Decoded } from './message.ts';

export interface Frame {
  readonly address: Address;
  readonly payload: Buffer;
}

export const MAX_FRAME_PAYLOAD_BYTES = 0xffff;

const ATYP_AT = 3;

/** Throws `unsupported` for a payload that LENGTH can not say; nothing is ever cut. */
export function encodeFrame({ address, payload }: Frame): Buffer {
  if (payload.length > MAX_FRAME_PAYLOAD_BYTES) {
    throw new ProxyError('unsupported', {
      what: `A datagram of ${payload.length} bytes`,
      by: 'UDP over TCP',
    });
  }
  const head = Buffer.alloc(ATYP_AT);
  head.writeUInt16BE(payload.length, 0);
  return Buffer.concat([head, encodeAddress(address), payload]);
}

/** `payload` is a view on `bytes`. Throws `address_type`; the stream has then lost its place and must end. */
export function decodeFrame(bytes: Buffer): Decoded<Frame> {
  if (bytes.length <= ATYP_AT) return { need: ATYP_AT + 1 };
  const step = decodeAddress(bytes, ATYP_AT);
  if ('need' in step) return step;
  const size = step.size + bytes.readUInt16BE(0);
  if (bytes.length < size) return { need: size };
  return { value: { address: step.value, payload: bytes.subarray(step.size, size) }, size };
}
