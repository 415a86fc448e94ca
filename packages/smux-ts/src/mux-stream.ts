/**
 * One logical stream, the implementation of Stream.
 *
 * Theory of operation. The two directions end on their own, as in xtaci/smux v1.5.56:
 *  - `end()` sends FIN behind the last byte; reading goes on. FIN of the peer ends reading; writing goes on.
 *    After both FINs the session forgets the stream; bytes that already arrived stay readable (Go drops them).
 *  - `destroy()` is Go's Close: unsent and unread bytes are dropped, FIN is sent, even after an earlier one. smux has no
 *    reset frame; a second FIN is the only way to learn that the peer reads no more, and fails further writes.
 * Reading has two modes on one queue. As a Duplex, `_read` asks for pieces and the highWaterMark is 1: at most one
 * piece is ever outside the queue, so that "unread" means unread by the application and counts against the session's
 * receive buffer and the stream's window. In direct mode pieces go to one function and the Readable stays asleep.
 * Over 300 lines because a Duplex is one class; windows, queues and frames are in other files.
 */
import { Duplex } from 'node:stream';
import { ByteQueue, compact } from './byte-queue.ts';
import { SmuxError } from './errors.ts';
import { FIN, type Command } from './frame.ts';
import { Outgoing } from './outgoing.ts';
import type { Updater } from './send-queue.ts';
import type { Stream } from './stream.ts';
import { ReceiveWindow, SendWindow } from './window.ts';

/** Queued bytes at which `write` and `writeDirect` ask the writer to wait. */
const WRITABLE_HIGH_WATER_BYTES = 65_536;

/** What a stream needs of its session. */
export interface StreamHost {
  readonly version: 1 | 2;
  readonly maxStreamBuffer: number;
  readonly transport: Duplex & Partial<Pick<Stream, AddressField>>;
  /** The stream has bytes or FIN to send. */
  ready(outgoing: Outgoing): void;
  control(command: Command, streamId: number): void;
  update(updater: Updater): void;
  /** Unread bytes appear (positive) or disappear (negative). */
  unread(bytes: number): void;
  /** Both FINs were exchanged, or the stream was destroyed. */
  forget(stream: MuxStream): void;
}

type AddressField = 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort';

/** The implementation; the session calls the methods from `receive` to `sessionEnded`. */
export class MuxStream extends Duplex implements Stream, Updater {
  readonly id: number;
  readonly streamId: number;
  readonly outgoing: Outgoing;
  readonly #host: StreamHost;
  readonly #window: ReceiveWindow | null;
  readonly #queue = new ByteQueue();
  #sink: ((piece: Buffer) => boolean) | null = null;
  #bytesRead = 0;
  /** The reader asked for bytes and has not been given enough yet. */
  #wanted = false;
  /** Set while pieces are being handed out, so that a reader calling back does not start a second round. */
  #delivering = false;
  /** Size of the piece inside the Readable that the reader has not taken. */
  #heldBytes = 0;
  #updateQueued = false;
  #finReceived = false;
  #endDelivered = false;
  /** The peer will read no more: it sent FIN twice, or the session is gone. */
  #unwritable: SmuxError | null = null;
  #detached = false;
  #writeCallback: ((error?: Error | null) => void) | null = null;
  #finalCallback: ((error?: Error | null) => void) | null = null;
  #drainDue = false;

