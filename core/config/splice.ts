/**
 * One change of a configuration text as replacements of spans: the smallest that do it, in the file's own layout. Works on a parsed
 * tree and never on data behind aliases (the document has written those out before).
 *
 * Theory of operation. In brackets (flow style, JSON) a change stays inside the bracket pair that holds the value. In block style a map
 * entry or list item owns whole lines: its own, the comment lines right above it at the same column, and deeper comments right below it;
 * blank lines and other comments stay where they are. An entry that begins behind a dash (`- name: x`) owns no line start.
 * One file, though long: every operation needs the same notion of what belongs to an entry.
 */
import type { Json } from '../contract/config.ts';
import { isList, isMap } from './gost-values.ts';
import { Lines } from './lines.ts';
import {
  blockLines,
  dashed,
  doubleQuoted,
  fitsSingleQuotes,
  flowText,
  indentBelow,
  isBlock,
  pairLines,
  scalarText,
  singleQuoted,
  type Layout,
} from './render.ts';
import type { Entry, Item, ListPlace, MapPlace, Place, ScalarPlace } from './tree.ts';

/** Replaces `start..end` by `text`. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What holds a value: an entry of a map, an item of a list, or nothing (the root). */
export type Holder =
  | { readonly kind: 'entry'; readonly map: MapPlace; readonly index: number; readonly part: Entry }
  | { readonly kind: 'item'; readonly list: ListPlace; readonly index: number; readonly part: Item };

interface Region {
  readonly start: number;
  readonly end: number;
}

export class Splicer {
  readonly #text: string;
  readonly #lines: Lines;
  readonly #layout: Layout;
  readonly #json: boolean;

  constructor(text: string, layout: Layout, json: boolean) {
    this.#text = text;
    this.#lines = new Lines(text);
    this.#layout = layout;
    this.#json = json;
  }

