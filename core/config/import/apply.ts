/**
 * Takes chosen items of an import into a configuration text. Into an empty configuration the imported text itself goes, less what was not
 * chosen, so that comments, order and layout stay; into another one each item is added where its kind stands.
 */
import type { Edit, Json } from '../../contract/config.ts';
import type { ImportChoice, ImportItem } from '../../contract/imports.ts';
import { ProxyError } from '../../errors.ts';
import type { ConfigDocument } from '../document.ts';
import { isList, isMap } from '../gost-values.ts';
import { valueAt } from '../model.ts';
import { idOf, listOf, nameOf, referencesIn, withNames } from './names.ts';
import type { Reviewed } from './review.ts';

export interface Imported {
  readonly text: string;
  /** Top-level items that came in. */
  readonly taken: number;
}

/** Throws `config` when nothing is chosen or a chosen item needs one that is neither chosen nor there. */
export function applyImport(current: ConfigDocument, review: Reviewed, choice: ImportChoice): Imported {
  const wanted = new Set(choice.take);
  const chosen = review.items.filter(({ id, state }) => wanted.has(id) && state !== 'same');
  const blocked = chosen.find(({ state }) => state === 'blocked');
  if (blocked !== undefined) throw refusal(blocked, 'it can not run here, so it can not be imported');
  if (chosen.length === 0) throw new ProxyError('config', { where: 'import', message: 'nothing is chosen' });
  const batch = new Batch(current, review, wanted, choice);
  batch.check(chosen);
  const { document } = review.read;
  if (document !== null && review.whole)
    return { text: document.apply(batch.removals(chosen)).text, taken: chosen.length };
  return { text: current.apply(batch.edits(chosen)).text, taken: chosen.length };
}

class Batch {
  readonly #current: ConfigDocument;
  readonly #review: Reviewed;
  readonly #wanted: ReadonlySet<string>;
  readonly #choice: ImportChoice;
  /** `section/old` to the new name, for items that are taken under another one. */
  readonly #renamed = new Map<string, string>();

  constructor(current: ConfigDocument, review: Reviewed, wanted: ReadonlySet<string>, choice: ImportChoice) {
    this.#current = current;
    this.#review = review;
    this.#wanted = wanted;
    this.#choice = choice;
    for (const { id, path, name, state, freeName } of review.items) {
      if (!wanted.has(id) || state !== 'changed' || freeName === null || this.#replaces(id)) continue;
      this.#renamed.set(`${String(path[0])}/${name}`, freeName);
    }
  }

  /** Every name in a chosen item must lead somewhere afterwards, unless it led nowhere before. */
  check(chosen: readonly ImportItem[]): void {
    const taken = new Set(chosen.map(({ path, name }) => `${String(path[0])}/${name}`));
    for (const item of chosen) {
      const value = this.#valueOf(item);
      const empty = emptied(value, item);
      if (empty !== null) throw refusal(item, empty);
      for (const { section, name } of referencesIn(value)) {
        const here = listOf(this.#current.config, section).some((other) => nameOf(other) === name);
        if (here || taken.has(`${section}/${name}`)) continue;
        throw refusal(item, `it needs ${name} of ${section}, which is not chosen`);
      }
    }
  }

  /** For the whole text: takes out what was not chosen, last first so that the others keep their places. */
  removals(chosen: readonly ImportItem[]): Edit[] {
    const ids = new Set(chosen.map(({ id }) => id));
    const gone = (items: readonly ImportItem[], top: boolean): Edit[] =>
      [...items].reverse().flatMap((item): Edit[] => {
        const kept = top ? ids.has(item.id) : this.#wanted.has(item.id);
        return kept ? gone(item.children, false) : [{ op: 'remove', path: item.path }];
      });
    return gone(this.#review.items, true);
  }

  edits(chosen: readonly ImportItem[]): Edit[] {
    const counts = new Map<string, number>();
    return chosen.map((item): Edit => {
      const [section] = item.path;
      if (typeof section !== 'string' || item.kind === 'setting')
        return { op: 'set', path: item.path, value: this.#valueOf(item) };
      const renamed = this.#renamed.get(`${section}/${item.name}`);
      const value = withNames(this.#valueOf(item), (of, name) => this.#renamed.get(`${of}/${name}`) ?? name);
      const named: Json = renamed === undefined || !isMap(value) ? value : { ...value, name: renamed };
      const list = listOf(this.#current.config, section);
      const there = list.findIndex((other) => nameOf(other) === item.name);
      if (item.state === 'changed' && renamed === undefined && there !== -1)
        return { op: 'set', path: [section, there], value: named };
      const count = counts.get(section) ?? 0;
      counts.set(section, count + 1);
      return { op: 'insert', path: [section], index: list.length + count, value: named };
    });
  }

  #replaces(id: string): boolean {
    return this.#choice.clashes[id] === 'replace';
  }

  /** The item's data without children that were not chosen. */
  #valueOf({ path, children }: ImportItem): Json {
    const value = valueAt(this.#review.read.source.config, path) ?? null;
    return this.#pruned(value, children);
  }

  #pruned(value: Json, children: readonly ImportItem[]): Json {
    if (children.length === 0 || !isMap(value)) return value;
    const key = children[0]?.path.at(-2);
    const list = typeof key === 'string' ? value[key] : undefined;
    if (typeof key !== 'string' || !isList(list)) return value;
    const kept = children.flatMap((child): Json[] => {
      const item = list[Number(child.path.at(-1))];
      return this.#wanted.has(child.id) && item !== undefined ? [this.#pruned(item, child.children)] : [];
    });
    return { ...value, [key]: kept };
  }
}

/** A chain without hops or a hop without nodes would be a way out that is none: traffic would go straight out or nowhere. */
function emptied(value: Json, { kind, children }: ImportItem): string | null {
  if (!isMap(value) || children.length === 0) return null;
  if (kind !== 'chain') return listOf(value, 'nodes').length === 0 ? 'none of its nodes is chosen' : null;
  const hops = listOf(value, 'hops');
  if (hops.length === 0) return 'none of its hops is chosen';
  const bare = hops.some((hop) => isMap(hop) && isList(hop['nodes']) && hop['nodes'].length === 0);
  return bare ? 'one of its hops has no node that is chosen' : null;
}

function refusal({ name, path }: ImportItem, message: string): ProxyError {
  return new ProxyError('config', { where: name === '' ? idOf(path) : name, message });
}
