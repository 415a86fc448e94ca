import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImportItem } from '../../core/contract/imports.ts';
import { allOf, decided, decisionOf, markOf, toggled } from './import-choice.ts';

function item(id: string, more: Partial<ImportItem> = {}): ImportItem {
  return {
    id,
    path: [],
    kind: 'service',
    name: id,
    detail: '',
    line: 1,
    endLine: 1,
    state: 'new',
    freeName: null,
    needs: [],
    present: [],
    before: null,
    after: '',
    secretsDiffer: false,
    children: [],
    ...more,
  };
}
const NODES = [item('n0'), item('n1'), item('bad', { state: 'blocked' })];
const CHAIN = item('chain', { children: [item('hop', { children: NODES })] });
const ITEMS = [
  item('web', { needs: ['chain', 'rules'] }),
  item('old', { needs: ['chain'], present: ['chain'] }),
  item('there', { state: 'same' }),
  CHAIN,
  item('rules'),
];

test('at first everything that can run and is not there', () => {
  assert.deepEqual([...allOf(ITEMS)], ['web', 'old', 'chain', 'hop', 'n0', 'n1', 'rules']);
});

test('without what it needs an item goes too, unless that is there already', () => {
  const without = toggled(ITEMS, allOf(ITEMS), 'chain', false);
  assert.deepEqual([...without], ['old', 'rules']);
  const again = toggled(ITEMS, without, 'web', true);
  assert.deepEqual(new Set(again), allOf(ITEMS));
});

test('the last node takes its hop and its chain with it; a node brings them back', () => {
  const one = toggled(ITEMS, allOf(ITEMS), 'n0', false);
  assert.equal(markOf(CHAIN, one), 'mixed');
  const none = toggled(ITEMS, one, 'n1', false);
  assert.ok(!none.has('hop') && !none.has('chain') && !none.has('web'));
  const back = toggled(ITEMS, none, 'n1', true);
  assert.deepEqual(
    [back.has('hop'), back.has('chain'), back.has('n0'), back.has('bad')],
    [true, true, false, false],
  );
  assert.equal(markOf(CHAIN, allOf(ITEMS)), true);
});

test('names that are taken are decided one by one or all alike, leaving out included', () => {
  const items = [
    item('a', { state: 'changed', freeName: 'a-2' }),
    item('b', { state: 'changed' }),
    item('c', { needs: ['a'] }),
  ];
  const first = { taken: allOf(items), clashes: {} };
  const decisions = (choice: typeof first): string[] =>
    items.slice(0, 2).map((one) => decisionOf(one, choice));
  assert.deepEqual(decisions(first), ['rename', 'replace']);
  const skipped = decided(items, first, items.slice(0, 2), 'skip');
  assert.deepEqual(decisions(skipped), ['skip', 'skip']);
  // what needs it can not come without it
  assert.deepEqual([...skipped.taken], []);
  const renamed = decided(items, skipped, items.slice(0, 2), 'rename');
  // b has no other name to go by
  assert.deepEqual(decisions(renamed), ['rename', 'skip']);
  assert.deepEqual(decisions(decided(items, renamed, items.slice(0, 2), 'replace')), ['replace', 'replace']);
});
