/**
 * Notices when somebody changes one of a few files: edits in place, files moved over them, links that lead elsewhere. What
 * counts is the content, which has to be the same twice in a row before anybody is told, because editors write in steps.
 */
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../log.ts';

/** How long after something happened the content is looked at, and how long it has to stay as it is. */
const SETTLE_MS = 150;

/** Calls back once per change. `known` are the contents that are in use already, in the order of `paths`. */
export class FileWatch {
  readonly #paths: readonly string[];
  readonly #changed: () => void;
  readonly #watchers: FSWatcher[] = [];
  #used: string;
  #seen: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #poll: NodeJS.Timeout | null = null;
  #closed = false;

  private constructor(paths: readonly string[], used: string, changed: () => void) {
    this.#paths = paths;
    this.#used = used;
    this.#changed = changed;
  }

  /**
   * Begins with what the files hold now. `everyMs`: looks this often in any case, for disks that tell of no change; 0: never.
   * A folder that can not be watched is said in the log; nothing else happens then.
   */
  static async open(
    paths: readonly string[],
    everyMs: number,
    changed: () => void,
    log: Log,
  ): Promise<FileWatch> {
    const files = new FileWatch(paths, await contentOf(paths), changed);
    for (const folder of new Set(paths.map((path) => dirname(path)))) files.#watch(folder, log);
    if (everyMs > 0) files.#poll = setInterval(() => files.#look(), everyMs).unref();
    return files;
  }

  /** The files were just read by somebody else for another reason. */
  async used(): Promise<void> {
    this.#used = await contentOf(this.#paths);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#poll !== null) clearInterval(this.#poll);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(folder: string, log: Log): void {
    const lost = (error: Error): void =>
      log.warn('config_not_watched', { folder, error: error.message, hint: 'Send SIGHUP after a change.' });
    try {
      // the folder, not the file: an atomic write puts a new file under the name, and a link may change without its own folder
      const watcher = watch(folder, { persistent: false }, () => this.#look());
      watcher.on('error', lost);
      this.#watchers.push(watcher);
    } catch (error) {
      lost(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #look(): void {
    if (this.#closed || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#compare();
    }, SETTLE_MS).unref();
  }

  async #compare(): Promise<void> {
    const now = await contentOf(this.#paths);
    if (this.#closed) return;
    if (now === this.#used) {
      this.#seen = null;
    } else if (now !== this.#seen) {
      this.#seen = now;
      this.#look();
    } else {
      this.#seen = null;
      this.#used = now;
      this.#changed();
    }
  }
}

/** All of it as one text; a file that is not there is part of it as well. */
async function contentOf(paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => null)));
  return JSON.stringify(texts);
}
