/**
 * The named lists a service refers to, and the bypasses of hops and nodes: who may connect (admission), which targets it refuses (bypass, as in GOST), and what it may
 * use (limiter, climiter). The window edits the list that belongs to one service alone; a list that several share is only
 * chosen, never changed from here. Pure.
 */
import type { Config, Edit, Hop, Json, Node, Service } from '../../core/contract/config.ts';
import { isObject } from './diff.ts';
import { freshName } from './chains.ts';

const LIST_KINDS = ['admission', 'bypass', 'limiter', 'climiter'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** Whatever refers to lists: a service, a hop, a node. */
type Owner = { readonly name?: string; readonly [key: string]: Json | undefined };

interface Shape {
  /** Section of the file. */
  readonly section: string;
  /** Key of the entries. */
  readonly entries: string;
  /** The list form of the reference, where GOST has one. */
  readonly plural: string | null;
  /** What a new list is called: `${service}-${suffix}`. */
  readonly suffix: string;
}

const SHAPES: Readonly<Record<ListKind, Shape>> = {
  admission: { section: 'admissions', entries: 'matchers', plural: 'admissions', suffix: 'clients' },
  bypass: { section: 'bypasses', entries: 'matchers', plural: 'bypasses', suffix: 'bypass' },
  limiter: { section: 'limiters', entries: 'limits', plural: null, suffix: 'rates' },
  climiter: { section: 'climiters', entries: 'limits', plural: null, suffix: 'connections' },
};

/** A list as a form edits it. */
export interface ListDraft {
  /** Name of the list the service refers to; null: none, or one still to be made. */
  readonly name: string | null;
  /** True when somebody else refers to it too, or its entries are not plain text: choose only. */
  readonly shared: boolean;
  /** Only these (true) or all but these. Always false for limits. */
  readonly only: boolean;
  readonly entries: readonly string[];
}

export type Lists = Readonly<Record<ListKind, ListDraft>>;

const EMPTY: ListDraft = { name: null, shared: false, only: false, entries: [] };

/** Names of all lists of a kind, in the order of the file. */
export function listNames(config: Config, kind: ListKind): readonly string[] {
  return objectsOf(config, kind).flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
}

/** The list of one kind a service refers to. Several at once count as shared under the first name. */
function listOf(config: Config, service: Owner, kind: ListKind): ListDraft {
  const names = referred(service, kind);
  const [name] = names;
  if (name === undefined) return EMPTY;
  const object = objectsOf(config, kind)[indexOf(config, kind, name)];
  const entries = object?.[SHAPES[kind].entries];
  const plain = Array.isArray(entries) ? (entries as readonly Json[]) : [];
  const loaded = ['file', 'redis', 'http', 'plugin'].some((key) => object?.[key] !== undefined);
  return {
    name,
    shared: names.length > 1 || loaded || object === undefined || users(config, kind, name) > 1,
    only: object?.['whitelist'] === true,
    entries: plain.map(String),
  };
}

export function listsOf(config: Config, service: Service): Lists {
  return {
    admission: listOf(config, service, 'admission'),
    bypass: listOf(config, service, 'bypass'),
    limiter: listOf(config, service, 'limiter'),
    climiter: listOf(config, service, 'climiter'),
  };
}

/**
 * The service with its references as the drafts want them, and the edits of the lists themselves. A list that has lost its
 * last entry is removed when it belonged to this service alone.
 */
export function withLists(
  config: Config,
  service: Service,
  before: Lists,
  after: Lists,
): { service: Service; edits: Edit[] } {
  let next = service;
  const edits: Edit[] = [];
  for (const kind of LIST_KINDS) {
    if (JSON.stringify(before[kind]) === JSON.stringify(after[kind])) continue;
    const change = changed(config, service, kind, before[kind], after[kind]);
    next = withReference(next, kind, change.name);
    edits.push(...change.edits);
  }
  return { service: next, edits };
}

/** The bypasses of a hop or node: a list of its own, and named ones others may use too. */
export interface Bypasses {
  readonly own: ListDraft;
  readonly named: readonly string[];
}

export function bypassesOf(config: Config, owner: Hop | Node): Bypasses {
  const names = referred(owner, 'bypass');
  const lists = names.map((name) => listOf(config, { name: '', bypass: name }, 'bypass'));
  const own = lists.find(({ shared }) => !shared) ?? EMPTY;
  return { own, named: names.filter((name) => name !== own.name) };
}

/** The owner with its references as the draft wants them, and the edits of its own list. */
export function withBypasses<Owner extends Hop | Node>(
  config: Config,
  owner: Owner,
  before: Bypasses,
  after: Bypasses,
): { owner: Owner; edits: Edit[] } {
  if (JSON.stringify(before) === JSON.stringify(after)) return { owner, edits: [] };
  const { name, edits } = changed(config, owner, 'bypass', before.own, after.own);
  const names = [...(name === null ? [] : [name]), ...after.named];
  const rest = Object.fromEntries(
    Object.entries(owner).filter(([key]) => key !== 'bypass' && key !== 'bypasses'),
  ) as Owner;
  const [only] = names;
  if (only === undefined) return { owner: rest, edits };
  return { owner: { ...rest, ...(names.length === 1 ? { bypass: only } : { bypasses: names }) }, edits };
}

function changed(
  config: Config,
  service: Owner,
  kind: ListKind,
  before: ListDraft,
  after: ListDraft,
): { name: string | null; edits: Edit[] } {
  const { section, entries, suffix } = SHAPES[kind];
  const own = before.name !== null && !before.shared ? indexOf(config, kind, before.name) : -1;
  const discard: Edit[] = own === -1 ? [] : [{ op: 'remove', path: [section, own] }];
  if (after.shared) return { name: after.name, edits: after.name === before.name ? [] : discard };
  if (after.entries.length === 0) return { name: null, edits: discard };
  const lines = [...after.entries];
  if (own !== -1 && before.name === after.name) {
    const path = [section, own];
    const edits: Edit[] = [{ op: 'set', path: [...path, entries], value: lines }];
    if (before.only !== after.only)
      edits.push(
        after.only
          ? { op: 'set', path: [...path, 'whitelist'], value: true }
          : { op: 'remove', path: [...path, 'whitelist'] },
      );
    return { name: before.name, edits };
  }
  const wished = `${service.name ?? 'service'}-${suffix}`;
  const name = freshName(wished, objectsOf(config, kind), wished);
  const value: Json = { name, ...(after.only ? { whitelist: true } : {}), [entries]: lines };
  return {
    name,
    edits: [{ op: 'insert', path: [section], index: objectsOf(config, kind).length, value }],
  };
}

function withReference(service: Service, kind: ListKind, name: string | null): Service {
  const { plural } = SHAPES[kind];
  const rest = Object.fromEntries(
    Object.entries(service).filter(([key]) => key !== kind && key !== plural),
  ) as Service;
  return name === null ? rest : { ...rest, [kind]: name };
}

/** Names under the singular and the plural key. */
function referred(service: Owner, kind: ListKind): string[] {
  const { plural } = SHAPES[kind];
  const one = service[kind];
  const many = plural === null ? undefined : service[plural];
  return [one, ...(Array.isArray(many) ? (many as readonly Json[]) : [])].filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
}

/** How many places of the whole file refer to a list by its name. */
function users(config: Config, kind: ListKind, name: string): number {
  const { plural } = SHAPES[kind];
  const count = (value: Json | undefined): number => {
    if (Array.isArray(value))
      return (value as readonly Json[]).reduce<number>((sum, item) => sum + count(item), 0);
    if (!isObject(value)) return 0;
    return Object.entries(value).reduce((sum, [key, item]) => {
      if (key === kind && item === name) return sum + 1;
      if (key === plural && Array.isArray(item)) {
        return sum + (item as readonly Json[]).filter((one) => one === name).length;
      }
      return sum + count(item);
    }, 0);
  };
  return Object.entries(config).reduce(
    (sum, [key, value]) => (key === SHAPES[kind].section ? sum : sum + count(value)),
    0,
  );
}

function indexOf(config: Config, kind: ListKind, name: string): number {
  return objectsOf(config, kind).findIndex((object) => object['name'] === name);
}

/** The section as it stands; what is no object there becomes an empty one, so that places stay true. */
function objectsOf(config: Config, kind: ListKind): readonly { readonly [key: string]: Json | undefined }[] {
  const list = config[SHAPES[kind].section];
  return Array.isArray(list) ? (list as readonly Json[]).map((item) => (isObject(item) ? item : {})) : [];
}
