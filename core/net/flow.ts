/**
 * One direction of a spliced connection: bytes of one stream into another, with back-pressure, a fair share of the loop, and
 * no allocation of its own. The only file that knows there are faster and slower ways:
 *
 * - *in place*: a socket that can be read in place (intake.ts) into a plain socket or into TLS. The buffer that was read into is
 *   written from. It may be read into again only when the write has left this process; until then reading stops.
 * - *gathered*: TLS, smux, WebSocket and HTTP/2 hand out what came in pieces; into a plain socket those of one turn are written together.
 * - *plain*: `data` into `write`, for all others.
 */
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Conn } from './conn.ts';
import { intakeOf, type Intake, type Taker } from './intake.ts';
import { wasReset } from './reset.ts';
import { Budget, type Busy } from './turns.ts';

/** A smaller piece is the end of what the peer had to say for now. TLS records and HTTP/2 frames hold 16 KiB, a little less with what is inside. */
const PIECE_BYTES = 12 * 1024;
const GATHER_MAX_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** Client to target, or back. */
export type Way = 'up' | 'down';

/** Whom a direction belongs to. One object for both, since ten thousand connections have two each. */
export interface FlowOwner {
  /** Bytes that were read, each once. */
  carried(way: Way, bytes: number): void;
  /** The source has ended and everything has been handed to the destination, whose end was asked for. */
  ended(way: Way): void;
  /** The source was reset. */
  cut(way: Way): void;
}

export class Flow implements Taker, Busy {
  #from: Conn;
  #to: Conn;
  readonly #way: Way;
  readonly #owner: FlowOwner;
  readonly #budget = new Budget(this);
  #intake: Intake | null = null;
  #toPlain: boolean;
  readonly #toTls: boolean;
  /** The source hands out pieces of what it read. */
  readonly #inPieces: boolean;
  /** Why nothing is read at the moment. */
  #waitsFor: 'nothing' | 'start' | 'drain' | 'turn' = 'start';
  #holds = false;
  #gathered = 0;
  #over = false;

  constructor(from: Conn, to: Conn, way: Way, owner: FlowOwner) {
    this.#from = from;
    this.#to = to;
    this.#way = way;
    this.#owner = owner;
    this.#toPlain = isPlainSocket(to);
    this.#toTls = to instanceof TLSSocket;
    this.#inPieces = !isPlainSocket(from);
  }

  get ready(): boolean {
    return this.#waitsFor === 'nothing' && (this.#toPlain || this.#toTls);
  }

  get holds(): boolean {
    return this.#holds;
  }

  /** Begins to read. */
  start(): void {
    if (this.#over || this.#waitsFor !== 'start') return;
    this.#waitsFor = 'nothing';
    if (this.#from.readableEnded) this.#onEnd();
    else this.#attach();
  }

  /** Another stream for the same connection took the place of the source, with all that was unread in it. */
  readFrom(from: Conn): void {
    this.#detach();
    this.#from = from;
    this.#attach();
  }

  /** The same for the destination, in which nothing was unsent. */
  writeTo(to: Conn): void {
    this.#to.off('drain', this.#onDrain);
    this.#to = to;
    this.#toPlain = isPlainSocket(to);
    if (this.#waitsFor !== 'start') to.on('drain', this.#onDrain);
  }

  /** Lets go of both streams. */
  stop(): void {
    this.#over = true;
    this.#detach();
  }

  take(bytes: Buffer, lasting: boolean): boolean {
    this.#owner.carried(this.#way, bytes.length);
    this.#to.write(lasting ? bytes : Buffer.from(bytes));
    if (this.#to.writableLength > 0) {
      if (lasting) return this.#holdUntilSent();
      if (this.#to.writableNeedDrain) return this.#wait('drain');
    }
    return this.#budget.spend(bytes.length) || this.#wait('turn');
  }

  /** In the next turn of the loop, after the budget of one was used up. */
  next(): void {
    if (this.#waitsFor === 'turn') this.#readOn();
  }

  #attach(): void {
    this.#from.on('data', this.#onData);
    this.#from.on('end', this.#onEnd);
    this.#to.on('drain', this.#onDrain);
    this.#intake = intakeOf(this.#from);
    if (this.#intake !== null) this.#intake.taker = this;
    if (this.#waitsFor === 'nothing') this.#from.resume();
    else this.#from.pause();
  }

  #detach(): void {
    this.#from.off('data', this.#onData);
    this.#from.off('end', this.#onEnd);
    this.#to.off('drain', this.#onDrain);
    this.#intake?.release();
    this.#intake = null;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#owner.carried(this.#way, chunk.length);
    if (this.#inPieces && this.#toPlain) {
      this.#gather(chunk);
      return;
    }
    this.#to.write(chunk);
    this.#pauseIfNeeded(chunk.length);
  };

  #pauseIfNeeded(bytes: number): void {
    const full = this.#to.writableLength > 0 && this.#to.writableNeedDrain;
    if (full) this.#wait('drain');
    else if (!this.#budget.spend(bytes)) this.#wait('turn');
    if (this.#waitsFor !== 'nothing') this.#from.pause();
  }

  #gather(chunk: Buffer): void {
    if (this.#gathered === 0 && chunk.length < PIECE_BYTES) {
      this.#to.write(chunk);
      this.#pauseIfNeeded(chunk.length);
      return;
    }
    if (this.#gathered === 0) {
      this.#to.cork();
      setImmediate(scatterOf, this);
    }
    this.#to.write(chunk);
    this.#gathered += chunk.length;
    if (chunk.length < PIECE_BYTES || this.#gathered >= GATHER_MAX_BYTES) this.scatter();
  }

  /** Writes what was gathered. */
  scatter(): void {
    const bytes = this.#gathered;
    if (bytes === 0) return;
    this.#gathered = 0;
    this.#to.uncork();
    if (!this.#over) this.#pauseIfNeeded(bytes);
  }

  /** The buffer belongs to the system until the write is done, and nothing may be read into it. */
  #holdUntilSent(): false {
    this.#holds = true;
    // below the high-water mark no 'drain' will come; the callback of an empty write comes when all before it is out
    if (!this.#to.writableNeedDrain) this.#to.write(NOTHING, this.#onDrain);
    return this.#wait('drain');
  }

  #wait(what: 'drain' | 'turn'): false {
    this.#waitsFor = what;
    return false;
  }

  readonly #onDrain = (): void => {
    if (this.#waitsFor !== 'drain' || this.#to.destroyed) return;
    this.#holds = false;
    this.#readOn();
  };

  #readOn(): void {
    this.#waitsFor = 'nothing';
    if (!this.#over) this.#from.resume();
  }

  readonly #onEnd = (): void => {
    if (wasReset(this.#from)) return this.#owner.cut(this.#way);
    this.scatter();
    this.#to.end();
    this.#owner.ended(this.#way);
  };
}

function scatterOf(flow: Flow): void {
  flow.scatter();
}

/** TCP or a local socket without anything between it and the system. */
export function isPlainSocket(conn: Conn): conn is Socket {
  return conn instanceof Socket && !(conn instanceof TLSSocket);
}
