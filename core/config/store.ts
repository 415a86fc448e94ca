/**
 * The configuration file on disk: loads it, saves it, keeps last good copies, notices when somebody else changes it.
 *
 * Theory of operation. A revision counts every content the file has had while this program ran, ours or anybody's. A save names the revision
 * it was made on and is refused when the file has changed since: the newer content is loaded and told first. Beside `gost.yml` stand `gost.yml.bak.1`
 * (newest) … `.bak.5`, each the content before a save. A file that can not be parsed is renamed to `gost.yml.broken-<time>`, never
 * overwritten, and the newest copy that parses takes its place. `gost.yml.lock` names the program that has the file open, so
 * that a second one knows it is not alone.
 */
import { readFileSync, watch, type FSWatcher } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { errnoOf, ProxyError } from '../errors.ts';
import { copyPrivate, privateFile, privateFolder, sweep, writeAtomic } from './atomic.ts';
import { ConfigDocument } from './document.ts';
import { MAX_BYTES } from './parse-tree.ts';

const COPIES = 5;
/** Editors write a file in several steps; this long after the last one it is read. */
const SETTLE_MS = 100;

export interface StoreEvents {
  /** Somebody else changed the file. `document` has errors when the new content is none; then the last good one stays in use. */
  changed(document: ConfigDocument): void;
  /** A sentence for the log and the window. */
  warn(message: string): void;
}

export class ConfigStore {
  readonly path: string;
  readonly #events: StoreEvents;
  #document: ConfigDocument;
  /** What the file holds, as far as known; null: there is no file yet. */
  #onDisk: string | null = null;
  #revision = 0;
  #watcher: FSWatcher | null = null;
  #settling: NodeJS.Timeout | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #owned = false;
  #sharedWith: number | null = null;

  private constructor(path: string, events: StoreEvents) {
    this.path = path;
    this.#events = events;
    this.#document = ConfigDocument.parse('', basename(path));
  }

  /**
   * Opens the file, which need not exist. `fallback` is the content of a new one; nothing is written before the first save.
   * Rejects with `config` when the file is a link or somebody else's.
   */
  static async open(path: string, events: StoreEvents, fallback = ''): Promise<ConfigStore> {
    const store = new ConfigStore(path, events);
    for (const warning of await privateFolder(dirname(path))) events.warn(warning);
    await sweep(dirname(path));
    await store.#lock();
    await store.#load(fallback);
    store.#watch();
    return store;
  }

  /** The last content that is a configuration. */
  get document(): ConfigDocument {
    return this.#document;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Process that had the file open first and still runs; null: nobody. */
  get sharedWith(): number | null {
    return this.#sharedWith;
  }

  /** Writes a new document made from `revision`. Rejects with `config` when the file has changed since, or as the system says. */
  save(document: ConfigDocument, revision: number): Promise<number> {
    return this.#exclusive(async () => {
      await this.#refresh();
      if (revision !== this.#revision) {
        throw new ProxyError('config', {
          where: basename(this.path),
          message: 'the file has been changed since this edit was begun; look at it again',
        });
      }
      if (document.errors[0] !== undefined) {
        throw new ProxyError('config', { where: basename(this.path), message: document.errors[0].message });
      }
      if (document.text === this.#onDisk) return this.#revision;
      if (this.#onDisk !== null) await this.#keepOld(this.#onDisk);
      await writeAtomic(this.path, document.text);
      this.#accept(document);
      return this.#revision;
    });
  }

  /** Looks whether somebody changed the file, as SIGHUP asks for. */
  reload(): Promise<void> {
    return this.#exclusive(() => this.#refresh());
  }

  /** Stops watching and gives the lock back. Until then the store keeps the process alive. */
  async close(): Promise<void> {
    this.#watcher?.close();
    this.#watcher = null;
    if (this.#settling !== null) clearTimeout(this.#settling);
    await this.#turn;
    if (this.#owned) await unlink(this.#lockPath).catch(() => undefined);
    this.#owned = false;
  }

  get #lockPath(): string {
    return `${this.path}.lock`;
  }

  async #load(fallback: string): Promise<void> {
    const text = await this.#read();
    if (text === null) {
      this.#document = ConfigDocument.parse(fallback, basename(this.path));
      this.#revision += 1;
      return;
    }
    const document = ConfigDocument.parse(text, basename(this.path));
    if (document.errors[0] === undefined) {
      this.#accept(document);
      return;
    }
    const copy = await this.#newestCopy();
    const aside = await this.#setAside(copy !== null);
    this.#events.warn(
      `${basename(this.path)} can not be read (line ${document.errors[0].line}: ${document.errors[0].message}) and was set aside as ${aside}. ${copy === null ? 'There is no good copy, so the configuration is empty.' : 'The last good copy is used.'}`,
    );
    this.#document = copy ?? ConfigDocument.parse(fallback, basename(this.path));
    this.#revision += 1;
    if (copy !== null) {
      await writeAtomic(this.path, copy.text);
      this.#onDisk = copy.text;
    }
  }

