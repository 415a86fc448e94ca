/** The columns that the tables of connections can show: their names, how much room they take, and how they sort at first. Data only. */
export const TABLES = ['open', 'closed', 'groups', 'udp'] as const;
export type TableId = (typeof TABLES)[number];

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

/** A figure: as wide as the longest that it can be, whatever it is now. */
const amount = <K extends string>(key: K, px: number): ColumnDef<K> => ({
  key,
  track: `${px}px`,
  right: true,
  amount: true,
});
/** A span of time that sorts from the shortest. */
const since = <K extends string>(key: K, px: number): ColumnDef<K> => ({
  key,
  track: `${px}px`,
  right: true,
});
const words = <K extends string>(key: K, min: number, share: number): ColumnDef<K> => ({
  key,
  track: `minmax(${min}px, ${share}fr)`,
});
const optional = <K extends string>(def: ColumnDef<K>): ColumnDef<K> => ({ ...def, optional: true });

const PROCESS = words('process', 84, 1);
const TARGET = words('target', 168, 2.6);
const SERVICE = words('service', 72, 0.9);
const BYTES = [amount('down', 84), amount('up', 84)] as const;
const ID = optional(words('id', 64, 0.4));
/** What every connection has and few look at. */
const BESIDE = [
  optional(words('client', 124, 1)),
  optional(words('type', 110, 0.8)),
  optional(words('user', 72, 0.8)),
  optional(amount('setup', 76)),
] as const;

const OPEN_COLUMNS = [
  { key: 'state', track: '96px' },
  since('age', 84),
  PROCESS,
  TARGET,
  SERVICE,
  words('chain', 96, 1.5),
  amount('downRate', 92),
  amount('upRate', 92),
  ...BYTES,
  ...BESIDE,
  optional(amount('idle', 76)),
  ID,
] as const;

const CLOSED_COLUMNS = [
  amount('ended', 84),
  PROCESS,
  TARGET,
  words('chain', 96, 1.3),
  words('why', 160, 2.6),
  amount('lasted', 96),
  ...BYTES,
  optional(SERVICE),
  ...BESIDE,
  ID,
] as const;

const GROUP_COLUMNS = [
  words('name', 150, 3),
  amount('openCount', 84),
  amount('downRate', 92),
  amount('upRate', 92),
  amount('down', 92),
  amount('up', 92),
  amount('closedCount', 96),
  amount('failedCount', 84),
] as const;

const UDP_COLUMNS = [
  since('age', 92),
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
  since('idle', 128),
  ID,
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
