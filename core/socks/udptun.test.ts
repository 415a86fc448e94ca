import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ProxyError } from '../errors.ts';
import { decodesTo, hex, refuses } from '../testing/decoding.ts';
import { decodeFrame, encodeFrame } from './udptun.ts';

const TARGET = { host: '127.0.0.1', port: 34917 };

describe('UDP over TCP frame', () => {
  const FRAMES = [
    [
      'a payload',
      '0007 00 01 7f000001 8865 74756e2d6f6e65',
      { address: TARGET, payload: Buffer.from('tun-one') },
    ],
    ['a name', '0001 00 03 01 61 0035 62', { address: { host: 'a', port: 53 }, payload: Buffer.from('b') }],
    ['nothing', '0000 00 01 7f000001 8865', { address: TARGET, payload: Buffer.alloc(0) }],
  ] as const;
  for (const [what, bytes, frame] of FRAMES) {
    test(`carries ${what} both ways`, async () => {
      assert.deepEqual(encodeFrame(frame), hex(bytes));
      await decodesTo(decodeFrame, hex(bytes), frame);
    });
  }

  test('ignores FRAG, which is 255 from GOST v3', () =>
    decodesTo(decodeFrame, hex('0002 ff 01 7f000001 8865 6161'), {
      address: TARGET,
      payload: Buffer.from('aa'),
    }));

  test('carries 65,535 bytes and refuses to cut 65,536', () => {
    const frame = encodeFrame({ address: TARGET, payload: Buffer.alloc(65_535) });
    assert.ok('value' in decodeFrame(frame));
    assert.throws(
      () => encodeFrame({ address: TARGET, payload: Buffer.alloc(65_536) }),
      (error) => error instanceof ProxyError && error.code === 'unsupported',
    );
  });

  test('is refused with an unknown address kind', () =>
    refuses(decodeFrame, hex('0003 ff 09'), 'address_type'));

  test('gives back any sequence of frames in any split', () => {
    const address = fc.record({ host: fc.ipV4(), port: fc.nat(65_535) }, { noNullPrototype: true });
    const payload = fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.array(fc.record({ address, payload }, { noNullPrototype: true }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        (frames, size) => {
          const stream = Buffer.concat(frames.map(encodeFrame));
          const seen: unknown[] = [];
          let waiting: Buffer = Buffer.alloc(0);
          for (let at = 0; at < stream.length; at += size) {
            waiting = Buffer.concat([waiting, stream.subarray(at, at + size)]);
            for (let step = decodeFrame(waiting); 'value' in step; step = decodeFrame(waiting)) {
              seen.push(step.value);
              waiting = waiting.subarray(step.size);
            }
          }
          assert.deepEqual(seen, frames);
        },
      ),
    );
  });
});
