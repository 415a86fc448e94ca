/**
 * Names of one object in another, found in plain data: what an object needs, and the same object with names changed.
 */
import type { Config, Json, Path } from '../../contract/config.ts';
import type { ImportKind } from '../../contract/imports.ts';
import { isList, isMap } from '../gost-values.ts';

/** The lists of named things, in the order they are shown, and what each item is. */
export const SECTIONS: readonly (readonly [section: string, kind: ImportKind])[] = [
  ['services', 'service'],
  ['chains', 'chain'],
  ['hops', 'hop'],
  ['authers', 'auther'],
  ['admissions', 'admission'],
  ['bypasses', 'bypass'],
  ['resolvers', 'resolver'],
  ['hosts', 'hosts'],
  ['limiters', 'limiter'],
  ['climiters', 'climiter'],
  ['rlimiters', 'rlimiter'],
];

const SECTION_OF: ReadonlyMap<string, string> = new Map([
  ['chain', 'chains'],
  ['hop', 'hops'],
  ['auther', 'authers'],
  ['authers', 'authers'],
  ['admission', 'admissions'],
  ['admissions', 'admissions'],
  ['bypass', 'bypasses'],
  ['bypasses', 'bypasses'],
  ['resolver', 'resolvers'],
  ['hosts', 'hosts'],
  ['limiter', 'limiters'],
  ['climiter', 'climiters'],
  ['rlimiter', 'rlimiters'],
]);

export interface Reference {
  readonly section: string;
  readonly name: string;
}

/** Every name of another object in `value`, which is an item of a section. */
export function referencesIn(value: Json): Reference[] {
  const found: Reference[] = [];
  mapNames(value, (section, name) => {
    found.push({ section, name });
    return name;
  });
  return found;
}

/** The same value with every name of another object replaced by what `renamed` says. */
export function withNames(value: Json, renamed: (section: string, name: string) => string): Json {
  return mapNames(value, renamed);
}

function mapNames(value: Json, each: (section: string, name: string) => string, key = ''): Json {
  if (isList(value)) {
    return value.map((item) => {
      if (key === 'hops' && isBareHop(item)) return { ...item, name: each('hops', item.name) };
      return mapNames(item, each);
    });
  }
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([own, item]): [string, Json | undefined] => {
      const section = SECTION_OF.get(own);
      if (item === undefined || own === 'metadata') return [own, item];
      if (section !== undefined && typeof item === 'string')
        return [
          own,
          item === ''
            ? item
            : item
                .split(',')
                .map((name) => each(section, name.trim()))
                .join(','),
        ];
      if (section !== undefined && isList(item) && item.every((name) => typeof name === 'string'))
        return [own, item.map((name) => each(section, name))];
      return [own, mapNames(item, each, own)];
    }),
  );
}

/** A hop of a chain that only names one of the file's own hops. */
function isBareHop(item: Json): item is { readonly name: string; readonly [key: string]: Json | undefined } {
  if (!isMap(item) || typeof item['name'] !== 'string') return false;
  return item['nodes'] === undefined && item['file'] === undefined && item['http'] === undefined;
}

/** A path as an id, and back. */
export function idOf(path: Path): string {
  return path.join('/');
}

/** `name`, or with the first number behind it that makes it free. */
export function freeName(name: string, used: { has(name: string): boolean }): string {
  if (!used.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const next = `${name}-${number}`;
    if (!used.has(next)) return next;
  }
}

export function listOf(config: Config, section: string): readonly Json[] {
  const list = config[section];
  return isList(list) ? list : [];
}

export function nameOf(value: Json): string {
  const name = isMap(value) ? value['name'] : undefined;
  return typeof name === 'string' || typeof name === 'number' ? String(name) : '';
}
