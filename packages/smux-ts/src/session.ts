/**
 * A session: many streams over one transport, any Duplex.
 *
 * Theory of operation.
 *  - Receiving: chunks go through the Decoder; bytes reach their stream as views of the chunk. Unread bytes of all streams
 *    count against `maxReceiveBuffer`; at zero the transport is paused until a reader takes some (Go's token bucket). Control
 *    frames the peer makes us answer are bounded the same way. Frames of unknown streams are ignored.
 *  - Sending: whatever is queued during one turn of the event loop leaves in one gathered write (setImmediate), composed by
 *    SendQueue; only what the first received chunk of a turn caused leaves right after it, because a peer may be waiting for a window.
 *    The next batch is composed when the transport has drained, so the order is decided as late as possible.
 *  - Ending: the first cause wins, settles `closed`, and reaches every stream.
 * Over 300 lines because receiving, sending and ending share one state; what has its own state is in other files.
 */
import type { Duplex } from 'node:stream';
import { verifyConfig, type Config, type ConfigOptions } from './config.ts';
import { Decoder } from './decoder.ts';
import { SmuxError } from './errors.ts';
import { FIN, NOP, SYN, type Command } from './frame.ts';
import { KeepAlive } from './keep-alive.ts';
import { lingerThenDestroy } from './linger.ts';
import type { Outgoing } from './outgoing.ts';
import { SendQueue, type Updater } from './send-queue.ts';
import { MuxStream, type StreamHost } from './mux-stream.ts';
import type { Stream } from './stream.ts';

/** Data composed into one write; also what control frames may have to wait behind in the transport. */
const BATCH_BYTES = 262_144;
/** Unsent control frames at which we stop listening to a peer that does not read. */
const CONTROL_LIMIT_BYTES = 1_048_576;
const MAX_STREAM_ID = 0xffff_ffff;

/** Settings of a session: Config with defaults, and how streams and bytes come in. */
export interface SessionOptions extends ConfigOptions {
  /** Called for every stream the peer opens. Until it is set, streams wait in the accept backlog. */
  readonly onStream?: ((stream: Stream) => void) | undefined;
  /**
   * `events` (default): the session reads the transport by 'data' events. `push`: the caller reads and calls
   * `push`; the session still calls the transport's `pause` and `resume`, which also govern a socket with `onread`.
   */
  readonly receive?: 'events' | 'push' | undefined;
}

/** One multiplexed transport. It owns the transport: ending the session ends it. */
export class Session {
  /** Settles when the session is over: null after `close()` or a clean end of the transport. Never rejects. */
  readonly closed: Promise<SmuxError | null>;
  readonly #config: Config;
  readonly #transport: Duplex;
  readonly #host: StreamHost;
  readonly #queue: SendQueue;
  readonly #decoder: Decoder;
  readonly #streams = new Map<number, MuxStream>();
  readonly #keepAlive: KeepAlive;
  readonly #unlisten: () => void;
  readonly #gathers: boolean;
  #onStream: ((stream: Stream) => void) | null;
  #backlog: MuxStream[] = [];
  #nextId: number;
  #unreadBytes = 0;
  #paused = false;
  #flushDue = false;
  /** The first chunk of this turn has been answered; the rest waits for the gathered write. */
  #answered = false;
  #blocked = false;
  #ended = false;
  #nopWaiting = false;
  #settleClosed: (error: SmuxError | null) => void = () => undefined;

  /** The side that numbers its streams 3, 5, 7, …; by custom the one that dialled. Throws SmuxError `invalid_option`. */
  static client(transport: Duplex, options: SessionOptions = {}): Session {
    return new Session(transport, options, 3);
  }

  /** The side that numbers its streams 2, 4, 6, …; by custom the one that accepted. Throws SmuxError `invalid_option`. */
  static server(transport: Duplex, options: SessionOptions = {}): Session {
    return new Session(transport, options, 2);
  }

