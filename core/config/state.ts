/**
 * What Sockeye itself remembers between runs, beside the configuration: which services were running, whether it ever ran, where the window
 * was. One versioned JSON file; older versions are brought up step by step, newer ones are left alone.
 */
import { readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as z from 'zod';
import { errnoOf } from '../errors.ts';
import { privateFile, privateFolder, writeAtomic } from './atomic.ts';
import { migrate, type Steps } from './migrate.ts';

const STATE_VERSION = 1;

const schema = z.object({
  version: z.literal(STATE_VERSION),
  /** False until the first service was ever started from this folder. */
  started: z.boolean(),
  /** Services that were on when Sockeye last ran. */
  running: z.array(z.string()),
  /** How much traffic history is kept. Files from before there was one have none. */
  history: z.object({ days: z.int().positive(), mb: z.int().positive() }).default({ days: 30, mb: 200 }),
  window: z
    .object({
      x: z.int().nullable(),
      y: z.int().nullable(),
      width: z.int().positive(),
      height: z.int().positive(),
      maximized: z.boolean(),
    })
    .nullable(),
});

export type AppState = Omit<z.output<typeof schema>, 'version'>;

const NEW: AppState = { started: false, running: [], history: { days: 30, mb: 200 }, window: null };

/** Empty while there has been one version only. A new version adds its step here and its sample to fixtures/state. */
const STEPS: Steps = {};

export class StateFile {
  readonly path: string;
  #state: AppState;
  /** A file of a newer Sockeye is not written over. */
  readonly #frozen: boolean;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, state: AppState, frozen: boolean) {
    this.path = path;
    this.#state = state;
    this.#frozen = frozen;
  }

  /** Reads the file, which need not exist. One that can not be read is set aside. `warn` gets sentences for the log. */
  static async open(path: string, warn: (message: string) => void): Promise<StateFile> {
    for (const warning of await privateFolder(dirname(path))) warn(warning);
    let text: string;
    try {
      for (const warning of await privateFile(path)) warn(warning);
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      return new StateFile(path, NEW, false);
    }
    const read = readState(text);
    if (read === 'newer') {
      warn(
        `${basename(path)} was written by a newer Sockeye. It is left as it is, and nothing is remembered this time.`,
      );
      return new StateFile(path, NEW, true);
    }
    if (read !== null) return new StateFile(path, read, false);
    const aside = `${path}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
    await rename(path, aside);
    warn(`${basename(path)} can not be read and was set aside as ${basename(aside)}.`);
    return new StateFile(path, NEW, false);
  }

  get state(): AppState {
    return this.#state;
  }

  /** Changes and writes; resolves when it is on disk. */
  update(change: Partial<AppState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const text = `${JSON.stringify({ version: STATE_VERSION, ...this.#state }, null, 2)}\n`;
    const write = (): Promise<void> => (this.#frozen ? Promise.resolve() : writeAtomic(this.path, text));
    const run = this.#turn.then(write, write);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

/** The state in a text of any known version; null when it is none, 'newer' when it is from a later Sockeye. */
export function readState(text: string): AppState | 'newer' | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  const current = migrate(data, STATE_VERSION, STEPS);
  if (current === 'newer') return current;
  const parsed = schema.safeParse(current);
  if (!parsed.success) return null;
  const { started, running, history, window } = parsed.data;
  return { started, running, history, window };
}
