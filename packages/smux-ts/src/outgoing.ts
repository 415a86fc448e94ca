/**
 * The writing half of one stream: bytes waiting for the peer's window and for the session's turn, then FIN.
 * It holds what the stream gave it and no more; the stream stops giving at its high-water mark.
 */
import type { Batch } from './batch.ts';
import type { Sender } from './send-queue.ts';
import type { SendWindow } from './window.ts';

export class Outgoing implements Sender {
  readonly streamId: number;
  next: Sender | null = null;
  waiting = false;
  /** Null in wire version 1, which has no window. */
  readonly #window: SendWindow | null;
  readonly #onServed: () => void;
  #chunks: Buffer[] = [];
  /** Index of the first chunk not fully sent, and how much of it is. */
  #head = 0;
  #headSentBytes = 0;
  #pendingBytes = 0;
  #sentBytes = 0;
  #fin: 'open' | 'due' | 'sent' = 'open';

  constructor(streamId: number, window: SendWindow | null, onServed: () => void) {
    this.streamId = streamId;
    this.#window = window;
    this.#onServed = onServed;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes handed to the transport since the start. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  get finSent(): boolean {
    return this.#fin === 'sent';
  }

  get sendableBytes(): number {
    if (this.#window === null) return this.#pendingBytes;
    return Math.min(this.#pendingBytes, this.#window.freeBytes);
  }

  /** True when the session should give this stream a turn. */
  get hasWork(): boolean {
    return this.sendableBytes > 0 || (this.#fin === 'due' && this.#pendingBytes === 0);
  }

  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#pendingBytes += chunk.length;
  }

  /** No more bytes will be added; FIN follows the last one. */
  finish(): void {
    if (this.#fin === 'open') this.#fin = 'due';
  }

  /** Forgets everything unsent, FIN included. */
  abort(): void {
    this.#chunks = [];
    this.#head = 0;
    this.#headSentBytes = 0;
    this.#pendingBytes = 0;
    if (this.#fin === 'due') this.#fin = 'open';
  }

  /** Takes an UPD of the peer; false when it is not possible. */
  update(consumed: number, window: number): boolean {
    return this.#window === null || this.#window.update(consumed, window);
  }

  moveInto(batch: Batch, bytes: number): void {
    this.#window?.sent(bytes);
    this.#sentBytes += bytes;
    this.#pendingBytes -= bytes;
    let left = bytes;
    while (left > 0) {
      const chunk = this.#chunks[this.#head];
      if (chunk === undefined) throw new RangeError('more bytes asked for than are queued');
      const size = Math.min(left, chunk.length - this.#headSentBytes);
      const whole = size === chunk.length;
      batch.payload(whole ? chunk : chunk.subarray(this.#headSentBytes, this.#headSentBytes + size));
      left -= size;
      this.#headSentBytes += size;
      if (this.#headSentBytes === chunk.length) {
        this.#head++;
        this.#headSentBytes = 0;
      }
    }
    if (this.#pendingBytes === 0) {
      this.#chunks = [];
      this.#head = 0;
    } else if (this.#head >= 64) {
      this.#chunks = this.#chunks.slice(this.#head);
      this.#head = 0;
    }
  }

  takeFin(): boolean {
    if (this.#fin !== 'due' || this.#pendingBytes > 0) return false;
    this.#fin = 'sent';
    return true;
  }

  served(): void {
    this.#onServed();
  }
}
