import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../core/contract/config.ts';
import {
  addChain,
  addHop,
  addNodes,
  assignChain,
  duplicateAt,
  freshName,
  givenName,
  moveHop,
  moveNode,
  pickRule,
  removeAt,
  renameAt,
} from './chains.ts';

const CONFIG: Config = {
  services: [
    { name: 'local', handler: { type: 'socks5', chain: 'work' } },
    { name: 'dev', handler: { type: 'socks5' } },
  ],
  chains: [
    {
      name: 'work',
      hops: [
        { name: 'hop-0', nodes: [{ name: 'a' }, { name: 'b' }] },
        { name: 'hop-1', nodes: [{ name: 'a' }] },
      ],
    },
  ],
};
const HOPS = ['chains', 0, 'hops'];

test('a new chain is one insert and, when asked, one assignment', () => {
  assert.deepEqual(addChain(CONFIG, [{ name: 'n' }], undefined, 1), {
    edits: [
      {
        op: 'insert',
        path: ['chains'],
        index: 1,
        value: { name: 'chain-0', hops: [{ name: 'hop-0', nodes: [{ name: 'n' }] }] },
      },
      { op: 'set', path: ['services', 1, 'handler', 'chain'], value: 'chain-0' },
    ],
    focus: { chain: 1, hop: 0, node: 0 },
  });
});

test('new hops and nodes get free names', () => {
  const hop = addHop(CONFIG, 0, 1, [{ name: 'x' }], { strategy: 'fifo' });
  assert.deepEqual(hop.edits, [
    {
      op: 'insert',
      path: HOPS,
      index: 1,
      value: { name: 'hop-2', nodes: [{ name: 'x' }], selector: { strategy: 'fifo' } },
    },
  ]);
  const nodes = addNodes(CONFIG, 0, 0, [{ name: 'b' }, { name: 'c' }]);
  assert.deepEqual(
    nodes.edits.map((edit) => (edit.op === 'insert' ? edit.value : null)),
    [{ name: 'b-0' }, { name: 'c' }],
  );
});

test('moves stay inside the lane', () => {
  assert.equal(moveHop(CONFIG, 0, 0, -1), null);
  assert.equal(moveHop(CONFIG, 0, 1, 2), null);
  assert.deepEqual(moveHop(CONFIG, 0, 0, 1)?.edits, [{ op: 'move', path: HOPS, from: 0, to: 1 }]);
  assert.equal(moveNode(CONFIG, { chain: 0, hop: 0, node: 0 }, { hop: 0, node: 2 }), null);
});

test('a node that leaves takes its empty hop along and keeps a name of its own', () => {
  const out = moveNode(CONFIG, { chain: 0, hop: 1, node: 0 }, { hop: 0, node: 9 });
  assert.deepEqual(out, {
    edits: [
      {
        op: 'insert',
        path: [...HOPS, 0, 'nodes'],
        index: 2,
        value: { name: 'a-0' },
        from: [...HOPS, 1, 'nodes', 0],
      },
      { op: 'remove', path: [...HOPS, 1] },
    ],
    focus: { chain: 0, hop: 0, node: 2 },
  });
  const right = moveNode(CONFIG, { chain: 0, hop: 0, node: 1 }, { hop: 1, node: 0 });
  assert.deepEqual(right?.edits.at(-1), { op: 'remove', path: [...HOPS, 0, 'nodes', 1] });
});

test('removing the last node removes the hop, the last hop the chain, and its services go Direct', () => {
  assert.deepEqual(removeAt(CONFIG, { chain: 0, hop: 1, node: 0 }).edits, [
    { op: 'remove', path: [...HOPS, 1] },
  ]);
  const single: Config = {
    ...CONFIG,
    chains: [{ name: 'work', hops: [{ name: 'hop-0', nodes: [{ name: 'a' }] }] }],
  };
  assert.deepEqual(removeAt(single, { chain: 0, hop: 0, node: 0 }).edits, [
    { op: 'remove', path: ['services', 0, 'handler', 'chain'] },
    { op: 'remove', path: ['chains', 0] },
  ]);
});

test('copies stand behind the original under a free name', () => {
  assert.deepEqual(duplicateAt(CONFIG, { chain: 0, hop: 0, node: 1 })?.edits, [
    {
      op: 'insert',
      path: [...HOPS, 0, 'nodes'],
      index: 2,
      value: { name: 'b-0' },
      from: [...HOPS, 0, 'nodes', 1],
    },
  ]);
  assert.equal(duplicateAt(CONFIG, { chain: 4, hop: null, node: null }), null);
});

test('a chain is assigned, taken away and renamed together with who uses it', () => {
  const path = ['services', 0, 'handler', 'chain'];
  assert.deepEqual(assignChain(CONFIG, 'local', null)?.edits, [{ op: 'remove', path }]);
  assert.equal(assignChain(CONFIG, 'dev', null), null);
  assert.equal(assignChain(CONFIG, 'nobody', 'work'), null);
  assert.deepEqual(renameAt(CONFIG, { chain: 0, hop: null, node: null }, 'lab').edits, [
    { op: 'set', path: ['chains', 0, 'name'], value: 'lab' },
    { op: 'set', path, value: 'lab' },
  ]);
});

test('names and pick rules are read as GOST reads them', () => {
  assert.equal(freshName('hop-7', [{ name: 'hop-0' }]), 'hop-1');
  assert.deepEqual(
    ['rr', 'rand', 'HA', 'hash', 'odd'].map((strategy) => pickRule({ selector: { strategy } })),
    ['round', 'random', 'fifo', 'hash', 'round'],
  );
});

test('a name that somebody gave is told from one that was counted up or says the address again', () => {
  assert.equal(givenName({ name: 'berlin', addr: '192.0.2.1:1080' }), 'berlin');
  for (const name of ['node-0', 'node', '', '192.0.2.1', '192.0.2.1:1080'])
    assert.equal(givenName({ name, addr: '192.0.2.1:1080' }), null, name);
  assert.equal(givenName({ addr: '192.0.2.1:1080' }), null);
});
