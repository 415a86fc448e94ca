/**
 * Fairness between streams. The event loop would serve one busy socket up to 32 reads in a row; here each stream has a budget
 * of bytes per turn of the loop, and one that used it up waits until the others have had theirs. The budget is a share of
 * 4 MiB among the streams that were busy in the last turn: large when alone, 128 KiB in a crowd.
 */
const TURN_BYTES = 4 * 1024 * 1024;
const MIN_BYTES = 128 * 1024;
const MAX_BYTES = 1024 * 1024;

/** Something that reads until it is told to wait. */
export interface Busy {
  /** Called in the next turn after `spend` said no. */
  next(): void;
}

/** What one stream spent in the current turn. */
export class Budget {
  readonly #owner: Busy;
  #turn = -1;
  #spent = 0;

  constructor(owner: Busy) {
    this.#owner = owner;
  }

  /** Counts bytes that were read. False: stop reading, `next` will be called. */
  spend(bytes: number): boolean {
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#spent = 0;
      enter();
    }
    const before = this.#spent;
    this.#spent += bytes;
    if (this.#spent < share) return true;
    if (before < share) waiting.push(this.#owner);
    return false;
  }
}

let turn = 0;
let share = MAX_BYTES;
let busy = 0;
let waiting: Busy[] = [];

function enter(): void {
  busy += 1;
  if (busy === 1) setImmediate(endTurn);
}

function endTurn(): void {
  turn += 1;
  share = MAX_BYTES;
  while (share > MIN_BYTES && share * busy > TURN_BYTES) share /= 2;
  busy = 0;
  const ready = waiting;
  waiting = [];
  for (const one of ready) one.next();
}
