/**
 * Traffic over time and in sum. Bytes are payload as relayed, without the overhead of IP, TCP or a carrier. A node of a chain counts the
 * payload once. What goes straight out is a row of its own: the chain with the empty name.
 */

/** What traffic is counted by. `all` has one row, whose name is empty; the process with the empty name is one that was not found. */
export type TrafficKind = 'all' | 'service' | 'chain' | 'node' | 'host' | 'process';
export type TrafficPeriod = 'today' | '7d' | '30d' | 'reset';
/** Ranges whose numbers come from the host; shorter ones the window draws from what it saw itself. */
export type TrafficRange = '5min' | '1h' | '24h' | '30d';

/** Name of the chain row for connections without a chain. */
export const DIRECT = '';
/** Name of the host or process row that sums what is no longer kept one by one. */
export const OTHERS = '…';

/** Counters of one name over a span. */
export interface TrafficSum {
  readonly name: string;
  readonly up: number;
  readonly down: number;
  readonly packetsUp: number;
  readonly packetsDown: number;
  /** Connections that began, and those of all that ended with an error. */
  readonly opened: number;
  readonly failed: number;
}

/** One value per entry of `TrafficHistory.times`; null where nothing was recorded. */
export interface TrafficLine {
  readonly name: string;
  readonly up: readonly (number | null)[];
  readonly down: readonly (number | null)[];
}

export interface TrafficHistory {
  /** Now, by the host's clock: the last slice has got this far. */
  readonly at: number;
  /** Width of a slice. Counters are sums over a slice. */
  readonly stepMs: number;
  /** Where each slice begins, milliseconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly all: TrafficLine & {
    readonly packetsUp: readonly (number | null)[];
    readonly packetsDown: readonly (number | null)[];
    readonly failed: readonly (number | null)[];
    /** The most connections that were open at once, looked at every five seconds. */
    readonly open: readonly (number | null)[];
  };
  /** By service or chain, the busiest first. */
  readonly lines: readonly TrafficLine[];
}

export interface TrafficTotals {
  /** Where the period begins; for `reset` when counting began. */
  readonly from: number;
  readonly rows: readonly TrafficSum[];
}

export interface HistoryLimits {
  readonly days: number;
  readonly mb: number;
}

export interface StorageState {
  /** `disk`: survives a restart. `memory`: kept until Sockeye ends, `why` says why. */
  readonly history: 'disk' | 'memory';
  readonly why: 'runtime' | 'transient' | 'newer' | 'failed' | null;
  readonly limits: HistoryLimits;
  readonly bytes: number;
  /** When counting began. */
  readonly since: number;
  readonly logs: {
    /** Null: no log files are written. */
    readonly folder: string | null;
    readonly bytes: number;
    readonly files: number;
    readonly maxFiles: number;
    readonly maxFileBytes: number;
    /** How much longer everything is captured; 0: the usual lines only. */
    readonly detailLeftMs: number;
  };
}
