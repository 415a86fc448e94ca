import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Totals } from '../../core/contract/stats.ts';
import { Rates } from './rates.ts';

const totals = (name: string, up: number, down: number): Totals => ({
  name,
  up,
  down,
  open: 0,
  opened: 0,
  failed: 0,
  packetsUp: 0,
  packetsDown: 0,
});

test('a steady flow is shown as it is, and sinks to nothing when it ends', () => {
  const rates = new Rates();
  let known = new Map([['a', totals('a', 0, 0)]]);
  for (let step = 1; step <= 80; step += 1) {
    const now = totals('a', step * 250, step * 2500);
    rates.update(known, [now], 250);
    known = new Map([['a', now]]);
  }
  assert.ok(Math.abs(rates.of('a').up - 1000) < 20, String(rates.of('a').up));
  assert.ok(Math.abs(rates.of('a').down - 10_000) < 200);
  for (let step = 0; step < 120; step += 1) rates.update(known, [], 250);
  assert.deepEqual(rates.of('a'), { up: 0, down: 0 });
});

test('what is seen for the first time has no rate yet', () => {
  const rates = new Rates();
  rates.update(new Map(), [totals('a', 5_000_000, 0)], 250);
  assert.deepEqual(rates.of('a'), { up: 0, down: 0 });
});
