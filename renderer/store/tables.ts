/**
 * The columns of the connection tables and how a person arranged them: which are shown, in what order, how wide, sorted by what.
 * Pure functions over a small value; the window keeps it, because it is about this screen.
 */
export const TABLES = ['open', 'closed', 'groups', 'udp'] as const;
export type TableId = (typeof TABLES)[number];

export interface Sort<K extends string = string> {
  readonly key: K;
  readonly descending: boolean;
}

export interface ColumnDef<K extends string = string> {
  readonly key: K;
  /** CSS grid track while nobody made it wider or narrower. */
  readonly track: string;
  /** Aligned to the end: amounts. */
  readonly right?: boolean;
  /** Not shown until asked for. */
  readonly optional?: boolean;
  /** Most interesting from the top. */
  readonly amount?: boolean;
}

const amount = <K extends string>(key: K, px: number): ColumnDef<K> => ({
  key,
  track: `${px}px`,
  right: true,
  amount: true,
});
const words = <K extends string>(key: K, min: number, share: number): ColumnDef<K> => ({
  key,
  track: `minmax(${min}px, ${share}fr)`,
});
const optional = <K extends string>(def: ColumnDef<K>): ColumnDef<K> => ({ ...def, optional: true });

const OPEN_COLUMNS = [
  { key: 'state', track: '96px' },
  { key: 'age', track: '84px', right: true },
  words('process', 84, 1),
  words('target', 168, 2.6),
  words('service', 72, 0.9),
  words('chain', 96, 1.5),
  amount('downRate', 92),
  amount('upRate', 92),
  amount('down', 84),
  amount('up', 84),
  optional(words('client', 124, 1)),
  optional(words('type', 110, 0.8)),
  optional(words('user', 72, 0.8)),
  optional(amount('setup', 76)),
  optional(amount('idle', 76)),
  optional(words('id', 64, 0.4)),
] as const;

const CLOSED_COLUMNS = [
  { key: 'ended', track: '84px', right: true, amount: true },
  words('process', 84, 1),
  words('target', 168, 2.6),
  words('chain', 96, 1.3),
  words('why', 160, 2.6),
  amount('lasted', 96),
  amount('down', 84),
  amount('up', 84),
  optional(words('service', 72, 0.9)),
  optional(words('client', 124, 1)),
  optional(words('type', 110, 0.8)),
  optional(words('user', 72, 0.8)),
  optional(amount('setup', 76)),
  optional(words('id', 64, 0.4)),
] as const;

const GROUP_COLUMNS = [
  words('name', 180, 3),
  amount('openCount', 84),
  amount('downRate', 92),
  amount('upRate', 92),
  amount('down', 92),
  amount('up', 92),
  amount('closedCount', 96),
  amount('failedCount', 84),
] as const;

const UDP_COLUMNS = [
  { key: 'age', track: '92px', right: true },
  words('client', 132, 1.2),
  words('process', 80, 0.9),
  words('service', 72, 0.8),
  words('chain', 90, 1.1),
  words('carrier', 108, 1),
  amount('peers', 60),
  amount('packetsDown', 84),
  amount('packetsUp', 84),
  amount('down', 76),
  amount('up', 76),
  amount('dropped', 76),
  amount('unanswered', 98),
  { key: 'idle', track: '76px', right: true },
  optional(words('id', 64, 0.4)),
] as const;

export type OpenKey = (typeof OPEN_COLUMNS)[number]['key'];
export type ClosedKey = (typeof CLOSED_COLUMNS)[number]['key'];
export type GroupKey = (typeof GROUP_COLUMNS)[number]['key'];
export type UdpKey = (typeof UDP_COLUMNS)[number]['key'];
export type AnyKey = OpenKey | ClosedKey | GroupKey | UdpKey;

export const COLUMNS: { readonly [T in TableId]: readonly ColumnDef<AnyKey>[] } = {
  open: OPEN_COLUMNS,
  closed: CLOSED_COLUMNS,
  groups: GROUP_COLUMNS,
  udp: UDP_COLUMNS,
};

/** A column with a width of its own is this wide in pixels. */
export const MIN_PX = 48;
const MAX_PX = 900;

/** Every column once, in the order shown or, hidden, in the order it would come back to. */
export interface Layout {
  readonly order: readonly AnyKey[];
  readonly hidden: readonly AnyKey[];
  readonly widths: Readonly<Partial<Record<AnyKey, number>>>;
  readonly sort: Sort<AnyKey>;
}

export type Layouts = Readonly<Record<TableId, Layout>>;

const FIRST_SORT: { readonly [T in TableId]: Sort<AnyKey> } = {
  open: { key: 'age', descending: false },
  closed: { key: 'ended', descending: true },
  groups: { key: 'openCount', descending: true },
  udp: { key: 'age', descending: false },
};

