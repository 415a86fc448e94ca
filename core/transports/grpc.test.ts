import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage, MessageReader } from './grpc.ts';

/** What a reader makes of the bytes when they come in these pieces. */
function read(bytes: Buffer, cuts: readonly number[]): Buffer {
  const reader = new MessageReader();
  const out: Buffer[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    for (const data of reader.feed(bytes.subarray(from, to))) out.push(Buffer.from(data));
    from = to;
  }
  return Buffer.concat(out);
}

test('a message is prefix, field 1 and data', () => {
  assert.equal(encodeMessage(Buffer.from('hi')).toString('hex'), '0000000004' + '0a02' + '6869');
  assert.equal(encodeMessage(Buffer.alloc(300)).subarray(0, 8).toString('hex'), '000000012f' + '0aac02');
});

test('data survives any split of its messages', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 6 }),
      fc.array(fc.nat(3000), { maxLength: 8 }),
      (parts, cuts) => {
        const bytes = Buffer.concat(parts.map((part) => encodeMessage(Buffer.from(part))));
        const sorted = cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b);
        assert.deepEqual(read(bytes, sorted), Buffer.concat(parts.map((part) => Buffer.from(part))));
      },
    ),
  );
});

test('unknown fields are passed over, as protobuf asks', () => {
  const message = Buffer.from(
    '10ff01' + '19' + '0000000000000000' + '1a021234' + '25' + '00000000' + '0a0141',
    'hex',
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  assert.equal(read(Buffer.concat([head, message]), []).toString(), 'A');
});

test('bytes that are no messages end the stream: compressed, too long, cut inside a field, unknown wire type', () => {
  for (const hex of [
    '0100000000',
    '00ffffffff',
    '00000000020a05',
    '000000000107',
    '0000000006ffffffffffff',
  ]) {
    assert.throws(() => read(Buffer.from(hex, 'hex'), []), { code: 'malformed' }, hex);
  }
});
