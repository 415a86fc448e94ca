import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../testing/decoding.ts';
import { decodeDatagram, encodeDatagramHeader } from './datagram.ts';

describe('datagram header', () => {
  const BOTH_WAYS = [
    ['IPv4', '000000 01 7f000001 8865', { host: '127.0.0.1', port: 34917 }],
    ['IPv6', '000000 04 00000000000000000000000000000001 a369', { host: '::1', port: 41833 }],
    ['a name', '000000 03 09 6c6f63616c686f7374 8865', { host: 'localhost', port: 34917 }],
  ] as const;
  for (const [what, bytes, address] of BOTH_WAYS) {
    test(`carries ${what} both ways, with and without payload`, () => {
      const header = hex(bytes);
      assert.deepEqual(encodeDatagramHeader(address), header);
      const expected = { frag: 0, address, payloadAt: header.length };
      assert.deepEqual(decodeDatagram(header), expected);
      assert.deepEqual(decodeDatagram(Buffer.concat([header, Buffer.alloc(65_000)])), expected);
    });
    test(`is damaged when ${what} is cut anywhere`, () => {
      const header = hex(bytes);
      for (let length = 0; length < header.length; length += 1) {
        assert.equal(decodeDatagram(header.subarray(0, length)), null);
      }
    });
  }

  test('says the fragment number and ignores RSV', () => {
    assert.equal(decodeDatagram(hex('ffff81 01 7f000001 8865 61'))?.frag, 0x81);
  });

  test('is damaged with an unknown address kind', () => {
    for (const kind of [0, 2, 5, 9, 255]) {
      assert.equal(decodeDatagram(Buffer.concat([hex('000000'), Buffer.of(kind), Buffer.alloc(30)])), null);
    }
  });

  test('never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const datagram = decodeDatagram(Buffer.from(bytes));
        assert.ok(datagram === null || datagram.payloadAt <= bytes.length);
      }),
    );
  });
});
