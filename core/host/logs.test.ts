import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from '../contract/api.ts';
import { createLog } from '../log.ts';
import { LogRing } from './logs.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('keeps the newest lines and numbers all of them', () => {
  const ring = new LogRing(3);
  const log = createLog('info', ring.add);
  for (let at = 1; at <= 5; at += 1) log.info('step', { at, id: `c${at}` });
  const lines = ring.after(0);
  assert.deepEqual(
    lines.map(({ seq, id, fields }) => [seq, id, fields['at']]),
    [
      [3, 'c3', 3],
      [4, 'c4', 4],
      [5, 'c5', 5],
    ],
  );
  assert.deepEqual(
    ring.after(4).map(({ seq }) => seq),
    [5],
  );
  assert.deepEqual(ring.after(5), []);
  assert.deepEqual(
    ring.after(0, 5).map(({ seq }) => seq),
    [3, 4],
    'further back',
  );
});

test('holds what the log masked, never a password', () => {
  const ring = new LogRing();
  createLog('debug', ring.add).debug('dial', { url: 'socks5://me:hunter2@host:1', password: 'hunter2' });
  assert.doesNotMatch(JSON.stringify(ring.after(0)), /hunter2/);
});

test('a subscriber gets the lines of one turn together, from its subscription on', async () => {
  const ring = new LogRing();
  const log = createLog('info', ring.add);
  log.info('before');
  await turn();
  const frames: (readonly LogLine[])[] = [];
  const subscription = ring.feed.subscribe((lines) => frames.push(lines));
  log.info('one');
  log.info('two');
  await turn();
  log.info('three');
  await turn();
  subscription.ack();
  assert.deepEqual(
    frames.map((lines) => lines.map(({ event }) => event)),
    [['one', 'two'], ['three']],
  );
});
