/**
 * GOST's rules for reading single values, as functions from whatever the file holds to a typed value and a remark.
 * A remark says that GOST reads something else than a person would expect, or that the text means nothing.
 * Sources: x/metadata/util (metadata), Go's strconv and time packages, gost/config.md §1. No positions, no schema here.
 */
import type { Json } from '../contract/config.ts';

/** `yes_no`: GOST takes yes/on as false. `unreadable`: not such a value at all. `nanoseconds`: a bare number in a typed field. */
type Remark = 'yes_no' | 'unreadable' | 'nanoseconds';

/** A value as GOST reads it; `value` undefined means GOST falls back to its default. */
export interface Reading<T> {
  readonly value: T | undefined;
  readonly remark?: Remark;
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);
const YES_NO = /^(yes|no|on|off|y|n)$/i;

/** Bool from a bool, an integer, or the words Go's ParseBool knows. Everything else is false for GOST. */
export function readBoolean(raw: Json): Reading<boolean> {
  if (typeof raw === 'boolean') return { value: raw };
  if (typeof raw === 'number' && Number.isInteger(raw)) return { value: raw !== 0 };
  if (typeof raw === 'string') {
    if (TRUE.has(raw)) return { value: true };
    if (FALSE.has(raw)) return { value: false };
    if (YES_NO.test(raw)) return { value: false, remark: 'yes_no' };
  }
  return { value: false, remark: 'unreadable' };
}

/** Integer from an integer, a decimal string, or a bool (1, 0). */
export function readInteger(raw: Json): Reading<number> {
  if (typeof raw === 'number' && Number.isInteger(raw)) return { value: raw };
  if (typeof raw === 'boolean') return { value: raw ? 1 : 0 };
  if (typeof raw === 'string' && /^[+-]?\d+$/.test(raw)) {
    const value = Number(raw);
    if (Number.isSafeInteger(value)) return { value };
  }
  return { value: undefined, remark: 'unreadable' };
}

export function readText(raw: Json): Reading<string> {
  if (typeof raw === 'string') return { value: raw };
  if (typeof raw === 'number' || typeof raw === 'boolean') return { value: String(raw) };
  if (raw === null) return { value: '' };
  return { value: undefined, remark: 'unreadable' };
}

/** A list of texts, or one text with commas. GOST reads either, depending on the key; no value contains a comma itself. */
export function readList(raw: Json): Reading<string[]> {
  if (typeof raw === 'string') return { value: raw.split(',').flatMap((part) => part.trim() || []) };
  if (!isList(raw)) return { value: undefined, remark: 'unreadable' };
  const texts = raw.map((item) => readText(item).value);
  const value = texts.flatMap((item) => item ?? []);
  return value.length === texts.length ? { value } : { value, remark: 'unreadable' };
}

/** A map of texts, such as HTTP headers. */
export function readMap(raw: Json): Reading<Record<string, string>> {
  if (!isMap(raw)) return { value: undefined, remark: 'unreadable' };
  const entries = Object.entries(raw).map(([key, item]) => [key, readText(item ?? null).value] as const);
  const value = Object.fromEntries(
    entries.flatMap(([key, item]) => (item === undefined ? [] : [[key, item]])),
  );
  return Object.keys(value).length === entries.length ? { value } : { value, remark: 'unreadable' };
}

/** Milliseconds of a duration in metadata: text with units, or a bare number of seconds. */
export function readMetadataDuration(raw: Json): Reading<number> {
  if (typeof raw === 'number' && Number.isInteger(raw)) return { value: raw * 1000 };
  if (typeof raw !== 'string') return { value: undefined, remark: 'unreadable' };
  if (/^[+-]?\d+$/.test(raw)) return { value: Number(raw) * 1000 };
  return fromGo(raw);
}

/** Milliseconds of a typed duration field. A bare number is nanoseconds there, hardly ever what was meant. */
export function readTypedDuration(raw: Json): Reading<number> {
  if (typeof raw === 'number') return raw === 0 ? { value: 0 } : { value: raw / 1e6, remark: 'nanoseconds' };
  if (typeof raw === 'string' && /^[+-]?\d+$/.test(raw) && Number(raw) !== 0) {
    return { value: Number(raw) / 1e6, remark: 'nanoseconds' };
  }
  return typeof raw === 'string' ? fromGo(raw) : { value: undefined, remark: 'unreadable' };
}

function fromGo(raw: string): Reading<number> {
  const value = parseGoDuration(raw);
  return value === null ? { value: undefined, remark: 'unreadable' } : { value };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // micro sign
  μs: 1e-3, // Greek mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Go's ParseDuration in milliseconds: `1h15m30.5s`, `-1.5h`, `300ms`; null when it is none. */
export function parseGoDuration(raw: string): number | null {
  const match = /^([+-]?)(.+)$/.exec(raw);
  const rest = match?.[2];
  if (rest === undefined || rest.length > 64) return null;
  if (rest === '0') return 0;
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return null;
  let total = 0;
  for (const [, amount, unit] of rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return match?.[1] === '-' ? -total : total;
}

/** Milliseconds as Go prints a duration: `10s`, `1m30s`, `1h0m0s`, `500ms`. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 1e-3) return `${sign}${trim(size * 1e6)}ns`;
  if (size < 1) return `${sign}${trim(size * 1e3)}µs`;
  if (size < 1000) return `${sign}${trim(size)}ms`;
  const hours = Math.floor(size / 3_600_000);
  const minutes = Math.floor((size % 3_600_000) / 60_000);
  const seconds = `${trim((size % 60_000) / 1000)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)));
}

/** Bytes of a size such as `100KB`, `1.5MB`, `512` (powers of 1024, as GOST's limiters read them); null when it is none. */
export function parseSize(raw: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(raw.trim());
  if (match?.[1] === undefined) return null;
  const power = ' kmgtp'.indexOf((match[2] ?? '').toLowerCase() || ' ');
  return Math.round(Number(match[1]) * 1024 ** power);
}

/** The value of the first key of `names` that `map` has, in any case, with the key as written. First existing wins, even if unreadable. */
export function firstOf(
  map: Readonly<Record<string, Json | undefined>>,
  names: readonly string[],
): [string, Json] | null {
  const byLower = new Map(Object.keys(map).map((key) => [key.toLowerCase(), key]));
  for (const name of names) {
    const key = byLower.get(name.toLowerCase());
    const value = key === undefined ? undefined : map[key];
    if (key !== undefined && value !== undefined) return [key, value];
  }
  return null;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isMap(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
