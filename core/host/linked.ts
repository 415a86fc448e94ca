/**
 * The configuration's storage with the choice of living in a file elsewhere. While it is linked, every save goes to that file and, as the last good
 * copy, to Sockeye's own. When somebody else changes the file, that change waits for a person: until then the engine runs ours, and edits of ours are
 * kept here, not written. `settling` lets the next save end the conflict.
 */
import { readFile, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { privateFolder, writeAtomic } from '../config/atomic.ts';
import { LinkedFile } from '../config/linked-file.ts';
import type { LinkState } from '../contract/imports.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Storage } from './configuration.ts';
import { CONFIG_NAME, openSaved } from './saved.ts';

const REMEMBERED = z.object({ path: z.string().min(1) });

interface Linked {
  readonly file: LinkedFile;
  /** What file and configuration last had in common. */
  base: string;
  /** What the configuration says. */
  ours: string;
  /** What somebody else wrote; null when there is no conflict. */
  theirs: string | null;
}

/** Opens the configuration of a data folder: Sockeye's own file, or the one that was linked. */
export async function openConfiguration(dataDir: string, log: Log): Promise<LinkableStorage> {
  const own = await openSaved(join(dataDir, CONFIG_NAME), log);
  const storage = new LinkableStorage(own, join(dataDir, 'state', 'link.json'), log);
  await storage.recall();
  return storage;
}

export class LinkableStorage implements Storage {
  readonly #own: Storage;
  /** Where the path of the linked file is remembered. */
  readonly #memory: string;
  readonly #log: Log;
  readonly #notices: string[] = [];
  #linked: Linked | null = null;
  #settling = false;
  #changed: () => void = () => undefined;
  #conflicted: () => void = () => undefined;

  constructor(own: Storage, memory: string, log: Log) {
    this.#own = own;
    this.#memory = memory;
    this.#log = log;
  }

  /** Links what was linked the last time. A file that is gone or broken leaves the own copy in use and says so. */
  async recall(): Promise<void> {
    const text = await readFile(this.#memory, 'utf8').catch(() => null);
    if (text === null) return;
    const path = remembered(text);
    if (path === null) return;
    try {
      await this.#follow(await LinkedFile.open(path));
    } catch (error) {
      this.#tell(
        `${path} is linked but can not be used (${toProxyError(error).message}). Sockeye's own copy is used.`,
      );
    }
  }

  get path(): string {
    return this.#linked?.file.path ?? this.#own.path;
  }

  get state(): LinkState | null {
    return this.#linked === null
      ? null
      : { path: this.#linked.file.path, conflict: this.#linked.theirs !== null };
  }

  /** The three texts of the conflict; null when there is none. */
  get conflict(): { readonly base: string; readonly ours: string; readonly theirs: string } | null {
    if (this.#linked === null || this.#linked.theirs === null) return null;
    const { base, ours, theirs } = this.#linked;
    return { base, ours, theirs };
  }

  /** Reads and writes this file from now on. Rejects with `config` when it is none that can be linked. */
  async link(path: string): Promise<void> {
    const file = await LinkedFile.open(path);
    this.#linked?.file.close();
    await this.#follow(file);
    await privateFolder(dirname(this.#memory));
    await writeAtomic(this.#memory, `${JSON.stringify({ path })}\n`);
  }

  /** Back to the own file, which holds what was saved last. */
  async unlink(): Promise<void> {
    this.#linked?.file.close();
    this.#linked = null;
    await unlink(this.#memory).catch(() => undefined);
  }

  /** The next save writes over what somebody else wrote. */
  settling(on: boolean): void {
    this.#settling = on;
  }

  /** Sets who is told when a conflict begins or ends by itself. */
  onConflict(listener: () => void): void {
    this.#conflicted = listener;
  }

  async load(): Promise<string> {
    const linked = this.#linked;
    if (linked === null) return this.#own.load();
    if (linked.theirs !== null) return linked.ours;
    linked.base = await linked.file.read();
    linked.ours = linked.base;
    return linked.base;
  }

  async save(text: string): Promise<void> {
    const linked = this.#linked;
    if (linked === null) {
      await this.#own.save(text);
      return;
    }
    const expected = linked.theirs ?? linked.base;
    if (linked.theirs === null || this.#settling) {
      if (await linked.file.write(text, expected)) {
        linked.base = text;
        linked.theirs = null;
      } else {
        linked.theirs = await linked.file.read();
        if (this.#settling) {
          throw new ProxyError('config', {
            where: basename(linked.file.path),
            message: 'the file was changed once more in the meantime; look at it again',
          });
        }
      }
    }
    linked.ours = text;
    if (linked.theirs !== null) this.#conflicted();
    // the copy that is used when the file is out of reach
    await this.#own
      .load()
      .then(() => this.#own.save(text))
      .catch((error: unknown) => {
        this.#log.warn('copy_not_saved', { error });
      });
  }

  watch(changed: () => void): void {
    this.#changed = changed;
    this.#own.watch(() => {
      if (this.#linked === null) changed();
    });
  }

  notices(): readonly string[] {
    return [...this.#own.notices(), ...this.#notices];
  }

  async close(): Promise<void> {
    this.#linked?.file.close();
    await this.#own.close();
  }

  async #follow(file: LinkedFile): Promise<void> {
    const base = await file.read();
    const linked: Linked = { file, base, ours: base, theirs: null };
    this.#linked = linked;
    file.watch(
      () => void this.#look(linked),
      (message) => this.#tell(`Changes of ${file.path} by others are not noticed: ${message}`),
    );
  }

  /** After the file was written, by us or by somebody. */
  async #look(linked: Linked): Promise<void> {
    const text = await linked.file.read().catch(() => null);
    if (text === null || this.#linked !== linked) return;
    const before = linked.theirs;
    linked.theirs = text === linked.base || text === linked.ours ? null : text;
    if (linked.theirs === null) linked.base = text === linked.ours ? text : linked.base;
    if (before === null && linked.theirs === null) return;
    if (linked.theirs === null && linked.ours !== linked.base) {
      // they took their change back; ours, which waited, may go out now
      await this.save(linked.ours).catch((error: unknown) => this.#log.warn('linked_not_saved', { error }));
    }
    this.#conflicted();
  }

  #tell(message: string): void {
    this.#notices.push(message);
    this.#log.warn('config_file', { message });
    this.#changed();
  }
}

function remembered(text: string): string | null {
  try {
    return REMEMBERED.safeParse(JSON.parse(text)).data?.path ?? null;
  } catch {
    return null;
  }
}
