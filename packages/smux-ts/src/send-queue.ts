/**
 * What a session has to send, in fair order: control frames and window updates first, then the streams in turn, each at
 * most QUANTUM_BYTES before the next one. FIN follows the last byte of its own stream and waits for no other's.
 */
import { Batch } from './batch.ts';
import { FIN, HEADER_BYTES, PSH, type Command } from './frame.ts';

/** What one stream may send before the next one has its turn. */
const QUANTUM_BYTES = 65_536;

/** One stream as the queue sees it. */
export interface Sender {
  readonly streamId: number;
  /** Queued bytes inside the peer's window. */
  readonly sendableBytes: number;
  /** Moves exactly `bytes` of its queue, at most `sendableBytes`, into the batch. */
  moveInto(batch: Batch, bytes: number): void;
  /** True once: when FIN is due because the writer ended and nothing is queued. */
  takeFin(): boolean;
  /** Called after the batch that took some of its bytes or its FIN was written. */
  served(): void;
  /** The next sender of the ring; belongs to SendQueue. */
  next: Sender | null;
  /** Already in the ring; belongs to SendQueue. */
  waiting: boolean;
}

/** The reading half of one stream, which owes its peer an UPD. */
export interface Updater {
  readonly streamId: number;
  /** Values of the UPD; null when it is no longer of use. */
  takeUpdate(): { consumed: number; window: number } | null;
}

export class SendQueue {
  readonly #maxFrameSize: number;
  readonly #batch: Batch;
  #control: { command: Command; streamId: number }[] = [];
  #updates: Updater[] = [];
  #first: Sender | null = null;
  #last: Sender | null = null;
  #served: Sender[] = [];

  constructor(version: 1 | 2, maxFrameSize: number) {
    this.#maxFrameSize = maxFrameSize;
    this.#batch = new Batch(version);
  }

  get empty(): boolean {
    return this.#first === null && this.#control.length === 0 && this.#updates.length === 0;
  }

  /** Control frames not yet handed to the transport, the bound a session puts on a peer that does not read. */
  get controlBytes(): number {
    return this.#control.length * HEADER_BYTES;
  }

  control(command: Command, streamId: number): void {
    this.#control.push({ command, streamId });
  }

  update(updater: Updater): void {
    this.#updates.push(updater);
  }

  /** Gives a sender its place in the ring, unless it has one. */
  ready(sender: Sender): void {
    if (sender.waiting) return;
    sender.waiting = true;
    sender.next = null;
    if (this.#last === null) this.#first = sender;
    else this.#last.next = sender;
    this.#last = sender;
  }

  /** All control frames and about `budgetBytes` of data as buffers in wire order; call `settle` once they are written. */
  compose(budgetBytes: number): Buffer[] {
    const batch = this.#batch;
    for (const { command, streamId } of this.#control) batch.header(command, 0, streamId);
    this.#control = [];
    for (const updater of this.#updates) {
      const update = updater.takeUpdate();
      if (update !== null) batch.update(updater.streamId, update.consumed, update.window);
    }
    this.#updates = [];
    const end = batch.byteLength + budgetBytes;
    while (this.#first !== null && batch.byteLength < end) {
      const sender = this.#first;
      this.#first = sender.next;
      if (this.#first === null) this.#last = null;
      sender.next = null;
      sender.waiting = false;
      this.#turn(sender);
      if (sender.sendableBytes > 0) this.ready(sender);
    }
    return batch.take();
  }

  /** Tells the senders of the last batch that their bytes are gone. They may queue more at once. */
  settle(): void {
    const served = this.#served;
    if (served.length === 0) return;
    this.#served = [];
    for (const sender of served) sender.served();
  }

  #turn(sender: Sender): void {
    let left = QUANTUM_BYTES;
    while (left > 0) {
      const size = Math.min(sender.sendableBytes, this.#maxFrameSize, left);
      if (size === 0) break;
      this.#batch.header(PSH, size, sender.streamId);
      sender.moveInto(this.#batch, size);
      left -= size;
    }
    const finished = sender.takeFin();
    if (finished) this.#batch.header(FIN, 0, sender.streamId);
    if (finished || left < QUANTUM_BYTES) this.#served.push(sender);
  }
}
