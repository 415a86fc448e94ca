/** Counters by name since the engine started: one set for services, one for chains, one for nodes, and one for hosts while somebody keeps a history. */
import type { Totals } from '../contract/stats.ts';

/** What was added to a row since it was taken last, and how many connections it has open. */
export type Taken = Totals;

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

interface Entry {
  readonly row: TotalsRow;
  /** What `take` has told already. */
  told: Omit<Totals, 'name' | 'open'>;
}

const NOTHING = { up: 0, down: 0, opened: 0, failed: 0, packetsUp: 0, packetsDown: 0 } as const;

export class TotalsTable {
  readonly #entries = new Map<string, Entry>();

  row(name: string): TotalsRow {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      entry = { row: { name, open: 0, ...NOTHING, changed: 0 }, told: NOTHING };
      this.#entries.set(name, entry);
    }
    return entry.row;
  }

  /** Copies of the rows that changed after `frame`. */
  since(frame: number): Totals[] {
    const found: Totals[] = [];
    for (const { row } of this.#entries.values()) if (row.changed > frame) found.push(totalsOf(row));
    return found;
  }

  /** What was added since the last call, for the one who keeps a history. Rows that have something open are told even when nothing moved. */
  take(): Taken[] {
    const found: Taken[] = [];
    for (const entry of this.#entries.values()) {
      const { row, told } = entry;
      const { name, open, up, down, opened, failed, packetsUp, packetsDown } = row;
      const moved = up + down + opened + failed + packetsUp + packetsDown;
      const before = told.up + told.down + told.opened + told.failed + told.packetsUp + told.packetsDown;
      if (moved === before && open === 0) continue;
      entry.told = { up, down, opened, failed, packetsUp, packetsDown };
      found.push({
        name,
        open,
        up: up - told.up,
        down: down - told.down,
        opened: opened - told.opened,
        failed: failed - told.failed,
        packetsUp: packetsUp - told.packetsUp,
        packetsDown: packetsDown - told.packetsDown,
      });
    }
    return found;
  }

  /** Lets go of rows nobody has open: after `take`, which told all of them. A name that comes back begins anew. */
  forgetIdle(): void {
    for (const [name, { row }] of this.#entries) if (row.open === 0) this.#entries.delete(name);
  }
}

function totalsOf({ name, up, down, open, opened, failed, packetsUp, packetsDown }: TotalsRow): Totals {
  return { name, up, down, open, opened, failed, packetsUp, packetsDown };
}
