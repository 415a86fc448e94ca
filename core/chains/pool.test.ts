import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Strategy } from '../plan.ts';
import { Pool, type Member } from './pool.ts';

interface Node extends Member {
  readonly name: string;
}

const node = (name: string, about: Partial<Node> = {}): Node => ({
  name,
  weight: 1,
  backup: false,
  maxFails: 1,
  failTimeoutMs: 1000,
  ...about,
});

function pool(
  strategy: Strategy,
  nodes: readonly Node[],
): { readonly pick: (key?: string) => string; clock: { now: number }; pool: Pool<Node> } {
  const clock = { now: 0 };
  const made = new Pool(nodes, strategy, () => clock.now);
  return { clock, pool: made, pick: (key = '') => made.pick(key, () => true, new Set())?.name ?? 'none' };
}

const times = (count: number, pick: () => string): string[] => Array.from({ length: count }, pick);
const [A, B, C] = [node('a'), node('b'), node('c')];

test('round takes turns, by weight where there is one', () => {
  assert.deepEqual(times(6, pool('round', [A, B, C]).pick), ['a', 'b', 'c', 'a', 'b', 'c']);
  const weighted = times(8, pool('round', [node('a', { weight: 3 }), B]).pick);
  assert.equal(weighted.filter((name) => name === 'a').length, 6);
});

test('random uses all, by weight', () => {
  const picks = times(2000, pool('random', [node('a', { weight: 3 }), B, node('z', { weight: 0 })]).pick);
  const share = (name: string): number => picks.filter((each) => each === name).length / 2000;
  assert.ok(share('a') > 0.5 && share('a') < 0.7);
  assert.ok(share('b') > 0.1 && share('z') > 0.1);
});

test('fifo stays with the first that works and comes back to it', () => {
  const { pool: nodes, pick, clock } = pool('fifo', [A, B]);
  assert.deepEqual(times(2, pick), ['a', 'a']);
  nodes.mark(A, false);
  assert.equal(pick(), 'b');
  clock.now = 999;
  assert.equal(pick(), 'b');
  clock.now = 1000;
  assert.equal(pick(), 'a');
});

test('hash gives one client one node', () => {
  const { pick } = pool('hash', [A, B, C]);
  const of = (client: string): Set<string> => new Set(times(5, () => pick(client)));
  const all = Array.from({ length: 30 }, (_, at) => of(`10.0.0.${at}`));
  assert.ok(all.every((names) => names.size === 1));
  assert.equal(new Set(all.flatMap((names) => [...names])).size, 3);
});

test('a node fails after maxFails failures in a row, and one success clears it', () => {
  const tough = node('a', { maxFails: 2 });
  const { pool: nodes, pick } = pool('fifo', [tough, B]);
  nodes.mark(tough, false);
  assert.equal(pick(), 'a');
  nodes.mark(tough, true);
  nodes.mark(tough, false);
  assert.equal(pick(), 'a');
  nodes.mark(tough, false);
  assert.equal(pick(), 'b');
});

test('backups are used only when no other is left', () => {
  const spare = node('spare', { backup: true });
  const { pool: nodes, pick } = pool('round', [spare, A, B]);
  assert.ok(!times(6, pick).includes('spare'));
  nodes.mark(A, false);
  assert.deepEqual(times(2, pick), ['b', 'b']);
  nodes.mark(B, false);
  assert.equal(pick(), 'spare');
});

test('when all have failed, the one that failed longest ago is tried again', () => {
  const { pool: nodes, pick, clock } = pool('round', [A, B, C]);
  for (const [at, member] of [
    [10, B],
    [20, A],
    [30, C],
  ] as const) {
    clock.now = at;
    nodes.mark(member, false);
  }
  assert.equal(pick(), 'b');
  clock.now = 40;
  nodes.mark(B, false);
  assert.equal(pick(), 'a');
});

test('nodes already tried are avoided while there are others, then used again', () => {
  const { pool: nodes } = pool('fifo', [A, B]);
  const tried = new Set<Node>([A]);
  assert.equal(nodes.pick('', () => true, tried)?.name, 'b');
  tried.add(B);
  assert.equal(nodes.pick('', () => true, tried)?.name, 'a');
});

test('what is not admitted is never picked, not even as the last resort', () => {
  const { pool: nodes } = pool('round', [A, B]);
  nodes.mark(B, false);
  assert.equal(nodes.pick('', (member) => member === B, new Set())?.name, 'b');
  assert.equal(
    nodes.pick('', () => false, new Set()),
    null,
  );
});
