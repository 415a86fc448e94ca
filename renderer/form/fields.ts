/**
 * From the JSON Schema of a component's options to the fields of a form, and between what a file writes under `metadata`
 * and what a field shows. Values are loose in GOST files (1, "true", T are all true) and one option has several spellings:
 * a field reads any of them and writes back under the spelling that is already there.
 */
import type { ComponentSchema } from '../../core/contract/api.ts';
import type { Json } from '../../core/contract/config.ts';
import { isObject } from '../edits/diff.ts';

type FieldKind = 'boolean' | 'integer' | 'duration' | 'text' | 'list' | 'map';

export interface Field {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: FieldKind;
  readonly unit: string;
  readonly secret: boolean;
  readonly aliases: readonly string[];
  /** The default as the field would show it. */
  readonly fallback: string;
}

const KINDS: readonly FieldKind[] = ['boolean', 'integer', 'duration', 'text', 'list', 'map'];

export function fieldsOf(schema: ComponentSchema | undefined): readonly Field[] {
  const properties = schema?.options['properties'];
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).flatMap(([name, about]: [string, unknown]) => {
    if (typeof about !== 'object' || about === null) return [];
    const read = (key: string): unknown => Reflect.get(about, key);
    const kind = KINDS.find((known) => known === read('kind'));
    if (kind === undefined) return [];
    const aliases = read('aliases');
    return [
      {
        name,
        kind,
        title: text(read('title')) || name,
        description: text(read('description')),
        unit: text(read('unit')),
        secret: read('secret') === true,
        aliases: Array.isArray(aliases) ? aliases.map(text) : [],
        fallback: shownDefault(kind, read('default')),
      },
    ];
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function shownDefault(kind: FieldKind, value: unknown): string {
  if (kind === 'duration') return typeof value === 'number' ? goDuration(value) : '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return String(value);
  return '';
}

/** Milliseconds as Go writes durations: 1500 → "1.5s", 60000 → "1m", 0 → "0s". */
export function goDuration(ms: number): string {
  if (ms > 0 && ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 || ms === 0 ? `${seconds}s` : ''}`;
}

/** Something Go reads as a duration, or a bare number of seconds. */
export function validDuration(value: string): boolean {
  return /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$|^\d+(?:\.\d+)?$/.test(value.trim());
}

/** Where an option stands under `metadata`: the spelling in use, else the field's own name. */
export function spelling(metadata: Json | undefined, field: Field): string {
  if (!isObject(metadata)) return field.name;
  const present = Object.keys(metadata);
  for (const name of [field.name, ...field.aliases]) {
    const found = present.find((key) => key.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
  }
  return field.name;
}

/** What a text-like field shows; '' when the file says nothing. */
export function shownValue(metadata: Json | undefined, field: Field): string {
  const value = isObject(metadata) ? metadata[spelling(metadata, field)] : undefined;
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return (value as readonly Json[]).map(plainText).join(', ');
  if (isObject(value)) {
    return Object.entries(value)
      .map(([key, item]) => `${key}: ${plainText(item ?? '')}`)
      .join('\n');
  }
  return plainText(value);
}

function plainText(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A flag as GOST reads it: only strconv's words and 1 are true. */
export function shownFlag(metadata: Json | undefined, field: Field): boolean {
  const shown = shownValue(metadata, field);
  return ['1', 't', 'true'].includes((shown === '' ? field.fallback : shown).toLowerCase());
}

/** What the file should say for an entry, `undefined` when the field was emptied: then the default holds. */
export function writtenValue(field: Field, shown: string): Json | undefined {
  const entry = shown.trim();
  if (entry === '') return undefined;
  switch (field.kind) {
    case 'integer':
      return /^-?\d+$/.test(entry) ? Number(entry) : entry;
    case 'list':
      return entry
        .split(/[,\n]/)
        .map((item) => item.trim())
        .filter(Boolean);
    case 'map':
      return Object.fromEntries(
        entry.split('\n').map((line) => {
          const colon = line.indexOf(':');
          return colon < 0 ? [line.trim(), ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
        }),
      );
    case 'boolean':
    case 'duration':
    case 'text':
      return entry;
  }
}

/** A flag for the file: nothing at all when it is the default anyway and the file had said nothing. */
export function writtenFlag(metadata: Json | undefined, field: Field, on: boolean): Json | undefined {
  const said = shownValue(metadata, field) !== '';
  return !said && String(on) === field.fallback ? undefined : on;
}
