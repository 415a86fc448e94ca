/**
 * One direction of a spliced connection under a rate: what was read is written in pieces, each when its meter says so, and
 * nothing is read meanwhile. The slow sibling of flow.ts, used only where a limiter holds.
 */
import type { Conn } from './conn.ts';
import type { FlowOwner, Way } from './flow.ts';
import { intakeOf, type Intake, type Taker } from './intake.ts';
import type { Meter } from './meter.ts';
import { wasReset } from './reset.ts';

export class MeteredFlow implements Taker {
  readonly ready = true;
  readonly holds = false;
  readonly #from: Conn;
  readonly #to: Conn;
  readonly #meter: Meter;
  readonly #way: Way;
  readonly #owner: FlowOwner;
  #intake: Intake | null = null;
  #rest: Buffer | null = null;
  #timer: NodeJS.Timeout | null = null;
  #waitsForDrain = false;
  #started = false;
  #ended = false;
  #over = false;

  constructor(from: Conn, to: Conn, meter: Meter, way: Way, owner: FlowOwner) {
    this.#from = from;
    this.#to = to;
    this.#meter = meter;
    this.#way = way;
    this.#owner = owner;
  }

  /** Begins to read. */
  start(): void {
    if (this.#over || this.#started) return;
    this.#started = true;
    if (this.#from.readableEnded) return this.#onEnd();
    this.#from.on('data', this.#onData);
    this.#from.on('end', this.#onEnd);
    this.#to.on('drain', this.#onDrain);
    this.#intake = intakeOf(this.#from);
    if (this.#intake !== null) this.#intake.taker = this;
    this.#from.resume();
  }

  /** Lets go of both streams; what was waiting is dropped. */
  stop(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#rest = null;
    this.#from.off('data', this.#onData);
    this.#from.off('end', this.#onEnd);
    this.#to.off('drain', this.#onDrain);
    this.#intake?.release();
    this.#intake = null;
  }

  take(bytes: Buffer): boolean {
    return this.#carry(Buffer.from(bytes)); // the buffer it lies in is read into again
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#carry(chunk)) this.#from.pause();
  };

  /** True when all of it was written and more may be read. */
  #carry(bytes: Buffer): boolean {
    // a stream that had more pushed to it before it was paused hands that on as well
    this.#rest = this.#rest === null ? bytes : Buffer.concat([this.#rest, bytes]);
    if (this.#timer !== null || this.#waitsForDrain) return false;
    return this.#write();
  }

  #write(): boolean {
    while (this.#rest !== null) {
      const { bytes, waitMs } = this.#meter.next(this.#rest.length);
      if (waitMs > 0) {
        this.#timer = setTimeout(this.#onTime, waitMs, bytes);
        return false;
      }
      if (!this.#send(bytes)) return false;
    }
    return true;
  }

  readonly #onTime = (bytes: number): void => {
    this.#timer = null;
    if (this.#send(bytes)) this.#goOn();
  };

  /** Writes the first bytes of the rest. False: the destination has to drain first. */
  #send(bytes: number): boolean {
    const rest = this.#rest;
    if (rest === null) return true;
    this.#rest = bytes < rest.length ? rest.subarray(bytes) : null;
    this.#owner.carried(this.#way, bytes);
    this.#waitsForDrain = !this.#to.write(rest.subarray(0, bytes));
    return !this.#waitsForDrain;
  }

  readonly #onDrain = (): void => {
    if (!this.#waitsForDrain || this.#to.destroyed) return;
    this.#waitsForDrain = false;
    this.#goOn();
  };

  #goOn(): void {
    if (this.#over || !this.#write()) return;
    if (this.#ended) this.#end();
    else this.#from.resume();
  }

  /** An end is heard of even while nothing is read; it is passed on behind what is still waiting. */
  readonly #onEnd = (): void => {
    if (wasReset(this.#from)) return this.#owner.cut(this.#way);
    this.#ended = true;
    if (this.#rest === null && this.#timer === null) this.#end();
  };

  #end(): void {
    this.#to.end();
    this.#owner.ended(this.#way);
  }
}
