/**
 * The last log lines, for the window: a ring of fixed size and a feed of what is new. Lines arrive masked (core/log.ts) and are
 * never written to disk here.
 */
import type { LogLine } from '../contract/api.ts';
import type { LogEntry } from '../log.ts';
import { Feed } from './feed.ts';

const KEPT = 20_000;
/** Lines per answer and per event; a window that fell further behind misses the oldest. */
const AT_ONCE = 2_000;

export class LogRing {
  readonly #kept: number;
  readonly #lines: LogLine[] = [];
  /** Lines ever added; line `seq` lies at `(seq - 1) % kept`. */
  #count = 0;
  #announced = false;
  readonly feed: Feed<readonly LogLine[]>;

  constructor(kept = KEPT) {
    this.#kept = kept;
    this.feed = new Feed(() => {
      let seen = this.#count;
      return {
        next: () => {
          const lines = this.after(seen);
          seen = this.#count;
          return lines.length === 0 ? undefined : lines;
        },
      };
    });
  }

  /** A sink for `createLog`. Subscribers hear of all lines of one turn of the loop together. */
  readonly add = ({ at, level, event, fields }: LogEntry): void => {
    const { id, ...rest } = fields;
    this.#count += 1;
    const line = { seq: this.#count, at, level, event, id: typeof id === 'string' ? id : null, fields: rest };
    this.#lines[(this.#count - 1) % this.#kept] = line;
    if (this.#announced) return;
    this.#announced = true;
    setImmediate(() => {
      this.#announced = false;
      this.feed.changed();
    });
  };

  /** Lines with a greater `seq`, oldest first, at most the newest 2,000. */
  after(seq: number): LogLine[] {
    const from = Math.max(seq, this.#count - Math.min(this.#kept, AT_ONCE), 0);
    const lines: LogLine[] = [];
    for (let at = from; at < this.#count; at += 1) {
      const line = this.#lines[at % this.#kept];
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }
}
