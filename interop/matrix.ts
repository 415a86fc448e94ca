/**
 * Interop tables as data. A table has columns (what is tried) and rows (the program it is tried with); each cell is a test of
 * its own, a reason why the peer can not do it, or nothing. Results go, one JSON line per cell, to the folder that
 * SOCKEYE_INTEROP_RESULTS names, where run.ts collects them. A cell that the peer can not do is written down and never run,
 * so that it never counts as passed.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { PeerName } from '../scripts/peers/list.mjs';
import { absentOf, requirePeer } from './skip.ts';

const CELL_LIMIT = { timeout: 60_000 };
const SLICE_STEP = 3;

/** What every test of a row uses; ended after the row. */
export interface Setup {
  readonly stop: () => Promise<void>;
}

/** One cell: a test, or why this peer can not do it. */
export type Cell<S extends Setup> =
  ((setup: S, t: TestContext) => Promise<void>) | { readonly cannot: string };

/** A program, how it was run (shown in the document), and its cells by column. Columns left out are not asked of it. */
export interface Row<S extends Setup> {
  readonly title: string;
  readonly command: string;
  readonly needs: readonly PeerName[];
  readonly start: () => Promise<S>;
  readonly cells: Readonly<Record<string, Cell<S>>>;
}

export interface Table<S extends Setup> {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row<S>[];
  /** A slice takes every so many cells of a row; default 3. */
  readonly sliceStep?: number;
}

/** How one cell ended, as it is written for the document. */
export interface Result {
  readonly table: string;
  readonly row: string;
  readonly command: string;
  readonly column: string;
  /** Row and column by number, as the table has them: results come in the order in which cells end. */
  readonly place: readonly [row: number, column: number];
  readonly outcome: 'pass' | 'fail' | 'absent' | 'cannot';
  /** Why not, for `absent` and `cannot`. */
  readonly reason?: string;
}

/** The cells of `columns`, less those that the peer can not do. */
export function cellsOf<S extends Setup, Column extends string>(
  checks: Readonly<Record<Column, Cell<S>>>,
  columns: readonly Column[],
  cannot: Readonly<Partial<Record<Column, string>>>,
): Record<string, Cell<S>> {
  return Object.fromEntries(
    columns.map((column): [string, Cell<S>] => {
      const reason = cannot[column];
      return [column, reason === undefined ? checks[column] : { cannot: reason }];
    }),
  );
}

/** Defines the tests of a table; with SOCKEYE_INTEROP_SLICE=1 only those of a slice. */
export function defineTable<S extends Setup>(table: Table<S>): void {
  const rows =
    process.env['SOCKEYE_INTEROP_SLICE'] === '1' ? sliceOf(table.rows, table.sliceStep) : table.rows;
  describe(table.title, () => {
    for (const row of rows) defineRow(table, row);
  });
}

/** A slice keeps every row with one of `step` cells, chosen so that every column is tried that any row can try. */
export function sliceOf<S extends Setup>(rows: readonly Row<S>[], step = SLICE_STEP): Row<S>[] {
  const tried = new Set<string>();
  return rows.map((row, rowIndex) => {
    const able = Object.entries(row.cells).filter(([, cell]) => typeof cell === 'function');
    const kept = able.filter(([column], index) => !tried.has(column) || (index + rowIndex) % step === 0);
    for (const [column] of kept) tried.add(column);
    return { ...row, cells: Object.fromEntries(kept.length > 0 ? kept : able.slice(0, 1)) };
  });
}

function defineRow<S extends Setup>(table: Table<S>, row: Row<S>): void {
  const unknown = Object.keys(row.cells).filter((column) => !table.columns.includes(column));
  if (unknown.length > 0)
    throw new Error(`${table.title}: ${row.title} has cells for unknown columns: ${unknown.join(', ')}`);
  const note = (column: string, outcome: Result['outcome'], reason?: string): void => {
    const place = [
      table.rows.findIndex(({ title }) => title === row.title),
      table.columns.indexOf(column),
    ] as const;
    const { title, command } = row;
    record({
      table: table.title,
      row: title,
      command,
      column,
      place,
      outcome,
      ...(reason === undefined ? {} : { reason }),
    });
  };
  describe(row.title, () => {
    const absent = absentOf(row.needs);
    let started: Promise<S> | null = null; // kept as a promise: what keeps the row from starting fails each of its cells
    before(async () => {
      if (absent.length === 0) started = row.start();
      await started?.catch(() => undefined);
    });
    after(async () => {
      const setup = await started?.catch(() => null);
      await setup?.stop();
    });
    for (const [column, cell] of Object.entries(row.cells)) {
      if (typeof cell !== 'function') {
        note(column, 'cannot', cell.cannot);
        continue;
      }
      test(`${row.title}: ${column}`, CELL_LIMIT, async (t) => {
        if (!requirePeer(t, ...row.needs)) return note(column, 'absent', `needs ${absent.join(', ')}`);
        try {
          if (started === null) throw new Error('the row was not started');
          await cell(await started, t);
        } catch (error) {
          note(column, 'fail');
          throw error;
        }
        note(column, 'pass');
      });
    }
  });
}

function record(result: Result): void {
  const folder = process.env['SOCKEYE_INTEROP_RESULTS'];
  if (folder !== undefined)
    appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(result)}\n`);
}
