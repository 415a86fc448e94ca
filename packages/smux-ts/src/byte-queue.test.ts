import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue, compact } from './byte-queue.ts';

function drain(queue: ByteQueue): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = queue.shift(); piece !== null; piece = queue.shift()) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('gives back what went in, in order, however it was cut', () => {
  const step = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6_000 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ByteQueue();
      const pushed: Buffer[] = [];
      const shifted: Buffer[] = [];
      for (const piece of steps) {
        if (piece === null) {
          const got = queue.shift();
          if (got !== null) shifted.push(got);
        } else {
          queue.push(piece);
          pushed.push(piece);
        }
      }
      const taken = Buffer.concat(shifted).length;
      assert.equal(queue.byteLength, Buffer.concat(pushed).length - taken);
      assert.deepEqual(Buffer.concat([...shifted, drain(queue)]), Buffer.concat(pushed));
      assert.equal(queue.byteLength, 0);
    }),
    { numRuns: 50 },
  );
});

test('keeps large views as they are', () => {
  const queue = new ByteQueue();
  const chunk = Buffer.allocUnsafeSlow(65_536);
  const view = chunk.subarray(8, 40_000);
  queue.push(view);
  assert.equal(queue.shift()?.buffer, view.buffer);
});

test('one byte out of each chunk does not keep the chunks alive', () => {
  const queue = new ByteQueue();
  for (let i = 0; i < 10_000; i++) queue.push(Buffer.allocUnsafeSlow(65_536).subarray(5, 6));
  const memory = new Set<ArrayBufferLike>();
  let pieces = 0;
  for (let piece = queue.shift(); piece !== null; piece = queue.shift()) {
    memory.add(piece.buffer);
    pieces++;
  }
  const pinned = [...memory].reduce((sum, buffer) => sum + buffer.byteLength, 0);
  assert.ok(pinned <= 4 * 10_000 + 4_096, `${pinned} bytes pinned`);
  assert.ok(pieces <= 3, `${pieces} pieces`);
});

test('forgets everything on clear and says how much that was', () => {
  const queue = new ByteQueue();
  queue.push(Buffer.alloc(10));
  queue.push(Buffer.alloc(9_000));
  assert.equal(queue.clear(), 9_010);
  assert.equal(queue.shift(), null);
});

test('compact copies a small view and keeps a large one', () => {
  const chunk = Buffer.allocUnsafeSlow(1_000);
  assert.notEqual(compact(chunk.subarray(0, 10)).buffer, chunk.buffer);
  assert.equal(compact(chunk.subarray(0, 500)).buffer, chunk.buffer);
});
