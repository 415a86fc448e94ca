/** What bench/ui.ts tells bench/ui-host.ts, and what it is told. */
export type Order =
  | { readonly kind: 'rows'; readonly count: number }
  /** Connections whose counters change before each frame. */
  | { readonly kind: 'changes'; readonly each: number }
  /** Connections that end and begin, a second. */
  | { readonly kind: 'churn'; readonly perSecond: number }
  /** Makes frames of statistics that often, as for a window; 0: none. */
  | { readonly kind: 'watch'; readonly hz: number }
  | { readonly kind: 'measure' };

export interface Measured {
  readonly heapMb: number;
  /** Milliseconds that each frame of statistics took since the last order to measure, and CPU of the whole process. */
  readonly frames: readonly number[];
  readonly cpuMs: number;
  readonly elapsedMs: number;
}
