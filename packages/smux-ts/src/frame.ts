/**
 * The smux wire format: numbers and encoders, no state. Source: xtaci/smux v1.5.56 frame.go.
 *
 *     +-----+-----+-----------+-----------------------+-------------+
 *     | VER | CMD |  LENGTH   |       STREAM ID       |   PAYLOAD   |
 *     +-----+-----+-----------+-----------------------+-------------+
 *     |  1  |  1  | 2, little |       4, little       |   LENGTH    |
 *     +-----+-----+-----------+-----------------------+-------------+
 *
 * The payload of UPD is CONSUMED (4, little) and WINDOW (4, little); SYN, FIN and NOP have none.
 */

export const HEADER_BYTES = 8;
/** Payload of an UPD frame. */
export const UPDATE_BYTES = 8;
/** LENGTH has 16 bits. */
export const MAX_PAYLOAD_BYTES = 0xffff;
/** Version 2: what a sender may have in flight before the first UPD of its peer. */
export const INITIAL_PEER_WINDOW_BYTES = 262_144;

/** Opens a stream. */
export const SYN = 0;
/** The sender of FIN writes no more on this stream. */
export const FIN = 1;
/** Carries bytes of a stream. */
export const PSH = 2;
/** Keeps the session alive. */
export const NOP = 3;
/** Version 2: bytes the reader has consumed so far (modulo 2^32) and the window after them. */
export const UPD = 4;

export type Command = typeof SYN | typeof FIN | typeof PSH | typeof NOP | typeof UPD;

/** Writes a frame header at `at` and returns the offset after it. */
export function writeHeader(
  target: Uint8Array,
  at: number,
  version: number,
  command: Command,
  length: number,
  streamId: number,
): number {
  target[at] = version;
  target[at + 1] = command;
  target[at + 2] = length;
  target[at + 3] = length >>> 8;
  return writeUint32(target, at + 4, streamId);
}

/** Writes a whole UPD frame (16 bytes) at `at` and returns the offset after it. */
export function writeUpdate(
  target: Uint8Array,
  at: number,
  streamId: number,
  consumed: number,
  window: number,
): number {
  const payloadAt = writeHeader(target, at, 2, UPD, UPDATE_BYTES, streamId);
  return writeUint32(target, writeUint32(target, payloadAt, consumed), window);
}

function writeUint32(target: Uint8Array, at: number, value: number): number {
  target[at] = value;
  target[at + 1] = value >>> 8;
  target[at + 2] = value >>> 16;
  target[at + 3] = value >>> 24;
  return at + 4;
}
