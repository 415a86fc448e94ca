/**
 * Exact reads for straight-line handshakes: "two bytes, then as many as the second one says". Takes from the stream's own
 * buffer and never hides what lies behind a message: it stays in the stream for whoever owns it next.
 * One Reader at a time per stream. Deadlines are the caller's (`within`): destroying the stream ends a pending read.
 */
import type { ErrorCode, Detail } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import type { Conn } from './conn.ts';

export interface ReaderOptions {
  /** What a stream that ends or breaks before the bytes came means; default `client_gone`. */
  readonly gone?: ErrorCode;
  /** What bytes that can not be right mean; default `malformed`. */
  readonly malformed?: ErrorCode;
  /** Fills the sentences of both. */
  readonly detail?: Detail;
}

export class Reader {
  readonly #conn: Conn;
  readonly #options: ReaderOptions;
  #ended = false;
  #listening = false;
  #wake: (() => void) | null = null;

  constructor(conn: Conn, options: ReaderOptions = {}) {
    this.#conn = conn;
    this.#options = options;
  }

  /** Exactly `n` bytes. Rejects with `gone` when the stream ends or breaks before. */
  async read(n: number): Promise<Buffer> {
    if (n === 0) return Buffer.alloc(0);
    for (;;) {
      const chunk = this.#take(n);
      if (chunk?.length === n) return chunk;
      if (chunk !== null) throw this.#gone();
      await this.#more();
    }
  }

  /** The same without waiting: null when they are not all here yet, and nothing is taken then. */
  readNow(n: number): Buffer | null {
    return n > 0 && this.#conn.readableLength >= n ? this.#take(n) : null;
  }

  async readByte(): Promise<number> {
    return (await this.read(1)).readUInt8(0);
  }

  /** Exactly `n` bytes that stay where they are. */
  async peek(n: number): Promise<Buffer> {
    const bytes = await this.read(n);
    this.#conn.unshift(bytes);
    return bytes;
  }

  /** Everything before the next `byte`, which is consumed as well. Rejects with `malformed` when `max` bytes come without it. */
  async readUntil(byte: number, max: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = this.#take();
      if (chunk === null) {
        await this.#more();
        continue;
      }
      const at = chunk.subarray(0, max - length + 1).indexOf(byte);
      if (at !== -1) {
        if (at + 1 < chunk.length) this.#conn.unshift(chunk.subarray(at + 1));
        parts.push(chunk.subarray(0, at));
        return parts.length === 1 ? chunk.subarray(0, at) : Buffer.concat(parts);
      }
      length += chunk.length;
      if (length > max) throw new ProxyError(this.#options.malformed ?? 'malformed', this.#options.detail);
      parts.push(chunk);
    }
  }

  /** Lets go of the stream: unread bytes stay in it, and it does not flow until its next owner says so. */
  release(): void {
    if (!this.#listening) return;
    this.#listening = false;
    this.#conn.off('readable', this.#onReadable);
    this.#conn.off('end', this.#onEnd);
    this.#conn.off('close', this.#onEnd);
    this.#conn.off('error', this.#onEnd);
  }

  #take(n?: number): Buffer | null {
    const chunk: unknown = this.#conn.read(n);
    if (chunk === null) return null;
    if (!Buffer.isBuffer(chunk))
      throw new ProxyError('bug', {}, { cause: new Error('the stream does not carry bytes') });
    return chunk;
  }

  /** Throws `gone` at once when nothing can come any more. */
  #more(): Promise<void> {
    if (this.#ended || this.#conn.destroyed || this.#conn.readableEnded) throw this.#gone();
    this.#listen();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Attached at the first wait only: a handshake that arrives in one piece needs no listener at all. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#conn.on('readable', this.#onReadable);
    this.#conn.on('end', this.#onEnd);
    this.#conn.on('close', this.#onEnd);
    this.#conn.on('error', this.#onEnd);
  }

  readonly #onReadable = (): void => {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#onReadable();
  };

  #gone(): ProxyError {
    const { gone = 'client_gone', detail = {} } = this.#options;
    return new ProxyError(gone, detail, { cause: this.#conn.errored ?? undefined });
  }
}
