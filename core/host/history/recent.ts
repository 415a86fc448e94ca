/** The last five minutes in steps of a fold, in memory: what a window that was just opened draws before it has seen anything itself. */
import type { TrafficHistory } from '../../contract/traffic.ts';
import { FOLD_MS } from './buckets.ts';
import { seriesOf } from './series.ts';
import type { Delta, Slice } from './store.ts';

const KEPT_MS = 300_000;

interface Step {
  readonly at: number;
  /** The middle of the time it covers tells which slice it belongs to, however late the timer was. */
  readonly middle: number;
  readonly deltas: readonly Delta[];
}

export class Recent {
  #steps: Step[] = [];
  #since: number | null = null;

  add(now: number, deltas: readonly Delta[]): void {
    this.#since ??= now - FOLD_MS;
    const before = this.#steps.at(-1)?.at ?? 0;
    const spent = before <= now ? Math.min(FOLD_MS, now - before) : FOLD_MS;
    const kept = deltas.filter(({ kind }) => kind === 'all' || kind === 'service' || kind === 'chain');
    this.#steps.push({ at: now, middle: now - spent / 2, deltas: kept });
    // a clock that was set back leaves steps in the future; they go like old ones
    this.#steps = this.#steps.filter(({ at }) => at > now - KEPT_MS && at <= now);
  }

  clear(): void {
    this.#steps = [];
    this.#since = null;
  }

  history(now: number, by: 'service' | 'chain'): TrafficHistory {
    const slices = (kind: Delta['kind']): Slice[] =>
      this.#steps.flatMap(({ middle, deltas }) =>
        deltas.filter((delta) => delta.kind === kind).map((delta) => ({ ...delta, at: middle })),
      );
    const end = Math.floor(now / FOLD_MS) * FOLD_MS;
    return seriesOf({
      now,
      from: end - KEPT_MS + FOLD_MS,
      end,
      stepMs: FOLD_MS,
      since: this.#since ?? now,
      all: slices('all'),
      lines: slices(by),
    });
  }
}