export function firstLayout(table: TableId): Layout {
  const all = COLUMNS[table];
  return {
    order: all.map(({ key }) => key),
    hidden: all.filter(({ optional: isOptional }) => isOptional === true).map(({ key }) => key),
    widths: {},
    sort: FIRST_SORT[table],
  };
}

/** The shown columns from left to right. */
export function shownColumns(table: TableId, layout: Layout): ColumnDef<AnyKey>[] {
  return layout.order.flatMap((key) => {
    const def = COLUMNS[table].find((column) => column.key === key);
    return def === undefined || layout.hidden.includes(key) ? [] : [def];
  });
}

export function trackOf(def: ColumnDef<AnyKey>, layout: Layout): string {
  const width = layout.widths[def.key];
  return width === undefined ? def.track : `${width}px`;
}

/** Pixels that a column needs at least, for the width at which the table begins to scroll sideways. */
export function leastPx(def: ColumnDef<AnyKey>, layout: Layout): number {
  return layout.widths[def.key] ?? Number(/\d+/.exec(def.track)?.[0] ?? MIN_PX);
}

/** A second click turns the order round. */
export function sortedBy(table: TableId, layout: Layout, key: AnyKey): Layout {
  const def = COLUMNS[table].find((column) => column.key === key);
  const descending = layout.sort.key === key ? !layout.sort.descending : def?.amount === true;
  return { ...layout, sort: { key, descending } };
}

export function resized(layout: Layout, key: AnyKey, px: number): Layout {
  return {
    ...layout,
    widths: { ...layout.widths, [key]: Math.round(Math.min(MAX_PX, Math.max(MIN_PX, px))) },
  };
}

/** The last shown column can not be hidden: an empty table has no header to bring it back with. */
export function toggled(layout: Layout, key: AnyKey): Layout {
  if (layout.hidden.includes(key)) return { ...layout, hidden: layout.hidden.filter((each) => each !== key) };
  if (layout.order.length - layout.hidden.length <= 1) return layout;
  return { ...layout, hidden: [...layout.hidden, key] };
}

/** One place to the left or right among the shown columns. */
export function nudged(layout: Layout, key: AnyKey, by: 1 | -1): Layout {
  const shown = layout.order.filter((each) => !layout.hidden.includes(each));
  const neighbour = shown[shown.indexOf(key) + by];
  return neighbour === undefined ? layout : placed(layout, key, neighbour, by === 1);
}

/** Puts a column before or after another one. */
export function placed(layout: Layout, key: AnyKey, beside: AnyKey, after: boolean): Layout {
  if (key === beside) return layout;
  const order = layout.order.filter((each) => each !== key);
  order.splice(order.indexOf(beside) + (after ? 1 : 0), 0, key);
  return { ...layout, order };
}

const KEY = 'sockeye.tables.1';

/** The saved layouts, each part checked on its own: columns that no longer exist are left out, new ones come last. */
export function readLayouts(saved: string | null): Layouts {
  let value: unknown = null;
  try {
    value = JSON.parse(saved ?? 'null');
  } catch {
    value = null;
  }
  return {
    open: readLayout('open', field(value, 'open')),
    closed: readLayout('closed', field(value, 'closed')),
    groups: readLayout('groups', field(value, 'groups')),
    udp: readLayout('udp', field(value, 'udp')),
  };
}

function readLayout(table: TableId, value: unknown): Layout {
  const first = firstLayout(table);
  const keyOf = (key: unknown): AnyKey | undefined => first.order.find((each) => each === key);
  const keys = (list: unknown): AnyKey[] =>
    Array.isArray(list) ? [...new Set(list.map(keyOf).filter((key) => key !== undefined))] : [];
  const order = keys(field(value, 'order'));
  if (order.length === 0) return first;
  const late = first.order.filter((key) => !order.includes(key));
  const hidden = [...keys(field(value, 'hidden')), ...late.filter((key) => first.hidden.includes(key))];
  let layout: Layout = {
    order: [...order, ...late],
    hidden: hidden.length < first.order.length ? hidden : first.hidden,
    widths: {},
    sort: first.sort,
  };
  for (const key of first.order) {
    const width = field(field(value, 'widths'), key);
    if (typeof width === 'number' && Number.isFinite(width)) layout = resized(layout, key, width);
  }
  const sortKey = keyOf(field(field(value, 'sort'), 'key'));
  if (sortKey !== undefined)
    layout = {
      ...layout,
      sort: { key: sortKey, descending: field(field(value, 'sort'), 'descending') === true },
    };
  return layout;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

export function loadLayouts(): Layouts {
  let saved: string | null = null;
  try {
    saved = localStorage.getItem(KEY);
  } catch {
    // storage can be forbidden; the tables then look as they do at first
  }
  return readLayouts(saved);
}

export function saveLayouts(layouts: Layouts): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(layouts));
  } catch {
    // the arrangement then lasts as long as the window
  }
}
