/**
 * The traffic of the last minutes, hours and days. Every five seconds it takes from the statistics what was carried since the last time and
 * adds it to the slices of now, so that a long connection counts where it moved, sums are exact, and no byte costs anything on its way.
 *
 * Clocks. A slice is named by the wall clock. One that was set back adds to slices that are there already. One that was set ahead must
 * not make the past look old enough to be forgotten: after a leap of days nothing is forgotten for its age until a day has passed.
 */
import type {
  HistoryLimits,
  StorageState,
  TrafficHistory,
  TrafficKind,
  TrafficPeriod,
  TrafficRange,
  TrafficSum,
  TrafficTotals,
} from '../../contract/traffic.ts';
import type { Log } from '../../log.ts';
import type { Stats } from '../../stats/sink.ts';
import { DAY_MS, daysBefore, FOLD_MS, HOUR_MS, LEVELS, MINUTE_MS, sliceOf, type Level } from './buckets.ts';
import { MemoryHistory } from './memory.ts';
import { Recent } from './recent.ts';
import { seriesOf } from './series.ts';
import type { Addition, Delta, HistoryStore } from './store.ts';

const MINUTES_KEPT_MS = 48 * HOUR_MS;
/** A wall clock that leaps further than this between two folds is not believed at once; a machine that slept leaps less. */
const LEAP_MS = 3 * DAY_MS;
const DISTRUST_MS = DAY_MS;
/** Rows written in one go before the loop gets its turn. */
const BATCH = 500;
/** A history in memory takes no more than this, whatever the disk may hold. */
const MEMORY_MB = 32;
const MB = 1_000_000;

/** Which slices a kind is kept in: charts are drawn of services and chains, tables of everything. */
const CHARTED: ReadonlySet<TrafficKind> = new Set(['all', 'service', 'chain']);

const RANGES: Readonly<
  Record<Exclude<TrafficRange, '5min'>, { level: Level; spanMs: number; stepMs: number }>
> = {
  '1h': { level: 'minute', spanMs: HOUR_MS, stepMs: MINUTE_MS },
  '24h': { level: 'minute', spanMs: 24 * HOUR_MS, stepMs: 5 * MINUTE_MS },
  '30d': { level: 'hour', spanMs: 30 * 24 * HOUR_MS, stepMs: 4 * HOUR_MS },
};

/** Both clocks, for tests. */
export interface Clock {
  wall(): number;
  steady(): number;
}

const CLOCK: Clock = { wall: () => Date.now(), steady: () => performance.now() };

export interface HistoryParts {
  readonly stats: Pick<Stats, 'take' | 'keepNames'>;
  readonly store: HistoryStore;
  /** Why the store is not on disk; null when it is. */
  readonly why: StorageState['why'];
  readonly limits: HistoryLimits;
  readonly log: Log;
  readonly clock?: Clock;
}

export class History {
  readonly #stats: HistoryParts['stats'];
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #recent = new Recent();
  #store: HistoryStore;
  #why: StorageState['why'];
  #limits: HistoryLimits;
  #timer: NodeJS.Timeout | null = null;
  #waiting: Addition[] = [];
  #writing = false;
  #closed = false;
  #clocks: { wall: number; steady: number };
  /** Steady time from which on the wall clock is believed. */
  #trustFrom: number;
  #prunedAt: number;

  constructor({ stats, store, why, limits, log, clock = CLOCK }: HistoryParts) {
    this.#stats = stats;
    this.#store = store;
    this.#why = why;
    this.#limits = limits;
    this.#log = log;
    this.#clock = clock;
    this.#clocks = { wall: clock.wall(), steady: clock.steady() };
    // the last run may have had another clock, or be long ago: which of the two can not be told yet
    const lately = this.#clocks.wall - LEAP_MS;
    const known = store.since > lately || store.slices('day', 'all', lately).length > 0;
    this.#trustFrom = this.#clocks.steady + (known ? 0 : DISTRUST_MS);
    this.#prunedAt = this.#clocks.steady;
    stats.keepNames();
  }

