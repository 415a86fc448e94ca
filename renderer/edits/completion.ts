/** What may stand at the cursor of a configuration text: keys of the map it is in, words of the key it is behind. From the lines above only. */
import type { Schemas } from '../../core/contract/api.ts';
import type { FileShapes } from '../../core/contract/imports.ts';
import { isObject } from './diff.ts';
import type { Json } from '../../core/contract/config.ts';

export interface Completion {
  readonly label: string;
  readonly detail: string;
  readonly insert: string;
  readonly kind: 'property' | 'enum';
}

interface Level {
  readonly indent: number;
  readonly key: string;
}

const ROLES: Readonly<Record<string, keyof Schemas>> = {
  handler: 'handlers',
  listener: 'listeners',
  connector: 'connectors',
  dialer: 'dialers',
};

/** `before`: the text up to the cursor, in lines; the last one is the line of the cursor. */
export function completionsAt(
  before: readonly string[],
  shapes: FileShapes,
  schemas: Schemas | null,
): readonly Completion[] {
  const row = before.at(-1) ?? '';
  const above = before.slice(0, -1);
  const lead = /^\s*(?:- +)*/.exec(row)?.[0] ?? '';
  const dash = lead.includes('-') ? lead.lastIndexOf('-') : null;
  const levels = levelsAbove(above, lead.length, dash);
  const shape = shapeAt(levels, shapes);
  const options = levels.at(-1)?.key === 'metadata' ? optionsFor(levels, above, schemas) : null;
  const key = /^([\w.]+):[ \t]+[\w.]*$/.exec(row.slice(lead.length))?.[1];
  if (key !== undefined)
    return options === null ? wordsOf(key, shape, above, shapes) : wordsOfOption(options[key]);
  if (/:[ \t]/.test(row)) return [];
  const there = siblings(above, lead.length, dash);
  if (options !== null) {
    return Object.entries(options)
      .filter(([option]) => !there.has(option.toLowerCase()))
      .map(([option, schema]) => ({
        label: option,
        detail: titleOf(schema),
        insert: `${option}: `,
        kind: 'property',
      }));
  }
  if (shape === null) return [];
  return (shapes.shapes[shape] ?? [])
    .filter(({ key }) => !there.has(key.toLowerCase()))
    .map(({ key, kind }) => ({
      label: key,
      detail: kind,
      insert: ['object', 'objects', 'metadata', 'map', 'texts'].includes(kind) ? `${key}:` : `${key}: `,
      kind: 'property',
    }));
}

function wordsOf(
  key: string,
  shape: string | null,
  above: readonly string[],
  shapes: FileShapes,
): readonly Completion[] {
  if (shape === null) return [];
  const field = shapes.shapes[shape]?.find((one) => one.key.toLowerCase() === key.toLowerCase());
  if (field?.kind === 'boolean') return ['true', 'false'].map(word);
  const listed = shapes.words[`${shape}.${field?.key ?? key}`];
  if (listed !== undefined) return listed.map(word);
  const section = REFERS[field?.key ?? key];
  return section === undefined ? [] : namesIn(above, section).map(word);
}

function wordsOfOption(schema: Json | undefined): readonly Completion[] {
  if (!isObject(schema)) return [];
  if (schema['type'] === 'boolean' || schema['kind'] === 'boolean') return ['true', 'false'].map(word);
  const words = schema['enum'];
  return Array.isArray(words)
    ? words.flatMap((one: Json) => (typeof one === 'string' ? [word(one)] : []))
    : [];
}

function word(label: string): Completion {
  return { label, detail: '', insert: label, kind: 'enum' };
}

/** Keys whose words are names of other things in the file. */
const REFERS: Readonly<Record<string, string>> = {
  chain: 'chains',
  bypass: 'bypasses',
  admission: 'admissions',
  auther: 'authers',
  resolver: 'resolvers',
};

