/**
 * The few kinds of option a component may have, each a zod schema that carries what forms and docs need (title, unit,
 * default) and what GOST files need (aliases, how loosely a value may be written). The reading rules themselves live in
 * config/gost-values.ts; here a value is already what it should be: a boolean, an integer, milliseconds, text, a map.
 */
import * as z from 'zod';

type OptionKind = 'boolean' | 'integer' | 'duration' | 'text' | 'list' | 'map';

/** What every option schema carries as zod metadata. */
export interface OptionMeta {
  readonly title: string;
  readonly description: string;
  readonly kind: OptionKind;
  /** Other spellings GOST accepts for the key; the first that is present wins, the canonical key first. */
  readonly aliases: readonly string[];
  /** Unit of an integer for people: "bytes", "connections". Durations are milliseconds in code and Go durations in files. */
  readonly unit?: string;
  /** Masked in forms, logs and exports. */
  readonly secret?: boolean;
  readonly [key: string]: unknown;
}

interface Common {
  readonly title: string;
  readonly description: string;
  readonly aliases?: readonly string[];
}

function meta(kind: OptionKind, about: Common & { unit?: string; secret?: boolean }): OptionMeta {
  return { ...about, kind, aliases: about.aliases ?? [] };
}

export function flag(about: Common & { default: boolean }): z.ZodDefault<z.ZodBoolean> {
  const { default: value, ...rest } = about;
  return z.boolean().default(value).meta(meta('boolean', rest));
}

export function integer(
  about: Common & { default: number; min?: number; max?: number; unit?: string },
): z.ZodDefault<z.ZodNumber> {
  const { default: value, min, max, ...rest } = about;
  return z
    .int()
    .min(min ?? 0)
    .max(max ?? Number.MAX_SAFE_INTEGER)
    .default(value)
    .meta(meta('integer', rest));
}

/** Milliseconds. `defaultMs` 0 usually means "no limit"; the description says so. */
export function duration(about: Common & { defaultMs: number; maxMs?: number }): z.ZodDefault<z.ZodNumber> {
  const { defaultMs, maxMs, ...rest } = about;
  return z
    .number()
    .min(0)
    .max(maxMs ?? 365 * 86_400_000)
    .default(defaultMs)
    .meta(meta('duration', rest));
}

export function text(
  about: Common & {
    default: string;
    secret?: boolean;
    /** What a value has to be, beyond being a text; `message` completes "… is out of range: …". */
    check?: { readonly test: (value: string) => boolean; readonly message: string };
  },
): z.ZodDefault<z.ZodString> {
  const { default: value, check, ...rest } = about;
  const schema = check === undefined ? z.string() : z.string().refine(check.test, check.message);
  return schema.default(value).meta(meta('text', rest));
}

/** A comma separated string or a YAML list of strings. */
export function list(about: Common): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z.array(z.string()).default([]).meta(meta('list', about));
}

/** A YAML map of strings, such as extra HTTP headers. */
export function map(about: Common): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>> {
  return z.record(z.string(), z.string()).default({}).meta(meta('map', about));
}