  #accept(document: ConfigDocument): void {
    this.#document = document;
    this.#onDisk = document.text;
    this.#revision += 1;
  }

  /** Takes over what somebody else wrote. */
  async #refresh(): Promise<void> {
    const text = await this.#read();
    if (text === this.#onDisk) return;
    if (text === null) {
      this.#onDisk = null; // removed: what is in use stays in use, and the next save brings it back
      this.#events.warn(
        `${basename(this.path)} was removed. What runs keeps running; the next change writes it again.`,
      );
      return;
    }
    const document = ConfigDocument.parse(text, basename(this.path));
    if (document.errors.length === 0) this.#accept(document);
    else {
      this.#onDisk = text;
      this.#revision += 1;
    }
    this.#events.changed(document);
  }

  /** The file's text; null when there is none. */
  async #read(): Promise<string | null> {
    try {
      for (const warning of await privateFile(this.path)) this.#events.warn(warning);
      const file = await open(this.path, 'r');
      try {
        const { size } = await file.stat();
        return size > MAX_BYTES * 4 ? ' '.repeat(MAX_BYTES + 1) : await file.readFile('utf8'); // too big is found without reading it
      } finally {
        await file.close();
      }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** Before the file is replaced: a good content becomes the newest copy, a broken one is set aside. */
  async #keepOld(text: string): Promise<void> {
    if (ConfigDocument.parse(text, '').errors.length > 0) {
      this.#events.warn(
        `The unreadable ${basename(this.path)} was set aside as ${await this.#setAside(true)}.`,
      );
      return;
    }
    for (let number = COPIES - 1; number >= 1; number -= 1) {
      await rename(`${this.path}.bak.${number}`, `${this.path}.bak.${number + 1}`).catch(ignoreMissing);
    }
    await copyPrivate(this.path, `${this.path}.bak.1`);
  }

  /** Keeps the file's content under another name, which is returned. The file itself goes only where nothing replaces it. */
  async #setAside(replaced: boolean): Promise<string> {
    const aside = `${this.path}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
    await (replaced ? copyPrivate(this.path, aside) : rename(this.path, aside));
    return basename(aside);
  }

  async #newestCopy(): Promise<ConfigDocument | null> {
    for (let number = 1; number <= COPIES; number += 1) {
      const text = await readFile(`${this.path}.bak.${number}`, 'utf8').catch(() => null);
      if (text === null) continue;
      const document = ConfigDocument.parse(text, basename(this.path));
      if (document.errors.length === 0 && document.text.trim() !== '') return document;
    }
    return null;
  }

  async #lock(): Promise<void> {
    try {
      const file = await open(this.#lockPath, 'wx', 0o600);
      await file.writeFile(`${process.pid} ${startOf(process.pid)}`).finally(() => file.close());
      this.#owned = true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      const [id, start = ''] = (await readFile(this.#lockPath, 'utf8').catch(() => '')).split(' ');
      const pid = Number(id);
      if (isAlive(pid) && (start === '' || start === startOf(pid))) {
        this.#sharedWith = pid;
        return;
      }
      await unlink(this.#lockPath).catch(ignoreMissing); // left behind by a crash
      await this.#lock();
    }
  }

  #watch(): void {
    const name = basename(this.path);
    // the folder, not the file: an atomic write puts a new file under the name
    this.#watcher = watch(dirname(this.path), (_, changed) => {
      if (changed !== null && changed !== name) return;
      if (this.#settling !== null) clearTimeout(this.#settling);
      this.#settling = setTimeout(() => {
        void this.reload().catch((error: unknown) =>
          this.#events.warn(
            `${name} can not be read: ${error instanceof Error ? error.message : String(error)}`,
          ),
        );
      }, SETTLE_MS);
    });
    this.#watcher.on('error', (error) =>
      this.#events.warn(`Changes of ${name} by others are not noticed: ${error.message}`),
    );
  }

  /** Reads and writes happen one after the other. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work, work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** When a process began, in ticks since the computer did: its number alone may have become somebody else's. Empty where not told. */
function startOf(pid: number): string {
  if (process.platform !== 'linux') return '';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''; // field 22; the second holds the name, in parentheses
  } catch {
    return '';
  }
}

function ignoreMissing(error: unknown): void {
  if (errnoOf(error) !== 'ENOENT') throw error;
}
