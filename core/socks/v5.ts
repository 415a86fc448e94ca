/**
 * The TCP messages of SOCKS5, both roles: RFC 1928 §3, §4, §6 and RFC 1929 §2. Encoders give whole messages; decoders
 * follow message.ts. A client that decodes a proxy's answer turns `malformed`, `version` and `address_type` into its own
 * `hop_protocol`.
 */
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { decodeAddress, encodeAddress } from './atyp.ts';
import { MAX_FIELD_BYTES, SIGN_IN_VERSION, SOCKS5_VERSION } from './constants.ts';
import type { Decoded } from './message.ts';

export interface Request5 {
  readonly command: number;
  readonly dst: Address;
}

export interface Reply5 {
  readonly rep: number;
  readonly bound: Address;
}

/** Bytes, so that NUL and invalid UTF-8 compare honestly. */
export interface SignIn {
  readonly user: Buffer;
  readonly password: Buffer;
}

/**
 * Client's greeting: the methods it can do.
 *
 *     +-----+----------+----------+
 *     | VER | NMETHODS | METHODS  |
 *     |  1  |    1     | 1 to 255 |
 *     +-----+----------+----------+
 */
export function encodeGreeting(methods: readonly number[]): Buffer {
  return Buffer.from([SOCKS5_VERSION, methods.length, ...methods]);
}

export function decodeGreeting(bytes: Buffer): Decoded<readonly number[]> {
  checkVersion(bytes);
  if (bytes.length < 2) return { need: 2 };
  const size = 2 + bytes.readUInt8(1);
  if (bytes.length < size) return { need: size };
  return { value: [...bytes.subarray(2, size)], size };
}

/** Server's choice: `VER METHOD`. */
export function encodeMethod(method: number): Buffer {
  return Buffer.of(SOCKS5_VERSION, method);
}

export function decodeMethod(bytes: Buffer): Decoded<number> {
  checkVersion(bytes);
  if (bytes.length < 2) return { need: 2 };
  return { value: bytes.readUInt8(1), size: 2 };
}

/**
 * RFC 1929 request. Throws `unsupported` when a field is over 255 bytes: nothing is ever cut.
 *
 *     +-----+------+----------+------+----------+
 *     | VER | ULEN |  UNAME   | PLEN |  PASSWD  |
 *     |  1  |  1   | 0 to 255 |  1   | 0 to 255 |
 *     +-----+------+----------+------+----------+
 */
export function encodeSignIn(user: string, password: string): Buffer {
  return Buffer.concat([
    Buffer.of(SIGN_IN_VERSION),
    credential('A user name', user),
    credential('A password', password),
  ]);
}

export function decodeSignIn(bytes: Buffer): Decoded<SignIn> {
  if (bytes.length < 1) return { need: 2 };
  if (bytes.readUInt8(0) !== SIGN_IN_VERSION)
    throw new ProxyError('malformed', { protocol: 'a SOCKS5 sign-in' });
  if (bytes.length < 2) return { need: 2 };
  const userEnd = 2 + bytes.readUInt8(1);
  if (bytes.length <= userEnd) return { need: userEnd + 1 };
  const size = userEnd + 1 + bytes.readUInt8(userEnd);
  if (bytes.length < size) return { need: size };
  return { value: { user: bytes.subarray(2, userEnd), password: bytes.subarray(userEnd + 1, size) }, size };
}

/** RFC 1929 answer: `VER STATUS`. */
export function encodeSignInStatus(status: number): Buffer {
  return Buffer.of(SIGN_IN_VERSION, status);
}

/** The status byte. The version byte is not checked: servers exist that put 5 there, and the status is what counts. */
export function decodeSignInStatus(bytes: Buffer): Decoded<number> {
  if (bytes.length < 2) return { need: 2 };
  return { value: bytes.readUInt8(1), size: 2 };
}

/**
 * Request and reply share one shape; the second byte is CMD or REP. RSV is written as zero and ignored when read.
 *
 *     +-----+-----------+-----+------+----------+------+
 *     | VER | CMD / REP | RSV | ATYP | ADDR     | PORT |
 *     |  1  |     1     |  1  |  1   | variable |  2   |
 *     +-----+-----------+-----+------+----------+------+
 */
export function encodeRequest({ command, dst }: Request5): Buffer {
  return Buffer.concat([Buffer.of(SOCKS5_VERSION, command, 0), encodeAddress(dst)]);
}

export function decodeRequest(bytes: Buffer): Decoded<Request5> {
  const step = decodeCodeAndAddress(bytes);
  if ('need' in step) return step;
  return { value: { command: step.code, dst: step.address }, size: step.size };
}

export function encodeReply({ rep, bound }: Reply5): Buffer {
  return Buffer.concat([Buffer.of(SOCKS5_VERSION, rep, 0), encodeAddress(bound)]);
}

export function decodeReply(bytes: Buffer): Decoded<Reply5> {
  const step = decodeCodeAndAddress(bytes);
  if ('need' in step) return step;
  return { value: { rep: step.code, bound: step.address }, size: step.size };
}

function decodeCodeAndAddress(
  bytes: Buffer,
): { readonly code: number; readonly address: Address; readonly size: number } | { readonly need: number } {
  checkVersion(bytes);
  if (bytes.length < 4) return { need: 4 };
  const step = decodeAddress(bytes, 3);
  if ('need' in step) return step;
  return { code: bytes.readUInt8(1), address: step.value, size: step.size };
}

function checkVersion(bytes: Buffer): void {
  if (bytes.length > 0 && bytes.readUInt8(0) !== SOCKS5_VERSION) {
    throw new ProxyError('version', { version: bytes.readUInt8(0) });
  }
}

function credential(what: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_FIELD_BYTES) {
    throw new ProxyError('unsupported', { what: `${what} of more than 255 bytes`, by: 'SOCKS5' });
  }
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
