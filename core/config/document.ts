/**
 * One configuration file as text that keeps its comments and layout. Reading gives plain data in GOST's own key spelling, the place of every
 * value, and what is wrong with the text. An edit gives a new document whose text differs only where the edit says.
 * What the values mean is not known here.
 */
import {
  KEPT_SECRET,
  type Config,
  type Edit,
  type Finding,
  type Json,
  type Path,
} from '../contract/config.ts';
import { ProxyError } from '../errors.ts';
import { isList, isMap } from './gost-values.ts';
import { canonical } from './canonical.ts';
import { editData, misfit, ownKey, sameData, valueAt } from './model.ts';
import { flowText, GOST_LAYOUT, type Layout } from './render.ts';
import { secretPaths, withSavedSecrets } from './secrets.ts';
import { replaceAll, Splicer, type Holder, type Replacement } from './splice.ts';
import { parseTree, type Tree } from './parse-tree.ts';
import { dependentAlias, findSite, isBare, type Site } from './site.ts';
import { dataOf, entryOf, within, type Place } from './tree.ts';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A key that holds a secret with its value, in a text that can not be read as a whole. */
const SECRET_LINE = /((?:password|token|passphrase|key|knock|auth)["']?[ \t]*:[ \t]*)[^\s,}][^\n,}]*/gi;
const BOM = '\uFEFF';

export class ConfigDocument {
  /** Exactly what was read. */
  readonly text: string;
  readonly file: string;
  /** Why the text is no configuration; empty when it is one. */
  readonly errors: readonly Finding[];
  /** Empty while there are errors. */
  readonly config: Config;
  readonly #body: string;
  readonly #tree: Tree;
  #lineStarts: readonly number[] | null = null;

  private constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    this.#body = text.startsWith(BOM) ? text.slice(1) : text;
    this.#tree = parseTree(this.#body);
    const errors = this.#tree.problems.map(({ code, offset, message }): Finding => {
      return { grade: 'blocks', code, file, ...this.#position(offset), path: [], message };
    });
    const data = this.#tree.root === null ? {} : canonical(dataOf(this.#tree.root));
    if (!isMap(data)) {
      errors.push({
        grade: 'blocks',
        code: 'syntax',
        file,
        line: 1,
        column: 1,
        path: [],
        message: 'This is not a configuration: it should begin with a key such as `services:`.',
      });
    }
    this.errors = errors;
    this.config = errors.length === 0 && isMap(data) ? data : {};
  }

  /** Reads a text. Never throws: what is wrong is in `errors`. */
  static parse(text: string, file: string): ConfigDocument {
    return new ConfigDocument(text, file);
  }

  /** Where the value at `path` stands, or its key with `what` 'key', or the nearest thing around it that exists. 1-based. */
  locate(path: Path, what: 'key' | 'value' = 'value'): Position {
    let place = this.#tree.root;
    let offset = place?.start ?? 0;
    for (const step of path) {
      const part: { place: Place; start: number } | undefined =
        place === null ? undefined : partOf(place, step);
      if (part === undefined) break;
      place = part.place;
      const empty = place.kind === 'scalar' && place.style === 'empty';
      offset = what === 'key' || empty ? part.start : place.start;
    }
    return this.#position(offset);
  }

  /** The first and last line of the value at `path` with its key, or of the nearest thing around it. */
  lines(path: Path): { readonly from: number; readonly to: number } {
    let place = this.#tree.root;
    let start = place?.start ?? 0;
    for (const step of path) {
      const part: { place: Place; start: number } | undefined =
        place === null ? undefined : partOf(place, step);
      if (part === undefined) break;
      place = part.place;
      start = part.start;
    }
    const from = this.#position(start).line;
    return { from, to: Math.max(from, this.#position(Math.max(start, (place?.end ?? 1) - 1)).line) };
  }

  /** The text for showing: every secret replaced by its stand-in where it is written, all else as it is. */
  masked(): string {
    if (this.errors.length > 0) return this.#body.replace(SECRET_LINE, `$1${KEPT_SECRET}`);
    const spans = new Map<number, Replacement>();
    for (const path of secretPaths(this.config)) {
      let place: Place | null = this.#tree.root;
      for (const step of path) place = place === null ? null : (partOf(place, step)?.place ?? null);
      const real = place?.kind === 'alias' ? place.target : place;
      if (real?.kind === 'scalar')
        spans.set(real.start, { start: real.start, end: real.end, text: KEPT_SECRET });
    }
    return replaceAll(this.#body, [...spans.values()]);
  }

  /**
   * The document after the edits, in order. A secret that an edit writes as KEPT_SECRET keeps its saved value.
   * Throws `config` when the text is broken or an edit does not fit it; then nothing has changed.
   */
  apply(edits: readonly Edit[]): ConfigDocument {
    if (this.errors[0] !== undefined)
      throw misfit([], `it can not be changed before this is put right: ${this.errors[0].message}`);
    return edits.reduce<ConfigDocument>(
      (document, edit) => document.#applyOne(withSavedSecrets(edit, document.config)),
      this,
    );
  }

  #applyOne(edit: Edit): ConfigDocument {
    const wanted = canonical(editData(this.config, edit)); // also tells what does not fit
    const steps =
      edit.op === 'set' ? settings(edit.path, valueAt(this.config, edit.path), edit.value) : [edit];
    const document = steps.reduce<ConfigDocument>((at, step) => at.#splice(step), this);
    if (document.errors.length > 0 || !sameData(document.config, wanted)) {
      throw new ProxyError(
        'bug',
        {},
        { cause: new Error(`an edit of ${edit.path.join('.')} did not come out as asked`) },
      );
    }
    return document;
  }

  /** One text change. Aliases and unbraced maps in its way are written out first, one after the other. */
  #splice(edit: Edit): ConfigDocument {
    const site = findSite(this.#tree.root, edit);
    const inTheWay =
      site.alias ??
      dependentAlias(this.#tree.root, site, edit) ??
      site.holders.map(({ part }) => part.place).find(isBare);
    if (inTheWay !== undefined) {
      const { start, end } = inTheWay;
      return this.#replace([{ start, end, text: flowText(dataOf(inTheWay), this.#tree.json) }]).#splice(edit);
    }
    const done = this.#replace(this.#changes(edit, site));
    // A merged entry shows again once the map's own is gone.
    return edit.op === 'remove' &&
      valueAt(done.config, edit.path) !== undefined &&
      typeof edit.path.at(-1) === 'string'
      ? done.#splice(edit)
      : done;
  }

  #changes(edit: Edit, site: Site): Replacement[] {
    const splicer = new Splicer(this.#body, this.#layout(), this.#tree.json);
    const holder = site.holders.at(-1);
    const place = holder === undefined ? this.#tree.root : holder.part.place;
    const set = (value: Json): Replacement[] =>
      holder === undefined ? this.#rootChanges(splicer, value) : splicer.setValue(holder, value);
    if (edit.op === 'move') {
      const moved = place?.kind === 'list' ? splicer.moveItem(place, edit.from, edit.to) : null;
      return moved ?? set(editData(place === null ? null : dataOf(place), { ...edit, path: [] }));
    }
    if (edit.op === 'remove') {
      if (holder === undefined || site.missing.length > 0) return [];
      const parent = site.holders.at(-2);
      const siblings = holder.kind === 'entry' ? holder.map.entries.length : holder.list.items.length;
      const brackets = holder.kind === 'entry' ? holder.map.style !== 'block' : holder.list.style === 'flow';
      if (siblings > 1 || brackets || parent === undefined) return splicer.remove(holder);
      return splicer.setValue(parent, holder.kind === 'entry' ? {} : []);
    }
    const [step, ...rest] = site.missing;
    if (edit.op === 'insert' && step === undefined) {
      return place?.kind === 'list' && (place.items.length > 0 || isBracketed(holder, place))
        ? splicer.addItem(place, edit.index, edit.value)
        : set([edit.value]);
    }
    const leaf: Json = edit.op === 'insert' ? [edit.value] : edit.value;
    if (step === undefined) return set(leaf);
    const value = wrap(rest, leaf);
    if (
      place?.kind === 'map' &&
      typeof step === 'string' &&
      (place.entries.length > 0 || isBracketed(holder, place))
    )
      return splicer.addEntry(place, step, value);
    if (
      place?.kind === 'list' &&
      typeof step === 'number' &&
      (place.items.length > 0 || isBracketed(holder, place))
    )
      return splicer.addItem(place, step, value);
    return set(wrap([step], value));
  }

  #rootChanges(splicer: Splicer, value: Json): Replacement[] {
    const root = this.#tree.root;
    if (root === null) return splicer.firstLines(value);
    return [{ start: root.props, end: root.end, text: flowText(value, this.#tree.json) }];
  }

  #replace(replacements: readonly Replacement[]): ConfigDocument {
    const body = replaceAll(this.#body, replacements);
    return new ConfigDocument((this.text.startsWith(BOM) ? BOM : '') + body, this.file);
  }

  #position(offset: number): Position {
    this.#lineStarts ??= [0, ...Array.from(this.#body.matchAll(/\n/g), ({ index }) => index + 1)];
    const starts = this.#lineStarts;
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** How this file indents: taken from its first list below a key and its first map below a key. */
  #layout(): Layout {
    const eol = /\r?\n/.exec(this.#body)?.[0] ?? '\n';
    const root = this.#tree.root;
    const column = (offset: number): number => offset - (this.#body.lastIndexOf('\n', offset - 1) + 1);
    let step: number | null = null;
    let listIndent: boolean | null = null;
    for (const place of root === null ? [] : within(root)) {
      if (place.kind !== 'map' || place.style !== 'block') continue;
      for (const { start, place: inner } of place.entries) {
        const deeper = column(inner.start) - column(start);
        if (inner.kind === 'map' && inner.style === 'block' && deeper > 0) step ??= deeper;
        if (inner.kind === 'list' && inner.style === 'block') listIndent ??= deeper > 0;
      }
    }
    return { eol, step: step ?? GOST_LAYOUT.step, listIndent: listIndent ?? GOST_LAYOUT.listIndent };
  }
}

function partOf(place: Place, step: string | number): { place: Place; start: number } | undefined {
  const real = place.kind === 'alias' ? place.target : place;
  if (real === null) return undefined;
  if (typeof step === 'number') return real.kind === 'list' ? real.items[step] : undefined;
  return real.kind === 'map' ? entryOf(real, step) : undefined;
}

/** True when a collection is written in brackets that must stay: inside of others, or in JSON. */
function isBracketed(holder: Holder | undefined, place: Place): boolean {
  if ((place.kind !== 'map' && place.kind !== 'list') || place.style === 'block') return false;
  if (place.kind === 'map' ? place.entries.length > 0 : place.items.length > 0) return true;
  if (holder === undefined) return true;
  return holder.kind === 'entry' ? holder.map.style !== 'block' : holder.list.style !== 'block';
}

function wrap(path: Path, value: Json): Json {
  return path.reduceRight<Json>(
    (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
    value,
  );
}

/** A `set` as smaller edits where both sides are collections of one kind, so that what stays the same is not rewritten. */
function settings(path: Path, old: Json | undefined, value: Json): Edit[] {
  if (sameData(old, value)) return [];
  if (isMap(old) && isMap(value) && Object.keys(old).length > 0 && Object.keys(value).length > 0) {
    const sets = Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : settings([...path, key], old[ownKey(old, key) ?? key], item),
    );
    const removes = Object.keys(old).filter((key) => value[ownKey(value, key) ?? key] === undefined);
    return [...sets, ...removes.map((key): Edit => ({ op: 'remove', path: [...path, key] }))];
  }
  if (isList(old) && isList(value) && old.length > 0 && value.length > 0) {
    const common = Math.min(old.length, value.length);
    const sets = value
      .slice(0, common)
      .flatMap((item, index) => settings([...path, index], old[index], item));
    const removes = old
      .slice(common)
      .map((_, index): Edit => ({ op: 'remove', path: [...path, old.length - 1 - index] }));
    const adds = value
      .slice(common)
      .map((item, index): Edit => ({ op: 'insert', path, index: common + index, value: item }));
    return [...sets, ...removes, ...adds];
  }
  return [{ op: 'set', path, value }];
}
