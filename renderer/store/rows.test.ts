import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection, frame } from '../dev/samples.ts';
import { parseFilter } from '../filter/filter.ts';
import { Live } from './live.ts';
import { Rows } from './rows.ts';

const ALL = parseFilter('');

function filled(): { live: Live; rows: Rows } {
  const live = new Live();
  live.apply(
    frame({
      upserts: [
        connection(0, 'b', { startedAt: 100 }),
        connection(1, 'a', { startedAt: 300, chain: 'work' }),
        connection(2, 'c', { startedAt: 200 }),
      ],
      counters: [0, 1, 10, 1, 1, 30, 2, 1, 20],
    }),
  );
  return { live, rows: new Rows(live) };
}

test('sorts by every kind of column, newest first among equals', () => {
  const { rows } = filled();
  const order = (key: Parameters<Rows['refresh']>[1]['key'], descending: boolean): string => {
    rows.refresh(ALL, { key, descending }, 1_000, false);
    return rows.ids.join('');
  };
  assert.equal(order('target', false), 'abc');
  assert.equal(order('down', true), 'acb');
  assert.equal(order('age', false), 'acb');
  assert.equal(order('age', true), 'bca');
  assert.equal(order('up', true), 'acb');
  assert.equal(order('chain', true), 'acb');
});

test('counts what the filter was asked about', () => {
  const { rows } = filled();
  rows.refresh(parseFilter('chain:work'), { key: 'age', descending: false }, 1_000, false);
  assert.deepEqual([rows.ids, rows.outOf], [['a'], 3]);
});

test('frozen rows keep their order and place, new ones are counted', () => {
  const { live, rows } = filled();
  rows.refresh(ALL, { key: 'down', descending: true }, 1_000, false);
  const { slot, ...ended } = connection(2, 'c');
  live.apply(
    frame({
      upserts: [connection(2, 'd')],
      closed: [{ ...ended, slot, endedAt: 900, up: 1, down: 20, endedBy: null, error: null }],
      counters: [0, 1, 99],
    }),
  );
  rows.refresh(ALL, { key: 'down', descending: true }, 1_000, true);
  assert.deepEqual([rows.ids.join(''), rows.fresh], ['acb', 1]);
  rows.refresh(ALL, { key: 'down', descending: true }, 1_000, false);
  assert.deepEqual([rows.ids.join(''), rows.fresh], ['bad', 0]);
});

test('ten thousand rows are filtered and sorted within the budget', () => {
  const live = new Live();
  const upserts = Array.from({ length: 10_000 }, (_, slot) => connection(slot, `c${slot}`));
  live.apply(frame({ upserts }));
  const rows = new Rows(live);
  rows.refresh(ALL, { key: 'target', descending: false }, 1_000, false);
  const began = performance.now();
  rows.refresh(parseFilter('host:c99'), { key: 'target', descending: false }, 1_000, false);
  const filterMs = performance.now() - began;
  assert.equal(rows.ids.length, 111);
  // the budget is 16 ms in a quiet browser; this bound only catches a wrong order of growth
  assert.ok(filterMs < 200, `filtering took ${filterMs} ms`);
});
