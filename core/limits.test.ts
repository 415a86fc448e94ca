import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission, DescriptorBudget } from './limits.ts';

const FREE = { connections: 0, handshakes: 100, handshakesPerSource: 100 };
const plenty = (): DescriptorBudget => new DescriptorBudget(100_000);

test('half-done handshakes are capped together and per source; a finished one makes room', () => {
  const admission = new Admission({ ...FREE, handshakes: 3, handshakesPerSource: 2 }, plenty());
  const first = admission.enter('192.0.2.1');
  admission.enter('192.0.2.1');
  assert.equal(admission.admits('192.0.2.1'), false, 'the source is full');
  assert.equal(admission.admits('192.0.2.2'), true);
  const third = admission.enter('192.0.2.2');
  assert.equal(admission.admits('192.0.2.3'), false, 'all are full');
  first.established();
  first.established(); // counts once
  assert.deepEqual([admission.admits('192.0.2.1'), admission.admits('192.0.2.3')], [true, true]);
  third.gone();
  first.gone();
  assert.deepEqual([admission.open, admission.refused], [1, 2]);
});

test('connections are capped where a cap is set', () => {
  const admission = new Admission({ ...FREE, connections: 2 }, plenty());
  const places = [admission.enter('a'), admission.enter('b')];
  for (const place of places) place.established();
  assert.equal(admission.admits('c'), false);
  places[0]?.gone();
  assert.equal(admission.admits('c'), true);
});

test('near the descriptor limit new clients are turned away, and come in again when others have gone', () => {
  const budget = new DescriptorBudget(64 + 3 + 4);
  const [one, other] = [new Admission(FREE, budget), new Admission(FREE, budget)];
  const places = [one.enter('a'), one.enter('b'), other.enter('c')];
  assert.deepEqual([one.admits('d'), other.admits('d')], [false, false], 'the budget is the process’s');
  places[0]?.gone();
  assert.deepEqual([one.admits('d'), other.admits('d'), budget.held], [true, true, 4]);
});
