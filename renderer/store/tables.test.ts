import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, TABLES } from './columns.ts';
import {
  firstLayout,
  leastPx,
  MIN_PX,
  nudged,
  placed,
  readLayouts,
  resized,
  shownColumns,
  sortedBy,
  toggled,
  trackOf,
  type Layout,
} from './tables.ts';

const shown = (layout: Layout): string =>
  shownColumns('open', layout)
    .map(({ key }) => key)
    .join(' ');
const FIRST = 'state age process target service chain downRate upRate down up';

test('the first layout shows what is not optional, in the order it is written', () => {
  const layout = firstLayout('open');
  assert.equal(shown(layout), FIRST);
  assert.deepEqual(layout.hidden, ['client', 'type', 'user', 'setup', 'idle', 'id']);
});

test('columns are shown, hidden, moved past hidden ones and put beside others', () => {
  let layout = toggled(firstLayout('open'), 'id');
  assert.equal(shown(layout), `${FIRST} id`);
  layout = nudged(toggled(layout, 'up'), 'id', -1);
  assert.equal(shown(layout), 'state age process target service chain downRate upRate id down');
  assert.equal(nudged(layout, 'state', -1), layout);
  layout = placed(layout, 'target', 'state', false);
  assert.match(shown(layout), /^target state age/);
  layout = placed(layout, 'target', 'age', true);
  assert.match(shown(layout), /^state age target process/);
  assert.equal(new Set(layout.order).size, COLUMNS.open.length);
});

test('the last column stays', () => {
  let layout = firstLayout('groups');
  for (const { key } of COLUMNS.groups) layout = toggled(layout, key);
  assert.equal(shownColumns('groups', layout).length, 1);
});

test('a width is kept within bounds and replaces the track', () => {
  const layout = resized(firstLayout('open'), 'target', 300.4);
  const target = COLUMNS.open.find(({ key }) => key === 'target');
  assert.ok(target !== undefined);
  assert.equal(trackOf(target, layout), '300px');
  assert.equal(leastPx(target, layout), 300);
  assert.equal(trackOf(target, resized(layout, 'target', 1)), `${MIN_PX}px`);
  assert.equal(leastPx(target, firstLayout('open')), 168);
});

test('amounts sort from the top first, words from the beginning; again turns round', () => {
  const layout = firstLayout('open');
  assert.deepEqual(sortedBy('open', layout, 'down').sort, { key: 'down', descending: true });
  assert.deepEqual(sortedBy('open', layout, 'target').sort, { key: 'target', descending: false });
  assert.deepEqual(sortedBy('open', sortedBy('open', layout, 'target'), 'target').sort.descending, true);
});

test('what was saved comes back; what makes no sense does not', () => {
  const layout = nudged(resized(toggled(firstLayout('open'), 'idle'), 'age', 120), 'age', -1);
  const saved = JSON.stringify({ open: { ...layout, sort: { key: 'idle', descending: true } } });
  assert.deepEqual(readLayouts(saved).open, { ...layout, sort: { key: 'idle', descending: true } });
  for (const text of [null, '{', '7', '{"open":{"order":[]}}', '{"open":{"order":["nonsense",7]}}']) {
    for (const table of TABLES) assert.deepEqual(readLayouts(text)[table], firstLayout(table));
  }
  const partly = readLayouts(
    '{"open":{"order":["up","down","up","gone"],"hidden":["gone","down"],"widths":{"up":1e9,"down":"x"},"sort":{"key":"gone"}}}',
  ).open;
  assert.match(partly.order.join(' '), /^up down state age/);
  assert.deepEqual(partly.hidden.slice(0, 1), ['down']);
  assert.deepEqual(partly.widths, { up: 900 });
  assert.deepEqual(partly.sort, firstLayout('open').sort);
  const everythingHidden = JSON.stringify({ open: { order: layout.order, hidden: layout.order } });
  assert.ok(shownColumns('open', readLayouts(everythingHidden).open).length > 0);
});
