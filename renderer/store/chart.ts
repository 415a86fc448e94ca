/**
 * What a chart of traffic draws, whatever it is made of: samples of the window for the last minutes, slices of the host for longer. Pure; no
 * colours, no words.
 */
import type { TrafficHistory } from '../../core/contract/traffic.ts';
import { joined, type Carried, type Sample } from './samples.ts';

type Values = readonly (number | null)[];

export interface ChartLine {
  readonly name: string;
  /** Bytes a second. */
  readonly up: Values;
  readonly down: Values;
}

export interface ChartData {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  /** The shown span, which may reach further back than the first value. */
  readonly from: number;
  readonly to: number;
  /** Seconds that a value of `failed` counts over. */
  readonly stepS: number;
  readonly up: Values;
  readonly down: Values;
  readonly packetsUp: Values;
  readonly packetsDown: Values;
  readonly failed: Values;
  readonly open: Values;
  /** The busiest first; all others are one line named `null`'s stand-in, OTHERS_LINE. */
  readonly lines: readonly ChartLine[];
}

/** Lines with a colour of their own. */
const LINES = 7;
/** Name of the line that sums those without a colour; no service or chain is called so. */
export const OTHERS_LINE = '\u0000others';

/** A rate is what was carried in the last second. */
const RATE_MS = 1_000;
/** Time constant of what is drawn; totals stay exact. */
const SMOOTH_MS = 2_000;

/** The last `spanS` seconds as the window saw them. */
export function chartOfSamples(
  samples: readonly Sample[],
  spanS: number,
  by: 'service' | 'chain',
  now: number,
): ChartData {
  const names = new Set<string>();
  for (const sample of samples) for (const name of sample[by].keys()) names.add(name);
  const total = new Track();
  const packets = new Track();
  const byName = new Map([...names].map((name) => [name, new Track()] as const));
  const times: number[] = [];
  const failed: (number | null)[] = [];
  const open: (number | null)[] = [];
  let base = 0;
  for (const [index, sample] of samples.entries()) {
    const last = samples[index - 1];
    if (last === undefined) continue;
    times.push(sample.at / 1000);
    if (!joined(last, sample)) {
      base = index;
      for (const track of [total, packets, ...byName.values()]) track.gap();
      failed.push(null);
      open.push(null);
      continue;
    }
    // the newest sample that is a second old, within what was seen without a gap
    while (base + 1 < index && sample.at - (samples[base + 1]?.at ?? 0) >= RATE_MS) base += 1;
    const before = samples[base] ?? last;
    const seconds = (sample.at - before.at) / 1000;
    const elapsed = sample.at - last.at;
    total.add(before, sample, seconds, elapsed);
    packets.add(packetsOf(before), packetsOf(sample), seconds, elapsed);
    for (const [name, track] of byName)
      track.add(before[by].get(name) ?? NOTHING, sample[by].get(name) ?? NOTHING, seconds, elapsed);
    failed.push(Math.max(0, sample.failed - before.failed));
    open.push(sample.open);
  }
  return {
    times,
    from: now / 1000 - spanS,
    to: now / 1000,
    stepS: 1,
    up: total.up,
    down: total.down,
    packetsUp: packets.up,
    packetsDown: packets.down,
    failed,
    open,
    lines: withOthers([...byName].map(([name, { up, down }]) => ({ name, up, down }))),
  };
}

/** Slices of the host; the last one is not over yet and is measured by how far it got. */
export function chartOfHistory({ at, stepMs, times, all, lines }: TrafficHistory): ChartData {
  const lengthS = times.map((time) => Math.max(1, Math.min(stepMs, at - time)) / 1000);
  const rates = (values: Values): Values =>
    values.map((value, index) => (value === null ? null : value / (lengthS[index] ?? 1)));
  const first = times[0] ?? at;
  return {
    // a value stands in the middle of what it covers
    times: times.map((time, index) => time / 1000 + (lengthS[index] ?? 0) / 2),
    from: first / 1000,
    to: at / 1000,
    stepS: stepMs / 1000,
    up: rates(all.up),
    down: rates(all.down),
    packetsUp: rates(all.packetsUp),
    packetsDown: rates(all.packetsDown),
    failed: all.failed,
    open: all.open,
    lines: withOthers(lines.map(({ name, up, down }) => ({ name, up: rates(up), down: rates(down) }))),
  };
}

