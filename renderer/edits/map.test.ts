import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../core/contract/config.ts';
import { mapOf } from './map.ts';

const CONFIG: Config = {
  services: [
    { name: 'local', handler: { type: 'socks5', chain: 'work' }, bypass: 'near' },
    { name: 'dev', handler: { type: 'http' } },
  ],
  chains: [
    {
      name: 'work',
      hops: [
        { name: 'h0', nodes: [{ name: 'a', addr: 'a:1', connector: { type: 'socks5' } }] },
        { name: 'h1', nodes: [{ name: 'b', addr: 'b:1', connector: { type: 'socks5' } }] },
      ],
    },
    {
      name: 'lab',
      hops: [{ name: 'h0', nodes: [{ name: 'same', addr: 'b:1', connector: { type: 'socks5' } }] }],
    },
    {
      name: 'past',
      hops: [
        {
          name: 'h0',
          metadata: { 'sockeye.skip': true },
          nodes: [{ name: 'a', addr: 'a:1', connector: { type: 'socks5' } }],
        },
      ],
    },
  ],
};

test('a proxy that two chains share is one, as far right as it is used', () => {
  const { nodes } = mapOf(CONFIG);
  const shared = nodes.filter(({ id }) => id === 'proxy:socks5 b:1');
  assert.deepEqual(
    shared.map(({ column, names, chains }) => [column, names, chains]),
    [[3, ['b', 'same'], ['work', 'lab']]],
  );
  assert.equal(new Set(nodes.map(({ column, row }) => `${column}/${row}`)).size, nodes.length);
});

test('edges follow the traffic: services to chains or Direct, bypasses beside, skipped hops not at all', () => {
  const { edges, columns } = mapOf(CONFIG);
  assert.deepEqual(edges.map(({ from, to, dashed }) => `${from} ${dashed ? '..' : '->'} ${to}`).sort(), [
    'bypass:near .. target',
    'chain:lab -> proxy:socks5 b:1',
    'chain:past -> target',
    'chain:work -> proxy:socks5 a:1',
    'direct -> target',
    'proxy:socks5 a:1 -> proxy:socks5 b:1',
    'proxy:socks5 b:1 -> target',
    'service:dev -> direct',
    'service:local -> chain:work',
    'service:local .. bypass:near',
  ]);
  assert.equal(columns, 5);
});
