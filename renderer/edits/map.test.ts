import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../core/contract/config.ts';
import { belongings, mapOf, neighbour } from './map.ts';

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
    shared.map(({ column, names, ways }) => [column, names, ways]),
    [[3, ['b', 'same'], ['chain:work', 'chain:lab']]],
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

test('short columns stand in the middle, and each is in the order of what leads to it', () => {
  const { nodes, rows } = mapOf(CONFIG);
  assert.equal(rows, 5);
  const rowOf = (id: string) => nodes.find((node) => node.id === id)?.row;
  assert.equal(rowOf('target'), 2);
  assert.deepEqual([rowOf('service:local'), rowOf('service:dev')], [1.5, 2.5]);
  const crossed = mapOf({
    services: [
      { name: 'one', handler: { chain: 'b' } },
      { name: 'two', handler: { chain: 'a' } },
    ],
    chains: [{ name: 'a' }, { name: 'b' }],
  });
  const chains = crossed.nodes.filter(({ kind }) => kind === 'chain');
  assert.deepEqual(
    chains.map(({ label }) => label),
    ['b', 'a'],
  );
});

test('an edge that passes a column has a row there that nobody else has', () => {
  const { nodes, edges } = mapOf(CONFIG);
  const long = edges.filter(({ past }) => past.length > 0);
  assert.ok(long.some(({ from, past }) => from === 'direct' && past.length === 2));
  const taken = new Set(nodes.map(({ column, row }) => `${column}/${row}`));
  for (const { past } of long) for (const { column, row } of past) assert.ok(!taken.has(`${column}/${row}`));
});

test('a shared hop has its proxies, and a service that listens at the end of a chain is linked to it', () => {
  const { nodes, edges } = mapOf({
    services: [{ name: 'in', handler: { type: 'rtcp' }, listener: { type: 'rtcp', chain: 'work' } }],
    hops: [{ name: 'pool', nodes: [{ name: 'p', addr: 'p:1' }] }],
    chains: [{ name: 'work', hops: [{ name: 'pool' }] }],
  });
  const proxy = nodes.find(({ kind }) => kind === 'proxy');
  assert.deepEqual([proxy?.label, proxy?.place], ['p:1', { chain: 0, hop: 0, node: null }]);
  assert.deepEqual(
    edges.map(({ from, to }) => `${from} ${to}`),
    ['chain:work proxy:http p:1', 'proxy:http p:1 target', 'service:in chain:work'],
  );
});

test('what belongs to a service are its ways, and not the other services on them', () => {
  const graph = mapOf({
    ...CONFIG,
    services: [...(CONFIG.services ?? []), { name: 'too', handler: { chain: 'work' } }],
  });
  const found = belongings(graph, 'service:local');
  assert.ok(found?.has('proxy:socks5 a:1') === true && found.has('bypass:near') && found.has('target'));
  assert.ok(!found.has('service:too') && !found.has('chain:lab') && !found.has('direct'));
  assert.ok(belongings(graph, 'proxy:socks5 a:1')?.has('service:too') === true);
  assert.equal(belongings(graph, 'target'), null);
});

test('arrows follow the edges, and go to the next column where there is none', () => {
  const graph = mapOf(CONFIG);
  assert.equal(neighbour(graph, 'service:local', 'right'), 'chain:work');
  assert.equal(neighbour(graph, 'chain:work', 'right'), 'proxy:socks5 a:1');
  assert.equal(neighbour(graph, 'proxy:socks5 a:1', 'left'), 'chain:work');
  assert.equal(neighbour(graph, 'service:local', 'down'), 'service:dev');
  assert.equal(neighbour(graph, 'service:local', 'up'), null);
  assert.equal(neighbour(graph, 'target', 'right'), null);
  assert.equal(neighbour(graph, 'service:dev', 'last'), 'target');
  assert.equal(neighbour(graph, 'chain:lab', 'left'), 'service:dev');
  for (const { id } of graph.nodes) assert.notEqual(neighbour(graph, id, 'first'), null);
});
