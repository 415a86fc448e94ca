import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frame } from '../dev/samples.ts';
import { Live } from './live.ts';
import { CHART_SECONDS, SPARK_SECONDS, Traffic } from './traffic.ts';

function totals(up: number, down: number): Parameters<typeof frame>[0] {
  return {
    totals: { up, down, open: 0, associations: 0, packetsUp: 0, packetsDown: 0 },
    services: [{ name: 'local', up, down, open: 0, opened: 0, failed: 0, packetsUp: 0, packetsDown: 0 }],
  };
}

test('a rate is bytes over the true time between two samples', () => {
  const live = new Live();
  const traffic = new Traffic();
  live.apply(frame(totals(0, 0)));
  traffic.sample(live, 1_000);
  live.apply(frame(totals(500, 3_000)));
  traffic.sample(live, 2_500);
  assert.deepEqual([Math.round(traffic.upRate), traffic.downRate], [333, 2_000]);
  assert.deepEqual(traffic.services.get('local')?.map(Math.round), [2_333]);
  traffic.sample(live, 3_500);
  assert.deepEqual([traffic.upRate, traffic.downRate], [0, 0]);
});

test('a gap leaves a hole instead of a spike', () => {
  const live = new Live();
  const traffic = new Traffic();
  live.apply(frame(totals(0, 0)));
  traffic.sample(live, 1_000);
  traffic.gap(2_000);
  live.apply(frame(totals(9e9, 9e9)));
  traffic.sample(live, 60_000);
  traffic.sample(live, 61_000);
  assert.deepEqual(traffic.up, [null, 0]);
});

test('memory is bounded', () => {
  const live = new Live();
  const traffic = new Traffic();
  for (let second = 1; second < CHART_SECONDS * 2; second += 1) {
    live.apply(frame(totals(second, second)));
    traffic.sample(live, second * 1_000);
  }
  assert.ok(traffic.times.length <= CHART_SECONDS + 1);
  assert.equal(traffic.services.get('local')?.length, SPARK_SECONDS);
});
