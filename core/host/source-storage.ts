/**
 * What the window edits when it was started with -L, -F or -C: kept until the process ends. Files it came from are followed
 * until something is changed in the window; from then on only SIGHUP takes them over again.
 */
import { printConfig } from '../config/print.ts';
import type { Log } from '../log.ts';
import type { Storage } from './configuration.ts';
import { refuseBlocked } from './run-engine.ts';
import { readSources, watchSources, type Sources } from './sources.ts';
import { TransientStorage } from './transient.ts';
import type { FileWatch } from './watch-files.ts';

const NOTICE =
  'Sockeye was started with a configuration on the command line. What is changed here is kept until it ends.';

/** Rejects with `config` when a file can not be read. */
export async function openSources(sources: Sources, log: Log): Promise<Storage> {
  const { config } = await readSources(sources);
  const kept = new TransientStorage('the command line', printConfig(config, 'yaml'), [NOTICE]);
  let loaded = false;
  let edited = false;
  let changed: () => void = () => undefined;
  const watched: FileWatch | null = await watchSources(
    sources,
    () => {
      if (!edited) return changed();
      const message =
        'A file of the command line has changed. What was edited in the window stays; SIGHUP takes the file over.';
      log.warn('config_file', { message });
    },
    log,
  );
  return {
    path: kept.path,
    notices: () => kept.notices(),
    /** Every call but the first reads the sources again; rejects, with the place, when they can not run. */
    load: async () => {
      if (loaded) {
        await watched?.used();
        const next = await readSources(sources);
        refuseBlocked(next.findings);
        await kept.save(printConfig(next.config, 'yaml'));
        edited = false;
      }
      loaded = true;
      return kept.load();
    },
    save: (text) => {
      edited = true;
      return kept.save(text);
    },
    watch: (listener) => {
      changed = listener;
    },
    close: () => {
      watched?.close();
      return Promise.resolve();
    },
  };
}
