/**
 * A configuration text as a tree of places: for every value its plain data, its exact span in the text and where its key or dash is.
 * Made by parse-tree.ts; everything that reads or edits texts works on it.
 */
import type { Json } from '../contract/config.ts';

/** A span of the text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Base extends Span {
  /** Where an anchor or tag before the value begins; `start` when there is none. */
  readonly props: number;
  readonly anchor: string | null;
  readonly tagged: boolean;
}

export interface ScalarPlace extends Base {
  readonly kind: 'scalar';
  readonly style: 'plain' | 'single' | 'double' | 'block' | 'empty';
  readonly value: Json;
}

/** `*name`. `target` is the anchored place; null when the anchor sits on a key. */
export interface AliasPlace extends Base {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: Place | null;
  readonly value: Json;
}

/** `bare`: a one-pair map written without braces inside a flow list. */
export interface MapPlace extends Base {
  readonly kind: 'map';
  readonly style: 'block' | 'flow' | 'bare';
  readonly entries: readonly Entry[];
}

export interface ListPlace extends Base {
  readonly kind: 'list';
  readonly style: 'block' | 'flow';
  readonly items: readonly Item[];
}

export type Place = ScalarPlace | AliasPlace | MapPlace | ListPlace;

export interface Entry {
  readonly key: string;
  /** The key as text, with what stands before it (`?`, anchors). */
  readonly start: number;
  readonly keyEnd: number;
  /** Offset behind the colon; null where there is none. */
  readonly after: number | null;
  readonly place: Place;
  /** `<<`: the entries of its value count as entries of this map where the map has none of its own. */
  readonly merge: boolean;
}

export interface Item {
  /** The dash, or the value in a flow list. */
  readonly start: number;
  /** Offset behind the dash; the start of the value in a flow list. */
  readonly after: number;
  readonly place: Place;
}

/** The plain data of a place. The key `__proto__` is left out. */
export function dataOf(place: Place): Json {
  switch (place.kind) {
    case 'scalar':
    case 'alias':
      return place.value;
    case 'list':
      return place.items.map((item) => dataOf(item.place));
    case 'map':
      return Object.fromEntries(entriesOf(place).map((entry) => [entry.key, dataOf(entry.place)]));
  }
}

/** The entries of a map with merged ones behind its own, as YAML's `<<` means it. */
export function entriesOf(map: MapPlace): Entry[] {
  const own = map.entries.filter((entry) => !entry.merge && entry.key !== '__proto__');
  const known = new Set(own.map((entry) => entry.key.toLowerCase()));
  for (const merge of map.entries.filter((entry) => entry.merge)) {
    for (const source of mergedMaps(merge.place)) {
      for (const entry of entriesOf(source)) {
        if (known.has(entry.key.toLowerCase())) continue;
        known.add(entry.key.toLowerCase());
        own.push(entry);
      }
    }
  }
  return own;
}

const indexes = new WeakMap<MapPlace, ReadonlyMap<string, Entry>>();

/** The entry of a key in any case, own or merged. */
export function entryOf(map: MapPlace, key: string): Entry | undefined {
  let index = indexes.get(map);
  if (index === undefined) {
    index = new Map(entriesOf(map).map((entry) => [entry.key.toLowerCase(), entry]));
    indexes.set(map, index);
  }
  return index.get(key.toLowerCase());
}

/** Follows aliases to the place that holds the value; null when that is a key. */
function follow(place: Place): Place | null {
  return place.kind === 'alias' ? (place.target === null ? null : follow(place.target)) : place;
}

function mergedMaps(place: Place): MapPlace[] {
  const real = follow(place);
  if (real?.kind === 'map') return [real];
  if (real?.kind !== 'list') return [];
  return real.items.flatMap((item) => {
    const map = follow(item.place);
    return map?.kind === 'map' ? [map] : [];
  });
}

/** The place itself and all places inside of it; aliases are not followed. */
export function* within(place: Place): Generator<Place> {
  yield place;
  if (place.kind === 'map') for (const entry of place.entries) yield* within(entry.place);
  if (place.kind === 'list') for (const item of place.items) yield* within(item.place);
}
