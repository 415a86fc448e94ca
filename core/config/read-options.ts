/**
 * The options of components: `type` and `metadata` of handlers, listeners, connectors and dialers, read by GOST's rules into what their
 * definitions ask for. Options often stand in several places at once, because GOST copies URL parameters to all of them: a key counts as
 * known when any of the places that hold the same value knows it.
 */
import type { Json, Path } from '../contract/config.ts';
import { definitionOf, optionsOf, type Described, type Option } from './catalog-view.ts';
import { fix, pathText, type Findings } from './findings.ts';
import { canonicalOption, isGostOption, LEFTOVERS, unusedOption } from './gost-options.ts';
import { isGostType, nearest, typesOf, whyNot, type Role } from './gost-types.ts';
import {
  firstOf,
  isMap,
  readBoolean,
  readInteger,
  readList,
  readMap,
  readMetadataDuration,
  readText,
  type Reading,
} from './gost-values.ts';
import { sameData, valueAt } from './model.ts';

type Data = { readonly [key: string]: Json | undefined };

/** One `metadata` map and who reads it. `options` null: nobody here does, so nothing is said about it. */
export interface Place {
  readonly path: Path;
  readonly metadata: Data;
  readonly options: readonly string[] | null;
  /** For messages: `the socks5 handler`. */
  readonly who: string;
}

export interface Component<D extends Described> {
  readonly definition: D;
  readonly options: Record<string, unknown>;
}

/** The component at `path`, or null with a finding that blocks. */
export function readComponent<D extends Described>(
  data: Json | undefined,
  role: Role,
  fallback: string,
  path: Path,
  definitions: readonly D[],
  findings: Findings,
): Component<D> | null {
  const type = readText(valueAt(data, ['type']) ?? '').value?.trim() || fallback;
  const definition = definitionOf(definitions, type);
  if (definition === undefined) {
    noSuchType(type, role, [...path, 'type'], definitions, findings);
    return null;
  }
  const metadata = metadataOf(data);
  const options = readOptions(optionsOf(definition), metadata, [...path, 'metadata'], findings);
  const parsed = definition.options.safeParse(options);
  if (parsed.success) return { definition, options: parsed.data };
  for (const issue of parsed.error.issues) {
    const key = String(issue.path[0] ?? '');
    findings.add(
      'blocks',
      'bad_value',
      [...path, 'metadata', key],
      `${pathText([...path, 'metadata'])}: ${key} is out of range: ${issue.message}.`,
    );
  }
  return null;
}

export function metadataOf(data: Json | undefined): Data {
  const metadata = valueAt(data, ['metadata']);
  return isMap(metadata) ? metadata : {};
}

/** Names under which a definition's options may be written. */
export function namesOf(definition: Described | undefined): string[] {
  return definition === undefined ? [] : optionsOf(definition).flatMap(({ names }) => names);
}

/** Says which keys of a group of places nobody reads. */
export function checkOptions(places: readonly Place[], findings: Findings): void {
  const said = new Set<string>();
  const known = [...new Set(places.flatMap(({ options }) => options ?? []))];
  for (const place of places) {
    for (const [key, value] of Object.entries(place.metadata)) {
      const lower = key.toLowerCase();
      if (value === undefined || place.options === null || said.has(lower)) continue;
      if (place.options.some((name) => name.toLowerCase() === lower)) continue;
      const elsewhere = places.some(
        (other) =>
          other.options !== null &&
          other.options.some((name) => name.toLowerCase() === lower) &&
          sameData(other.metadata[key], value),
      );
      const unread = places.some((other) => other.options === null && sameData(other.metadata[key], value));
      if (elsewhere || unread || LEFTOVERS.has(lower)) continue;
      said.add(lower);
      sayUnread(key, value, place, known, findings);
    }
  }
}

