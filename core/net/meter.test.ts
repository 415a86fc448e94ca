/** Token buckets under a clock of our own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Bucket, joinMeters, Meter } from './meter.ts';

test('a burst passes at once, the rest at the rate', () => {
  let now = 0;
  const meter = new Meter([new Bucket(1000, 1000, now)], () => now);
  assert.deepEqual(meter.next(600), { bytes: 600, waitMs: 0 });
  assert.deepEqual(meter.next(600), { bytes: 400, waitMs: 0 });
  assert.deepEqual(meter.next(600), { bytes: 50, waitMs: 50 }, 'a piece of 50 ms');
  now = 50;
  assert.deepEqual(meter.next(10), { bytes: 10, waitMs: 10 });
});

test('those who share a bucket are booked one behind the other', () => {
  const bucket = new Bucket(1000, 0, 0);
  const [a, b] = [new Meter([bucket], () => 0), new Meter([bucket], () => 0)];
  assert.deepEqual(
    [a, b, a, b].map((meter) => meter.next(20).waitMs),
    [1, 2, 3, 4],
  );
});

test('the slowest of several buckets decides, and each is charged', () => {
  const [slow, fast] = [new Bucket(100, 10, 0), new Bucket(1000, 1000, 0)];
  const meter = joinMeters([new Meter([fast], () => 0), new Meter([slow], () => 0)]);
  assert.deepEqual(meter?.next(500), { bytes: 10, waitMs: 0 });
  assert.equal(fast.has(991, 0), false);
  assert.equal(fast.has(990, 0), true);
  assert.equal(joinMeters([]), null);
});

test('a datagram passes whole or not at all, and costs nothing when it does not', () => {
  let now = 0;
  const [small, large] = [new Bucket(100, 100, now), new Bucket(1000, 1000, now)];
  const meter = new Meter([large, small], () => now);
  assert.deepEqual([meter.admits(60), meter.admits(60), large.has(940, now)], [true, false, true]);
  now = 200;
  assert.equal(meter.admits(60), true);
  assert.equal(meter.admits(101), false, 'larger than the burst: never');
});

test('another rate holds at once, and none at all lets everything pass', () => {
  const bucket = new Bucket(10, 10, 0);
  const meter = new Meter([bucket], () => 0);
  meter.next(10);
  bucket.set(Infinity, Infinity, 0);
  assert.deepEqual(meter.next(5_000_000), { bytes: 5_000_000, waitMs: 0 });
  bucket.set(10, 10, 0);
  assert.deepEqual(meter.next(20), { bytes: 10, waitMs: 0 });
  assert.deepEqual(meter.next(20), { bytes: 1, waitMs: 100 });
});

test('however it is asked, no more passes than rate × time + burst', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 0, max: 500 })), {
        maxLength: 60,
      }),
      (rate, burst, asks) => {
        let now = 0;
        const meter = new Meter([new Bucket(rate, burst, 0)], () => now);
        let passed = 0;
        for (const [wanted, pause] of asks) {
          const { bytes, waitMs } = meter.next(wanted);
          assert.ok(bytes >= 1 && bytes <= wanted);
          now += waitMs;
          passed += bytes;
          assert.ok(passed <= burst + (rate * now) / 1000 + 1e-3, `${passed} after ${now} ms`);
          now += pause;
        }
      },
    ),
  );
});
