import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClosedConnection, ConnectionInfo } from '../../core/contract/stats.ts';
import { connection, frame } from '../dev/samples.ts';
import { CLOSED_KEPT, Live } from './live.ts';

function closed(info: ConnectionInfo, endedAt: number): ClosedConnection {
  return { ...info, endedAt, up: 1, down: 2, endedBy: 'client', error: null };
}

test('counters land in the row of their slot, beyond the first allocation too', () => {
  const live = new Live();
  live.apply(frame({ upserts: [connection(0, 'a'), connection(9_000, 'b')] }));
  live.apply(frame({ at: 2_000, counters: [9_000, 10, 2_000, 0, 5, 6] }));
  assert.deepEqual([live.up[0], live.down[0], live.up[9_000], live.down[9_000]], [5, 6, 10, 2_000]);
  assert.ok((live.downRate[9_000] ?? 0) > 500);
});

test('a rate sinks towards zero when nothing moves', () => {
  const live = new Live();
  live.apply(frame({ upserts: [connection(0, 'a')] }));
  live.apply(frame({ at: 2_000, counters: [0, 0, 1_000_000] }));
  const busy = live.downRate[0] ?? 0;
  for (let at = 3_000; at < 30_000; at += 1_000) live.apply(frame({ at }));
  assert.ok(busy > 100_000);
  assert.ok((live.downRate[0] ?? 0) < 1);
});

test('a slot that is used again belongs to the new connection alone', () => {
  const live = new Live();
  live.apply(frame({ upserts: [connection(3, 'old')], counters: [3, 100, 100] }));
  live.apply(frame({ closed: [closed(connection(3, 'old'), 9)], upserts: [connection(3, 'new')] }));
  assert.equal(live.find('old')?.id, 'old');
  assert.equal(live.slotOf.get('new'), 3);
  assert.deepEqual([live.up[3], live.slotOf.has('old'), live.closed.length], [0, false, 1]);
});

test('reset forgets open connections and keeps closed ones', () => {
  const live = new Live();
  live.apply(frame({ upserts: [connection(0, 'a')], closed: [closed(connection(1, 'z'), 5)] }));
  live.apply(frame({ reset: true, upserts: [connection(0, 'b')] }));
  assert.deepEqual([live.find('a'), live.find('b')?.id, live.find('z')?.id], [null, 'b', 'z']);
});

test('closed connections are bounded and newest first', () => {
  const live = new Live();
  for (let id = 0; id < CLOSED_KEPT + 50; id += 1)
    live.apply(frame({ closed: [closed(connection(0, String(id)), id)] }));
  assert.equal(live.closed.length, CLOSED_KEPT);
  assert.equal(live.closedById.size, CLOSED_KEPT);
  assert.equal(live.closed[0]?.id, String(CLOSED_KEPT + 49));
});

test('views are told once per frame', () => {
  const live = new Live();
  let told = 0;
  const stop = live.changed.subscribe(() => (told += 1));
  live.apply(frame({ upserts: [connection(0, 'a'), connection(1, 'b')], counters: [0, 1, 1, 1, 1, 1] }));
  stop();
  live.apply(frame({}));
  assert.equal(told, 1);
});

test('a frame without news of a service leaves its totals as they are, a reset does not', () => {
  const live = new Live();
  const totals = {
    name: 'local',
    up: 1,
    down: 2,
    open: 7,
    opened: 9,
    failed: 0,
    packetsUp: 0,
    packetsDown: 0,
  };
  live.apply(frame({ reset: true, services: [totals, { ...totals, name: 'other' }] }));
  live.apply(frame({ at: 2_000, services: [{ ...totals, open: 8 }] }));
  live.apply(frame({ at: 3_000 }));
  assert.deepEqual([live.services.get('local')?.open, live.services.get('other')?.open], [8, 7]);
  live.apply(frame({ at: 4_000, reset: true, services: [totals] }));
  assert.deepEqual([...live.services.keys()], ['local']);
});
