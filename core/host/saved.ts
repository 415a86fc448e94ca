/** The configuration file in the data folder as the host's storage. What the file store has to tell (set aside, locked, tightened) is kept for the window. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ConfigDocument } from '../config/document.ts';
import { ConfigStore } from '../config/store.ts';
import { errnoOf, ProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Storage } from './configuration.ts';

export const CONFIG_NAME = 'sockeye.yaml';
/** What Sockeye keeps in its folder; `chromium` is Electron's. */
const OURS = /^\.?(sockeye\.yaml|state\.json|state$|chromium$|history\.sqlite|logs$)/;

/**
 * Opens the file, which need not exist. Rejects with `config` when the folder is not Sockeye's to make private, or when another
 * Sockeye runs with it: two would fight over the same ports and move each other's services.
 */
export async function openSaved(path: string, log: Log): Promise<Storage> {
  mustBeOurs(dirname(path));
  const notices: string[] = [];
  let changed: () => void = () => undefined;
  /** What the file says while that is no configuration. */
  let broken: string | null = null;
  const store = await ConfigStore.open(path, {
    changed: (document) => {
      broken = document.errors.length > 0 ? document.text : null;
      changed();
    },
    warn: (message) => {
      notices.push(message);
      log.warn('config_file', { message });
    },
  });
  if (store.sharedWith !== null) {
    await store.close();
    throw new ProxyError('config', {
      where: dirname(path),
      message:
        `Sockeye is running already with this folder (process ${store.sharedWith}). End that one first, or give this one ` +
        'a folder of its own with --data DIR',
    });
  }
  let revision = store.revision;
  return {
    path,
    notices: () => notices,
    load: async () => {
      await store.reload();
      revision = store.revision;
      return broken ?? store.document.text;
    },
    save: async (text) => {
      revision = await store.save(ConfigDocument.parse(text, basename(path)), revision);
      broken = null;
    },
    watch: (listener) => {
      changed = listener;
    },
    close: () => store.close(),
  };
}

/**
 * The data folder is made private (mode 0700), which must never happen to a folder that others use: `--data /tmp`, `--data /etc`.
 * It is ours when it is absent, private already, or holds nothing but what Sockeye keeps there.
 */
function mustBeOurs(folder: string): void {
  if (process.platform === 'win32') return; // no modes are changed there
  try {
    const shared = (statSync(folder).mode & 0o077) !== 0;
    if (!shared || readdirSync(folder).every((name) => OURS.test(name))) return;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  throw new ProxyError('config', {
    where: folder,
    message: 'this folder is used by others; name one with --data that Sockeye has for itself',
  });
}