/** What the host remembers of the time before the window looked, then what the window saw. Both in the same order of lines. */
export function continued(past: ChartData, seen: ChartData): ChartData {
  const start = seen.times[0] ?? Infinity;
  const count = past.times.filter((time) => time < start && time >= seen.from).length;
  const skipped = past.times.filter((time) => time < seen.from).length;
  if (count === 0) return seen;
  const join = (before: Values, after: Values): Values => [
    ...before.slice(skipped, skipped + count),
    ...after,
  ];
  const blank = (length: number): Values => Array.from({ length }, () => 0);
  const names = [...new Set([...seen.lines, ...past.lines].map(({ name }) => name))];
  const lineOf = (chart: ChartData, name: string): ChartLine =>
    chart.lines.find((line) => line.name === name) ?? {
      name,
      up: blank(chart.times.length),
      down: blank(chart.times.length),
    };
  return {
    ...seen,
    times: [...past.times.slice(skipped, skipped + count), ...seen.times],
    up: join(past.up, seen.up),
    down: join(past.down, seen.down),
    packetsUp: join(past.packetsUp, seen.packetsUp),
    packetsDown: join(past.packetsDown, seen.packetsDown),
    // per second, as the window counts them
    failed: join(
      past.failed.map((value) => (value === null ? null : value / past.stepS)),
      seen.failed,
    ),
    open: join(past.open, seen.open),
    lines: withOthers(
      names.map((name) => {
        const before = lineOf(past, name);
        const after = lineOf(seen, name);
        return { name, up: join(before.up, after.up), down: join(before.down, after.down) };
      }),
    ),
  };
}

/** True when there is nothing to see in it. */
export function isQuiet({ up, down, failed, packetsUp, packetsDown }: ChartData): boolean {
  return [up, down, failed, packetsUp, packetsDown].every((values) =>
    values.every((value) => value === null || value === 0),
  );
}

/** At most `most` values, each the mean of those it stands for: for tables that people read. */
export function thinned(chart: ChartData, most: number): ChartData {
  const step = Math.ceil(chart.times.length / most);
  if (step <= 1) return chart;
  const groups = Math.ceil(chart.times.length / step);
  const each = (values: Values, sum = false): Values =>
    Array.from({ length: groups }, (_, group) => {
      const known = values.slice(group * step, (group + 1) * step).filter((value) => value !== null);
      if (known.length === 0) return null;
      const total = known.reduce((a, b) => a + b, 0);
      return sum ? total : total / known.length;
    });
  return {
    ...chart,
    stepS: chart.stepS * step,
    times: Array.from({ length: groups }, (_, group) => chart.times[group * step] ?? 0),
    up: each(chart.up),
    down: each(chart.down),
    packetsUp: each(chart.packetsUp),
    packetsDown: each(chart.packetsDown),
    failed: each(chart.failed, true),
    open: each(chart.open),
    lines: chart.lines.map(({ name, up, down }) => ({ name, up: each(up), down: each(down) })),
  };
}

const NOTHING: Carried = { up: 0, down: 0 };

function packetsOf({ packetsUp, packetsDown }: Sample): Carried {
  return { up: packetsUp, down: packetsDown };
}

/** Rates of one thing, both ways, smoothed from sample to sample. */
class Track {
  readonly up: (number | null)[] = [];
  readonly down: (number | null)[] = [];
  #smooth: { up: number; down: number } | null = null;

  add(before: Carried, after: Carried, seconds: number, elapsedMs: number): void {
    const up = Math.max(0, after.up - before.up) / seconds;
    const down = Math.max(0, after.down - before.down) / seconds;
    const weight = 1 - Math.exp(-elapsedMs / SMOOTH_MS);
    const last = this.#smooth ?? { up, down };
    this.#smooth = { up: last.up + (up - last.up) * weight, down: last.down + (down - last.down) * weight };
    this.up.push(settled(this.#smooth.up));
    this.down.push(settled(this.#smooth.down));
  }

  gap(): void {
    this.#smooth = null;
    this.up.push(null);
    this.down.push(null);
  }
}

/** What is left of a rate that ended long ago is nothing. */
function settled(rate: number): number {
  return rate < 0.5 ? 0 : rate;
}

/** The busiest lines, and one for the rest where there is a rest. Lines without anything are left out. */
function withOthers(lines: readonly ChartLine[]): ChartLine[] {
  const amount = (line: ChartLine): number =>
    [...line.up, ...line.down].reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const known = lines.filter(({ name }) => name !== OTHERS_LINE);
  const rest = lines.filter(({ name }) => name === OTHERS_LINE);
  const busy = known
    .map((line) => ({ line, total: amount(line) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || (a.line.name < b.line.name ? -1 : 1))
    .map(({ line }) => line);
  const others = [...busy.slice(LINES), ...rest];
  const [first] = others;
  if (first === undefined) return busy;
  const sum = (way: 'up' | 'down'): Values =>
    first[way].map((value, index) =>
      value === null ? null : others.reduce((total, line) => total + (line[way][index] ?? 0), 0),
    );
  return [...busy.slice(0, LINES), { name: OTHERS_LINE, up: sum('up'), down: sum('down') }];
}
