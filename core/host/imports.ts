/** The calls about what comes in, goes out and was before, over a host. What they mean is in core/config/import; here it meets the configuration. */
import { applyImport } from '../config/import/apply.ts';
import { exportConfig } from '../config/import/export.ts';
import { repaired } from '../config/import/read.ts';
import { reviewImport } from '../config/import/review.ts';
import { ConfigDocument } from '../config/document.ts';
import { SHAPES } from '../config/shape.ts';
import type { ConfigState, Schemas } from '../contract/api.ts';
import type { Edit } from '../contract/config.ts';
import type {
  Conflict,
  ExportRequest,
  ExportResult,
  FileShapes,
  ImportChoice,
  ImportRepair,
  ImportReview,
  ImportSource,
  TextPair,
} from '../contract/imports.ts';
import { ProxyError } from '../errors.ts';
import type { Host } from './host.ts';

export function review(
  { configuration }: Host,
  given: ImportSource,
  repair: ImportRepair | null,
  edits: readonly Edit[],
): ImportReview {
  const mended = repair === null ? given.text : repaired(given.text, repair);
  const text = edits.length === 0 ? mended : ConfigDocument.parse(mended, given.name).apply(edits).text;
  const {
    format,
    items,
    findings,
    secrets,
    whole,
    repair: open,
  } = reviewImport({ ...given, text }, configuration.config);
  return { format, text, items, findings, secrets, whole, repair: open };
}

export async function takeIn(
  { configuration }: Host,
  revision: number,
  source: ImportSource,
  choice: ImportChoice,
  label: string,
): Promise<{ state: ConfigState; taken: number }> {
  let taken = 0;
  const make = (): string => {
    const current = ConfigDocument.parse(configuration.text, '');
    const imported = applyImport(current, reviewImport(source, configuration.config), choice);
    taken = imported.taken;
    return imported.text;
  };
  const state = await configuration.rewrite(revision, make, label);
  return { state, taken };
}

export function exported({ configuration }: Host, request: ExportRequest): ExportResult {
  return exportConfig(configuration.config, request);
}

/** Links the configuration to a file, or gives it back to Sockeye's own. */
export function link({ configuration, deps }: Host, path: string | null): Promise<ConfigState> {
  const { linking } = deps;
  if (linking === null) throw unsupported();
  return configuration.moved(() => (path === null ? linking.unlink() : linking.link(path)));
}

export function conflict({ configuration, deps }: Host): Conflict {
  const texts = deps.linking?.conflict ?? null;
  if (texts === null)
    throw new ProxyError('config', { where: 'the file', message: 'there is nothing to decide any more' });
  return { ...texts, findings: configuration.checkText(texts.theirs) };
}

export async function settle(
  { configuration, deps }: Host,
  text: string,
  label: string,
): Promise<ConfigState> {
  deps.linking?.settling(true);
  try {
    return await configuration.rewrite(null, () => text, label);
  } finally {
    deps.linking?.settling(false);
  }
}

/** What changed since a snapshot, passwords masked. */
export async function snapshotDiff({ configuration, deps }: Host, id: string): Promise<TextPair> {
  const before = await deps.snapshots.text(id);
  return { before: masked(before), after: masked(configuration.text) };
}

export function restore(
  { configuration, deps }: Host,
  revision: number,
  id: string,
  label: string,
): Promise<ConfigState> {
  return configuration.rewrite(revision, () => deps.snapshots.text(id), label);
}

function masked(text: string): string {
  return ConfigDocument.parse(text, '').masked();
}

export function fileShapes(schemas: Schemas): FileShapes {
  const shapes = Object.fromEntries(
    Object.entries(SHAPES).map(([name, fields]) => [
      name,
      fields
        .filter(({ unused }) => unused === undefined)
        .map(({ key, kind, of }) => ({ key, kind, of: of ?? null })),
    ]),
  );
  const words = {
    'handler.type': Object.keys(schemas.handlers),
    'listener.type': Object.keys(schemas.listeners),
    'connector.type': Object.keys(schemas.connectors),
    'dialer.type': Object.keys(schemas.dialers),
    'selector.strategy': ['round', 'random', 'fifo', 'hash'],
    'log.level': ['debug', 'info', 'warn', 'error'],
    'nameserver.prefer': ['ipv4', 'ipv6'],
  };
  return { shapes, words };
}

function unsupported(): ProxyError {
  return new ProxyError('config', {
    where: 'the command line',
    message: 'Sockeye was started with a configuration on the command line, so no file can be linked',
  });
}
