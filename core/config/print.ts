/**
 * A configuration as GOST prints it with `-O yaml` and `-O json`: its keys in its order, empty ones left out where it leaves them out. Keys GOST
 * does not have are not printed.
 */
import type { Config, Json } from '../contract/config.ts';
import { formatGoDuration, isList, isMap, readTypedDuration } from './gost-values.ts';
import { blockLines, GOST_LAYOUT } from './render.ts';
import { SHAPES, type Field, type ShapeName } from './shape.ts';

export type PrintFormat = 'yaml' | 'json';

export function printConfig(config: Config, format: PrintFormat): string {
  const data = inOrder(config, 'config', format);
  if (format === 'yaml') return `${blockLines(data, 0, GOST_LAYOUT).join('\n')}\n`;
  const text = JSON.stringify(data, null, 2);
  return `${text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

function inOrder(data: Json, shape: ShapeName, format: PrintFormat): Json {
  if (!isMap(data)) return data;
  return Object.fromEntries(
    SHAPES[shape].flatMap((field): [string, Json][] => {
      const value = printed(field, data[field.key] ?? null, format);
      return value === undefined ? [] : [[field.key, value]];
    }),
  );
}

/** The value to print; undefined when GOST leaves the key out. */
function printed(field: Field, value: Json, format: PrintFormat): Json | undefined {
  const { of } = field;
  if (value === false && field.saysNo === true) return false;
  if (isEmpty(value)) return field.always === true ? emptyOf(field, format) : undefined;
  if (field.kind === 'duration') {
    const ms = readTypedDuration(value).value ?? 0;
    return format === 'yaml' ? formatGoDuration(ms) : Math.round(ms * 1e6);
  }
  if (of !== undefined)
    return isList(value) ? value.map((item) => inOrder(item, of, format)) : inOrder(value, of, format);
  return field.kind === 'metadata' || field.kind === 'map' ? sorted(value, format) : value;
}

function isEmpty(value: Json): boolean {
  if (value === null || value === '' || value === 0 || value === false) return true;
  return isList(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}

function emptyOf({ kind }: Field, format: PrintFormat): Json {
  if (kind === 'objects' || kind === 'texts') return format === 'yaml' ? [] : null;
  if (kind === 'duration') return format === 'yaml' ? '0s' : 0;
  return kind === 'integer' ? 0 : kind === 'boolean' ? false : '';
}

/** Maps without an order of their own: sorted, by code point in JSON, by letters and numbers in YAML. */
function sorted(value: Json, format: PrintFormat): Json {
  if (isList(value)) return value.map((item) => sorted(item, format));
  if (!isMap(value)) return value;
  const keys = Object.keys(value).sort(format === 'yaml' ? compareKeys : (a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key] ?? null, format)]));
}

/** The order of Go's yaml.v3: digits by their number, letters after other characters, else by code point. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  let inNumber = false;
  for (const [index, x] of left.entries()) {
    const y = right[index];
    if (y === undefined) return 1;
    if (x === y) {
      inNumber = isDigit(x);
      continue;
    }
    const [xLetter, yLetter] = [isLetter(x), isLetter(y)];
    if (xLetter && yLetter) return x < y ? -1 : 1;
    if (xLetter || yLetter) return (inNumber ? xLetter : yLetter) ? -1 : 1;
    const [xNumber, yNumber] = [numberAt(left, index), numberAt(right, index)];
    if (xNumber !== yNumber) return xNumber - yNumber;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

function numberAt(text: readonly string[], start: number): number {
  let end = start;
  while (isDigit(text[end] ?? '')) end += 1;
  return end === start ? 0 : Number(text.slice(start, end).join(''));
}

function isDigit(char: string): boolean {
  return /^\p{Nd}$/u.test(char);
}

function isLetter(char: string): boolean {
  return /^\p{L}$/u.test(char);
}
