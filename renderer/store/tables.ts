/**
 * How a person arranged the tables of connections: which columns are shown, in what order, how wide, sorted by what.
 * Pure functions over a small value; the window keeps it, because it is about this screen.
 */
import { COLUMNS, type AnyKey, type ColumnDef, type TableId } from './columns.ts';
import { field, parsed, recall, remember } from './remembered.ts';

export interface Sort<K extends string = string> {
  readonly key: K;
  readonly descending: boolean;
}

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
  const value = parsed(saved);
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
  const sort = field(value, 'sort');
  const sortKey = keyOf(field(sort, 'key'));
  const layout: Layout = {
    order: [...order, ...late],
    hidden: hidden.length < first.order.length ? hidden : first.hidden,
    widths: {},
    sort:
      sortKey === undefined ? first.sort : { key: sortKey, descending: field(sort, 'descending') === true },
  };
  const widths = field(value, 'widths');
  return first.order.reduce((so, key) => {
    const px = field(widths, key);
    return typeof px === 'number' && Number.isFinite(px) ? resized(so, key, px) : so;
  }, layout);
}

export function loadLayouts(): Layouts {
  return readLayouts(recall(KEY));
}

export function saveLayouts(layouts: Layouts): void {
  remember(KEY, layouts);
}
