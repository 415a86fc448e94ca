import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Service } from '../../core/contract/config.ts';
import { countsOf, ratesOf, validSize, withCounts, withRates } from './limits.ts';
import {
  bypassesOf,
  listNames,
  listsOf,
  withBypasses,
  withLists,
  type ListDraft,
  type Lists,
} from './lists.ts';

const local: Service = { name: 'local', addr: ':1080', admission: 'home', bypass: 'lan' };
const config: Config = {
  services: [local, { name: 'other', bypasses: ['lan', 'more'] }],
  admissions: [{ name: 'home', whitelist: true, matchers: ['192.168.1.0/24'] }],
  bypasses: [
    { name: 'lan', matchers: ['10.0.0.0/8'] },
    { name: 'more', file: { path: 'x' } },
  ],
};
const lists = listsOf(config, local);

function change(change: Partial<Lists>): ReturnType<typeof withLists> {
  return withLists(config, local, lists, { ...lists, ...change });
}

test('a list of one service is its own; one that two use is only chosen', () => {
  assert.deepEqual(lists.admission, { name: 'home', shared: false, only: true, entries: ['192.168.1.0/24'] });
  assert.equal(lists.bypass.shared, true);
  assert.equal(lists.limiter.name, null);
  assert.deepEqual(listNames(config, 'bypass'), ['lan', 'more']);
});

test('a list whose entries come from a file is only chosen', () => {
  const service: Service = { name: 'x', bypass: 'more' };
  assert.equal(listsOf({ ...config, services: [service] }, service).bypass.shared, true);
});

test('nothing changed is no edit', () => {
  assert.deepEqual(change({}), { service: local, edits: [] });
});

test('an own list is edited in its place', () => {
  const admission: ListDraft = { ...lists.admission, only: false, entries: ['10.0.0.1'] };
  assert.deepEqual(change({ admission }), {
    service: local,
    edits: [
      { op: 'set', path: ['admissions', 0, 'matchers'], value: ['10.0.0.1'] },
      { op: 'remove', path: ['admissions', 0, 'whitelist'] },
    ],
  });
});

test('an own list without entries goes, and the reference with it', () => {
  const { service, edits } = change({ admission: { ...lists.admission, entries: [] } });
  assert.equal(service['admission'], undefined);
  assert.deepEqual(edits, [{ op: 'remove', path: ['admissions', 0] }]);
});

test('a shared list is left alone when the service wants its own', () => {
  const bypass: ListDraft = { name: null, shared: false, only: false, entries: ['*.example.com'] };
  const { service, edits } = change({ bypass });
  assert.equal(service['bypass'], 'local-bypass');
  assert.deepEqual(edits, [
    {
      op: 'insert',
      path: ['bypasses'],
      index: 2,
      value: { name: 'local-bypass', matchers: ['*.example.com'] },
    },
  ]);
});

test('choosing a shared list drops the own one', () => {
  const admission: ListDraft = { name: 'elsewhere', shared: true, only: false, entries: [] };
  const { service, edits } = change({ admission });
  assert.equal(service['admission'], 'elsewhere');
  assert.deepEqual(edits, [{ op: 'remove', path: ['admissions', 0] }]);
});

test('figures of limiter lines, and lines of others stay', () => {
  const lines = ['$ 1MB 0', '$$ 10KB 10KB', '10.0.0.1 5MB 5MB'];
  assert.deepEqual(ratesOf(lines), { up: '1MB', down: '' });
  assert.deepEqual(withRates(lines, { up: '', down: '2MB' }), [
    '$ 0 2MB',
    '$$ 10KB 10KB',
    '10.0.0.1 5MB 5MB',
  ]);
  assert.deepEqual(withRates(lines, { up: '', down: '' }), ['$$ 10KB 10KB', '10.0.0.1 5MB 5MB']);
  assert.deepEqual(countsOf(['$ 100', '$$ 5']), { all: '100', perClient: '5' });
  assert.deepEqual(withCounts(['10.0.0.1 9', '$ 1'], { all: '', perClient: '3' }), ['$$ 3', '10.0.0.1 9']);
  assert.ok(
    validSize('1.5MB') && validSize('') && validSize('512k') && !validSize('fast') && !validSize('-1'),
  );
});

test('a node has a list of its own and named ones, written as one or as several', () => {
  const file: Config = {
    bypasses: [
      { name: 'own', matchers: ['10.0.0.0/8'] },
      { name: 'lan', matchers: ['a'] },
      { name: 'far', matchers: ['b'] },
    ],
    services: [{ name: 's', bypass: 'lan' }],
  };
  const node = { name: 'n', addr: 'a:1', bypasses: ['own', 'lan'] };
  const used: Config = { ...file, chains: [{ name: 'c', hops: [{ nodes: [node] }] }] };
  const before = bypassesOf(used, node);
  assert.deepEqual(before, {
    own: { name: 'own', shared: false, only: false, entries: ['10.0.0.0/8'] },
    named: ['lan'],
  });
  assert.deepEqual(withBypasses(used, node, before, before), { owner: node, edits: [] });
  assert.deepEqual(
    withBypasses(used, node, before, { own: { ...before.own, entries: ['x'] }, named: ['lan', 'far'] }),
    {
      owner: { name: 'n', addr: 'a:1', bypasses: ['own', 'lan', 'far'] },
      edits: [{ op: 'set', path: ['bypasses', 0, 'matchers'], value: ['x'] }],
    },
  );
  const none = { name: null, shared: false, only: false, entries: [] };
  assert.deepEqual(withBypasses(used, node, before, { own: none, named: ['far'] }), {
    owner: { name: 'n', addr: 'a:1', bypass: 'far' },
    edits: [{ op: 'remove', path: ['bypasses', 0] }],
  });
  const bare = { name: 'bare' };
  const made = withBypasses(used, bare, bypassesOf(used, bare), {
    own: { ...none, only: true, entries: ['y'] },
    named: [],
  });
  assert.deepEqual(made.owner, { name: 'bare', bypass: 'bare-bypass' });
  assert.deepEqual(made.edits, [
    {
      op: 'insert',
      path: ['bypasses'],
      index: 3,
      value: { name: 'bare-bypass', whitelist: true, matchers: ['y'] },
    },
  ]);
});
