import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../core/contract/config.ts';
import { shelfOf, takeFromShelf } from './shelf.ts';

const CONFIG: Config = {
  hops: [
    { name: 'pool', nodes: [{ name: 'spare', addr: 's:1', connector: { type: 'socks5' } }] },
    { name: 'used', nodes: [{ name: 'u', addr: 'u:1' }] },
  ],
  chains: [
    {
      name: 'work',
      hops: [
        { name: 'hop-0', nodes: [{ name: 'a', addr: 'a:1' }] },
        { name: 'used' },
        { name: 'hop-1', nodes: [{ name: 'b', addr: 'b:1' }] },
      ],
    },
    { name: 'lab', hops: [{ name: 'hop-0', nodes: [{ name: 'same', addr: 'a:1' }] }] },
  ],
};

test('every proxy is there once, those that no chain uses first', () => {
  assert.deepEqual(
    shelfOf(CONFIG).map(({ node, from, chains }) => [node.addr, from.join('.'), chains]),
    [
      ['s:1', 'hops.0.nodes.0', []],
      ['a:1', 'chains.0.hops.0.nodes.0', ['work', 'lab']],
      ['u:1', 'hops.1.nodes.0', ['work']],
      ['b:1', 'chains.0.hops.2.nodes.0', ['work']],
    ],
  );
  assert.deepEqual(shelfOf({}), []);
});

test('another user or carrier makes it another thing', () => {
  const node = (more: object) => ({ nodes: [{ addr: 'a:1', ...more }] });
  const hops = [
    node({}),
    node({ dialer: { type: 'tls' } }),
    node({ connector: { type: 'http', auth: { username: 'me' } } }),
    node({ connector: { type: 'http' } }),
  ];
  assert.equal(shelfOf({ chains: [{ name: 'c', hops }] }).length, 3);
});

test('goes into a hop, between hops and into a chain of its own, with a free name and its secrets', () => {
  const [spare] = shelfOf(CONFIG);
  assert.ok(spare !== undefined);
  const from = ['hops', 0, 'nodes', 0];
  const value = { ...spare.node, name: 'spare' };
  assert.deepEqual(takeFromShelf(CONFIG, spare, { chain: 0, hop: 2 }), {
    edits: [{ op: 'insert', path: ['chains', 0, 'hops', 2, 'nodes'], index: 1, value, from }],
    focus: { chain: 0, hop: 2, node: 1 },
  });
  assert.deepEqual(takeFromShelf(CONFIG, spare, { chain: 0, gap: 99 }), {
    edits: [
      { op: 'insert', path: ['chains', 0, 'hops'], index: 3, value: { name: 'hop-2', nodes: [] } },
      { op: 'insert', path: ['chains', 0, 'hops', 3, 'nodes'], index: 0, value, from },
    ],
    focus: { chain: 0, hop: 3, node: 0 },
  });
  const own = takeFromShelf(CONFIG, spare, { chain: null });
  assert.deepEqual(own.focus, { chain: 2, hop: 0, node: 0 });
  const again = takeFromShelf(CONFIG, { ...spare, node: { name: 'b' } }, { chain: 0, hop: 2 });
  assert.ok(again.edits[0]?.op === 'insert');
  assert.equal((again.edits[0].value as { name?: string }).name, 'b-0');
});
