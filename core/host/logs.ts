/**
 * The last log lines, for the window: a ring of fixed size and a feed of what is new; how much detail is captured; and the files the same
 * lines go to (log-files.ts), if there are any. Lines arrive masked (core/log.ts).
 */
import type { LogLine } from '../contract/api.ts';
import type { StorageState } from '../contract/traffic.ts';
import type { Level, LogEntry } from '../log.ts';
import { Feed } from './feed.ts';
import type { LogFiles } from './log-files.ts';

const KEPT = 20_000;
/** Lines per answer and per event; a window that fell further behind misses the oldest. */
const AT_ONCE = 2_000;
/** Detail is switched off by itself. */
const DETAIL_MS = 10 * 60_000;

export class LogRing {
  readonly #kept: number;
  readonly #lines: LogLine[] = [];
  /** Lines ever added; line `seq` lies at `(seq - 1) % kept`. */
  #count = 0;
  #announced = false;
  #files: LogFiles | null = null;
  #detail: NodeJS.Timeout | null = null;
  #detailUntil = 0;
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
    this.#files?.add({ at, level, event, fields });
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

  /** From now on lines go to disk as well. */
  toFiles(files: LogFiles): void {
    this.#files = files;
  }

  /** The level to capture: `base`, or everything while detail is wanted. */
  level(base: Level): Level {
    return this.#detail === null ? base : 'debug';
  }

  /** Captures everything for ten minutes, or no longer. `changed` is called when it begins and when it ends, by whatever. */
  capture(detail: boolean, changed: () => void): void {
    if (this.#detail !== null) clearTimeout(this.#detail);
    this.#detail = null;
    this.#detailUntil = 0;
    if (detail) {
      this.#detailUntil = performance.now() + DETAIL_MS;
      this.#detail = setTimeout(() => this.capture(false, changed), DETAIL_MS).unref();
    }
    changed();
  }

  state(): StorageState['logs'] {
    const files = this.#files;
    const detailLeftMs =
      this.#detail === null ? 0 : Math.max(0, Math.round(this.#detailUntil - performance.now()));
    if (files === null)
      return { folder: null, bytes: 0, files: 0, maxFiles: 0, maxFileBytes: 0, detailLeftMs };
    const { limits, folder } = files;
    return { folder, ...files.state(), maxFiles: limits.files, maxFileBytes: limits.fileBytes, detailLeftMs };
  }

  /** Writes what waits; nothing reaches the disk after this. */
  close(): void {
    if (this.#detail !== null) clearTimeout(this.#detail);
    this.#detail = null;
    this.#files?.close();
    this.#files = null;
  }

  /** Lines with a greater `seq`, and a smaller one than `before`, oldest first; of those at most the newest 2,000. */
  after(seq: number, before = Infinity): LogLine[] {
    const to = Math.min(this.#count, before - 1);
    const from = Math.max(seq, to - AT_ONCE, this.#count - this.#kept, 0);
    const lines: LogLine[] = [];
    for (let at = from; at < to; at += 1) {
      const line = this.#lines[at % this.#kept];
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }
}