  private constructor(transport: Duplex, options: SessionOptions, firstId: number) {
    this.#config = verifyConfig(options);
    this.#transport = transport;
    this.#nextId = firstId;
    this.#onStream = options.onStream ?? null;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    this.#queue = new SendQueue(this.#config.version, this.#config.maxFrameSize);
    this.#gathers = typeof transport._writev === 'function';
    this.#decoder = new Decoder(this.#config.version, {
      syn: (streamId) => this.#accept(streamId),
      fin: (streamId) => this.#streams.get(streamId)?.receiveFin(),
      data: (streamId, bytes) => this.#streams.get(streamId)?.receive(bytes),
      nop: () => undefined,
      update: (streamId, consumed, window) => this.#streams.get(streamId)?.receiveUpdate(consumed, window),
    });
    this.#host = {
      version: this.#config.version,
      maxStreamBuffer: this.#config.maxStreamBuffer,
      transport,
      ready: (outgoing) => this.#ready(outgoing),
      control: (command, streamId) => this.#control(command, streamId),
      update: (updater) => this.#update(updater),
      unread: (bytes) => this.#countUnread(bytes),
      forget: (stream) => this.#forget(stream),
    };
    this.#unlisten = this.#listen(options.receive ?? 'events');
    this.#keepAlive = new KeepAlive(
      this.#config,
      () => this.#ping(),
      () => this.#silent(),
    );
    if (transport.destroyed) this.#end(transportError(transport.errored));
    else if (transport.readableEnded) this.#transportEnded();
  }

  /** Streams open in at least one direction, those in the accept backlog included. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** True from the moment the session is over. */
  get destroyed(): boolean {
    return this.#ended;
  }

  /** See SessionOptions.onStream. Setting it hands over the streams of the backlog at once, oldest first. */
  get onStream(): ((stream: Stream) => void) | null {
    return this.#onStream;
  }

  set onStream(handler: ((stream: Stream) => void) | null) {
    this.#onStream = handler;
    while (this.#onStream !== null) {
      const stream = this.#backlog.shift();
      if (stream === undefined) return;
      stream.off('error', ignore);
      if (!stream.destroyed) this.#onStream(stream);
    }
  }

  /**
   * Opens a stream. Nothing is waited for: SYN leaves with the first bytes, and smux has no answer to it.
   * Throws SmuxError `session_closed`, or `ids_exhausted` after 2^31 streams.
   */
  open(): Stream {
    if (this.#ended) throw new SmuxError('session_closed', 'the session is closed');
    while (this.#streams.has(this.#nextId)) this.#nextId += 2;
    if (this.#nextId > MAX_STREAM_ID) {
      throw new SmuxError('ids_exhausted', 'all stream ids are used, start a new session');
    }
    const stream = this.#add(this.#nextId);
    this.#nextId += 2;
    this.#control(SYN, stream.id);
    return stream;
  }

  /**
   * Feeds received bytes (option `receive: 'push'`). The session and the readers of its streams keep views of `chunk`: give
   * each call memory of its own, or a copy. False: reading is paused until the session calls `transport.resume()`.
   */
  push(chunk: Buffer): boolean {
    if (this.#ended) return true;
    this.#keepAlive.heard();
    const error = this.#decoder.push(chunk);
    if (error !== null) this.#end(error);
    this.#govern();
    if (this.#flushDue && !this.#answered && !this.#blocked) {
      this.#answered = true;
      this.#flush(BATCH_BYTES);
    }
    return this.destroyed || !this.#paused;
  }

  /** Ends the session and all its streams: what is queued and inside the peer's windows is sent, then the transport ends. */
  close(): void {
    this.#end(null);
  }

  /** Listens to the transport; returns what undoes it. */
  #listen(receive: 'events' | 'push'): () => void {
    const transport = this.#transport;
    const onData = (chunk: Buffer): void => void this.push(chunk);
    const onDrain = (): void => this.#drained();
    const onEnd = (): void => this.#transportEnded();
    const onError = (error: Error): void => this.#end(transportError(error));
    const onClose = (): void => this.#end(transportError(null));
    transport.on('drain', onDrain).on('end', onEnd).on('error', onError).on('close', onClose);
    if (receive === 'events') transport.on('data', onData).resume();
    return () => {
      transport.off('drain', onDrain).off('end', onEnd).off('error', onError).off('close', onClose);
      transport.off('data', onData);
    };
  }

  #ping(): void {
    if (this.#nopWaiting) return;
    this.#nopWaiting = true;
    this.#control(NOP, 0);
  }

  #silent(): void {
    if (this.#unreadBytes >= this.#config.maxReceiveBuffer) return; // we are the ones who do not listen
    this.#end(new SmuxError('keepalive_timeout', `heard nothing for ${this.#config.keepAliveTimeoutMs} ms`));
  }

  #add(id: number): MuxStream {
    const stream = new MuxStream(id, this.#host);
    this.#streams.set(id, stream);
    return stream;
  }

  #accept(id: number): void {
    if (this.#streams.has(id)) return;
    if (this.#onStream !== null) {
      this.#onStream(this.#add(id));
    } else if (this.#backlog.length < this.#config.acceptBacklog) {
      this.#backlog.push(this.#add(id).on('error', ignore)); // nobody else can listen yet
    } else {
      this.#control(FIN, id);
    }
  }

  #forget(stream: MuxStream): void {
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id);
  }

  #countUnread(bytes: number): void {
    this.#unreadBytes += bytes;
    if (bytes < 0 && this.#paused) this.#govern();
  }

  /** Pauses or resumes reading by what is unread and what could not be answered. */
  #govern(): void {
    if (this.#ended) return;
    const full =
      this.#unreadBytes >= this.#config.maxReceiveBuffer || this.#queue.controlBytes > CONTROL_LIMIT_BYTES;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#transport.pause();
    else this.#transport.resume();
  }

  #ready(outgoing: Outgoing): void {
    this.#queue.ready(outgoing);
    this.#scheduleFlush();
  }

  #control(command: Command, streamId: number): void {
    if (this.#ended) return;
    this.#queue.control(command, streamId);
    this.#scheduleFlush();
  }

  #update(updater: Updater): void {
    this.#queue.update(updater);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushDue || this.#blocked || this.#ended) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      this.#answered = false;
      if (!this.#blocked) this.#flush(BATCH_BYTES);
    });
  }

  #drained(): void {
    this.#blocked = false;
    if (!this.#queue.empty) this.#scheduleFlush();
  }

  #flush(budgetBytes: number): void {
    if (this.#ended) return;
    const buffers = this.#queue.compose(budgetBytes);
    if (buffers.length === 0) return;
    this.#nopWaiting = false;
    this.#blocked = !this.#write(buffers);
    this.#queue.settle();
    if (this.#paused) this.#govern();
    if (!this.#queue.empty) this.#scheduleFlush();
  }

  /**
   * Sends what is queued, whatever the transport says. A stream that was written to and ended has its bytes in three steps
   * (the write under way, those behind it, FIN), each asked for by the one before; further steps are new writes.
   */
  #flushAll(): void {
    for (let step = 0; step < 3 && !this.#queue.empty && this.#transport.writable; step++) {
      this.#write(this.#queue.compose(Infinity));
      this.#queue.settle();
    }
  }

  /** One write of the transport for all buffers. False: wait for 'drain'. */
  #write(buffers: readonly Buffer[]): boolean {
    const [first] = buffers;
    if (first === undefined) return true;
    if (buffers.length === 1) return this.#transport.write(first);
    if (!this.#gathers) return this.#transport.write(Buffer.concat(buffers));
    let drained = true;
    this.#transport.cork();
    for (const buffer of buffers) drained = this.#transport.write(buffer);
    this.#transport.uncork();
    return drained;
  }

  #transportEnded(): void {
    this.#end(
      this.#decoder.midFrame
        ? new SmuxError('transport_ended', 'the transport ended inside a frame')
        : new SmuxError('session_closed', 'the peer closed the session'),
    );
  }

  /** The only way out. A null cause is our own `close()`; `session_closed` is the peer's. */
  #end(cause: SmuxError | null): void {
    if (this.#ended) return;
    const graceful = cause === null || cause.code === 'session_closed';
    this.#ended = true; // first, because writers called back by the last flush may call close() themselves
    if (graceful) this.#flushAll();
    this.#decoder.stop();
    this.#keepAlive.stop();
    this.#unlisten();
    this.#transport.on('error', ignore);
    const waiting = new Set(this.#backlog);
    const streamError = cause ?? new SmuxError('session_closed', 'the session was closed');
    for (const stream of [...this.#streams.values()]) {
      if (waiting.has(stream)) stream.destroy();
      else stream.sessionEnded(streamError);
    }
    this.#streams.clear();
    this.#backlog = [];
    if (graceful) lingerThenDestroy(this.#transport);
    else this.#transport.destroy();
    this.#settleClosed(graceful ? null : cause);
  }
}

function ignore(): void {
  // A failure after the end, or bytes nobody asked for, change nothing.
}

function transportError(error: Error | null): SmuxError {
  if (error === null) return new SmuxError('transport_ended', 'the transport was closed');
  return new SmuxError('transport_error', `the transport failed: ${error.message}`, { cause: error });
}
