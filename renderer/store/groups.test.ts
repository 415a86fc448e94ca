import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection, frame } from '../dev/samples.ts';
import { GROUPINGS, groupsOf, membersOf, sortGroups } from './groups.ts';
import { Live } from './live.ts';

function filled(): Live {
  const live = new Live();
  const browser = { pid: 7, name: 'browser' };
  live.apply(
    frame({
      upserts: [
        connection(0, 'a', { owner: browser, chain: 'work' }),
        connection(1, 'b', { owner: browser }),
        connection(2, 'c', { target: null }),
      ],
      closed: [
        {
          ...connection(9, 'd', { owner: browser, service: 'dev' }),
          endedAt: 5,
          up: 100,
          down: 1000,
          endedBy: null,
          error: { code: 'refused', message: '' },
        },
      ],
      counters: [0, 1, 10, 1, 2, 20],
    }),
  );
  return live;
}

test('counts open and closed connections, their bytes and failures, together', () => {
  const groups = new Map(groupsOf(filled(), 'process').map((group) => [group.name, group]));
  const { openCount, closedCount, failedCount, up, down } = groups.get('browser') ?? {};
  assert.deepEqual([openCount, closedCount, failedCount, up, down], [2, 1, 1, 103, 1030]);
  assert.equal(groups.get('')?.openCount, 1);
});

test('groups by everything there is to group by and finds the open members', () => {
  const live = filled();
  const names = (by: (typeof GROUPINGS)[number]): string[] =>
    groupsOf(live, by)
      .map(({ name }) => name)
      .sort();
  assert.deepEqual(names('target'), ['', 'a.example', 'b.example', 'd.example']);
  assert.deepEqual(names('chain'), ['', 'work']);
  assert.deepEqual(names('client'), ['127.0.0.1']);
  assert.deepEqual(names('service'), ['dev', 'local']);
  assert.deepEqual(membersOf(live, 'process', 'browser'), ['a', 'b']);
});

test('sorts groups by name or amount', () => {
  const groups = groupsOf(filled(), 'target');
  const order = (key: 'name' | 'down', descending: boolean): string =>
    sortGroups(groups, { key, descending })
      .map(({ name }) => name.charAt(0))
      .join('');
  assert.equal(order('name', false), 'abd');
  assert.equal(order('down', true), 'dba');
});
