/** What the host remembers between runs: whether it ever ran, which services were on, how much history is kept. Kept in the data folder, or for a run only. */
import { join } from 'node:path';
import { StateFile, type AppState } from '../config/state.ts';
import type { Log } from '../log.ts';

type Remembered = Pick<AppState, 'started' | 'running' | 'history'>;

export interface Memory {
  readonly state: Remembered;
  update(change: Partial<Remembered>): Promise<void>;
}

/** The memory of a data folder. */
export function openMemory(dataDir: string, log: Log): Promise<Memory> {
  return StateFile.open(join(dataDir, 'state.json'), (message) => log.warn('state_file', { message }));
}

/** Remembers nothing beyond this run. */
export function forgetful(): Memory {
  const memory = {
    state: { started: false, running: [] as string[], history: { days: 30, mb: 200 } },
    update: (change: Partial<Memory['state']>) => {
      memory.state = { ...memory.state, ...change };
      return Promise.resolve();
    },
  };
  return memory;
}
