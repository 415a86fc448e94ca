/** What the host remembers between runs: whether it ever ran, and which services were on. Kept in the data folder, or for a run only. */
import { join } from 'node:path';
import { StateFile, type AppState } from '../config/state.ts';
import type { Log } from '../log.ts';

export interface Memory {
  readonly state: Pick<AppState, 'started' | 'running'>;
  update(change: Partial<Pick<AppState, 'started' | 'running'>>): Promise<void>;
}

/** The memory of a data folder. */
export function openMemory(dataDir: string, log: Log): Promise<Memory> {
  return StateFile.open(join(dataDir, 'state.json'), (message) => log.warn('state_file', { message }));
}

/** Remembers nothing beyond this run. */
export function forgetful(): Memory {
  const memory = {
    state: { started: false, running: [] as string[] },
    update: (change: Partial<Memory['state']>) => {
      memory.state = { ...memory.state, ...change };
      return Promise.resolve();
    },
  };
  return memory;
}
