/**
 * Writes docs/options.md from the option schemas of the catalog; `--check` fails when the file is not current.
 * The schemas are the one place where an option is described: forms, validation and this page read the same text.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { catalog } from '../core/catalog.ts';
import type { OptionMeta } from '../core/options.ts';

const FILE = 'docs/options.md';
const ROLES = [
  [
    'listeners',
    'Listeners',
    'How a service accepts clients: `listener.type`, options under `listener.metadata`.',
  ],
  ['handlers', 'Handlers', 'What a service speaks: `handler.type`, options under `handler.metadata`.'],
  ['dialers', 'Dialers', 'How a node is reached: `dialer.type`, options under `dialer.metadata`.'],
  ['connectors', 'Connectors', 'What a node is asked: `connector.type`, options under `connector.metadata`.'],
] as const;

const lines = [
  '# Options',
  '',
  "Written by `npm run docs` from the schemas in the source. Keys are GOST's and may be written in any case; an alias counts where the key itself is absent. Durations are written as GOST does, such as `10s` or `1m30s`; a bare number is seconds.",
  '',
];
for (const [role, title, about] of ROLES) {
  lines.push(`## ${title}`, '', about, '');
  for (const definition of catalog[role]) {
    const names = [definition.type, ...(definition.aliases ?? [])].map((name) => `\`${name}\``).join(', ');
    lines.push(`### ${definition.title} (${names})`, '', definition.summary, '');
    const options = Object.entries(definition.options.shape);
    if (options.length === 0) {
      lines.push('No options.', '');
      continue;
    }
    lines.push('| key | kind | default | meaning |', '| --- | --- | --- | --- |');
    for (const [key, schema] of options) lines.push(row(key, schema));
    lines.push('');
  }
}
const text = lines.join('\n');

if (process.argv.includes('--check')) {
  const current = readFileSync(FILE, 'utf8');
  if (current !== text) {
    console.error(`${FILE} is not current: run npm run docs`);
    process.exit(1);
  }
} else {
  writeFileSync(FILE, text);
  console.log(`${FILE}: ${lines.length} lines`);
}

function row(key: string, schema: { meta(): object | undefined; parse(value: unknown): unknown }): string {
  const meta = metaOf(schema.meta());
  const aliases =
    meta.aliases.length === 0 ? '' : ` (also ${meta.aliases.map((alias) => `\`${alias}\``).join(', ')})`;
  const kind = meta.unit === undefined ? meta.kind : `${meta.kind}, ${meta.unit}`;
  return `| \`${key}\`${aliases} | ${kind} | ${show(schema.parse(undefined), meta)} | **${meta.title}.** ${meta.description} |`;
}

function metaOf(meta: object | undefined): OptionMeta {
  if (meta === undefined || !('title' in meta) || !('kind' in meta))
    throw new Error('an option has no title or kind');
  return meta as OptionMeta; // made by core/options.ts, which types what it stores
}

function show(value: unknown, { kind }: OptionMeta): string {
  if (kind === 'duration' && typeof value === 'number') return value === 0 ? 'off' : `${value / 1000}s`;
  if (value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0))
    return 'none';
  return `\`${String(value)}\``;
}
