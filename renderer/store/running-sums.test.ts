import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Totals } from '../../core/contract/stats.ts';
import { frame } from '../dev/samples.ts';
import { Live } from './live.ts';
import { RunningSums } from './running-sums.ts';

const totals = (name: string, down: number): Totals => ({
  name,
  down,
  up: 0,
  open: 1,
  opened: 1,
  failed: 0,
  packetsUp: 0,
  packetsDown: 0,
});
const sum = (name: string, down: number, opened: number) => ({
  name,
  down,
  opened,
  up: 0,
  failed: 0,
  packetsUp: 0,
  packetsDown: 0,
});

test('sums go on from the first frame after the answer', () => {
  const live = new Live();
  live.apply(frame({ at: 1_000, services: [totals('a', 50)] }));
  const sums = new RunningSums([sum('a', 900, 7)], live, 'service');
  assert.deepEqual(sums.at(live), [sum('a', 900, 7)]);
  // these 10 may be in the answer already
  live.apply(frame({ at: 1_250, services: [totals('a', 60)] }));
  assert.deepEqual(sums.at(live), [sum('a', 900, 7)]);
  live.apply(frame({ at: 1_500, services: [totals('a', 65), totals('b', 3)] }));
  assert.deepEqual(sums.at(live), [sum('a', 905, 7), sum('b', 3, 1)]);
  assert.deepEqual(new RunningSums([sum('a', 900, 7)], live, 'host').at(live), [sum('a', 900, 7)]);
});
