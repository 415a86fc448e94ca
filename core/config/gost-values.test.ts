import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  firstOf,
  formatGoDuration,
  parseGoDuration,
  parseSize,
  readBoolean,
  readInteger,
  readList,
  readMetadataDuration,
  readTypedDuration,
} from './gost-values.ts';

test('a bool is read as GOST reads it, and yes/on are false with a remark', () => {
  for (const yes of [true, 1, 7, '1', 't', 'T', 'true', 'True', 'TRUE'])
    assert.deepEqual(readBoolean(yes), { value: true });
  for (const no of [false, 0, '0', 'f', 'F', 'false', 'False', 'FALSE'])
    assert.deepEqual(readBoolean(no), { value: false });
  for (const word of ['yes', 'on', 'Yes', 'no'])
    assert.deepEqual(readBoolean(word), { value: false, remark: 'yes_no' });
  for (const bad of ['tRUE', '', '2', 1.5, null, [], {}]) {
    assert.deepEqual(readBoolean(bad), { value: false, remark: 'unreadable' });
  }
});

test('an integer comes from an integer, a decimal string or a bool', () => {
  assert.deepEqual(readInteger(4096), { value: 4096 });
  assert.deepEqual(readInteger('+12'), { value: 12 });
  assert.deepEqual(readInteger('-3'), { value: -3 });
  assert.deepEqual(readInteger(true), { value: 1 });
  for (const bad of ['', '1.5', '0x10', '1e3', '99999999999999999999', 1.5, null]) {
    assert.deepEqual(readInteger(bad), { value: undefined, remark: 'unreadable' });
  }
});

test('a bare number is seconds in metadata and nanoseconds in a typed field', () => {
  assert.deepEqual(readMetadataDuration(10), { value: 10_000 });
  assert.deepEqual(readMetadataDuration('10'), { value: 10_000 });
  assert.deepEqual(readMetadataDuration('1m30s'), { value: 90_000 });
  assert.deepEqual(readMetadataDuration('soon'), { value: undefined, remark: 'unreadable' });
  assert.deepEqual(readTypedDuration(10), { value: 0.00001, remark: 'nanoseconds' });
  assert.deepEqual(readTypedDuration('10s'), { value: 10_000 });
  assert.deepEqual(readTypedDuration(0), { value: 0 });
  assert.deepEqual(readTypedDuration('10 s'), { value: undefined, remark: 'unreadable' });
});

test('durations follow the grammar of Go', () => {
  assert.equal(parseGoDuration('1h15m30.5s'), 4_530_500);
  assert.equal(parseGoDuration('-1.5h'), -5_400_000);
  assert.equal(parseGoDuration('.5s'), 500);
  assert.equal(parseGoDuration('0'), 0);
  for (const bad of ['', '5', '1d', 's', '1s2', '1 s', '--1s', '.s'])
    assert.equal(parseGoDuration(bad), null, bad);
  assert.equal(formatGoDuration(30_000), '30s');
  assert.equal(formatGoDuration(3_600_000), '1h0m0s');
  assert.equal(formatGoDuration(90_500), '1m30.5s');
  assert.equal(formatGoDuration(500), '500ms');
  assert.equal(formatGoDuration(0.00001), '10ns');
});

test('a printed duration reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), (ms) => {
      assert.equal(parseGoDuration(formatGoDuration(ms)), ms);
    }),
  );
});

test('the first existing alias wins, whatever its case and value', () => {
  assert.deepEqual(
    firstOf({ 'UDP.BufferSize': 'x', udpBufferSize: 5 }, ['udpBufferSize', 'udp.bufferSize']),
    ['udpBufferSize', 5],
  );
  assert.deepEqual(firstOf({ 'UDP.BufferSize': 'x' }, ['udpBufferSize', 'udp.bufferSize']), [
    'UDP.BufferSize',
    'x',
  ]);
  assert.equal(firstOf({}, ['a']), null);
});

test('lists come as YAML lists or with commas; sizes are powers of 1024', () => {
  assert.deepEqual(readList('a, b,,c'), { value: ['a', 'b', 'c'] });
  assert.deepEqual(readList(['a', 1]), { value: ['a', '1'] });
  assert.deepEqual(readList([{}]), { value: [], remark: 'unreadable' });
  assert.equal(parseSize('100KB'), 102_400);
  assert.equal(parseSize('1.5MiB'), 1_572_864);
  assert.equal(parseSize('512'), 512);
  assert.equal(parseSize('fast'), null);
});
