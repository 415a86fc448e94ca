/**
 * Frames on their way to one write of the transport: a list of buffers in wire order. Headers and small payloads
 * are copied side by side into a block, large payloads go by reference. Blocks are never rewritten, because the
 * transport may keep them until the kernel has taken them.
 */
import { HEADER_BYTES, UPDATE_BYTES, writeHeader, writeUpdate, type Command } from './frame.ts';

const BLOCK_BYTES = 65_536;
/** Payloads up to this size are cheaper to copy than to hand on as buffers of their own. */
const COPIED_BYTES = 4_096;

export class Batch {
  readonly #version: number;
  #buffers: Buffer[] = [];
  #byteLength = 0;
  #block: Buffer = Buffer.alloc(0);
  /** Start of the part of the block not yet in `#buffers`, and its end. */
  #from = 0;
  #to = 0;

  constructor(version: 1 | 2) {
    this.#version = version;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  header(command: Command, length: number, streamId: number): void {
    this.#room(HEADER_BYTES);
    this.#to = writeHeader(this.#block, this.#to, this.#version, command, length, streamId);
    this.#byteLength += HEADER_BYTES;
  }

  update(streamId: number, consumed: number, window: number): void {
    this.#room(HEADER_BYTES + UPDATE_BYTES);
    this.#to = writeUpdate(this.#block, this.#to, streamId, consumed, window);
    this.#byteLength += HEADER_BYTES + UPDATE_BYTES;
  }

  payload(piece: Buffer): void {
    this.#byteLength += piece.length;
    if (piece.length > COPIED_BYTES) {
      this.#close();
      this.#buffers.push(piece);
      return;
    }
    this.#room(piece.length);
    piece.copy(this.#block, this.#to);
    this.#to += piece.length;
  }

  /** Hands over the buffers and starts anew. */
  take(): Buffer[] {
    this.#close();
    const buffers = this.#buffers;
    this.#buffers = [];
    this.#byteLength = 0;
    return buffers;
  }

  #room(bytes: number): void {
    if (this.#block.length - this.#to >= bytes) return;
    this.#close();
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#from = 0;
    this.#to = 0;
  }

  #close(): void {
    if (this.#to > this.#from) this.#buffers.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
