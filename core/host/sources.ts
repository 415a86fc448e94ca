/** What the command line was given to run: any number of -L and -F URLs and -C files, read as one configuration, as GOST does. */
import { readFile } from 'node:fs/promises';
import { loadPlan, loadUrls } from '../config/load.ts';
import { printConfig } from '../config/print.ts';
import type { Config, Finding, Json } from '../contract/config.ts';
import { errnoOf, ProxyError } from '../errors.ts';
import type { Level } from '../log.ts';
import type { Plan } from '../plan.ts';

export interface Sources {
  readonly services: readonly string[];
  readonly nodes: readonly string[];
  readonly files: readonly string[];
}

export interface Loaded {
  readonly plan: Plan;
  readonly config: Config;
  readonly findings: readonly Finding[];
  readonly log: { readonly level: Level | null; readonly output: string | null };
}

/** Reads everything anew. Throws `config` when a file can not be read. */
export async function loadSources({ services, nodes, files }: Sources): Promise<Loaded> {
  const texts = await Promise.all(files.map(readSource));
  const [only] = texts;
  const withUrls = services.length + nodes.length > 0;
  if (only === undefined) return loadUrls(services, nodes);
  if (texts.length === 1 && !withUrls) return loadText(only);
  // names in one source may mean things in another: findings about values come from the whole, findings about a text from itself
  const parts = texts.map(loadText);
  const urls = loadUrls(services, nodes);
  const config = [...parts.map((part) => part.config), urls.config].reduce(merged, {});
  const file = [...texts.map(({ name }) => name), ...(withUrls ? ['-L/-F'] : [])].join(' + ');
  const whole = loadText({ name: file, text: printConfig(config, 'yaml') });
  const broken = parts.flatMap(({ findings }) => findings.filter(({ path }) => path.length === 0));
  return { ...whole, config, findings: [...broken, ...whole.findings] };
}

interface Source {
  readonly name: string;
  readonly text: string;
}

/** A file by its path, or the configuration itself written as JSON, as GOST allows for -C. */
async function readSource(given: string): Promise<Source> {
  const bare = given.trim();
  if (bare.startsWith('{') && bare.endsWith('}')) return { name: '-C', text: bare };
  try {
    return { name: given, text: await readFile(given, 'utf8') };
  } catch (error) {
    const why = errnoOf(error) === 'ENOENT' ? 'there is no such file' : 'the file can not be read';
    throw new ProxyError('config', { where: given, message: why }, { cause: error });
  }
}

function loadText({ name, text }: Source): Loaded {
  const { document, ...loaded } = loadPlan(text, { file: name });
  return { ...loaded, config: document.config };
}

/** Lists are joined; of everything else the later counts. */
function merged(first: Config, second: Config): Config {
  const result: Record<string, Json | undefined> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = result[key];
    result[key] = isList(before) && isList(value) ? [...before, ...value] : value;
  }
  return result;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
