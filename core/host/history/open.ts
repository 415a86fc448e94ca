/** Opens the traffic history of a data folder: on disk where the runtime can, else in memory with the reason. */
import { join } from 'node:path';
import type { HistoryLimits } from '../../contract/traffic.ts';
import type { Log } from '../../log.ts';
import type { Stats } from '../../stats/sink.ts';
import { History } from './history.ts';
import { MemoryHistory } from './memory.ts';
import { openSqlite } from './sqlite.ts';

const HISTORY_NAME = 'history.sqlite';

/** `dataDir` null: nothing may outlive this run. */
export function openHistory(stats: Stats, dataDir: string | null, limits: HistoryLimits, log: Log): History {
  const now = Date.now();
  if (dataDir === null)
    return new History({ stats, store: new MemoryHistory(now), why: 'transient', limits, log });
  const opened = openSqlite(join(dataDir, HISTORY_NAME), now, (message) =>
    log.warn('history_file', { message }),
  );
  return typeof opened === 'string'
    ? new History({ stats, store: new MemoryHistory(now), why: opened, limits, log })
    : new History({ stats, store: opened, why: null, limits, log });
}
