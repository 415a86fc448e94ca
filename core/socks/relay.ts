/**
 * The relay protocol of GOST (module go-gost/relay, version 1), both roles.
 *
 *     +-----+--------------+--------+----------+      feature:  +------+-----+------+
 *     | VER | CMD / STATUS | FEALEN | FEATURES |                | TYPE | LEN | DATA |
 *     |  1  |      1       |   2    | FEALEN   |                |  1   |  2  | LEN  |
 *     +-----+--------------+--------+----------+                +------+-----+------+
 *
 * CMD is CONNECT (1; GOST v2 sends 0) or BIND (2), with flag 0x80 for UDP. Unknown features are passed over by their length.
 * A UDP CONNECT then carries `LEN(2) payload` per datagram, a UDP BIND the frames of udptun.ts.
 */
import type { ErrorCode } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { decodeAddress, encodeAddress } from './atyp.ts';
import type { Decoded } from './message.ts';
import { decodeSignIn, encodeSignIn, type SignIn } from './v5.ts';
import { SIGN_IN_VERSION } from './constants.ts';

const VERSION = 1;
const COMMAND_MASK = 0x0f;
const FLAG_UDP = 0x80;
const FEATURE = { AUTH: 1, ADDRESS: 2, NETWORK: 4 } as const;
const NETWORK = { TCP: 0, UDP: 1 } as const;

export const RELAY_COMMAND = { CONNECT: 1, BIND: 2 } as const;
export const RELAY_OK = 0;

export interface RelayRequest {
  /** The low bits of CMD; 0 reads as CONNECT. */
  readonly command: number;
  readonly udp: boolean;
  readonly signIn: SignIn | null;
  /** Null: none was given, which a forwarding service does not need. */
  readonly dst: Address | null;
}

export interface RelayReply {
  readonly status: number;
  /** The bound address, or the peer of an accepted stream. */
  readonly address: Address | null;
}

/** Throws `unsupported` or `bad_name` for fields over 255 bytes, before anything is sent. */
export function encodeRelayRequest(request: {
  command: number;
  udp: boolean;
  signIn: { username: string; password: string } | null;
  dst: Address | null;
}): Buffer {
  const { command, udp, signIn, dst } = request;
  const features: Buffer[] = [];
  // the feature's data is RFC 1929's request without its version byte
  if (signIn !== null)
    features.push(feature(FEATURE.AUTH, encodeSignIn(signIn.username, signIn.password).subarray(1)));
  // the flag says the same, and GOST v2 rejects features it does not know
  if (command === RELAY_COMMAND.BIND)
    features.push(feature(FEATURE.NETWORK, Buffer.of(0, udp ? NETWORK.UDP : NETWORK.TCP)));
  if (dst !== null) features.push(feature(FEATURE.ADDRESS, encodeAddress(dst)));
  return message(udp ? command | FLAG_UDP : command, features);
}

export function encodeRelayReply({ status, address }: RelayReply): Buffer {
  return message(status, address === null ? [] : [feature(FEATURE.ADDRESS, encodeAddress(address))]);
}

/** Throws `malformed` as soon as the bytes can not become a request. */
export function decodeRelayRequest(bytes: Buffer): Decoded<RelayRequest> {
  const step = decodeMessage(bytes);
  if ('need' in step) return step;
  const { first, features } = step.value;
  const auth = features.get(FEATURE.AUTH);
  const network = features.get(FEATURE.NETWORK);
  return {
    size: step.size,
    value: {
      command: first & COMMAND_MASK || RELAY_COMMAND.CONNECT,
      udp: (first & FLAG_UDP) !== 0 || (network?.length === 2 && network.readUInt16BE(0) === NETWORK.UDP),
      signIn:
        auth === undefined ? null : whole(decodeSignIn(Buffer.concat([Buffer.of(SIGN_IN_VERSION), auth]))),
      dst: addressOf(features),
    },
  };
}

export function decodeRelayReply(bytes: Buffer): Decoded<RelayReply> {
  const step = decodeMessage(bytes);
  if ('need' in step) return step;
  return { size: step.size, value: { status: step.value.first, address: addressOf(step.value.features) } };
}

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  malformed: 0x01,
  command: 0x01,
  address_type: 0x01,
  unsupported: 0x01,
  auth_failed: 0x02,
  not_allowed: 0x03,
  timed_out: 0x04,
  limit: 0x05,
  stopping: 0x05,
  descriptors: 0x05,
  host_unreachable: 0x06,
  name_not_found: 0x06,
  name_timeout: 0x06,
  bad_name: 0x06,
  refused: 0x06,
  bug: 0x08,
};

/** The status that tells a client of a failure; 0x07 (network unreachable) is GOST's for any failed dial. */
export function relayStatus(code: ErrorCode): number {
  return STATUS[code] ?? 0x07;
}

const MEANING: readonly (readonly [code: ErrorCode, words: string])[] = [
  ['bug', 'ok'],
  ['hop_protocol', 'the request was not understood'],
  ['hop_auth', 'user name or password is wrong'],
  ['hop_refused', 'the target is not allowed there'],
  ['timed_out', 'the target did not answer'],
  ['hop_refused', 'the service is not available'],
  ['host_unreachable', 'the target can not be reached'],
  ['net_unreachable', 'the target can not be reached'],
  ['hop_refused', 'an internal error'],
];

/** What a failure status of a proxy means: the code to reject with, and words for its sentence. */
export function relayFailure(status: number): { readonly code: ErrorCode; readonly words: string } {
  const [code, words] = MEANING[status] ?? ['hop_refused', `status ${status}`];
  return { code, words };
}

function message(first: number, features: readonly Buffer[]): Buffer {
  const body = Buffer.concat(features);
  const head = Buffer.of(VERSION, first, 0, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function feature(type: number, data: Buffer): Buffer {
  const head = Buffer.of(type, 0, 0);
  head.writeUInt16BE(data.length, 1);
  return Buffer.concat([head, data]);
}

function decodeMessage(bytes: Buffer): Decoded<{ first: number; features: ReadonlyMap<number, Buffer> }> {
  if (bytes.length > 0 && bytes.readUInt8(0) !== VERSION) throw malformed();
  if (bytes.length < 4) return { need: 4 };
  const size = 4 + bytes.readUInt16BE(2);
  if (bytes.length < size) return { need: size };
  const features = new Map<number, Buffer>();
  for (let at = 4; at < size;) {
    if (at + 3 > size) throw malformed();
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > size) throw malformed();
    features.set(bytes.readUInt8(at), bytes.subarray(at + 3, end));
    at = end;
  }
  return { value: { first: bytes.readUInt8(1), features }, size };
}

function addressOf(features: ReadonlyMap<number, Buffer>): Address | null {
  const data = features.get(FEATURE.ADDRESS);
  return data === undefined ? null : whole(decodeAddress(data));
}

/** A feature holds its value whole or is malformed. */
function whole<T>(step: Decoded<T>): T {
  if ('need' in step) throw malformed();
  return step.value;
}

function malformed(): ProxyError {
  return new ProxyError('malformed', { protocol: 'the relay protocol' });
}
