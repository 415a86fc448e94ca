/**
 * Edits on plain data: what an edit of the file must come to. Pure; keys are found in any case, as in the file.
 * The document checks every text change against this, and tests compare the two on random edits.
 */
import type { Edit, Json, Path } from '../contract/config.ts';
import { ProxyError } from '../errors.ts';
import { isList, isMap } from './gost-values.ts';

/** The data after the edit. Rejects with `config` where the path does not fit the data. */
export function editData(data: Json, edit: Edit): Json {
  switch (edit.op) {
    case 'set':
      return change(data, edit.path, edit.path, () => edit.value);
    case 'remove':
      return valueAt(data, edit.path) === undefined
        ? data
        : change(data, edit.path, edit.path, () => undefined);
    case 'insert':
      return change(data, edit.path, edit.path, (list) => {
        const items = listAt(list ?? null, edit.path);
        checkIndex(edit.index, items.length, edit.path);
        return [...items.slice(0, edit.index), edit.value, ...items.slice(edit.index)];
      });
    case 'move':
      return change(data, edit.path, edit.path, (list) => {
        const items = [...listAt(list ?? null, edit.path)];
        checkIndex(edit.from, items.length - 1, edit.path);
        checkIndex(edit.to, items.length - 1, edit.path);
        const [item] = items.splice(edit.from, 1);
        items.splice(edit.to, 0, item ?? null);
        return items;
      });
  }
}

/** What is at a path, keys in any case; undefined where there is nothing. */
export function valueAt(data: Json | undefined, path: Path): Json | undefined {
  let value = data;
  for (const step of path) {
    if (typeof step === 'number') value = isList(value) ? value[step] : undefined;
    else if (isMap(value)) value = value[ownKey(value, step) ?? step];
    else return undefined;
  }
  return value;
}

/** True when two values are the same data; absent and undefined are one. */
export function sameData(a: Json | undefined, b: Json | undefined): boolean {
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, index) => sameData(item, b[index]));
  if (isMap(a)) {
    if (!isMap(b)) return false;
    return Object.keys({ ...a, ...b }).every((key) => sameData(a[key], b[key]));
  }
  return Object.is(a, b);
}

/** The error of an edit that does not fit what is there. */
export function misfit(path: Path, message: string): ProxyError {
  return new ProxyError('config', { where: path.join('.') || 'the file', message });
}

/** The key of `map` that is `key` in some case, or undefined. */
export function ownKey(map: { readonly [key: string]: unknown }, key: string): string | undefined {
  if (Object.hasOwn(map, key)) return key;
  const lower = key.toLowerCase();
  return Object.keys(map).find((known) => known.toLowerCase() === lower);
}

type Change = (old: Json | undefined) => Json | undefined;

function change(data: Json, path: Path, whole: Path, last: Change): Json {
  const result = changed(data, path, whole, last);
  if (result === undefined) throw misfit(whole, 'the whole file can not be removed');
  return result;
}

function changed(data: Json | undefined, path: Path, whole: Path, last: Change): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return last(data);
  if (step === '__proto__') throw misfit(whole, 'this key is not allowed');
  if (typeof step === 'number') return changedItem(listAt(data ?? null, whole), step, rest, whole, last);
  const map = data ?? {};
  if (!isMap(map)) throw misfit(whole, `there is no map to hold ${step}`);
  const key = ownKey(map, step) ?? step;
  const value = changed(map[key], rest, whole, last);
  if (value === undefined) return Object.fromEntries(Object.entries(map).filter(([known]) => known !== key));
  return { ...map, [key]: value };
}

function changedItem(list: readonly Json[], index: number, rest: Path, whole: Path, last: Change): Json {
  checkIndex(index, list.length, whole);
  const value = changed(list[index], rest, whole, last);
  if (value === undefined) return list.filter((_, at) => at !== index);
  return index === list.length ? [...list, value] : list.map((item, at) => (at === index ? value : item));
}

function listAt(data: Json, path: Path): readonly Json[] {
  if (data === null) return [];
  if (!isList(data)) throw misfit(path, 'there is no list here');
  return data;
}

function checkIndex(index: number, highest: number, path: Path): void {
  if (!Number.isInteger(index) || index < 0 || index > highest) {
    throw misfit(path, `there is no place ${index} in this list`);
  }
}
