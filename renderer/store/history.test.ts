import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection, frame } from '../dev/samples.ts';
import { History, HISTORY_SECONDS } from './history.ts';
import { Live } from './live.ts';

test('keeps the last minute of each connection, oldest first', () => {
  const live = new Live();
  const history = new History();
  live.apply(frame({ upserts: [connection(0, 'a')] }));
  history.sample(live);
  for (let second = 1; second <= HISTORY_SECONDS + 5; second += 1) {
    live.apply(frame({ counters: [0, second * 10, second * 100] }));
    history.sample(live);
  }
  const { up, down } = history.of('a', live);
  assert.equal(up.length, HISTORY_SECONDS);
  assert.deepEqual([...new Set(up)], [10]);
  assert.deepEqual([...new Set(down)], [100]);
  assert.deepEqual(history.of('none', live), { up: [], down: [] });
});

test('a connection that takes the slot of another begins without its past', () => {
  const live = new Live();
  const history = new History();
  live.apply(frame({ upserts: [connection(0, 'a')], counters: [0, 500, 500] }));
  history.sample(live);
  history.sample(live);
  const [a] = [live.find('a')];
  assert.ok(a !== null);
  live.apply(frame({ closed: [{ ...a, endedAt: 2, up: 500, down: 500, endedBy: null, error: null }] }));
  live.apply(frame({ upserts: [connection(0, 'b')], counters: [0, 3, 4] }));
  history.sample(live);
  live.apply(frame({ counters: [0, 5, 4] }));
  history.sample(live);
  assert.deepEqual(history.of('b', live), { up: [2], down: [0] });
  assert.deepEqual(history.of('a', live), { up: [], down: [] });
});

test('grows with the connections and keeps what it knew', () => {
  const live = new Live();
  const history = new History();
  live.apply(frame({ upserts: [connection(0, 'a')] }));
  history.sample(live);
  live.apply(
    frame({
      upserts: Array.from({ length: 999 }, (_, index) => connection(index + 1, `n${index}`)),
      counters: [0, 7, 0],
    }),
  );
  history.sample(live);
  assert.deepEqual(history.of('a', live).up, [7]);
  assert.deepEqual(history.of('n500', live).up, []);
});
