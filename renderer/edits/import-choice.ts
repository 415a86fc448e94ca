/** What of an import is wanted, kept consistent: an item brings what it needs, and goes when that goes. Pure. */
import type { ImportItem, NameClash } from '../../core/contract/imports.ts';

export type Taken = ReadonlySet<string>;

/** All items with their children, parents first. */
export function flat(items: readonly ImportItem[]): readonly ImportItem[] {
  return items.flatMap((item) => [item, ...flat(item.children)]);
}

/** Everything that can run and is not there already. Names that are taken come in too, under another one. */
export function allOf(items: readonly ImportItem[]): Taken {
  return new Set(
    flat(items)
      .filter(({ state }) => state !== 'blocked' && state !== 'same')
      .map(({ id }) => id),
  );
}

/** The choice after a check mark was set or taken away. */
export function toggled(items: readonly ImportItem[], taken: Taken, id: string, on: boolean): Taken {
  const next = new Set(taken);
  if (on) add(items, next, id);
  else drop(items, next, id);
  return next;
}

/** What a person decides about a name that is taken: leaving the item out is a decision too. */
export type Decision = NameClash | 'skip';

interface Choice {
  readonly taken: Taken;
  readonly clashes: Readonly<Record<string, NameClash>>;
}

/** The decision that holds for an item. */
export function decisionOf(item: ImportItem, { taken, clashes }: Choice): Decision {
  if (!taken.has(item.id)) return 'skip';
  return item.freeName === null ? 'replace' : (clashes[item.id] ?? 'rename');
}

/** The choice after `about` were decided alike. What has no free name can not be renamed and is left as it was. */
export function decided(
  items: readonly ImportItem[],
  { taken, clashes }: Choice,
  about: readonly ImportItem[],
  decision: Decision,
): Choice {
  const apt = about.filter(({ freeName }) => decision !== 'rename' || freeName !== null);
  const next = { ...clashes };
  if (decision !== 'skip') for (const { id } of apt) next[id] = decision;
  return {
    taken: apt.reduce((so, { id }) => toggled(items, so, id, decision !== 'skip'), taken),
    clashes: next,
  };
}

function add(items: readonly ImportItem[], next: Set<string>, id: string): void {
  const item = flat(items).find((one) => one.id === id);
  if (item === undefined || item.state === 'blocked' || item.state === 'same' || next.has(id)) return;
  next.add(id);
  for (const child of flat(item.children)) if (child.state !== 'blocked') next.add(child.id);
  for (const parent of parentsOf(items, id)) next.add(parent.id);
  const top = parentsOf(items, id)[0] ?? item;
  for (const needed of top.needs) if (!top.present.includes(needed)) add(items, next, needed);
}

function drop(items: readonly ImportItem[], next: Set<string>, id: string): void {
  const item = flat(items).find((one) => one.id === id);
  if (item === undefined) return;
  next.delete(id);
  for (const child of flat(item.children)) next.delete(child.id);
  // a hop without nodes and a chain without hops are none
  const parent = parentsOf(items, id).at(-1);
  if (parent !== undefined && next.has(parent.id) && parent.children.every((child) => !next.has(child.id)))
    drop(items, next, parent.id);
  for (const other of items)
    if (next.has(other.id) && other.needs.includes(id) && !other.present.includes(id))
      drop(items, next, other.id);
}

/** From the outermost to the nearest. */
function parentsOf(items: readonly ImportItem[], id: string): readonly ImportItem[] {
  for (const item of items) {
    if (item.id === id) return [];
    if (flat(item.children).some((child) => child.id === id)) return [item, ...parentsOf(item.children, id)];
  }
  return [];
}

/** Whether all, some or none of an item and what it holds is wanted. */
export function markOf(item: ImportItem, taken: Taken): boolean | 'mixed' {
  if (!taken.has(item.id)) return false;
  const wanted = flat(item.children).filter(({ state }) => state !== 'blocked');
  return wanted.every(({ id }) => taken.has(id)) ? true : 'mixed';
}