  /** Begins to take what the statistics count. Call once. */
  start(): void {
    // at the turn of a step, so that each step holds what one fold took
    const wait = FOLD_MS - (this.#clock.wall() % FOLD_MS);
    this.#timer = setTimeout(() => {
      this.fold();
      this.start();
    }, wait).unref();
  }

  /** Takes what was carried since the last call. */
  fold(): void {
    const now = this.#clock.wall();
    this.#compareClocks();
    const deltas = this.#stats
      .take()
      .flatMap(({ kind, rows }) => rows.map((row): Delta => ({ kind, ...row })));
    this.#recent.add(now, deltas);
    for (const delta of deltas) {
      const levels: readonly Level[] = CHARTED.has(delta.kind) ? LEVELS : ['day'];
      if (!moved(delta) && !CHARTED.has(delta.kind)) continue;
      this.#waiting.push({ delta, slices: levels.map((level) => ({ level, at: sliceOf(level, now) })) });
    }
    this.#write();
    if (this.#clock.steady() - this.#prunedAt >= HOUR_MS) this.#prune();
  }

  /** Folds and writes the last of it. May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.fold();
    this.#flush();
    this.#store.close();
  }

  limits(limits: HistoryLimits): void {
    this.#limits = limits;
    this.#prune();
  }

  clear(): void {
    this.fold();
    this.#waiting = [];
    this.#recent.clear();
    this.#guarded((store) => store.clear(this.#clock.wall()));
  }

  state(): Pick<StorageState, 'history' | 'why' | 'limits' | 'bytes' | 'since'> {
    return {
      history: this.#why === null ? 'disk' : 'memory',
      why: this.#why,
      limits: this.#limits,
      bytes: this.#guarded((store) => store.bytes()),
      since: this.#store.since,
    };
  }

  history(range: TrafficRange, by: 'service' | 'chain'): TrafficHistory {
    this.fold();
    this.#flush();
    const now = this.#clock.wall();
    if (range === '5min') return this.#recent.history(now, by);
    const { level, spanMs, stepMs } = RANGES[range];
    // slices begin on the local clock, and so do the steps they are put together in
    const end = sliceOf(level, now);
    const from = end - spanMs + stepMs;
    return this.#guarded((store) =>
      seriesOf({
        now,
        from,
        end,
        stepMs,
        since: store.since,
        all: store.slices(level, 'all', from),
        lines: store.slices(level, by, from),
      }),
    );
  }

  totals(period: TrafficPeriod, kind: TrafficKind): TrafficTotals {
    this.fold();
    this.#flush();
    const now = this.#clock.wall();
    return this.#guarded((store) => {
      const days = period === 'today' ? 0 : period === '7d' ? 6 : 29;
      const from = period === 'reset' ? null : daysBefore(now, days);
      return { from: Math.max(from ?? 0, store.since), rows: store.sums(kind, from).filter(moved) };
    });
  }

  /** Writes what waits in pieces, with the loop's turn in between. */
  #write(): void {
    if (this.#writing || this.#waiting.length === 0) return;
    this.#writing = true;
    const next = (): void => {
      this.#writing = false;
      if (this.#closed) return;
      this.#add(this.#waiting.splice(0, BATCH));
      if (this.#waiting.length === 0) return;
      this.#writing = true;
      setImmediate(next);
    };
    next();
  }

  #flush(): void {
    while (this.#waiting.length > 0) this.#add(this.#waiting.splice(0, BATCH));
  }

  #add(additions: readonly Addition[]): void {
    this.#guarded((store) => store.add(additions));
  }

  #prune(): void {
    const steady = this.#clock.steady();
    this.#prunedAt = steady;
    const now = this.#clock.wall();
    if (steady >= this.#trustFrom) {
      const oldest = daysBefore(now, this.#limits.days - 1);
      this.#guarded((store) => {
        store.forget('minute', Math.max(oldest, now - MINUTES_KEPT_MS));
        store.forget('hour', oldest);
        store.forget('day', oldest);
      });
    }
    const most = (this.#why === null ? this.#limits.mb : Math.min(this.#limits.mb, MEMORY_MB)) * MB;
    this.#guarded((store) => {
      while (store.bytes() > most && store.shrink());
    });
  }

  #compareClocks(): void {
    const wall = this.#clock.wall();
    const steady = this.#clock.steady();
    const leap = wall - this.#clocks.wall - (steady - this.#clocks.steady);
    if (Math.abs(leap) > LEAP_MS) this.#trustFrom = steady + DISTRUST_MS;
    this.#clocks = { wall, steady };
  }

  /** A disk that is full or gone must not end anything: what is counted from here on is kept in memory, and the window says so. */
  #guarded<T>(work: (store: HistoryStore) => T): T {
    try {
      return work(this.#store);
    } catch (error) {
      if (this.#why !== null) throw error;
      this.#log.error('history_failed', {
        error,
        hint: 'The traffic history is kept in memory until Sockeye ends.',
      });
      try {
        this.#store.close();
      } catch {
        // it is given up anyway
      }
      this.#store = new MemoryHistory(this.#clock.wall());
      this.#why = 'failed';
      return work(this.#store);
    }
  }
}

function moved({ up, down, opened, failed, packetsUp, packetsDown }: TrafficSum): boolean {
  return up + down + opened + failed + packetsUp + packetsDown > 0;
}
