import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from './feed.ts';

test('gives the present value at once and the newest one after an acknowledgement', () => {
  let value = 1;
  const seen: number[] = [];
  const feed = Feed.of(() => value);
  const subscription = feed.subscribe((next) => seen.push(next));
  for (value = 2; value < 5; value += 1) feed.changed();
  assert.deepEqual(seen, [1], 'a subscriber that has not acknowledged gets nothing');
  subscription.ack();
  assert.deepEqual(seen, [1, 5], 'then it gets the newest value, once');
  subscription.ack();
  assert.deepEqual(seen, [1, 5], 'and nothing while nothing changes');
  value = 9;
  feed.changed();
  assert.deepEqual(seen, [1, 5, 9]);
});

test('a stopped subscriber hears nothing, others go on', () => {
  let value = 0;
  const feed = Feed.of(() => value);
  const seen: string[] = [];
  const first = feed.subscribe((next) => seen.push(`first ${next}`));
  const second = feed.subscribe((next) => seen.push(`second ${next}`));
  first.stop();
  second.ack();
  value = 1;
  feed.changed();
  assert.deepEqual(seen, ['first 0', 'second 0', 'second 1']);
});

test('a cursor without news keeps its subscriber ready', () => {
  const queue: string[] = [];
  const feed = new Feed(() => ({ next: () => queue.shift() }));
  const seen: string[] = [];
  feed.subscribe((next) => seen.push(next));
  queue.push('news');
  feed.changed();
  assert.deepEqual(seen, ['news']);
});
