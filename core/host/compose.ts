/** Puts a host together out of the real parts, the same for Electron and for the headless program. */
import { basename, join } from 'node:path';
import { catalog } from '../catalog.ts';
import { jsonSchemas } from '../config/json-schema.ts';
import { loadPlan } from '../config/load.ts';
import { redact } from '../config/secrets.ts';
import type { AppInfo, Schemas } from '../contract/api.ts';
import { Engine } from '../engine.ts';
import type { Log } from '../log.ts';
import type { Address } from '../net/conn.ts';
import type { Storage } from './configuration.ts';
import { openHistory } from './history/open.ts';
import { Host } from './host.ts';
import { LogFiles } from './log-files.ts';
import { noLogin, type Login } from './login.ts';
import type { LogRing } from './logs.ts';
import { LinkableStorage } from './linked.ts';
import type { Memory } from './memory.ts';
import { ownerLookup } from './owner-lookup.ts';
import { portOwner } from './port-owner.ts';
import { Snapshots } from './snapshots.ts';
import { TestHistory } from './test-history.ts';
import { TransientStorage } from './transient.ts';
import { Pins } from '../transports/pins.ts';
import { version } from './version.ts';

export interface HostParts {
  readonly runtime: AppInfo['runtime'];
  readonly dataDir: string;
  readonly storage: Storage;
  readonly memory: Memory;
  /** Shows a folder in the system's file manager, where there is one. */
  readonly openFolder?: (path: string) => Promise<void>;
  /** False: nothing of this run is to be found later, so the traffic history stays in memory and there are no log files. */
  readonly kept: boolean;
  readonly log: Log;
  readonly logs: LogRing;
  /** Addresses no client may reach through us. */
  readonly forbidden: () => readonly Address[];
  /** Start at login, where this program can arrange it. */
  readonly login?: Login;
}

/** Folder of certificates and pins within the data folder. */
export function stateFolder(dataDir: string): string {
  return join(dataDir, 'state');
}

/** A host that has not opened its configuration yet. */
export function composeHost(parts: HostParts): Host {
  const {
    runtime,
    dataDir,
    storage,
    memory,
    kept,
    openFolder,
    log,
    logs,
    forbidden,
    login = noLogin,
  } = parts;
  let schemas: Schemas | null = null;
  if (kept)
    logs.toFiles(new LogFiles(join(dataDir, 'logs'), (error) => log.error('log_files_failed', { error })));
  const engine = new Engine({ log, stateFolder: stateFolder(dataDir), forbidden });
  return new Host({
    engine,
    storage,
    linking: storage instanceof LinkableStorage ? storage : null,
    // what is kept in memory only leaves no copies behind
    snapshots: new Snapshots(
      storage instanceof LinkableStorage ? join(stateFolder(dataDir), 'snapshots') : null,
      version,
      log,
    ),
    read: (text) => loadPlan(text, { file: basename(storage.path), desktop: true }),
    redact,
    schemas: () => (schemas ??= jsonSchemas(catalog)),
    memory,
    pins: new Pins({ path: stateFolder(dataDir) }),
    history: openHistory(engine.stats, kept ? dataDir : null, memory.state.history, log),
    login,
    logs,
    log,
    about: { version, runtime, dataDir },
    openFolder: openFolder ?? null,
    ownerOf: portOwner,
    ownersOf: ownerLookup(),
    tests: new TestHistory(storage instanceof TransientStorage ? null : stateFolder(dataDir), log),
  });
}
