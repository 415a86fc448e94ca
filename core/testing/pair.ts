/** Two connected streams in memory: half-close, back-pressure and destroy behave as on a socket. For tests. */
import { Duplex } from 'node:stream';
import type { Conn } from '../net/conn.ts';

class MemoryConn extends Duplex implements Conn {
  readonly localAddress = '127.0.0.1';
  readonly localPort = 1;
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 2;
  #peer: MemoryConn | null = null;
  #resume: (() => void) | null = null;

  constructor(bufferBytes: number) {
    super({ allowHalfOpen: true, highWaterMark: bufferBytes });
    this.on('error', () => undefined);
  }

  join(peer: MemoryConn): void {
    this.#peer = peer;
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#peer === null || this.#peer.destroyed) return done(broken('EPIPE'));
    this.#peer.#take(Buffer.from(chunk), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const peer = this.#peer;
    this.#peer = null;
    const clean = this.writableFinished;
    if (peer !== null && !clean) queueMicrotask(() => peer.destroy(broken('ECONNRESET')));
    this.#resume?.();
    done(error);
  }

  #take(chunk: Buffer, done: () => void): void {
    if (this.push(chunk)) done();
    else this.#resume = done;
  }
}

/** Both ends; each direction buffers about `bufferBytes` before writes wait. Whoever gets an end destroys it. */
export function memoryPair(bufferBytes = 64 * 1024): [Conn, Conn] {
  const a = new MemoryConn(bufferBytes);
  const b = new MemoryConn(bufferBytes);
  a.join(b);
  b.join(a);
  return [a, b];
}

function broken(code: string): Error {
  return Object.assign(new Error(`memory pair: ${code}`), { code });
}
