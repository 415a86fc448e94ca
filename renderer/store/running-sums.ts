/**
 * Sums that go on while somebody looks: what the host answered, and what moved since the first frame after that answer. What moved before
 * that frame comes with the next answer, so that nothing is ever counted twice.
 */
import type { Totals } from '../../core/contract/stats.ts';
import type { TrafficSum } from '../../core/contract/traffic.ts';
import type { Live } from './live.ts';
import type { TotalsKind } from './ui.ts';

const COUNTED = ['up', 'down', 'opened', 'failed', 'packetsUp', 'packetsDown'] as const;

export class RunningSums {
  readonly #rows: readonly TrafficSum[];
  readonly #kind: TotalsKind;
  readonly #answeredAt: number;
  #base: ReadonlyMap<string, Totals> | null = null;

  constructor(rows: readonly TrafficSum[], live: Live, kind: TotalsKind) {
    this.#rows = rows;
    this.#kind = kind;
    this.#answeredAt = live.at;
  }

  /** The sums as of the last frame; those of hosts and programs, which only the host counts, as they were answered. */
  at(live: Live): readonly TrafficSum[] {
    const now = countedIn(live, this.#kind);
    if (now === null || live.at === this.#answeredAt) return this.#rows;
    const base = (this.#base ??= now);
    if (base === now) return this.#rows;
    const moved = new Map<string, TrafficSum>();
    for (const [name, totals] of now) {
      const grown = difference(totals, base.get(name));
      if (grown !== null) moved.set(name, grown);
    }
    const rows = this.#rows.map((row) => {
      const grown = moved.get(row.name);
      moved.delete(row.name);
      return grown === undefined ? row : added(row, grown);
    });
    return [...rows, ...moved.values()];
  }
}

function countedIn(live: Live, kind: TotalsKind): ReadonlyMap<string, Totals> | null {
  switch (kind) {
    case 'service':
      return live.services;
    case 'chain':
      return live.chains;
    case 'node':
      return live.nodes;
    case 'host':
    case 'process':
      return null;
  }
}

/** Null when nothing moved; an engine that began anew counts from nothing. */
function difference(now: Totals, before: Totals | undefined): TrafficSum | null {
  const { name } = now;
  const sum = { name, up: 0, down: 0, opened: 0, failed: 0, packetsUp: 0, packetsDown: 0 };
  let some = false;
  for (const key of COUNTED) {
    sum[key] = Math.max(0, now[key] - (before?.[key] ?? 0));
    some ||= sum[key] > 0;
  }
  return some ? sum : null;
}

function added(row: TrafficSum, more: TrafficSum): TrafficSum {
  const sum = { ...row };
  for (const key of COUNTED) sum[key] += more[key];
  return sum;
}
