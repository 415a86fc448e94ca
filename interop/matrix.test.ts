/** The table machinery itself: what a slice keeps and what the document says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sliceOf, type Cell, type Result, type Row, type Setup } from './matrix.ts';
import { reportOf } from './report.ts';

const runs: Cell<Setup> = () => Promise.resolve();

function rowOf(title: string, needs: Row<Setup>['needs'], columns: readonly string[]): Row<Setup> {
  const start = (): Promise<Setup> => Promise.resolve({ stop: () => Promise.resolve() });
  return {
    title,
    command: title,
    needs,
    start,
    cells: Object.fromEntries(columns.map((column) => [column, runs])),
  };
}

test('a slice touches every row and every column that a row can do', () => {
  const columns = ['x', 'y', 'z'];
  const unable = { ...rowOf('c', ['nc'], ['x', 'y']), cells: { x: runs, y: runs, w: { cannot: 'too old' } } };
  const slice = sliceOf([
    rowOf('a', ['curl'], columns),
    rowOf('b', ['curl'], columns),
    unable,
    rowOf('d', ['nc'], ['w']),
  ]);
  const kept = slice.map((row) => Object.keys(row.cells));
  assert.equal(kept.length, 4);
  assert.ok(kept.every((cells) => cells.length > 0));
  assert.deepEqual(new Set(kept.flat()), new Set(['w', ...columns]));
  assert.ok(kept.flat().length < 9, 'a slice is smaller than the table');
});

test('the document counts what a peer can not do apart from what passed', () => {
  const base = { table: 'T', row: 'r', command: 'run it' };
  const results: Result[] = [
    { ...base, column: 'z', place: [0, 2], outcome: 'fail' },
    { ...base, column: 'y', place: [0, 1], outcome: 'cannot', reason: 'too old' },
    { ...base, column: 'x', place: [0, 0], outcome: 'pass' },
  ];
  const text = reportOf(results, {
    date: 'D',
    commit: 'C',
    system: 'S',
    versions: [{ name: 'p', version: '1' }],
  });
  assert.match(text, /1 cells passed, 1 failed, 0 had no peer on the machine; 1 were not run/);
  assert.match(text, /\| \| x \| y \| z \|/);
  assert.match(text, /\| r \| yes \| no 1 \| \*\*FAIL\*\* \|/);
  assert.match(text, /1\. too old/);
});
