/** What the command line was given to run: any number of -L and -F URLs and -C files, read as one configuration, as GOST does. */
import { readFile } from 'node:fs/promises';
import { ConfigDocument } from '../config/document.ts';
import { urlsToConfig } from '../config/gost-url.ts';
import { fromDocument, loadSources, type Loaded } from '../config/load.ts';
import { errnoOf, ProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { FileWatch } from './watch-files.ts';

export interface Sources {
  readonly services: readonly string[];
  readonly nodes: readonly string[];
  readonly files: readonly string[];
  /** How often the files are looked at in any case; 0: only when the system tells of a change. */
  readonly lookEveryMs?: number;
}

/** Reads everything anew. Throws `config` when a file can not be read. */
export async function readSources({ services, nodes, files }: Sources): Promise<Loaded> {
  const documents = await Promise.all(files.map(readDocument));
  const withUrls = services.length + nodes.length > 0;
  return loadSources([...documents.map(fromDocument), ...(withUrls ? [urlsToConfig(services, nodes)] : [])]);
}

/** Calls back when one of the files has changed; null when there is none to watch. */
export async function watchSources(
  { files, lookEveryMs = 0 }: Sources,
  changed: () => void,
  log: Log,
): Promise<FileWatch | null> {
  const paths = files.filter((given) => !isInline(given));
  return paths.length === 0 ? null : FileWatch.open(paths, lookEveryMs, changed, log);
}

function isInline(given: string): boolean {
  return given.trim().startsWith('{') && given.trim().endsWith('}');
}

/** A file by its path, or the configuration itself written as JSON, as GOST allows for -C. */
async function readDocument(given: string): Promise<ConfigDocument> {
  if (isInline(given)) return ConfigDocument.parse(given.trim(), '-C');
  try {
    return ConfigDocument.parse(await readFile(given, 'utf8'), given);
  } catch (error) {
    const why = /^https?:\/\//i.test(given)
      ? 'Sockeye fetches no configuration from the web; download it and name the file'
      : errnoOf(error) === 'ENOENT'
        ? 'there is no such file'
        : 'the file can not be read';
    throw new ProxyError('config', { where: given, message: why }, { cause: error });
  }
}
