/** Slices as the lines of a chart: equal steps, sums per step, null where nothing was recorded. */
import type { TrafficHistory, TrafficLine } from '../../contract/traffic.ts';
import type { Slice } from './store.ts';

/** Lines of a chart; what has no line of its own is in the sum of all. */
const LINES = 24;

export interface SeriesParts {
  readonly now: number;
  readonly from: number;
  /** Where the last slice begins. */
  readonly end: number;
  readonly stepMs: number;
  /** Before this nothing was counted. */
  readonly since: number;
  readonly all: readonly Slice[];
  readonly lines: readonly Slice[];
}

export function seriesOf({ now, from, end, stepMs, since, all, lines }: SeriesParts): TrafficHistory {
  const count = Math.floor((end - from) / stepMs) + 1;
  const times = Array.from({ length: count }, (_, index) => from + index * stepMs);
  const placeOf = (slice: Slice): number => Math.floor((slice.at - from) / stepMs);
  // idle slices are not written: after the beginning of counting they are zero, before it unknown
  const empty = (): (number | null)[] => times.map((time) => (time + stepMs > since ? 0 : null));
  const add = (values: (number | null)[], at: number, value: number): void => {
    if (at >= 0 && at < count) values[at] = (values[at] ?? 0) + value;
  };
  const sum = {
    up: empty(),
    down: empty(),
    packetsUp: empty(),
    packetsDown: empty(),
    failed: empty(),
    open: empty(),
  };
  for (const slice of all) {
    const at = placeOf(slice);
    add(sum.up, at, slice.up);
    add(sum.down, at, slice.down);
    add(sum.packetsUp, at, slice.packetsUp);
    add(sum.packetsDown, at, slice.packetsDown);
    add(sum.failed, at, slice.failed);
    if (at >= 0 && at < count) sum.open[at] = Math.max(sum.open[at] ?? 0, slice.open);
  }
  const byName = new Map<string, { up: (number | null)[]; down: (number | null)[]; total: number }>();
  for (const slice of lines) {
    const line = byName.get(slice.name) ?? { up: empty(), down: empty(), total: 0 };
    byName.set(slice.name, line);
    add(line.up, placeOf(slice), slice.up);
    add(line.down, placeOf(slice), slice.down);
    line.total += slice.up + slice.down;
  }
  const busiest = [...byName].filter(([, { total }]) => total > 0).sort((a, b) => b[1].total - a[1].total);
  return {
    at: now,
    stepMs,
    times,
    all: { name: '', ...sum },
    lines: busiest.slice(0, LINES).map(([name, { up, down }]): TrafficLine => ({ name, up, down })),
  };
}
