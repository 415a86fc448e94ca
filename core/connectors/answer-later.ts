/**
 * A stream whose proxy may send its answer only together with the target's first bytes. Writing goes straight through;
 * reading starts with the answer, whenever it comes, and fails if it is a refusal. Only used where the answer is late: a
 * stream whose answer came in time is handed on as it is.
 */
import { Duplex } from 'node:stream';
import type { Conn } from '../net/conn.ts';
import { within } from '../net/within.ts';

export class AnswerLater extends Duplex implements Conn {
  readonly #conn: Conn;
  readonly #answered: Promise<unknown>;

  /** Starts reading the answer at once. Owns `conn` unless `within` says true. */
  constructor(conn: Conn, read: () => Promise<unknown>) {
    super({ allowHalfOpen: true });
    this.#conn = conn;
    this.#answered = read();
    this.#answered.catch(() => undefined); // told by `within` or, later, by the stream
  }

  /** True: a good answer came within `ms`; use the stream below and forget this one. Rejects when it was a refusal. */
  async within(ms: number, signal: AbortSignal): Promise<boolean> {
    const waiting = new Error('still waiting');
    try {
      await within(
        signal,
        ms,
        () => this.#answered,
        () => waiting,
      );
      return true;
    } catch (error) {
      if (error !== waiting) throw error;
      this.#begin();
      return false;
    }
  }

  get localAddress(): string | undefined {
    return this.#conn.localAddress;
  }
  get localPort(): number | undefined {
    return this.#conn.localPort;
  }
  get remoteAddress(): string | undefined {
    return this.#conn.remoteAddress;
  }
  get remotePort(): number | undefined {
    return this.#conn.remotePort;
  }

  override _read(): void {
    this.#conn.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#conn.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#conn.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#conn.destroy(error ?? undefined);
    done(error);
  }

  /** Turns into a stream: what follows the answer is ours to read. */
  #begin(): void {
    this.#conn.on('error', (error) => this.destroy(error));
    this.#conn.once('close', () => {
      if (!this.readableEnded || !this.writableFinished) this.destroy();
    });
    this.#answered.then(
      () => {
        this.#conn.on('data', (chunk: Buffer) => {
          if (!this.push(chunk)) this.#conn.pause();
        });
        this.#conn.once('end', () => this.push(null));
      },
      (error: unknown) => this.destroy(error instanceof Error ? error : undefined),
    );
  }
}
