/**
 * Where sums of traffic are kept: in a database file (sqlite.ts) or in memory (memory.ts), behind one interface. A store adds and sums; which
 * slices there are and how long they stay is decided in history.ts.
 */
import type { TrafficKind, TrafficSum } from '../../contract/traffic.ts';
import type { Level } from './buckets.ts';

/** What was carried since the last time somebody asked. */
export interface Delta extends TrafficSum {
  readonly kind: TrafficKind;
  /** Connections open now; a slice keeps the most there were. */
  readonly open: number;
}

export interface Slice extends TrafficSum {
  readonly at: number;
  readonly open: number;
}

export interface Addition {
  readonly delta: Delta;
  /** The slices it belongs to; it is always added to the sum since the reset as well. */
  readonly slices: readonly { readonly level: Level; readonly at: number }[];
}

export interface HistoryStore {
  /** When counting began. */
  readonly since: number;
  /** Adds all of it or, when it throws, none of it. */
  add(additions: readonly Addition[]): void;
  /** Slices that begin at or after `from`, oldest first. */
  slices(level: Level, kind: TrafficKind, from: number): Slice[];
  /** Sums by name of the days that begin at or after `from`; null: since the reset. */
  sums(kind: TrafficKind, from: number | null): TrafficSum[];
  /** Forgets slices that begin before `before`. */
  forget(level: Level, before: number): void;
  bytes(): number;
  /**
   * Gives back a part of the space: first the oldest minutes, then the oldest hours, then hosts and processes of the oldest day, then the
   * smallest hosts of the sum since the reset, which go on as one row. False when there is nothing left to give.
   */
  shrink(): boolean;
  /** Forgets everything and counts from `now`. */
  clear(now: number): void;
  close(): void;
}

/** Names kept one by one in the sum since the reset when space runs out. */
export const NAMES_KEPT = 1_000;
