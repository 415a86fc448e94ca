import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, type Frame } from '../test/oracle.ts';
import { NOP, SYN } from './frame.ts';
import { Outgoing } from './outgoing.ts';
import { SendQueue, type Updater } from './send-queue.ts';
import { SendWindow } from './window.ts';

function outgoing(streamId: number, bytes: number, window: SendWindow | null = null): Outgoing {
  const half = new Outgoing(streamId, window, () => undefined);
  half.add(Buffer.alloc(bytes, streamId));
  return half;
}

const compose = (queue: SendQueue, budget: number, version: 1 | 2 = 1): Frame[] =>
  decode(version, Buffer.concat(queue.compose(budget)));

const outline = (frames: readonly Frame[]): string =>
  frames
    .map((f) => `${f.command}${f.streamId}${f.command === 'PSH' ? `:${f.payload.length}` : ''}`)
    .join(' ');

test('gives each stream 64 KiB in its turn, in frames of the largest size', () => {
  const queue = new SendQueue(1, 32_768);
  for (const id of [3, 5]) queue.ready(outgoing(id, 100_000));
  assert.equal(
    outline(compose(queue, Infinity)),
    'PSH3:32768 PSH3:32768 PSH5:32768 PSH5:32768 PSH3:32768 PSH3:1696 PSH5:32768 PSH5:1696',
  );
  assert.equal(queue.empty, true);
});

test('continues with the next stream after a budget ran out', () => {
  const queue = new SendQueue(1, 65_535);
  for (const id of [3, 5, 7]) queue.ready(outgoing(id, 200_000));
  const order = [1, 2, 3, 4].map(() => compose(queue, 1)[0]?.streamId);
  assert.deepEqual(order, [3, 5, 7, 3]);
});

test('puts control frames and window updates before waiting data', () => {
  const queue = new SendQueue(2, 32_768);
  queue.ready(outgoing(3, 1_000));
  queue.control(SYN, 5);
  queue.control(NOP, 0);
  const updater: Updater = { streamId: 9, takeUpdate: () => ({ consumed: 7, window: 65_536 }) };
  queue.update(updater);
  queue.update({ streamId: 11, takeUpdate: () => null });
  assert.equal(queue.controlBytes, 16);
  assert.equal(outline(compose(queue, 1, 2)), 'SYN5 NOP0 UPD9 PSH3:1000');
  assert.equal(queue.controlBytes, 0);
});

test('FIN follows the last byte of its own stream and no other', () => {
  const queue = new SendQueue(1, 65_535);
  const [first, second] = [outgoing(3, 70_000), outgoing(5, 10)];
  second.finish();
  queue.ready(first);
  queue.ready(second);
  assert.equal(outline(compose(queue, Infinity)), 'PSH3:65535 PSH3:1 PSH5:10 FIN5 PSH3:4464');
  assert.equal(second.finSent, true);
});

test('a stream without window leaves the ring and returns with its UPD', () => {
  const queue = new SendQueue(2, 65_535);
  const half = outgoing(3, 300_000, new SendWindow());
  half.finish();
  queue.ready(half);
  const sent = compose(queue, Infinity, 2).reduce(
    (n, f) => n + (f.command === 'PSH' ? f.payload.length : 0),
    0,
  );
  assert.equal(sent, 262_144);
  assert.equal(queue.empty, true);
  assert.equal(half.hasWork, false);
  assert.equal(half.update(262_144, 65_536), true);
  assert.equal(half.hasWork, true);
  queue.ready(half);
  assert.equal(outline(compose(queue, Infinity, 2)), 'PSH3:37856 FIN3');
});

test('joins small chunks into one frame and keeps their order', () => {
  const queue = new SendQueue(1, 32_768);
  const half = new Outgoing(3, null, () => undefined);
  const text = 'the quick brown fox';
  for (const letter of text) half.add(Buffer.from(letter));
  half.add(Buffer.alloc(5_000, '.'));
  queue.ready(half);
  const [frame] = compose(queue, Infinity);
  assert.equal(frame?.command === 'PSH' ? frame.payload.toString() : null, text + '.'.repeat(5_000));
});

test('takes any mix of chunk and frame sizes apart without losing a byte', () => {
  const queue = new SendQueue(1, 777);
  const half = new Outgoing(3, null, () => undefined);
  const chunks = Array.from({ length: 300 }, (_, i) => Buffer.alloc((i * 37) % 1_500, i));
  for (const chunk of chunks) half.add(chunk);
  queue.ready(half);
  const frames: Frame[] = [];
  while (!queue.empty) frames.push(...compose(queue, 1));
  const bytes = Buffer.concat(frames.map((f) => (f.command === 'PSH' ? f.payload : Buffer.alloc(0))));
  assert.deepEqual(bytes, Buffer.concat(chunks));
  assert.equal(half.pendingBytes, 0);
  assert.equal(half.sentBytes, bytes.length);
});

test('an aborted stream sends nothing more', () => {
  const queue = new SendQueue(1, 32_768);
  const half = outgoing(3, 1_000);
  half.finish();
  queue.ready(half);
  half.abort();
  assert.deepEqual(compose(queue, Infinity), []);
});

test('tells senders once that they were served, after the batch', () => {
  const queue = new SendQueue(1, 32_768);
  let served = 0;
  const half = new Outgoing(3, null, () => served++);
  half.add(Buffer.alloc(10));
  queue.ready(half);
  queue.compose(Infinity);
  assert.equal(served, 0);
  queue.settle();
  queue.settle();
  assert.equal(served, 1);
});
