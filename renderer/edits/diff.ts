/** The edits that turn one value of the configuration into another, as few and as deep as objects allow. */
import type { Edit, Json, Path } from '../../core/contract/config.ts';

/**
 * Edits at `path` that make `before` into `after`. Objects are compared key by key, so that comments and unknown keys
 * beside a change survive; lists are replaced whole when they differ. `undefined` is "not there".
 */
export function editsBetween(path: Path, before: Json | undefined, after: Json | undefined): Edit[] {
  if (same(before, after)) return [];
  if (after === undefined) return [{ op: 'remove', path }];
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => editsBetween([...path, key], before[key], after[key]));
  }
  return [{ op: 'set', path, value: after }];
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => same(item, b[index] as Json));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of `value` with the place at `path` replaced, or removed when `next` is undefined. Empty parents go as well. */
export function withValue(value: Json | undefined, path: Path, next: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  if (typeof key === 'number') {
    const items: Json[] = Array.isArray(value) ? [...(value as readonly Json[])] : [];
    const item = withValue(items[key], rest, next);
    if (item === undefined) items.splice(key, 1);
    else items[key] = item;
    return items;
  }
  const object: { [key: string]: Json | undefined } = isObject(value) ? { ...value } : {};
  const item = withValue(object[key], rest, next);
  if (item !== undefined) object[key] = item;
  else Reflect.deleteProperty(object, key);
  return Object.keys(object).length === 0 && next === undefined ? undefined : object;
}

/** What stands at `path`, undefined when any step is missing. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let at = value;
  for (const key of path) {
    if (typeof key === 'number') at = Array.isArray(at) ? (at as readonly Json[])[key] : undefined;
    else at = isObject(at) ? at[key] : undefined;
  }
  return at;
}