/** Names above the cursor; what is below is not known here. */
function namesIn(before: readonly string[], section: string): string[] {
  const start = before.findIndex((row) => row.startsWith(`${section}:`));
  if (start === -1) return [];
  const names: string[] = [];
  let column: number | null = null;
  for (const row of before.slice(start + 1)) {
    if (/^[^\s#-]/.test(row)) break;
    const item = /^(\s*)- +name: *([^\s#]+)/.exec(row);
    if (item?.[2] === undefined) continue;
    column ??= item[1]?.length ?? 0;
    if (item[1]?.length === column) names.push(item[2]);
  }
  return names;
}

/** The options of the component that the metadata belongs to, by the type that stands above it. */
function optionsFor(
  levels: readonly Level[],
  rows: readonly string[],
  schemas: Schemas | null,
): Readonly<Record<string, Json | undefined>> {
  const list = ROLES[levels.at(-2)?.key ?? ''];
  const metadata = levels.at(-1);
  if (list === undefined || metadata === undefined || schemas === null) return {};
  const own = rows.findLastIndex((text) => {
    const row = rowOf(text);
    return row?.key === metadata.key && row.column === metadata.indent;
  });
  const type = siblings(rows.slice(0, own), metadata.indent, rowOf(rows[own] ?? '')?.dash ?? null).get(
    'type',
  );
  const bare = type === undefined ? undefined : /^["']?([\w-]+)/.exec(type)?.[1];
  const properties = bare === undefined ? undefined : schemas[list][bare]?.options['properties'];
  return isOptions(properties) ? properties : {};
}

function isOptions(value: unknown): value is Readonly<Record<string, Json | undefined>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function titleOf(schema: Json | undefined): string {
  const title = isObject(schema) ? schema['title'] : undefined;
  return typeof title === 'string' ? title : '';
}

interface Row {
  /** Column of the last dash before the key; null where there is none. */
  readonly dash: number | null;
  readonly column: number;
  readonly key: string | null;
  /** Nothing stands behind the key: what is below belongs to it. */
  readonly opens: boolean;
}

/** A line as the place it has; null for blank lines and comments. */
function rowOf(text: string): Row | null {
  if (/^\s*(#|$)/.test(text)) return null;
  const lead = /^\s*(?:- +)*/.exec(text)?.[0] ?? '';
  const dash = lead.lastIndexOf('-');
  const key = /^([\w.]+):(?=\s|$)/.exec(text.slice(lead.length))?.[1] ?? null;
  const rest = key === null ? 'x' : text.slice(lead.length + key.length + 1);
  return {
    dash: dash === -1 ? null : dash,
    column: lead.length,
    key,
    opens: /^\s*(?:[&!]\S+\s*)?(?:#.*)?$/.test(rest),
  };
}

/**
 * The keys that lead to the map whose keys stand at `column`, outermost first. Upwards, each owner stands further left than what it
 * owns; only a list may stand right below its key, in the same column.
 */
function levelsAbove(rows: readonly string[], column: number, dash: number | null): readonly Level[] {
  const levels: Level[] = [];
  let limit = dash ?? column;
  let beside = dash !== null;
  for (const text of [...rows].reverse()) {
    const row = rowOf(text);
    if (row === null) continue;
    const owner = beside ? row.column <= limit : row.column < limit;
    const sibling = !beside && row.column === limit;
    if (!owner && !(sibling && row.dash !== null)) continue;
    if (owner) {
      if (row.opens && row.key !== null) levels.unshift({ indent: row.column, key: row.key });
      limit = row.column;
      beside = false;
    }
    if (row.dash !== null) {
      limit = row.dash;
      beside = true;
    }
  }
  return levels;
}

function shapeAt(levels: readonly Level[], { shapes }: FileShapes): string | null {
  let shape: string | null = 'config';
  for (const { key } of levels) {
    const field: { readonly of: string | null } | undefined =
      shape === null ? undefined : shapes[shape]?.find((one) => one.key.toLowerCase() === key.toLowerCase());
    shape = field?.of ?? null;
  }
  return shape;
}

/** Keys of the same map above a line of the column `column`, with what stands behind them; `dash`: that line begins the map. */
function siblings(rows: readonly string[], column: number, dash: number | null): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (dash !== null) return found;
  for (const text of [...rows].reverse()) {
    const row = rowOf(text);
    if (row === null || row.column > column) continue;
    if (row.column < column) break;
    if (row.key !== null) found.set(row.key.toLowerCase(), text.slice(column + row.key.length + 1).trim());
    if (row.dash !== null) break;
  }
  return found;
}
