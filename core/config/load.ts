/**
 * The ways a configuration comes in: the text of a file (GOST v3, or v2 which is translated), command-line URLs, or several of these at once.
 * Each gives a plan and everything a person should know about it.
 */
import { catalog as ours } from '../catalog.ts';
import type { Config, Finding } from '../contract/config.ts';
import type { Plan } from '../plan.ts';
import type { Catalog } from './catalog-view.ts';
import { ConfigDocument } from './document.ts';
import { Findings } from './findings.ts';
import { urlsToConfig } from './gost-url.ts';
import { isV2, v2ToConfig } from './gost-v2.ts';
import { mergeSources, type Source } from './merge.ts';
import type { LogSettings } from './read-objects.ts';
import { readPlan } from './read-plan.ts';

export interface ReadingOptions {
  /** True for the window: services beyond this computer guard the local network by default. */
  readonly desktop?: boolean;
  readonly catalog?: Catalog;
}

export interface LoadOptions extends ReadingOptions {
  /** The file's name as people know it. */
  readonly file: string;
}

export interface Loaded {
  readonly plan: Plan;
  /** In GOST v3's shape, whatever it was read from. */
  readonly config: Config;
  readonly findings: readonly Finding[];
  readonly log: LogSettings;
}

/** Reads a configuration text. A text that is none gives an empty plan and findings that block. */
export function loadPlan(text: string, options: LoadOptions): Loaded & { readonly document: ConfigDocument } {
  const document = ConfigDocument.parse(text, options.file);
  return { ...loadSources([fromDocument(document)], options), document };
}

/** Reads `-L` and `-F` URLs. */
export function loadUrls(
  services: readonly string[],
  nodes: readonly string[],
  options: ReadingOptions = {},
): Loaded {
  return loadSources([urlsToConfig(services, nodes)], options);
}

/** Reads what several files and command-line URLs mean together. */
export function loadSources(
  sources: readonly Source[],
  { desktop = false, catalog = ours }: ReadingOptions = {},
): Loaded {
  const { config, locate, findings: known } = mergeSources(sources);
  const findings = new Findings(locate, known);
  const { plan, log } = readPlan(config, { catalog, desktop }, findings);
  return { plan, config, log, findings: findings.sorted() };
}

/** A file as a source. One of GOST v2 becomes the v3 configuration that does the same. */
export function fromDocument(document: ConfigDocument): Source {
  const { file, config, errors } = document;
  if (isV2(config)) return v2ToConfig(config, (path) => ({ file, ...document.locate(path) }));
  return { config, locate: (path, what) => ({ file, ...document.locate(path, what) }), findings: errors };
}
