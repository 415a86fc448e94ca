import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../core/contract/config.ts';
import { chainRefs, servicesOf } from './chain-users.ts';
import { removeAt, renameAt } from './chains.ts';

const CONFIG: Config = {
  services: [
    { name: 'out', handler: { type: 'socks5', chain: 'work' } },
    { name: 'in', handler: { type: 'rtcp' }, listener: { type: 'rtcp', chain: 'work' } },
    { name: 'plain', handler: { type: 'socks5' } },
  ],
  resolvers: [{ name: 'r', nameservers: [{ addr: '1.1.1.1' }, { addr: '9.9.9.9', chain: 'work' }] }],
  chains: [{ name: 'work', hops: [{ nodes: [{ addr: 'a:1' }] }] }],
};
const PATHS = [
  ['services', 0, 'handler', 'chain'],
  ['services', 1, 'listener', 'chain'],
  ['resolvers', 0, 'nameservers', 1, 'chain'],
];
const PLACE = { chain: 0, hop: null, node: null };

test('handlers, listeners and name servers refer to a chain', () => {
  assert.deepEqual(chainRefs(CONFIG, 'work'), PATHS);
  assert.deepEqual(
    servicesOf(CONFIG, 'work').map(({ index }) => index),
    [0, 1],
  );
  assert.deepEqual(chainRefs(CONFIG, 'other'), []);
});

test('all of them follow a new name, and none is left behind when the chain goes', () => {
  assert.deepEqual(renameAt(CONFIG, PLACE, 'lab').edits, [
    { op: 'set', path: ['chains', 0, 'name'], value: 'lab' },
    ...PATHS.map((path) => ({ op: 'set', path, value: 'lab' })),
  ]);
  assert.deepEqual(removeAt(CONFIG, PLACE).edits, [
    ...PATHS.map((path) => ({ op: 'remove', path })),
    { op: 'remove', path: ['chains', 0] },
  ]);
});
