/**
 * Reads one map of the configuration, field by field, by GOST's rules. Values of the wrong kind have been reported by check-shape.ts
 * already; here they simply are not there.
 */
import type { Json, Path } from '../contract/config.ts';
import {
  isList,
  isMap,
  readBoolean,
  readInteger,
  readList,
  readText,
  readTypedDuration,
} from './gost-values.ts';
import { valueAt } from './model.ts';

export class Section {
  readonly path: Path;
  readonly data: Json | undefined;

  constructor(data: Json | undefined, path: Path) {
    this.data = data;
    this.path = path;
  }

  has(key: string): boolean {
    const value = this.raw(key);
    return value !== undefined && value !== null;
  }

  raw(key: string): Json | undefined {
    return valueAt(this.data, [key]);
  }

  /** The text, '' when there is none. */
  text(key: string): string {
    return readText(this.raw(key) ?? '').value ?? '';
  }

  textOrNull(key: string): string | null {
    return this.text(key) || null;
  }

  integer(key: string): number | null {
    const raw = this.raw(key);
    return raw === undefined || raw === null ? null : (readInteger(raw).value ?? null);
  }

  boolean(key: string): boolean | null {
    const raw = this.raw(key);
    if (raw === undefined || raw === null) return null;
    const { value, remark } = readBoolean(raw);
    return remark === undefined ? (value ?? null) : null;
  }

  /** Milliseconds of a typed duration. */
  duration(key: string): number | null {
    const raw = this.raw(key);
    return raw === undefined || raw === null ? null : (readTypedDuration(raw).value ?? null);
  }

  texts(key: string): string[] {
    const raw = this.raw(key);
    return raw === undefined || raw === null ? [] : (readList(raw).value ?? []);
  }

  /** One name under `one` and more under `many`, as GOST joins them. */
  names(one: string, many: string): string[] {
    return [...new Set([this.text(one), ...this.texts(many)].filter((name) => name !== ''))];
  }

  section(key: string): Section {
    return new Section(this.raw(key), [...this.path, key]);
  }

  sections(key: string): Section[] {
    const raw = this.raw(key);
    if (!isList(raw)) return [];
    return raw.flatMap((item, index) => (isMap(item) ? [new Section(item, [...this.path, key, index])] : []));
  }
}
