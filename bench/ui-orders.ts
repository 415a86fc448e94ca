/** What bench/ui.ts tells bench/ui-host.ts, and what it is told. */
export type Order =
  | { readonly kind: 'rows'; readonly count: number }
  /** Connections whose counters change before each frame. */
  | { readonly kind: 'changes'; readonly each: number }
  /** Connections that end and begin, a second. */
  | { readonly kind: 'churn'; readonly perSecond: number }
  | { readonly kind: 'measure' };

export interface Measured {
  readonly heapMb: number;
  /** CPU milliseconds spent in the statistics, and by the process, since the last order to measure. */
  readonly statsMs: number;
  readonly frames: number;
  readonly cpuMs: number;
  readonly elapsedMs: number;
}
