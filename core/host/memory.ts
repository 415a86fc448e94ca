/**
 * What the host itself remembers between runs, beside the configuration: whether anything was ever started from this data folder, and
 * which services a person switched off. One small versioned file; a damaged one is set aside and forgotten, never a reason not to start.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import type { Log } from '../log.ts';

const CONTENT = z.object({
  version: z.literal(1),
  started: z.boolean(),
  off: z.array(z.string()),
});
type Content = z.output<typeof CONTENT>;

const FRESH: Content = { version: 1, started: false, off: [] };

export class Memory {
  readonly #path: string | null;
  readonly #log: Log;
  #content: Content;

  /** `path` null: remembers until the process ends. */
  constructor(path: string | null, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#content = path === null ? FRESH : this.#read(path);
  }

  /** True until the first service was ever started from this data folder. */
  get firstRun(): boolean {
    return !this.#content.started;
  }

  /** Whether a person switched this service off the last time. */
  isOff(service: string): boolean {
    return this.#content.off.includes(service);
  }

  started(): void {
    if (!this.#content.started) this.#write({ ...this.#content, started: true });
  }

  switched(service: string, on: boolean): void {
    if (this.isOff(service) === !on) return;
    const others = this.#content.off.filter((name) => name !== service);
    this.#write({ ...this.#content, off: on ? others : [...others, service] });
  }

  #read(path: string): Content {
    try {
      return CONTENT.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return FRESH;
      this.#log.warn('memory_set_aside', { file: path, error });
      try {
        renameSync(path, `${path}.damaged`);
      } catch {
        // it could not be read either; writing will tell
      }
      return FRESH;
    }
  }

  #write(content: Content): void {
    this.#content = content;
    if (this.#path === null) return;
    const next = `${this.#path}.new`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
      renameSync(next, this.#path);
    } catch (error) {
      this.#log.warn('memory_not_saved', { file: this.#path, error });
    }
  }
}
