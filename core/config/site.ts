/**
 * Where an edit takes place: the places along its path, what of the path does not exist, and what stands in the way of a text change.
 * Aliases stand in the way (`*a` can not be edited in part, and an edit of `&a` would change every `*a`), and so do maps without braces.
 */
import type { Edit, Path } from '../contract/config.ts';
import { isList, isMap } from './gost-values.ts';
import { misfit, ownKey } from './model.ts';
import type { Holder } from './splice.ts';
import { dataOf, entriesOf, within, type AliasPlace, type MapPlace, type Place } from './tree.ts';

/** Where an edit takes place. `missing`: the rest of the path that does not exist; `alias`: what must be written out before. */
export interface Site {
  readonly holders: readonly Holder[];
  readonly missing: Path;
  readonly alias: AliasPlace | null;
}

/** The places along a path, until something is missing or stands behind an alias. */
export function findSite(root: Place | null, edit: Edit): Site {
  const holders: Holder[] = [];
  let place = root;
  const reach = edit.op === 'set' || edit.op === 'remove' ? edit.path.length : edit.path.length + 1;
  for (const [depth, step] of edit.path.entries()) {
    if (place === null) return { holders, missing: edit.path.slice(depth), alias: null };
    if (place.kind === 'alias') return { holders, missing: [], alias: place };
    const holder: Holder | MapPlace | null = holderOf(place, step);
    if (holder === null) {
      const inherits = place.kind === 'map' && entriesOf(place).some(({ key }) => sameKey(key, step));
      const needed = inherits && (edit.op !== 'set' || depth + 1 < edit.path.length);
      const merge =
        place.kind === 'map' && needed
          ? place.entries.find((entry) => entry.merge && carries(entry.place, step))
          : undefined;
      const source = merge === undefined ? null : aliasIn(merge.place);
      if (source !== null) return { holders, missing: [], alias: source };
      if (place.kind === 'map' && merge !== undefined) {
        holders.push({ kind: 'entry', map: place, index: place.entries.indexOf(merge), part: merge });
        const inner: Holder | null = merge.place.kind === 'map' ? holderOf(merge.place, step) : null;
        if (inner === null)
          throw misfit(edit.path, 'it comes from a list of merged maps; change it in the text');
        holders.push(inner);
        place = inner.part.place;
        continue;
      }
      return { holders, missing: edit.path.slice(depth), alias: null };
    }
    holders.push(holder);
    place = holder.part.place;
    if (place.kind === 'alias' && depth + 1 < reach && depth + 1 < edit.path.length)
      return { holders, missing: [], alias: place };
  }
  if (place?.kind === 'alias' && reach > edit.path.length) return { holders, missing: [], alias: place };
  return { holders, missing: [], alias: null };
}

/** An alias elsewhere that would change along with the edit, because its anchor is on the way or inside of what is replaced. */
export function dependentAlias(root: Place | null, site: Site, edit: Edit): AliasPlace | null {
  if (root === null) return null;
  const touched = new Set<Place>([root, ...site.holders.map(({ part }) => part.place)]);
  const last = site.holders.at(-1)?.part.place;
  if (last !== undefined && site.missing.length === 0) {
    const gone =
      edit.op === 'move' && last.kind === 'list'
        ? last.items.slice(Math.min(edit.from, edit.to)).map(({ place }) => place)
        : edit.op === 'insert'
          ? []
          : [last];
    for (const place of gone) for (const inner of within(place)) touched.add(inner);
  }
  for (const place of within(root)) {
    if (place.kind === 'alias' && (place.target === null ? false : touched.has(place.target))) return place;
  }
  return null;
}

function sameKey(key: string, step: string | number): boolean {
  return typeof step === 'string' && key.toLowerCase() === step.toLowerCase();
}

/** A one-pair map without braces inside of a flow list. */
export function isBare(place: Place): boolean {
  return place.kind === 'map' && place.style === 'bare';
}

function holderOf(place: Place, step: string | number): Holder | null {
  if (place.kind === 'list' && typeof step === 'number') {
    const part = place.items[step];
    return part === undefined ? null : { kind: 'item', list: place, index: step, part };
  }
  if (place.kind !== 'map' || typeof step !== 'string') return null;
  const index = place.entries.findIndex((entry) => !entry.merge && sameKey(entry.key, step));
  const part = place.entries[index];
  return part === undefined ? null : { kind: 'entry', map: place, index, part };
}

/** Whether a merged value brings this key. */
function carries(place: Place, step: string | number): boolean {
  const data = dataOf(place);
  const maps = isList(data) ? data : [data];
  return typeof step === 'string' && maps.some((map) => isMap(map) && ownKey(map, step) !== undefined);
}

function aliasIn(place: Place): AliasPlace | null {
  if (place.kind === 'alias') return place;
  if (place.kind !== 'list') return null;
  for (const { place: item } of place.items) if (item.kind === 'alias') return item;
  return null;
}
