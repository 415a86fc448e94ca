/**
 * The query of a `-L` or `-F` URL and where GOST puts its keys: some are taken out for a purpose, prefixed ones go to one place, the rest is copied to
 * every place. Lookups ignore case, removals do not, as in GOST.
 */
import type { Json } from '../contract/config.ts';
import { decodeBase64, hostname, type GoUrl } from './go-url.ts';
import {
  formatGoDuration,
  firstOf,
  readBoolean,
  readInteger,
  readMetadataDuration,
  readText,
} from './gost-values.ts';

/** What is left of a query. */
export type Query = Map<string, Json>;
/** A part of a configuration while it is put together; undefined stands for absent. */
export type Data = Record<string, Json | undefined>;

/** Looks values up as they were before anything was taken out. */
export interface Reader {
  text(...keys: string[]): string;
  integer(...keys: string[]): number;
  has(...keys: string[]): boolean;
}

export function reader(query: Query): Reader {
  const before: Readonly<Record<string, Json>> = Object.fromEntries(query);
  return {
    text: (...keys) => readText(firstOf(before, keys)?.[1] ?? '').value ?? '',
    integer: (...keys) => readInteger(firstOf(before, keys)?.[1] ?? 0).value ?? 0,
    has: (...keys) => firstOf(before, keys) !== null,
  };
}

export function plainOf(query: Query | undefined): Readonly<Record<string, Json>> {
  return Object.fromEntries(query ?? []);
}

/** The selector of a hop or forwarder; undefined, with nothing taken out, when none of its keys says anything. */
export function takeSelector(query: Query): Data | undefined {
  const read = reader(query);
  const strategy = read.text('strategy');
  const maxFails = read.integer('maxFails', 'max_fails');
  const failTimeoutMs = readMetadataDuration(read.text('failTimeout', 'fail_timeout')).value ?? 0;
  if (strategy === '' && maxFails <= 0 && failTimeoutMs <= 0) return undefined;
  remove(query, ['strategy', 'maxFails', 'max_fails', 'failTimeout', 'fail_timeout']);
  return {
    strategy: strategy || 'round',
    maxFails: maxFails > 0 ? maxFails : 1,
    failTimeout: formatGoDuration(failTimeoutMs > 0 ? failTimeoutMs : 30_000),
  };
}

/** Turns a key that belongs to one place into the prefixed form that goes there only. */
export function moveKey(query: Query, read: Reader, key: string, prefix: string): void {
  const numeric = key === 'so_mark' || key === 'proxyProtocol';
  const value = numeric ? read.integer(key) : read.text(key);
  if (value === '' || (typeof value === 'number' && value <= 0)) return;
  query.delete(key);
  query.set(`${prefix}.${key}`, value);
}

/** What goes to one place first: its prefixed keys, taken out, and a copy of all keys that are not prefixed for others. */
export function takeFor(query: Query, prefix: string, others: readonly string[]): Query {
  const own: Query = new Map();
  for (const [key, value] of [...query]) {
    if (others.some((other) => key.startsWith(`${other}.`))) continue;
    if (key.startsWith(`${prefix}.`)) query.delete(key);
    own.set(key.startsWith(`${prefix}.`) ? key.slice(prefix.length + 1) : key, value);
  }
  return own;
}

/** Prefixed keys go to their place, the others to all places. */
export function distribute(query: Query, prefixes: readonly string[]): ReadonlyMap<string, Query> {
  const result = new Map<string, Query>(prefixes.map((prefix) => [prefix, new Map()]));
  for (const [key, value] of query) {
    const owner = prefixes.find((prefix) => key.startsWith(`${prefix}.`));
    for (const [prefix, own] of result) {
      if (owner === undefined) own.set(key, value);
      else if (owner === prefix) own.set(key.slice(prefix.length + 1), value);
    }
  }
  return result;
}

const CERT_KEYS = ['tls.certFile', 'certFile', 'cert'];
const KEY_KEYS = ['tls.keyFile', 'keyFile', 'key'];
const CA_KEYS = ['tls.caFile', 'caFile', 'ca'];

/** The certificate of a service. Without certFile GOST forgets the rest. */
export function serviceTls(query: Query, read: Reader): Data | undefined {
  const tls = files(read);
  remove(query, [...CERT_KEYS, ...KEY_KEYS, ...CA_KEYS]);
  return tls.certFile === undefined ? undefined : tls;
}

/** How a proxy is verified; its name is the host of the URL unless given. */
export function nodeTls(query: Query, read: Reader, host: string): Data | undefined {
  const secure = read.has('tls.secure', 'secure') ? readBoolean(read.text('tls.secure', 'secure')) : null;
  const tls = {
    ...files(read),
    secure: secure?.remark === undefined ? secure?.value : undefined,
    serverName: read.text('tls.servername', 'servername') || hostname(host) || undefined,
  };
  remove(query, [
    ...CERT_KEYS,
    ...KEY_KEYS,
    ...CA_KEYS,
    'tls.secure',
    'secure',
    'tls.servername',
    'serverName',
  ]);
  const said = [tls.secure, tls.certFile, tls.caFile, tls.serverName].some((value) => value !== undefined);
  return said ? tls : undefined;
}

function files(read: Reader): {
  certFile: string | undefined;
  keyFile: string | undefined;
  caFile: string | undefined;
} {
  return {
    certFile: read.text(...CERT_KEYS) || undefined,
    keyFile: read.text(...KEY_KEYS) || undefined,
    caFile: read.text(...CA_KEYS) || undefined,
  };
}

function remove(query: Query, keys: readonly string[]): void {
  for (const key of keys) query.delete(key);
}

/** User and password of the URL, else of the key `auth`, which is taken out; "bad" when that is no Base64. */
export function signInOf({ scheme, user }: GoUrl, query: Query, read: Reader): Data | 'bad' | undefined {
  query.delete('auth');
  if (user !== null) {
    const packed =
      scheme.startsWith('ss') && user.password === null ? userOf(decodeBase64(user.name), true) : undefined;
    return packed ?? { username: user.name || undefined, password: user.password || undefined };
  }
  const encoded = read.text('auth');
  if (encoded === '') return undefined;
  const plain = decodeBase64(encoded);
  return plain === null ? 'bad' : userOf(plain, false);
}

function userOf(plain: string | null, needsColon: boolean): Data | undefined {
  if (plain === null) return undefined;
  const colon = plain.indexOf(':');
  if (colon === -1) return needsColon ? undefined : { username: plain || undefined };
  return { username: plain.slice(0, colon) || undefined, password: plain.slice(colon + 1) || undefined };
}

/** Without what is absent and without empty maps, keys of maps in order. */
export function clean(data: Data): { [key: string]: Json } {
  const entries = Object.entries(data).flatMap(([key, value]): [string, Json][] => {
    if (value === undefined) return [];
    if (key === 'metadata' && typeof value === 'object' && value !== null && Object.keys(value).length === 0)
      return [];
    if (Array.isArray(value)) return [[key, value.map((item: Json) => (isData(item) ? clean(item) : item))]];
    return [[key, isData(value) ? clean(value) : value]];
  });
  return Object.fromEntries(entries);
}

function isData(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
