/** A logical stream as users of a session see it. mux-stream.ts implements it. */
import type { Duplex } from 'node:stream';

/**
 * A stream of a session: a Node Duplex with independent ends (`allowHalfOpen` is true), plus a direct way past the
 * Duplex machinery for code that moves bytes in bulk. An abrupt end emits 'error' with a SmuxError, as sockets do.
 */
export interface Stream extends Duplex {
  /** Odd when the session's client opened it, even when its server did; never 0. */
  readonly id: number;
  /** Bytes the application has taken from this stream. */
  readonly bytesRead: number;
  /** Bytes handed to the transport. */
  readonly bytesWritten: number;
  /** Addresses of the transport, when it has any. */
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;

  /**
   * Direct reading: from now on every piece goes to `sink`, first what was buffered. The sink owns the piece. False
   * means "taken, but send no more"; `resumeData` continues. The end still comes as the event 'end', a failure as
   * 'error'. Once per stream, instead of 'data', `pipe` and `read`; throws SmuxError `reader_taken` otherwise.
   */
  onData(sink: (piece: Buffer) => boolean): void;
  /** Continues after the sink returned false. Inside the sink it does nothing: return true there. */
  resumeData(): void;
  /**
   * Direct writing: queues `chunk` by reference, so its bytes must not change. False asks to wait for 'drain'; the chunk is queued
   * all the same. Keeps its order with `write`; finish with `end()`. On a destroyed stream the chunk is dropped and
   * false returned. Throws SmuxError `write_after_end` after `end()`.
   */
  writeDirect(chunk: Buffer): boolean;
}
