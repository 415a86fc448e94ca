/**
 * The header of a SOCKS5 datagram, RFC 1928 §7, both directions.
 *
 *     +-----+------+------+----------+------+---------+
 *     | RSV | FRAG | ATYP | ADDR     | PORT |  DATA   |
 *     |  2  |  1   |  1   | variable |  2   | the rest|
 *     +-----+------+------+----------+------+---------+
 *
 * Decoding never throws: a damaged datagram is an ordinary event and costs only itself.
 */
import type { Address } from '../net/conn.ts';
import { decodeAddress, encodeAddress } from './atyp.ts';
import { ATYP } from './constants.ts';

export interface Datagram {
  /** 0: whole. 1–127: a fragment; 128 and more: the last of a sequence. GOST puts 255 into whole ones behind a tunnel. */
  readonly frag: number;
  /** Destination on the way up, source on the way down. */
  readonly address: Address;
  /** Where DATA starts. */
  readonly payloadAt: number;
}

const ATYP_AT = 3;

/** What the header says, or null when it is damaged. RSV is ignored. */
export function decodeDatagram(bytes: Buffer): Datagram | null {
  const atyp = bytes[ATYP_AT];
  if (atyp !== ATYP.IPV4 && atyp !== ATYP.NAME && atyp !== ATYP.IPV6) return null;
  const step = decodeAddress(bytes, ATYP_AT);
  if ('need' in step) return null;
  return { frag: bytes.readUInt8(2), address: step.value, payloadAt: step.size };
}

/** The header of a whole datagram, to be kept and put in front of every payload of the same address. */
export function encodeDatagramHeader(address: Address): Buffer {
  return Buffer.concat([Buffer.alloc(ATYP_AT), encodeAddress(address)]);
}
