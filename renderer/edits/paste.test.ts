import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PastedItem } from '../../core/contract/clip.ts';
import { edited } from '../dev/fake-config.ts';
import type { Config } from '../../core/contract/config.ts';
import { chainsOf, hopsOf, isSkipped, nodesOf, skipAt, type Place } from './chains.ts';
import { pasteAt } from './paste.ts';

const CONFIG: Config = {
  chains: [
    {
      name: 'c',
      hops: [
        { name: 'hop-0', nodes: [{ name: 'a' }] },
        { name: 'hop-1', nodes: [{ name: 'b' }] },
      ],
    },
  ],
};
const item = (kind: PastedItem['kind'], value: PastedItem['value']): PastedItem => ({
  kind,
  value,
  from: null,
});

function after(place: Place | null, ...items: PastedItem[]): { names: unknown; focus: Place | null } {
  const change = pasteAt(CONFIG, place, items);
  assert.ok(change !== null);
  const names = chainsOf(edited(CONFIG, change.edits)).map(({ name, ...chain }) => [
    name,
    hopsOf(chain).map((hop) => [hop.name, nodesOf(hop).map((node) => node.name)]),
  ]);
  return { names, focus: change.focus };
}

test('a node goes behind the focused one, under a free name', () => {
  const { names, focus } = after(
    { chain: 0, hop: 0, node: 0 },
    item('node', { name: 'a' }),
    item('node', { name: 'z' }),
  );
  assert.deepEqual(names, [
    [
      'c',
      [
        ['hop-0', ['a', 'a-0', 'z']],
        ['hop-1', ['b']],
      ],
    ],
  ]);
  assert.deepEqual(focus, { chain: 0, hop: 0, node: 1 });
});

test('a hop goes behind the focused hop, and with no hop in focus to the end', () => {
  const hop = item('hop', { name: 'hop-0', nodes: [{ name: 'n' }] });
  assert.deepEqual(after({ chain: 0, hop: 0, node: null }, hop).names, [
    [
      'c',
      [
        ['hop-0', ['a']],
        ['hop-2', ['n']],
        ['hop-1', ['b']],
      ],
    ],
  ]);
  assert.deepEqual(after({ chain: 0, hop: null, node: null }, hop).focus, { chain: 0, hop: 2, node: null });
});

test('a node where no hop is meant becomes a hop; without a chain a chain', () => {
  assert.deepEqual(after({ chain: 0, hop: null, node: null }, item('node', { addr: 'h:1' })).names, [
    [
      'c',
      [
        ['hop-0', ['a']],
        ['hop-1', ['b']],
        ['hop-2', ['node-0']],
      ],
    ],
  ]);
  assert.deepEqual(after(null, item('node', { name: 'n' }), item('node', { name: 'm' })).names, [
    [
      'c',
      [
        ['hop-0', ['a']],
        ['hop-1', ['b']],
      ],
    ],
    [
      'chain-0',
      [
        ['hop-0', ['n']],
        ['hop-1', ['m']],
      ],
    ],
  ]);
});

test('a chain goes to the end, and what has passwords says where they are', () => {
  const from = ['clipboard', 0] as const;
  const change = pasteAt(CONFIG, null, [{ kind: 'chain', value: { name: 'c', hops: [] }, from }]);
  assert.deepEqual(change?.edits, [
    { op: 'insert', path: ['chains'], index: 1, value: { name: 'c-0', hops: [] }, from },
  ]);
  assert.equal(pasteAt(CONFIG, null, []), null);
});

test('skipping a hop and taking it back leaves no trace', () => {
  const place = { chain: 0, hop: 1, node: null };
  const skipped = skipAt(CONFIG, place, true);
  assert.ok(skipped !== null);
  const config = edited(CONFIG, skipped.edits);
  assert.equal(isSkipped(hopsOf(chainsOf(config)[0])[1]), true);
  assert.equal(skipAt(config, place, true), null);
  const back = skipAt(config, place, false);
  assert.ok(back !== null);
  assert.deepEqual(edited(config, back.edits), CONFIG);
});
