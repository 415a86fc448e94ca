/**
 * Sockets that can be read in place. Node's documented `onread` option lets us say where bytes go; such a socket is still an
 * ordinary stream (a Reader, TLS or anybody else may read it) until a splice takes its bytes where they lie.
 *
 * Every such socket reads into one buffer that all share, and hands out copies: reads are small then, and an idle connection
 * has no buffer at all. Only while a splice takes bytes in place and its reads fill the buffer does a socket borrow one of
 * its own, growing up to 512 KiB however many there are (smaller ones cost a fifth more at 64 streams), and gives it back after
 * some reads that would have fit the shared one.
 */
import { connect, Socket, type NetConnectOpts, type OnReadOpts } from 'node:net';
import { borrow, giveBack } from './buffers.ts';
import type { Conn } from './conn.ts';

const SHARED_BYTES = 64 * 1024;
const MAX_BYTES = 512 * 1024;
/** A burst ends in short reads as well; one that gave its buffer back at the first of them would borrow and copy all the time. */
const MAX_SMALL = 8;

/** Safe to share: bytes are copied out of it before the read callback returns. */
const shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
/** A property of the socket and not a WeakMap: every way out has one, and such maps burden every garbage collection. */
const INTAKE = Symbol('how it is read in place');

interface Readable extends Conn {
  [INTAKE]?: Intake;
}

/** Takes bytes in place. */
export interface Taker {
  /** True when it can take the next bytes now; else they go the way of an ordinary stream. */
  readonly ready: boolean;
  /**
   * `bytes` are only valid during the call, unless `lasting`: then until the taker lets the socket read on. False stops
   * reading; `socket.resume()` starts it again.
   */
  take(bytes: Buffer, lasting: boolean): boolean;
  /** Whether the bytes of the last lasting `take` are still in use. */
  readonly holds: boolean;
}

export class Intake {
  /** Who takes the bytes in place; null while the socket is an ordinary stream. */
  taker: Taker | null = null;
  #socket: Socket | null = null;
  #own: Buffer | null = null;
  #lastRead = 0;
  /** Reads in a row that would have fit the shared buffer. */
  #small = 0;

  /** The `onread` option for a new socket. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#next(),
    callback: (bytesRead, buffer) => this.#arrived(bytesRead, buffer),
  };

  join(socket: Socket & Readable): void {
    this.#socket = socket;
    socket[INTAKE] = this;
  }

  /** The taker is done; the socket reads on as an ordinary stream. */
  release(): void {
    const inUse = this.taker?.holds === true;
    this.taker = null;
    if (this.#own === null) return;
    giveBack(this.#own, !inUse && this.#socket?.destroyed === true);
    this.#own = null;
  }

  #arrived(bytesRead: number, { buffer, byteOffset }: Uint8Array): boolean {
    this.#lastRead = bytesRead;
    const { taker } = this;
    const socket = this.#socket;
    if (socket === null) return true;
    const bytes = Buffer.from(buffer, byteOffset, bytesRead);
    const lasting = buffer !== shared.buffer;
    if (taker?.ready === true && socket.readableLength === 0) return taker.take(bytes, lasting);
    return socket.push(Buffer.from(bytes));
  }

  /** Where the next read goes. Node asks right after every read. */
  #next(): Buffer {
    const { taker } = this;
    const own = this.#own;
    if (taker === null) return own ?? shared;
    if (taker.holds) return own ?? shared;
    const size = own?.length ?? SHARED_BYTES;
    if (this.#lastRead === size) return this.#grow(own, size);
    if (own === null) return shared;
    this.#small = this.#lastRead <= SHARED_BYTES ? this.#small + 1 : 0;
    if (this.#small < MAX_SMALL) return own;
    giveBack(own, true);
    this.#own = null;
    return shared;
  }

  #grow(own: Buffer | null, size: number): Buffer {
    const wanted = Math.min(size * 2, MAX_BYTES);
    const bigger = wanted > size ? borrow(wanted) : null;
    if (bigger === null) return own ?? shared;
    if (own !== null) giveBack(own, true);
    this.#own = bigger;
    this.#small = 0;
    return bigger;
  }
}

/** `net.connect` whose socket can be read in place later. The options are made use of, not copied. */
export function connectReadable(options: NetConnectOpts): Socket {
  const intake = new Intake();
  const socket = connect(Object.assign(options, { onread: intake.onread }));
  intake.join(socket);
  return socket;
}

/** How to read this stream in place; null when it was not made for it. */
export function intakeOf(conn: Readable): Intake | null {
  return conn[INTAKE] ?? null;
}
