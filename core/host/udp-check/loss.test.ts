import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './loss.ts';

test('counts what is missing, late, out of order and doubled', () => {
  const tally = new Tally();
  for (const number of [1, 2, 3, 4, 5]) tally.sent(number, number * 50);
  tally.received(1, 60);
  tally.received(3, 180);
  tally.received(2, 190);
  tally.received(3, 191);
  tally.received(9, 191);
  assert.equal(tally.complete, false);
  assert.deepEqual(tally.loss(), {
    sent: 5,
    received: 3,
    duplicated: 1,
    reordered: 1,
    rtt: { min: 10, avg: 43.3, max: 90 },
    jitterMs: 70,
  });
  assert.deepEqual([tally.delay(2), tally.delay(4), tally.has(4)], [90, null, false]);
  for (const number of [4, 5]) tally.received(number, 300);
  assert.equal(tally.complete, true);
});

test('says nothing about delays when nothing came back', () => {
  const tally = new Tally();
  tally.sent(1, 0);
  const { rtt, jitterMs, received } = tally.loss();
  assert.deepEqual([rtt, jitterMs, received], [null, null, 0]);
});
