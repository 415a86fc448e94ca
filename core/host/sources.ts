/** What the command line was given to run: any number of -L and -F URLs and -C files, read as one configuration, as GOST does. */
import { readFile } from 'node:fs/promises';
import { ConfigDocument } from '../config/document.ts';
import { urlsToConfig } from '../config/gost-url.ts';
import { fromDocument, loadSources, type Loaded } from '../config/load.ts';
import { errnoOf, ProxyError } from '../errors.ts';

export interface Sources {
  readonly services: readonly string[];
  readonly nodes: readonly string[];
  readonly files: readonly string[];
}

/** Reads everything anew. Throws `config` when a file can not be read. */
export async function readSources({ services, nodes, files }: Sources): Promise<Loaded> {
  const documents = await Promise.all(files.map(readDocument));
  const withUrls = services.length + nodes.length > 0;
  return loadSources([...documents.map(fromDocument), ...(withUrls ? [urlsToConfig(services, nodes)] : [])]);
}

/** A file by its path, or the configuration itself written as JSON, as GOST allows for -C. */
async function readDocument(given: string): Promise<ConfigDocument> {
  const bare = given.trim();
  if (bare.startsWith('{') && bare.endsWith('}')) return ConfigDocument.parse(bare, '-C');
  try {
    return ConfigDocument.parse(await readFile(given, 'utf8'), given);
  } catch (error) {
    const why = errnoOf(error) === 'ENOENT' ? 'there is no such file' : 'the file can not be read';
    throw new ProxyError('config', { where: given, message: why }, { cause: error });
  }
}
