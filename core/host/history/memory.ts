/** History for a runtime without a database: the same sums in maps, gone when Sockeye ends. */
import { OTHERS, type TrafficKind, type TrafficSum } from '../../contract/traffic.ts';
import type { Level } from './buckets.ts';
import { NAMES_KEPT, type Addition, type Delta, type HistoryStore, type Slice } from './store.ts';

/** What a row costs in V8, roughly: an object of eight numbers, its name, its place in a map. */
const ROW_BYTES = 240;

type Sums = { -readonly [K in Exclude<keyof Delta, 'kind'>]: Delta[K] };
type Rows = Map<string, Sums>;

export class MemoryHistory implements HistoryStore {
  since: number;
  /** By level, then kind, then beginning, then name. */
  readonly #levels = new Map<Level, Map<TrafficKind, Map<number, Rows>>>();
  readonly #ever = new Map<TrafficKind, Rows>();
  #rows = 0;

  constructor(now: number) {
    this.since = now;
  }

  add(additions: readonly Addition[]): void {
    for (const { delta, slices } of additions) {
      for (const { level, at } of slices) this.#put(this.#slice(level, delta.kind, at), delta);
      this.#put(child(this.#ever, delta.kind), delta);
    }
  }

  slices(level: Level, kind: TrafficKind, from: number): Slice[] {
    const found: Slice[] = [];
    for (const [at, rows] of this.#levels.get(level)?.get(kind) ?? []) {
      if (at < from) continue;
      for (const row of rows.values()) found.push({ at, ...row });
    }
    return found.sort((a, b) => a.at - b.at);
  }

  sums(kind: TrafficKind, from: number | null): TrafficSum[] {
    if (from === null) return [...(this.#ever.get(kind)?.values() ?? [])].map(sumOf);
    const sums: Rows = new Map();
    for (const slice of this.slices('day', kind, from)) merge(sums, slice);
    return [...sums.values()].map(sumOf);
  }

  forget(level: Level, before: number): void {
    for (const slices of this.#levels.get(level)?.values() ?? []) {
      for (const [at, rows] of slices) {
        if (at >= before) continue;
        slices.delete(at);
        this.#rows -= rows.size;
      }
    }
  }

  bytes(): number {
    return this.#rows * ROW_BYTES;
  }

  shrink(): boolean {
    return (
      this.#dropOldest('minute', () => true) ||
      this.#dropOldest('hour', () => true) ||
      this.#dropOldest('day', (kind) => kind === 'host' || kind === 'process') ||
      this.#mergeSmallest()
    );
  }

  clear(now: number): void {
    this.#levels.clear();
    this.#ever.clear();
    this.#rows = 0;
    this.since = now;
  }

  close(): void {}

  #slice(level: Level, kind: TrafficKind, at: number): Rows {
    return child(child(child(this.#levels, level), kind), at);
  }

  #put(rows: Rows, delta: Delta): void {
    const before = rows.size;
    merge(rows, delta);
    this.#rows += rows.size - before;
  }

  /** Of the slices there are, the oldest quarter; never the newest one. */
  #dropOldest(level: Level, kinds: (kind: TrafficKind) => boolean): boolean {
    const beginnings = new Set<number>();
    for (const [kind, slices] of this.#levels.get(level) ?? [])
      if (kinds(kind)) for (const at of slices.keys()) beginnings.add(at);
    if (beginnings.size < 2) return false;
    const sorted = [...beginnings].sort((a, b) => a - b);
    const gone = new Set(sorted.slice(0, Math.max(1, Math.floor(sorted.length / 4))));
    for (const [kind, slices] of this.#levels.get(level) ?? []) {
      if (!kinds(kind)) continue;
      for (const at of gone) {
        this.#rows -= slices.get(at)?.size ?? 0;
        slices.delete(at);
      }
    }
    return true;
  }

  #mergeSmallest(): boolean {
    let merged = false;
    for (const kind of ['host', 'process'] as const) {
      const rows = this.#ever.get(kind);
      if (rows === undefined || rows.size <= NAMES_KEPT) continue;
      const named = [...rows.values()].filter(({ name }) => name !== OTHERS);
      named.sort((a, b) => b.up + b.down - (a.up + a.down));
      const before = rows.size;
      for (const row of named.slice(NAMES_KEPT - 1)) {
        rows.delete(row.name);
        merge(rows, { ...row, name: OTHERS });
      }
      this.#rows += rows.size - before;
      merged = true;
    }
    return merged;
  }
}

function child<K, C extends Map<unknown, unknown>>(map: Map<K, C>, key: K): C {
  let found = map.get(key);
  if (found === undefined) {
    // every level of these maps is a map
    found = new Map() as C;
    map.set(key, found);
  }
  return found;
}

function merge(rows: Rows, { name, up, down, packetsUp, packetsDown, opened, failed, open }: Sums): void {
  const row = rows.get(name);
  if (row === undefined) {
    rows.set(name, { name, up, down, packetsUp, packetsDown, opened, failed, open });
    return;
  }
  row.up += up;
  row.down += down;
  row.packetsUp += packetsUp;
  row.packetsDown += packetsDown;
  row.opened += opened;
  row.failed += failed;
  row.open = Math.max(row.open, open);
}

function sumOf({ name, up, down, packetsUp, packetsDown, opened, failed }: Sums): TrafficSum {
  return { name, up, down, packetsUp, packetsDown, opened, failed };
}
