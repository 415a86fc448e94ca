/** Counters by name since the engine started: one set for services, one for chains, one for nodes. */
import type { Totals } from '../contract/stats.ts';

/** A row that others add to; `changed` is the frame of its last change. */
export interface TotalsRow {
  readonly name: string;
  up: number;
  down: number;
  open: number;
  opened: number;
  failed: number;
  packetsUp: number;
  packetsDown: number;
  changed: number;
}

export class TotalsTable {
  readonly #rows = new Map<string, TotalsRow>();

  row(name: string): TotalsRow {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { name, up: 0, down: 0, open: 0, opened: 0, failed: 0, packetsUp: 0, packetsDown: 0, changed: 0 };
      this.#rows.set(name, row);
    }
    return row;
  }

  /** Copies of the rows that changed after `frame`. */
  since(frame: number): Totals[] {
    const found: Totals[] = [];
    for (const { changed, ...row } of this.#rows.values()) if (changed > frame) found.push(row);
    return found;
  }
}
