/**
 * What the UDP check sends and how it knows the answer: every probe carries a number of its own, in whatever place its protocol gives
 * back untouched (the payload of an echo, the id of a DNS question, the origin time of NTP, the transaction of STUN).
 */
import { randomBytes } from 'node:crypto';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { UdpProbe } from '../../contract/udp-check.ts';
import { decodeStun, encodeStun, TRANSACTION_BYTES } from './stun.ts';

const NTP_BYTES = 48;
/** No warning, version 4, client. */
const NTP_CLIENT = 0x23;
const NTP_SERVER_MODE = 4;
const ORIGIN_AT = 24;
const TRANSMIT_AT = 40;
const STAMP_BYTES = 8;
const ECHO_MARK = Buffer.from('sockeye udp check ');
/** The smallest echo: mark, run, number. */
export const ECHO_BYTES = ECHO_MARK.length + 8;
/** Asked of a name server: a name that exists for such purposes. */
const NAME = 'example.com';

/** One way to ask, for one run of the check: numbers of another run are not recognised. */
export class Prober {
  readonly probe: UdpProbe;
  readonly #run = randomBytes(TRANSACTION_BYTES);

  constructor(probe: UdpProbe) {
    this.probe = probe;
  }

  /** The datagram with this number (up to 65,535). `bytes` is its length where the protocol leaves that open. */
  encode(number: number, bytes = ECHO_BYTES): Buffer {
    switch (this.probe) {
      case 'echo': {
        const datagram = Buffer.alloc(Math.max(ECHO_BYTES, bytes), 0x2e);
        ECHO_MARK.copy(datagram);
        this.#key(number).copy(datagram, ECHO_MARK.length);
        return datagram;
      }
      case 'dns':
        return encode({
          type: 'query',
          id: this.#dnsId(number),
          flags: RECURSION_DESIRED,
          questions: [{ type: 'A', name: NAME }],
        });
      case 'ntp': {
        const datagram = Buffer.alloc(NTP_BYTES);
        datagram[0] = NTP_CLIENT;
        this.#key(number).copy(datagram, TRANSMIT_AT);
        return datagram;
      }
      case 'stun':
        return encodeStun(this.transaction(number));
    }
  }

  /** The number of the probe that a datagram answers; null when it answers none of this run. */
  decode(datagram: Buffer): number | null {
    switch (this.probe) {
      case 'echo': {
        const marked = datagram.subarray(0, ECHO_MARK.length).equals(ECHO_MARK);
        return marked ? this.#numberOf(datagram.subarray(ECHO_MARK.length, ECHO_BYTES)) : null;
      }
      case 'dns':
        return this.#dnsNumber(datagram);
      case 'ntp': {
        if (datagram.length < NTP_BYTES || ((datagram[0] ?? 0) & 7) !== NTP_SERVER_MODE) return null;
        return this.#numberOf(datagram.subarray(ORIGIN_AT, ORIGIN_AT + STAMP_BYTES));
      }
      case 'stun': {
        const answer = decodeStun(datagram);
        return answer === null ? null : this.numberOfTransaction(answer.transaction);
      }
    }
  }

  transaction(number: number): Buffer {
    return Buffer.concat([this.#key(number), this.#run.subarray(8)]);
  }

  numberOfTransaction(transaction: Buffer): number | null {
    return transaction.subarray(8).equals(this.#run.subarray(8)) ? this.#numberOf(transaction) : null;
  }

  /** Four bytes of the run, four of the number. */
  #key(number: number): Buffer {
    const key = Buffer.alloc(8);
    this.#run.copy(key, 0, 0, 4);
    key.writeUInt32BE(number, 4);
    return key;
  }

  #numberOf(key: Buffer): number | null {
    if (key.length < 8 || !key.subarray(0, 4).equals(this.#run.subarray(0, 4))) return null;
    return key.readUInt32BE(4);
  }

  #dnsId(number: number): number {
    return (this.#run.readUInt16BE(0) + number) & 0xffff;
  }

  #dnsNumber(datagram: Buffer): number | null {
    try {
      const { type, id, questions } = decode(datagram);
      if (type !== 'response' || id === undefined || questions?.[0]?.name.toLowerCase() !== NAME) return null;
      return (id - this.#run.readUInt16BE(0)) & 0xffff;
    } catch {
      return null; // not DNS
    }
  }
}
