/**
 * Passwords and keys of a configuration: taken out before it goes to a window, put back when the window writes its stand-in.
 */
import { KEPT_SECRET, type Config, type Edit, type Json, type Path } from '../contract/config.ts';
import { SECRET_OPTIONS } from './gost-options.ts';
import { isList, isMap } from './gost-values.ts';
import { misfit, valueAt } from './model.ts';

const SECRET_KEYS: ReadonlySet<string> = new Set(['password', 'token', 'passphrase']);

/** The same configuration with KEPT_SECRET for every secret that is not empty. */
export function redact<T extends Json>(config: T): T {
  return mapped(config, (value, key, parent) =>
    isSecret(key, parent) && value !== '' && value !== null ? KEPT_SECRET : value,
  ) as T; // same keys, only leaves differ
}

/** A map without its secrets, and without what is empty by that. */
export function withoutSecrets(value: Json): Json {
  const bare = (item: Json): Json | undefined => {
    if (item === KEPT_SECRET) return undefined;
    if (isList(item)) return item.flatMap((one) => bare(one) ?? []);
    if (!isMap(item)) return item;
    return Object.fromEntries(
      Object.entries(item).flatMap(([key, one]): [string, Json][] => {
        const kept = one === undefined ? undefined : bare(one);
        return kept === undefined ? [] : [[key, kept]];
      }),
    );
  };
  return bare(redact(value)) ?? {};
}

/** Where the secrets are that `redact` hides. */
export function secretPaths(config: Config): Path[] {
  const found: Path[] = [];
  const look = (value: Json | undefined, path: Path): void => {
    if (value === KEPT_SECRET) found.push(path);
    else if (isList(value)) value.forEach((item, index) => look(item, [...path, index]));
    else if (isMap(value)) for (const [key, item] of Object.entries(value)) look(item, [...path, key]);
  };
  look(redact(config), []);
  return found;
}

/** The edit with the saved secrets where it holds their stand-in. Throws `config` where nothing is saved. */
export function withSavedSecrets(edit: Edit, config: Config): Edit {
  if (edit.op !== 'set' && edit.op !== 'insert') return edit;
  if (!holdsKept(edit.value)) return edit;
  const at = edit.op === 'set' ? edit.path : edit.from;
  const saved = at === undefined ? undefined : valueAt(config, at);
  return { ...edit, value: restoreSecrets(edit.value, saved, edit.path) };
}

/** `value` with the secrets of `saved`, which it is a copy of. Throws `config` where none is saved. */
export function restoreSecrets(value: Json, saved: Json | undefined, path: Path): Json {
  if (value === KEPT_SECRET) {
    if (saved === undefined) throw misfit(path, 'no password is saved here, so it has to be typed again');
    return saved;
  }
  if (isList(value))
    return value.map((item, index) => restoreSecrets(item, twin(item, index, saved), [...path, index]));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      item === undefined ? undefined : restoreSecrets(item, valueAt(saved, [key]), [...path, key]),
    ]),
  );
}

/** The saved list item that is the same thing: by name where it has one, else by place. */
function twin(item: Json, index: number, saved: Json | undefined): Json | undefined {
  const name = isMap(item) ? item['name'] : undefined;
  if (!isList(saved)) return undefined;
  if (typeof name !== 'string') return saved[index];
  return saved.find((other) => isMap(other) && other['name'] === name);
}

function isSecret(key: string, parent: string): boolean {
  const lower = key.toLowerCase();
  return SECRET_KEYS.has(lower) || (parent.toLowerCase() === 'metadata' && SECRET_OPTIONS.has(lower));
}

function holdsKept(value: Json): boolean {
  if (isList(value)) return value.some(holdsKept);
  if (isMap(value)) return Object.values(value).some((item) => item !== undefined && holdsKept(item));
  return value === KEPT_SECRET;
}

type Leaf = (value: Json, key: string, parent: string) => Json;

function mapped(value: Json, leaf: Leaf, key = '', parent = ''): Json {
  if (isList(value)) return value.map((item) => mapped(item, leaf, key, parent));
  if (!isMap(value)) return leaf(value, key, parent);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      item === undefined ? undefined : mapped(item, leaf, name, key),
    ]),
  );
}
