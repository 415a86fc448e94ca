/**
 * Plain data as YAML text the way GOST's own printer (Go's yaml.v3) writes it: plain scalars where they mean themselves, double quotes where
 * they would mean something else, single quotes for the rest. Used to print whole configurations and for the bits an edit adds.
 */
import type { Json } from '../contract/config.ts';
import { isList, isMap } from './gost-values.ts';

export interface Layout {
  readonly eol: string;
  /** Spaces per level. */
  readonly step: number;
  /** Whether the dashes of a list below a key stand deeper than the key. */
  readonly listIndent: boolean;
}

export const GOST_LAYOUT: Layout = { eol: '\n', step: 2, listIndent: true };

/** A plain scalar that another parser would take for a bool, null, number, time or merge key, in YAML 1.1 or 1.2. */
const MEANS_ELSE =
  /^(~|null|true|false|yes|no|on|off|y|n|<<|=|[-+]?(\.inf|\.nan|0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|(\.\d[\d_]*|\d[\d_]*(\.[\d_]*)?)(e[-+]?\d+)?|\d[\d_]*(:[0-5]?\d)+(\.\d*)?)|\d{4}-\d\d?-\d\d?([ t].*)?)$/i;
/** First characters that begin something else in YAML. */
const INDICATOR_FIRST = /^[\s,[\]{}#&*!|>'"%@`]|^[-?:](\s|$)/;
const MUST_ESCAPE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]/;
const FLOW_SAFE = /^[A-Za-z0-9_./~*$-][A-Za-z0-9_./~*$@+-]*$/;

/** One scalar in block context: on a line of its own or behind a key. */
export function scalarText(value: null | boolean | number | string): string {
  if (typeof value !== 'string') return value === null ? 'null' : String(value);
  if (MUST_ESCAPE.test(value)) return doubleQuoted(value);
  if (value === '' || MEANS_ELSE.test(value)) return `"${value}"`;
  const plain =
    !INDICATOR_FIRST.test(value) && !/\s$|:(\s|$)|\s#/.test(value) && !/^(---|\.\.\.)/.test(value);
  return plain ? value : singleQuoted(value);
}

export function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Only for text without line breaks and control characters. */
export function singleQuoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** True when the text can stand between single quotes on one line. */
export function fitsSingleQuotes(value: string): boolean {
  return !MUST_ESCAPE.test(value);
}

/** A value on one line, inside or outside of brackets. `json`: nothing but JSON. */
export function flowText(value: Json, json: boolean): string {
  if (isList(value)) return `[${value.map((item) => flowText(item, json)).join(', ')}]`;
  if (isMap(value)) {
    const pairs = Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [`${flowText(key, json)}: ${flowText(item, json)}`],
    );
    return pairs.length === 0 ? '{}' : json ? `{${pairs.join(', ')}}` : `{ ${pairs.join(', ')} }`;
  }
  if (typeof value !== 'string') return value === null ? 'null' : String(value);
  if (!json && FLOW_SAFE.test(value) && scalarText(value) === value) return value;
  return doubleQuoted(value);
}

/**
 * The lines of a value, each indented by `indent` spaces. A scalar or an empty collection gives one line.
 * `beside`: the value stands below a key at `indent - step`; only then lists may stand at the key's own column.
 */
export function blockLines(value: Json, indent: number, layout: Layout): string[] {
  const pad = ' '.repeat(indent);
  if (isList(value) && value.length > 0) {
    return value.flatMap((item) => dashed(blockLines(item, indent + 2, layout), indent));
  }
  if (isMap(value) && hasEntries(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : pairLines(key, item, indent, layout),
    );
  }
  return [`${pad}${isList(value) || isMap(value) ? flowText(value, false) : scalarText(value)}`];
}

/** The lines of `key: value` at `indent`. */
export function pairLines(key: string, value: Json, indent: number, layout: Layout): string[] {
  const head = `${' '.repeat(indent)}${keyText(key)}:`;
  if (isBlock(value)) return [head, ...blockLines(value, indentBelow(value, indent, layout), layout)];
  return [`${head} ${isList(value) || isMap(value) ? flowText(value, false) : scalarText(value)}`];
}

/** Where a block value below a key at `indent` begins. */
export function indentBelow(value: Json, indent: number, layout: Layout): number {
  return isList(value) && !layout.listIndent ? indent : indent + layout.step;
}

/** Puts the dash of a list item before lines that were made two columns deeper. */
export function dashed(lines: readonly string[], indent: number): string[] {
  return lines.map((line, index) =>
    index === 0 ? `${' '.repeat(indent)}- ${line.slice(indent + 2)}` : line,
  );
}

function keyText(key: string): string {
  return key.length > 100 ? doubleQuoted(key) : scalarText(key);
}

/** True for what takes lines of its own. */
export function isBlock(value: Json): boolean {
  return (isList(value) && value.length > 0) || (isMap(value) && hasEntries(value));
}

function hasEntries(map: { readonly [key: string]: Json | undefined }): boolean {
  return Object.values(map).some((item) => item !== undefined);
}