function sayUnread(
  key: string,
  value: Json,
  { path, who, options }: Place,
  known: readonly string[],
  findings: Findings,
): void {
  const at = [...path, key];
  const where = { at: 'key' as const };
  const nested = isMap(value)
    ? Object.entries(value).map(([inner, item]) => [`${key}.${inner}`, item ?? null] as const)
    : [];
  if (nested.length > 0 && nested.some(([flat]) => isGostOption(flat) || known.includes(flat))) {
    findings.add(
      'changes',
      'nested_options',
      at,
      `GOST does not look inside of ${pathText(at)}; write the options flat, such as \`${nested[0]?.[0] ?? key}: …\`.`,
      {
        ...where,
        fix: fix(
          'Write them flat',
          { op: 'remove', path: at },
          ...nested.map(([flat, item]) => ({
            op: 'set' as const,
            path: [...path, canonicalOption(flat)],
            value: item,
          })),
        ),
      },
    );
    return;
  }
  const unused = unusedOption(key);
  if (unused !== null) {
    const off =
      value === '' || (readBoolean(value).value === false && readBoolean(value).remark === undefined);
    if (!off) findings.add(unused.grade, 'unsupported', at, `${pathText(at)}: ${unused.says}`, where);
    return;
  }
  if (isGostOption(key)) {
    findings.add(
      'changes',
      'unsupported',
      at,
      `${who} has no option ${key} here; it runs without it.`,
      where,
    );
    return;
  }
  const near = nearest(key, options ?? []) ?? nearest(key, known);
  if (near !== null) {
    findings.add(
      'ignored',
      'near_miss',
      at,
      `GOST knows no option ${key}, so it has no effect; did you mean ${near}?`,
      {
        ...where,
        fix: fix(
          `Rename it to ${near}`,
          { op: 'set', path: [...path, near], value },
          { op: 'remove', path: at },
        ),
      },
    );
    return;
  }
  findings.add(
    'ignored',
    'unknown_key',
    at,
    `Neither GOST nor Sockeye knows an option ${key}; it has no effect.`,
    where,
  );
}

function noSuchType(
  type: string,
  role: Role,
  path: Path,
  definitions: readonly Described[],
  findings: Findings,
): void {
  const here = definitions.flatMap((definition) => [definition.type, ...(definition.aliases ?? [])]);
  if (isGostType(role, type)) {
    findings.add(
      'blocks',
      'unsupported_type',
      path,
      `Sockeye has no ${role} ${type} yet. ${whyNot(type)}`.trim(),
    );
    return;
  }
  const near = nearest(type, [...here, ...typesOf(role)]);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  findings.add(
    'blocks',
    'unknown_type',
    path,
    `There is no ${role} type ${type}, in GOST neither.${meant}`,
    near === null ? {} : { fix: fix(`Write ${near}`, { op: 'set', path, value: near }) },
  );
}

function readOptions(
  options: readonly Option[],
  metadata: Data,
  path: Path,
  findings: Findings,
): Record<string, unknown> {
  const values: [string, unknown][] = [];
  for (const option of options) {
    const found = firstOf(metadata, option.names);
    if (found === null || found[1] === null) continue;
    const [key, raw] = found;
    const { value, remark } = readAs(option, raw);
    const at = [...path, key];
    if (remark === 'yes_no') {
      const meant = /^(yes|on|y)$/i.test(readText(raw).value ?? '');
      findings.add(
        'hint',
        'yes_no',
        at,
        `GOST takes ${key}: ${readText(raw).value ?? ''} for false, and so does Sockeye; only true and false are understood.`,
        {
          fix: fix(`Write ${meant}`, { op: 'set', path: at, value: meant }),
        },
      );
    } else if (remark === 'unreadable') {
      findings.add(
        'changes',
        'bad_value',
        at,
        `${pathText(at)} should be ${WANTED[option.meta.kind]}; the default is used.`,
      );
      continue;
    }
    if (value !== undefined) values.push([option.key, value]);
  }
  return Object.fromEntries(values);
}

const WANTED: Readonly<Record<Option['meta']['kind'], string>> = {
  boolean: 'true or false',
  integer: 'a whole number',
  duration: 'a duration such as 10s, or seconds',
  text: 'a text',
  list: 'a list of words',
  map: 'a map of words',
};

function readAs({ meta }: Option, raw: Json): Reading<unknown> {
  switch (meta.kind) {
    case 'boolean':
      return readBoolean(raw);
    case 'integer':
      return readInteger(raw);
    case 'duration':
      return readMetadataDuration(raw);
    case 'text':
      return readText(raw);
    case 'list':
      return readList(raw);
    case 'map':
      return readMap(raw);
  }
}
