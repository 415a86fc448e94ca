import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatsFrame } from '../contract/stats.ts';
import { Publisher } from './publisher.ts';
import { Stats } from './sink.ts';

const about = { service: 's', client: { host: '127.0.0.1', port: 1 }, close: () => undefined };

test('a subscriber gets everything at once and then changes, one frame per acknowledgement', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const stats = new Stats();
  const publisher = new Publisher(stats);
  stats.open(about);
  const frames: StatsFrame[] = [];
  const subscription = publisher.subscribe((frame) => frames.push(frame));
  assert.equal(frames[0]?.reset, true);
  assert.equal(frames[0].upserts.length, 1);

  stats.open(about);
  t.mock.timers.tick(1000);
  assert.equal(frames.length, 1, 'nothing before the first acknowledgement');
  stats.open(about);
  subscription.ack();
  t.mock.timers.tick(1000);
  assert.equal(frames.length, 2, 'one frame per acknowledgement');
  assert.equal(frames[1]?.upserts.length, 2);
  assert.equal(frames[1].reset, false);
  subscription.stop();
  subscription.ack();
  t.mock.timers.tick(1000);
  assert.equal(frames.length, 2);
});

test('subscribers do not disturb each other', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const stats = new Stats();
  const publisher = new Publisher(stats);
  const connection = stats.open(about);
  const fast: StatsFrame[] = [];
  const slow: StatsFrame[] = [];
  const quick = publisher.subscribe((frame) => fast.push(frame));
  quick.ack();
  const late = publisher.subscribe((frame) => slow.push(frame));
  connection.up = 1;
  t.mock.timers.tick(250);
  connection.down = 1;
  quick.ack();
  t.mock.timers.tick(250);
  late.ack();
  quick.ack();
  t.mock.timers.tick(250);
  assert.deepEqual(
    fast.slice(1).map(({ counters }) => counters),
    [[0, 1, 0], [0, 1, 1], []],
  );
  assert.deepEqual(
    slow.slice(1).map(({ counters }) => counters),
    [[0, 1, 1]],
  );
  quick.stop();
  late.stop();
});
