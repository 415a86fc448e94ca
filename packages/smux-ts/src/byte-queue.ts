/**
 * Received bytes of one stream that its reader has not taken yet.
 *
 * Pieces are views of transport chunks. Keeping a view keeps the whole chunk alive, so a peer could pin 64 KiB with
 * every byte it sends to a stalled stream. Pieces that are small next to their memory are therefore copied, and
 * neighbours share one block: what the queue pins stays within four times `byteLength` plus one block.
 */
const BLOCK_BYTES = 4_096;
/** A view is kept as it is when it uses at least this share of its memory. */
const KEPT_SHARE = 1 / 4;

export class ByteQueue {
  #pieces: Buffer[] = [];
  #head = 0;
  #byteLength = 0;
  /** The block behind the last piece, when that piece may still grow. */
  #block: Buffer | null = null;
  #blockBytes = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  push(piece: Buffer): void {
    this.#byteLength += piece.length;
    if (pinsLittle(piece)) {
      this.#block = null;
      this.#pieces.push(piece);
      return;
    }
    if (this.#block === null || this.#block.length - this.#blockBytes < piece.length) {
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, piece.length));
      this.#blockBytes = 0;
      this.#pieces.push(this.#block);
    }
    piece.copy(this.#block, this.#blockBytes);
    this.#blockBytes += piece.length;
    this.#pieces[this.#pieces.length - 1] = this.#block.subarray(0, this.#blockBytes);
  }

  /** The oldest piece, or null. */
  shift(): Buffer | null {
    const piece = this.#pieces[this.#head];
    if (piece === undefined) return null;
    this.#head++;
    if (this.#head === this.#pieces.length) this.#reset();
    else if (this.#head >= 64 && this.#head * 2 >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head);
      this.#head = 0;
    }
    this.#byteLength -= piece.length;
    return piece;
  }

  /** Forgets everything and returns how many bytes that were. */
  clear(): number {
    const bytes = this.#byteLength;
    this.#reset();
    this.#byteLength = 0;
    return bytes;
  }

  #reset(): void {
    this.#pieces = [];
    this.#head = 0;
    this.#block = null;
    this.#blockBytes = 0;
  }
}

/** `piece` itself, or a copy of it when holding on to it would pin much more memory than it has bytes. */
export function compact(piece: Buffer): Buffer {
  if (pinsLittle(piece)) return piece;
  const copy = Buffer.allocUnsafeSlow(piece.length);
  piece.copy(copy);
  return copy;
}

function pinsLittle(piece: Buffer): boolean {
  return piece.length >= piece.buffer.byteLength * KEPT_SHARE;
}
