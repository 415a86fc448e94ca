/**
 * The last fifty states of the configuration, each with time and reason, in a private folder of the data folder, or in memory for a run that
 * keeps nothing. What is kept is the text after a change; the state before it is the snapshot before.
 */
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { privateFolder, writeAtomic } from '../config/atomic.ts';
import type { Snapshot, SnapshotKind } from '../contract/imports.ts';
import { errnoOf, ProxyError } from '../errors.ts';
import type { Log } from '../log.ts';

const KEPT = 50;
/** Bytes that all of them may take together. */
const MAX_BYTES = 16 << 20;
const VERSION = 1;

const schema = z.object({
  format: z.literal(VERSION),
  at: z.int(),
  kind: z.enum(['start', 'edit', 'undo', 'redo', 'outside', 'upgrade']),
  label: z.string(),
  /** The Sockeye that wrote it. */
  version: z.string(),
  services: z.int(),
  chains: z.int(),
  text: z.string(),
});
type Kept = z.output<typeof schema> & { readonly id: string };

export interface Moment {
  readonly kind: SnapshotKind;
  readonly label: string;
  readonly text: string;
  readonly services: number;
  readonly chains: number;
}

export class Snapshots {
  /** Null: in memory only. */
  readonly #folder: string | null;
  readonly #version: string;
  readonly #log: Log;
  /** Oldest first. */
  #kept: Kept[] | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folder: string | null, version: string, log: Log) {
    this.#folder = folder;
    this.#version = version;
    this.#log = log;
  }

  /** Keeps a state unless it is the newest one already. Never rejects: what can not be kept is told to the log. */
  keep(moment: Moment): Promise<void> {
    const at = Date.now();
    return this.#exclusive(async () => {
      const kept = await this.#load();
      const last = kept.at(-1);
      const upgraded = last !== undefined && last.version !== this.#version;
      if (last?.text === moment.text && !upgraded) return;
      if (last === undefined && moment.text.trim() === '') return;
      const number = last === undefined ? 1 : Number(last.id) + 1;
      const { kind, ...rest } = moment;
      const made: Kept = {
        id: String(number).padStart(6, '0'),
        format: VERSION,
        at,
        version: this.#version,
        kind: upgraded ? 'upgrade' : kind,
        ...rest,
      };
      await this.#write(made);
      kept.push(made);
      const bytes = (): number => kept.reduce((sum, { text }) => sum + text.length, 0);
      while (kept.length > KEPT || (kept.length > 1 && bytes() > MAX_BYTES)) {
        const dropped = kept.shift();
        if (dropped !== undefined) await this.#remove(dropped.id);
      }
    }).catch((error: unknown) => this.#log.warn('snapshot_not_kept', { error }));
  }

  /** Newest first. `now` is the present text. */
  list(now: string): Promise<Snapshot[]> {
    return this.#exclusive(async () => {
      const kept = await this.#load();
      const current = kept.findLast(({ text }) => text === now)?.id;
      return kept
        .map(({ id, at, kind, label, services, chains }): Snapshot => ({
          id,
          at,
          kind,
          label,
          services,
          chains,
          current: id === current,
        }))
        .reverse();
    });
  }

  /** Rejects with `config` when there is none of that id any more. */
  text(id: string): Promise<string> {
    return this.#exclusive(async () => {
      const found = (await this.#load()).find((kept) => kept.id === id);
      if (found === undefined)
        throw new ProxyError('config', { where: 'history', message: 'this state is no longer kept' });
      return found.text;
    });
  }

  /** Resolves when everything is on disk. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #load(): Promise<Kept[]> {
    if (this.#kept !== null) return this.#kept;
    const found: Kept[] = [];
    for (const name of this.#folder === null ? [] : await names(this.#folder)) {
      const kept = parsed(await readFile(join(this.#folder ?? '', name), 'utf8').catch(() => ''));
      if (kept !== null) found.push({ ...kept, id: name.replace('.json', '') });
    }
    this.#kept = found;
    return found;
  }

  async #write({ id, ...kept }: Kept): Promise<void> {
    if (this.#folder === null) return;
    await privateFolder(this.#folder);
    await writeAtomic(join(this.#folder, `${id}.json`), `${JSON.stringify(kept)}\n`);
  }

  async #remove(id: string): Promise<void> {
    if (this.#folder !== null) await unlink(join(this.#folder, `${id}.json`)).catch(() => undefined);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work, work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /^\d{6}\.json$/.test(name)).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function parsed(text: string): z.output<typeof schema> | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // one that can not be read is none
  }
}