  constructor(id: number, host: StreamHost) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: 1,
      writableHighWaterMark: WRITABLE_HIGH_WATER_BYTES,
    });
    this.id = id;
    this.streamId = id;
    this.#host = host;
    const windowed = host.version === 2;
    this.#window = windowed ? new ReceiveWindow(host.maxStreamBuffer) : null;
    this.outgoing = new Outgoing(id, windowed ? new SendWindow() : null, () => this.#served());
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.outgoing.sentBytes;
  }

  get localAddress(): string | undefined {
    return this.#host.transport.localAddress;
  }

  get localPort(): number | undefined {
    return this.#host.transport.localPort;
  }

  get remoteAddress(): string | undefined {
    return this.#host.transport.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#host.transport.remotePort;
  }

  onData(sink: (piece: Buffer) => boolean): void {
    if (this.#sink !== null || this.readableFlowing === true) {
      throw new SmuxError('reader_taken', `stream ${this.id} already has a reader`);
    }
    const rest = this.read() as Buffer | null; // never strings: nobody sets an encoding
    this.#settleHeld();
    this.#sink = sink;
    this.#wanted = rest === null || sink(rest);
    this.#deliver();
  }

  resumeData(): void {
    if (this.#sink === null || this.#delivering || this.#wanted) return;
    this.#wanted = true;
    this.#deliver();
  }

  writeDirect(chunk: Buffer): boolean {
    if (this.destroyed) return false;
    if (this.writableEnded) throw new SmuxError('write_after_end', `stream ${this.id} was ended`);
    if (this.#unwritable !== null) {
      this.destroy(this.#unwritable);
      return false;
    }
    if (this.writableLength > 0) return this.write(chunk);
    this.outgoing.add(chunk);
    if (this.outgoing.hasWork) this.#host.ready(this.outgoing);
    if (this.outgoing.pendingBytes < WRITABLE_HIGH_WATER_BYTES) return true;
    this.#drainDue = true;
    return false;
  }

  /** Bytes of a PSH frame. */
  receive(piece: Buffer): void {
    if (this.#finReceived) return;
    if (this.#window !== null && !this.#window.receive(piece.length)) {
      this.destroy(new SmuxError('window_exceeded', `the peer sent beyond the window of stream ${this.id}`));
      return;
    }
    if (this.#wanted && !this.#delivering && this.#queue.byteLength === 0) {
      this.#handOut(piece);
      return;
    }
    this.#queue.push(piece);
    this.#host.unread(piece.length);
  }

  /** FIN of the peer. */
  receiveFin(): void {
    if (this.#finReceived) {
      this.#unwritable ??= new SmuxError('peer_closed', `the peer closed stream ${this.id}`);
      if (this.outgoing.pendingBytes > 0) this.destroy(this.#unwritable);
      return;
    }
    this.#finReceived = true;
    if (this.outgoing.finSent) this.#detach();
    this.#deliver();
  }

  /** UPD of the peer. */
  receiveUpdate(consumed: number, window: number): void {
    if (!this.outgoing.update(consumed, window)) {
      this.destroy(new SmuxError('window_invalid', `the peer consumed more than stream ${this.id} sent`));
    } else if (this.outgoing.hasWork) {
      this.#host.ready(this.outgoing);
    }
  }

  takeUpdate(): { consumed: number; window: number } | null {
    this.#updateQueued = false;
    return this.#window === null || this.#detached || this.#finReceived ? null : this.#window.report();
  }

  /** The session is over. What the peer sent up to its FIN stays readable; everything else fails with `error`. */
  sessionEnded(error: SmuxError): void {
    this.#detached = true;
    this.#unwritable = error;
    const readable = this.#finReceived && !this.readableEnded;
    if (!readable || this.outgoing.pendingBytes > 0) this.destroy(error);
    else this.once('end', () => this.destroy());
  }

  override _read(): void {
    if (this.#sink !== null) return;
    this.#settleHeld();
    this.#wanted = true;
    this.#deliver();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#send([{ chunk }], callback);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(chunks, callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#unwritable !== null) {
      callback(this.outgoing.pendingBytes > 0 ? this.#unwritable : null);
      return;
    }
    this.#finalCallback = callback;
    this.outgoing.finish();
    if (this.outgoing.hasWork) this.#host.ready(this.outgoing);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#detached) {
      this.#host.control(FIN, this.id);
      this.#detach();
    }
    this.outgoing.abort();
    this.#host.unread(-this.#queue.clear());
    this.#settleHeld();
    const cut = error ?? new SmuxError('stream_closed', `stream ${this.id} was destroyed`);
    const callbacks = [this.#writeCallback, this.#finalCallback];
    this.#writeCallback = null;
    this.#finalCallback = null;
    this.#sink = null;
    callback(error);
    for (const pending of callbacks) pending?.(cut);
  }

  #send(chunks: readonly { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    if (this.#unwritable !== null) {
      callback(this.#unwritable);
      return;
    }
    for (const { chunk } of chunks) this.outgoing.add(chunk);
    if (this.outgoing.pendingBytes === 0) {
      callback();
      return;
    }
    this.#writeCallback = callback;
    if (this.outgoing.hasWork) this.#host.ready(this.outgoing);
  }

  /** Some of the queued bytes, or FIN, are with the transport. */
  #served(): void {
    if (this.outgoing.finSent && this.#finReceived) this.#detach();
    if (this.outgoing.pendingBytes === 0 && this.#writeCallback !== null) {
      const callback = this.#writeCallback;
      this.#writeCallback = null;
      callback();
    }
    if (this.outgoing.finSent && this.#finalCallback !== null) {
      const callback = this.#finalCallback;
      this.#finalCallback = null;
      callback();
    }
    if (this.#drainDue && !this.destroyed && this.outgoing.pendingBytes <= WRITABLE_HIGH_WATER_BYTES / 2) {
      this.#drainDue = false;
      this.emit('drain');
    }
  }

  /** Hands out queued pieces while the reader wants them, then the end. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#wanted) {
      const piece = this.#queue.shift();
      if (piece === null) break;
      this.#host.unread(-piece.length);
      this.#handOut(piece);
    }
    this.#delivering = false;
    if (!this.#finReceived || this.#endDelivered || this.#queue.byteLength > 0 || this.destroyed) return;
    this.#endDelivered = true;
    this.push(null);
    if (this.#sink !== null) this.read(0);
  }

  #handOut(piece: Buffer): void {
    if (this.#sink !== null) {
      this.#wanted = this.#sink(piece);
    } else if (!this.push(this.readableFlowing === true ? piece : compact(piece))) {
      this.#wanted = false;
      this.#heldBytes = piece.length;
      this.#host.unread(piece.length);
      return;
    }
    this.#consumed(piece.length);
  }

  #settleHeld(): void {
    if (this.#heldBytes === 0) return;
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    this.#host.unread(-bytes);
    this.#consumed(bytes);
  }

  #consumed(bytes: number): void {
    this.#bytesRead += bytes;
    if (this.#window === null || !this.#window.consume(bytes)) return;
    if (this.#updateQueued || this.#detached || this.#finReceived) return;
    this.#updateQueued = true;
    this.#host.update(this);
  }

  #detach(): void {
    this.#detached = true;
    this.#host.forget(this);
  }
}
