/**
 * The two ways a configuration comes in: the text of a file, and command-line URLs. Both give a plan, everything a person should know
 * about it, and what it was read from.
 */
import { catalog as ours } from '../catalog.ts';
import type { Config, Finding } from '../contract/config.ts';
import type { Plan } from '../plan.ts';
import type { Catalog } from './catalog-view.ts';
import { ConfigDocument } from './document.ts';
import { Findings, type Locate } from './findings.ts';
import { urlsToConfig } from './gost-url.ts';
import { isV2, v2ToConfig } from './gost-v2.ts';
import type { LogSettings } from './read-objects.ts';
import { readPlan } from './read-plan.ts';

export interface LoadOptions {
  /** The file's name as people know it. */
  readonly file: string;
  /** True for the window: services beyond this computer guard the local network by default. */
  readonly desktop?: boolean;
  readonly catalog?: Catalog;
}

export interface Loaded {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  readonly log: LogSettings;
}

/** Reads a configuration text. A text that is none gives an empty plan and findings that block. */
export function loadPlan(text: string, options: LoadOptions): Loaded & { readonly document: ConfigDocument } {
  const document = ConfigDocument.parse(text, options.file);
  return { ...loadDocument(document, options), document };
}

/** The same for a document that is at hand. A file of GOST v2 is read as what it means in v3. */
export function loadDocument(document: ConfigDocument, options: LoadOptions): Loaded {
  const { file, config, errors } = document;
  if (isV2(config)) {
    const read = v2ToConfig(config, (path) => ({ file, ...document.locate(path) }));
    return loadConfig(read.config, read.locate, options, read.findings);
  }
  return loadConfig(config, (path, what) => ({ file, ...document.locate(path, what) }), options, errors);
}

/** Reads `-L` and `-F` URLs. */
export function loadUrls(
  services: readonly string[],
  nodes: readonly string[],
  catalog: Catalog = ours,
): Loaded & { readonly config: Config } {
  const { config, findings, locate } = urlsToConfig(services, nodes);
  return { ...loadConfig(config, locate, { catalog }, findings), config };
}

function loadConfig(
  config: Config,
  locate: Locate,
  { desktop = false, catalog = ours }: Pick<LoadOptions, 'desktop' | 'catalog'>,
  known: readonly Finding[],
): Loaded {
  const findings = new Findings(locate, known);
  const { plan, log } = readPlan(config, { catalog, desktop }, findings);
  return { plan, log, findings: findings.sorted() };
}