  /** Gives the held value another one. */
  setValue(holder: Holder, value: Json): Replacement[] {
    const { place } = holder.part;
    if (inBrackets(holder)) {
      const text = this.#oneLine(place, value, true);
      if (holder.kind === 'entry' && holder.part.after === null)
        return [insertion(holder.part.keyEnd, `: ${text}`)];
      return isEmpty(place)
        ? [insertion(afterOf(holder), ` ${text}`)]
        : [{ start: place.props, end: place.end, text }];
    }
    if (isBlock(value) && !(place.kind !== 'scalar' && isFlow(place) && this.#json))
      return [this.#setBlock(holder, value)];
    return this.#setLine(holder, this.#oneLine(place, value, false));
  }

  /** Adds an entry at the end of a map that has entries, or to a map in brackets. */
  addEntry(map: MapPlace, key: string, value: Json): Replacement[] {
    const last = map.entries.at(-1);
    if (map.style !== 'block') {
      return [
        this.#addInBrackets(
          map,
          map.entries.map(spanOfEntry),
          map.entries.length,
          `${flowText(key, this.#json)}: ${flowText(value, this.#json)}`,
        ),
      ];
    }
    if (last === undefined) return [];
    const lines = pairLines(key, value, this.#lines.column(map.entries[0]?.start ?? map.start), this.#layout);
    return [this.#linesAfter(this.#regionEnd(last.place, last, this.#lines.column(last.start)), lines)];
  }

  /** Adds an item to a list that has items, or to a list in brackets. */
  addItem(list: ListPlace, index: number, value: Json): Replacement[] {
    if (list.style === 'flow') {
      return [this.#addInBrackets(list, list.items.map(spanOfItem), index, flowText(value, this.#json))];
    }
    const next = list.items[index];
    const last = list.items.at(-1);
    const first = list.items[0];
    if (first === undefined || last === undefined) return [];
    const column = this.#lines.column(first.start);
    const lines = dashed(blockLines(value, column + 2, this.#layout), column);
    if (next === undefined) return [this.#linesAfter(this.#regionEnd(last.place, last, column), lines)];
    if (this.#lines.ownsLine(next.start)) {
      return [
        insertion(this.#regionStart(next.start, index), lines.join(this.#layout.eol) + this.#layout.eol),
      ];
    }
    return [
      insertion(
        next.start,
        lines.join(this.#layout.eol).slice(column) + this.#layout.eol + ' '.repeat(column),
      ),
    ];
  }

  /** Takes an entry or item out of a collection that keeps others, or out of brackets, or out of the root. */
  remove(holder: Holder): Replacement[] {
    const { index } = holder;
    if (inBrackets(holder)) {
      const spans =
        holder.kind === 'entry' ? holder.map.entries.map(spanOfEntry) : holder.list.items.map(spanOfItem);
      const [own, next, previous] = [spans[index], spans[index + 1], spans[index - 1]];
      if (own === undefined) return [];
      if (next !== undefined) return [{ start: own.start, end: next.start, text: '' }];
      const comma = previous === undefined ? this.#commaBehind(own.end) : null;
      return [{ start: previous?.end ?? own.start, end: comma ?? own.end, text: '' }];
    }
    return [this.#removeLines(holder)];
  }

  /** Puts the item at `from` where `to` is; null where the list must be written anew. */
  moveItem(list: ListPlace, from: number, to: number): Replacement[] | null {
    const order = list.items.map((_, index) => index);
    order.splice(to, 0, ...order.splice(from, 1));
    const spans = list.style === 'flow' ? list.items.map(spanOfItem) : this.#itemRegions(list);
    if (spans === null) return null;
    return spans.flatMap((slot, index) => {
      const source = spans[order[index] ?? index];
      if (source === undefined || source === slot) return [];
      return [{ start: slot.start, end: slot.end, text: this.#text.slice(source.start, source.end) }];
    });
  }

  /** Lines for an empty text. */
  firstLines(data: Json): Replacement[] {
    const end = /^\.\.\.\s*$/m.exec(this.#text)?.index ?? this.#text.length;
    return [this.#linesAfter(end, blockLines(data, 0, this.#layout))];
  }

  #oneLine(place: Place, value: Json, brackets: boolean): string {
    if (isList(value) || isMap(value)) return flowText(value, this.#json);
    if (typeof value === 'string' && place.kind === 'scalar' && !place.tagged) {
      if (place.style === 'double') return doubleQuoted(value);
      if (place.style === 'single' && fitsSingleQuotes(value)) return singleQuoted(value);
    }
    return brackets ? flowText(value, this.#json) : scalarText(value);
  }

  /** A value of one line in block style. */
  #setLine(holder: Holder, text: string): Replacement[] {
    const { place } = holder.part;
    const after = afterOf(holder);
    if (isEmpty(place)) return [{ start: after, end: this.#lines.propsEnd(after), text: ` ${text}` }];
    if (isBlockScalar(place)) {
      return [
        {
          start: this.#valueStart(place),
          end: place.end,
          text: this.#lines.endsLine(place.end) ? text + this.#layout.eol : text,
        },
      ];
    }
    if (!isBlockCollection(place)) return [{ start: this.#valueStart(place), end: place.end, text }];
    const beside = this.#lines.lineStart(place.start) === this.#lines.lineStart(after);
    const tail = beside ? '' : this.#text.slice(this.#lines.propsEnd(after), this.#lines.lineEnd(after));
    const end = this.#regionEnd(
      place,
      holder.part,
      this.#lines.column(beside ? place.start : holder.part.start),
    );
    return [
      { start: after, end, text: ` ${text}${tail}${this.#lines.endsLine(end) ? this.#layout.eol : ''}` },
    ];
  }

  /** A value of several lines in block style. */
  #setBlock(holder: Holder, value: Json): Replacement {
    const { place } = holder.part;
    const after = afterOf(holder);
    const column = this.#lines.column(holder.part.start);
    const lines =
      holder.kind === 'item'
        ? blockLines(value, column + 2, this.#layout)
        : blockLines(value, indentBelow(value, column, this.#layout), this.#layout);
    const empty = isEmpty(place);
    const ends = !empty && isBlockEnd(place) && this.#lines.endsLine(place.end);
    const end = empty ? this.#lines.propsEnd(after) : place.end;
    const stop = ends ? end : this.#lines.lineEnd(end);
    const tail = ends || isBlockCollection(place) ? '' : this.#text.slice(end, stop).trimEnd();
    const rest = ends ? this.#layout.eol : '';
    if (holder.kind === 'entry') {
      return { start: after, end: stop, text: tail + this.#layout.eol + lines.join(this.#layout.eol) + rest };
    }
    const [first = '', ...more] = lines;
    return {
      start: after,
      end: stop,
      text: [` ${first.slice(column + 2)}${tail}`, ...more].join(this.#layout.eol) + rest,
    };
  }

  #addInBrackets(
    owner: MapPlace | ListPlace,
    spans: readonly Region[],
    index: number,
    text: string,
  ): Replacement {
    const next = spans[index];
    const last = spans.at(-1);
    if (next !== undefined) return insertion(next.start, `${text},${this.#gapBefore(next.start)}`);
    const open = owner.start + 1;
    const close = owner.end - 1;
    if (last === undefined) {
      const inside = this.#text.slice(open, close);
      return {
        start: open,
        end: inside.trim() === '' ? close : open,
        text: owner.kind === 'map' && !this.#json ? ` ${text} ` : text,
      };
    }
    const comma = this.#commaBehind(last.end);
    return insertion(comma ?? last.end, `${comma === null ? ',' : ''}${this.#gapBefore(last.start)}${text}`);
  }

  /** The offset behind a comma that follows, with white space and comments before it; null when there is none. */
  #commaBehind(end: number): number | null {
    const comma = /^(?:\s|#.*)*,/.exec(this.#text.slice(end));
    return comma === null ? null : end + comma[0].length;
  }

  /** What parts an item in brackets from the one before it: a line break with its indent, or a space. */
  #gapBefore(start: number): string {
    const line = this.#lines.lineStart(start);
    return this.#text.slice(line, start).trim() === ''
      ? this.#layout.eol + this.#text.slice(line, start)
      : ' ';
  }

  #removeLines(holder: Holder): Replacement {
    const { part, index } = holder;
    const column = this.#lines.column(part.start);
    const end = this.#regionEnd(part.place, part, column);
    const parts: readonly (Entry | Item)[] = holder.kind === 'entry' ? holder.map.entries : holder.list.items;
    if (this.#lines.ownsLine(part.start)) {
      const start = this.#regionStart(part.start, index, holder.kind === 'entry');
      let stop = this.#lines.endsLine(end) ? end : this.#lines.nextLine(end);
      if (stop === end && !this.#lines.endsLine(end) && start > 0)
        return { start: this.#lines.lineBefore(start), end, text: '' };
      const previous = parts[index - 1];
      if (previous !== undefined && isBlockEnd(previous.place))
        stop += /^(?:[ ]*\r?\n)*/.exec(this.#text.slice(stop))?.[0].length ?? 0; // they would become its text
      return { start, end: stop, text: '' };
    }
    const next = parts[index + 1];
    if (next === undefined) return { start: part.start, end, text: '' };
    const between = this.#text.slice(end, next.start);
    return { start: part.start, end: between.trim() === '' ? next.start : end, text: '' };
  }

  #itemRegions(list: ListPlace): Region[] | null {
    const regions = list.items.map((item, index) => ({
      start: this.#regionStart(item.start, index),
      end: this.#regionEnd(item.place, item, this.#lines.column(item.start)),
    }));
    const movable = list.items.every(({ start, place }) => this.#lines.ownsLine(start) && !isBlockEnd(place));
    return movable ? regions : null;
  }

  /** The first line of an entry or item, with the comment lines that belong to it. */
  #regionStart(start: number, index: number, entry = false): number {
    const column = this.#lines.column(start);
    let line = this.#lines.lineStart(start);
    if (entry && index === 0) return line; // a comment above the first key speaks of the whole map or file
    while (line > 0) {
      const above = this.#lines.lineStart(line - 1);
      const indent = /^( *)#/.exec(this.#text.slice(above, line))?.[1]?.length;
      if (indent !== column) break;
      line = above;
    }
    return line;
  }

  /** Behind the last character of an entry or item, on the line it ends on; comment lines deeper than `column` belong to it. */
  #regionEnd(place: Place, part: Entry | Item, column: number): number {
    const content = Math.max(
      place.end,
      part.start,
      'keyEnd' in part ? part.keyEnd : part.after,
      part.after ?? 0,
    );
    if (isBlockEnd(place) && this.#lines.endsLine(place.end)) return place.end;
    let end = this.#lines.lineEnd(content);
    for (;;) {
      const next = this.#lines.nextLine(end);
      const indent = /^( *)#/.exec(this.#text.slice(next, this.#lines.lineEnd(next)))?.[1]?.length;
      if (next === end || indent === undefined || indent <= column) return end;
      end = this.#lines.lineEnd(next);
    }
  }

  #linesAfter(at: number, lines: readonly string[]): Replacement {
    const { eol } = this.#layout;
    const text = lines.join(eol);
    if (at === 0 || this.#lines.endsLine(at)) return insertion(at, text + eol);
    return insertion(at, eol + text);
  }

  /** The value with its tag, which would change what a new value means; its anchor stays. */
  #valueStart(place: Place): number {
    return place.tagged ? place.props : place.start;
  }
}

/** Applies replacements that do not overlap. */
export function replaceAll(text: string, replacements: readonly Replacement[]): string {
  const ordered = [...replacements].sort((a, b) => b.start - a.start);
  return ordered.reduce(
    (result, { start, end, text: part }) => result.slice(0, start) + part + result.slice(end),
    text,
  );
}

function insertion(at: number, text: string): Replacement {
  return { start: at, end: at, text };
}

function inBrackets(holder: Holder): boolean {
  return holder.kind === 'entry' ? holder.map.style !== 'block' : holder.list.style === 'flow';
}

function isFlow(place: Place): boolean {
  return (place.kind === 'map' || place.kind === 'list') && place.style !== 'block';
}

function isBlockCollection(place: Place): boolean {
  return (place.kind === 'map' || place.kind === 'list') && place.style === 'block';
}

function isEmpty(place: Place): boolean {
  return place.kind === 'scalar' && place.style === 'empty';
}

function isBlockScalar(place: Place): place is ScalarPlace {
  return place.kind === 'scalar' && place.style === 'block';
}

/** True when the last thing in the value is a block scalar, whose end is the end of a line. */
function isBlockEnd(place: Place): boolean {
  if (isBlockScalar(place)) return true;
  if (place.kind === 'map' && place.style === 'block')
    return isBlockEnd(place.entries.at(-1)?.place ?? EMPTY);
  if (place.kind === 'list' && place.style === 'block') return isBlockEnd(place.items.at(-1)?.place ?? EMPTY);
  return false;
}

const EMPTY: Place = {
  kind: 'scalar',
  style: 'empty',
  value: null,
  start: 0,
  end: 0,
  props: 0,
  anchor: null,
  tagged: false,
};

function afterOf(holder: Holder): number {
  return holder.part.after ?? ('keyEnd' in holder.part ? holder.part.keyEnd : holder.part.start);
}

function spanOfEntry(entry: Entry): Region {
  return { start: entry.start, end: Math.max(entry.keyEnd, entry.after ?? 0, entry.place.end) };
}

function spanOfItem(item: Item): Region {
  return { start: item.place.props, end: item.place.end };
}
