/**
 * Lists that may continue in a file beside the configuration (GOST `file` with `reload`): users, rules, names, limits. The
 * file is read again every so often; a version that can not be read, or has a line that makes no sense, changes nothing and
 * is told to the log once.
 */
import { readFile } from 'node:fs/promises';
import type { Log } from './log.ts';

/** A list file is a configuration, not data. */
export const MAX_LIST_BYTES = 16 * 1024 * 1024;

export interface ListFile<T> {
  readonly path: string;
  /** 0: it is read once, with the configuration. */
  readonly reloadMs: number;
  /** As read with the configuration. */
  readonly text: string;
  readonly items: readonly T[];
  /** Throws `config` naming the line that makes no sense. */
  readonly parse: (text: string) => readonly T[];
}

export class LiveList<T> {
  readonly #fixed: readonly T[];
  readonly #file: ListFile<T> | null;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout | null = null;
  readonly #listeners: (() => void)[] = [];
  #items: readonly T[];
  #text: string;
  #complaint = '';
  #closed = false;
  #reading = false;

  /** What stands in the configuration comes first. */
  constructor(fixed: readonly T[], file: ListFile<T> | null, log: Log) {
    this.#fixed = fixed;
    this.#file = file;
    this.#log = log;
    this.#items = [...fixed, ...(file?.items ?? [])];
    this.#text = file?.text ?? '';
    if (file === null || file.reloadMs <= 0) return;
    this.#timer = setInterval(() => void this.refresh(), file.reloadMs);
    this.#timer.unref();
  }

  get items(): readonly T[] {
    return this.#items;
  }

  /** Calls back after the items changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the file now. Never rejects. */
  async refresh(): Promise<void> {
    const file = this.#file;
    if (file === null || this.#reading) return;
    this.#reading = true;
    try {
      const text = await readList(file.path);
      if (this.#closed) return;
      if (text === this.#text) return void (this.#complaint = '');
      const items = file.parse(text);
      this.#text = text;
      this.#items = [...this.#fixed, ...items];
      this.#complaint = '';
      this.#log.info('list_reloaded', { file: file.path, items: items.length });
      for (const listener of this.#listeners) listener();
    } catch (error) {
      this.#complain(file.path, error instanceof Error ? error.message : String(error));
    } finally {
      this.#reading = false;
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #complain(file: string, reason: string): void {
    if (this.#closed || reason === this.#complaint) return;
    this.#complaint = reason;
    this.#log.warn('list_reload_failed', {
      file,
      error: reason,
      hint: 'What was read before stays in force.',
    });
  }
}

/** The lists of one configuration; those that stand in the same file entry are read once. */
export class Lists {
  readonly #log: Log;
  readonly #byFile = new Map<unknown, { close(): void }>();

  constructor(log: Log) {
    this.#log = log;
  }

  of<T>(fixed: readonly T[], file: ListFile<T> | null): LiveList<T> {
    const known = file === null ? undefined : this.#byFile.get(file);
    // only a list of the same items is ever kept under its file entry
    if (known instanceof LiveList) return known as LiveList<T>;
    const list = new LiveList(fixed, file, this.#log);
    if (file !== null) this.#byFile.set(file, list);
    return list;
  }

  /** Nothing is read again from now on. */
  close(): void {
    for (const list of this.#byFile.values()) list.close();
  }
}

/** What `make` makes of the current items, made anew only after they changed. */
export function following<T, R>(list: LiveList<T>, make: (items: readonly T[]) => R): () => R {
  let from = list.items;
  let made = make(from);
  return () => {
    if (from !== list.items) {
      from = list.items;
      made = make(from);
    }
    return made;
  };
}

async function readList(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (bytes.length > MAX_LIST_BYTES) throw new Error(`${path} is larger than ${MAX_LIST_BYTES} bytes`);
  return bytes.toString('utf8');
}
