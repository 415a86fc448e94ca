import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, merged, type Frame } from '../test/oracle.ts';
import { Decoder } from './decoder.ts';
import type { SmuxError } from './errors.ts';

type Version = 1 | 2;

function run(
  version: Version,
  chunks: readonly Buffer[],
): { frames: Frame[]; error: SmuxError | null; mid: boolean } {
  const frames: Frame[] = [];
  let error: SmuxError | null = null;
  const decoder = new Decoder(version, {
    syn: (streamId) => frames.push({ command: 'SYN', streamId }),
    fin: (streamId) => frames.push({ command: 'FIN', streamId }),
    data: (streamId, payload) => frames.push({ command: 'PSH', streamId, payload }),
    nop: () => frames.push({ command: 'NOP', streamId: 0 }),
    update: (streamId, consumed, window) => frames.push({ command: 'UPD', streamId, consumed, window }),
  });
  for (const chunk of chunks) error = decoder.push(chunk) ?? error;
  return { frames: merged(frames), error, mid: decoder.midFrame };
}

const bytewise = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.from([byte]));

/** The three ways: whole, byte by byte, and with trailing bytes of the next frame. */
function threeWays(version: Version, bytes: Buffer): void {
  const expected = merged(decode(version, bytes));
  const trailing = Buffer.from([version, 2, 5]);
  for (const chunks of [[bytes], bytewise(bytes)]) {
    assert.deepEqual(run(version, chunks), { frames: expected, error: null, mid: false });
  }
  const withTrailing = run(version, [Buffer.concat([bytes, trailing])]);
  assert.deepEqual(withTrailing, { frames: expected, error: null, mid: true });
}

const SAMPLES: readonly Frame[] = [
  { command: 'SYN', streamId: 3 },
  { command: 'FIN', streamId: 0xffff_ffff },
  { command: 'NOP', streamId: 0 },
  { command: 'PSH', streamId: 3, payload: Buffer.from('hello') },
  { command: 'PSH', streamId: 3, payload: Buffer.alloc(0) },
  { command: 'PSH', streamId: 4, payload: Buffer.alloc(65_535, 7) },
  { command: 'UPD', streamId: 3, consumed: 0xffff_fff0, window: 65_536 },
];

for (const version of [1, 2] as const) {
  for (const frame of SAMPLES) {
    if (frame.command === 'UPD' && version === 1) continue;
    const size = frame.command === 'PSH' ? ` of ${frame.payload.length} bytes` : '';
    test(`v${version}: reads ${frame.command}${size} whole, byte by byte and with trailing bytes`, () => {
      threeWays(version, encode(version, frame));
    });
  }
}

const anyFrame = (version: Version): fc.Arbitrary<Frame> => {
  const streamId = fc.nat({ max: 0xffff_ffff });
  const kinds: fc.Arbitrary<Frame>[] = [
    fc.record({ command: fc.constantFrom('SYN', 'FIN'), streamId }),
    fc.constant({ command: 'NOP', streamId: 0 }),
    fc.record({
      command: fc.constant('PSH'),
      streamId: fc.nat({ max: 4 }),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    }),
  ];
  const uint32 = fc.nat({ max: 0xffff_ffff });
  if (version === 2) {
    kinds.push(fc.record({ command: fc.constant('UPD'), streamId, consumed: uint32, window: uint32 }));
  }
  return fc.oneof(...kinds);
};

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  chunks.push(bytes.subarray(at));
  return chunks;
}

for (const version of [1, 2] as const) {
  test(`v${version}: reads any frames in any split as the oracle does`, () => {
    const sizes = fc.array(fc.nat({ max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(anyFrame(version), { maxLength: 20 }), sizes, (frames, cuts) => {
        const bytes = Buffer.concat(frames.map((frame) => encode(version, frame)));
        const result = run(version, cut(bytes, cuts));
        assert.deepEqual(result, { frames: merged(decode(version, bytes)), error: null, mid: false });
      }),
    );
  });

  test(`v${version}: gives the same answer to any bytes in any split`, () => {
    const noise = fc.uint8Array({ maxLength: 200 });
    const almost = fc
      .tuple(fc.array(anyFrame(version), { maxLength: 5 }), noise)
      .map(([frames, tail]) => Buffer.concat([...frames.map((frame) => encode(version, frame)), tail]));
    const sizes = fc.array(fc.nat({ max: 17 }), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.oneof(
          noise.map((bytes) => Buffer.from(bytes)),
          almost,
        ),
        sizes,
        (bytes, cuts) => {
          const whole = run(version, [bytes]);
          const split = run(version, cut(bytes, cuts));
          assert.deepEqual(split.frames, whole.frames);
          assert.equal(split.error?.code, whole.error?.code);
          assert.deepEqual(run(version, bytewise(bytes)).frames, whole.frames);
        },
      ),
    );
  });
}

const REFUSED: readonly (readonly [name: string, version: Version, hex: string, code: SmuxError['code']])[] =
  [
    ['version 0', 1, '0000000003000000', 'bad_version'],
    ['version 2 in a version 1 session', 1, '0200000003000000', 'bad_version'],
    ['version 1 in a version 2 session', 2, '0100000003000000', 'bad_version'],
    ['UPD of version 2 in a version 1 session', 1, '0204080003000000', 'bad_version'],
    ['UPD in version 1', 1, '0104080003000000', 'bad_command'],
    ['command 5', 2, '0205000003000000', 'bad_command'],
    ['command 255', 1, '01ff000003000000', 'bad_command'],
    ['SYN with payload', 1, '0100010003000000', 'bad_length'],
    ['FIN with payload', 1, '0101000103000000', 'bad_length'],
    ['NOP with payload', 1, '0103ffff00000000', 'bad_length'],
    ['UPD of 7 bytes', 2, '0204070003000000', 'bad_length'],
    ['UPD of 9 bytes', 2, '0204090003000000', 'bad_length'],
  ];

for (const [name, version, hex, code] of REFUSED) {
  test(`refuses ${name} by its header alone`, () => {
    const bytes = Buffer.from(hex, 'hex');
    for (const chunks of [[bytes], bytewise(bytes)]) {
      const result = run(version, chunks);
      assert.equal(result.error?.code, code);
      assert.deepEqual(result.frames, []);
    }
  });
}

test('reads nothing after a violation', () => {
  const bytes = Buffer.concat([
    Buffer.from('0900000003000000', 'hex'),
    encode(1, { command: 'SYN', streamId: 3 }),
  ]);
  assert.deepEqual(run(1, [bytes, bytes]).frames, []);
});

test('stops inside a sink', () => {
  const seen: number[] = [];
  const decoder = new Decoder(1, {
    syn: (streamId) => {
      seen.push(streamId);
      decoder.stop();
    },
    fin: () => undefined,
    data: () => undefined,
    nop: () => undefined,
    update: () => undefined,
  });
  const syn = (streamId: number): Buffer => encode(1, { command: 'SYN', streamId });
  assert.equal(decoder.push(Buffer.concat([syn(3), syn(5)])), null);
  assert.equal(decoder.push(syn(7)), null);
  assert.deepEqual(seen, [3]);
});

test('hands payload on as views of the chunk', () => {
  const bytes = encode(1, { command: 'PSH', streamId: 3, payload: Buffer.from('zero copy') });
  let seen: Buffer | null = null;
  const decoder = new Decoder(1, {
    syn: () => undefined,
    fin: () => undefined,
    data: (_streamId, payload) => (seen = payload),
    nop: () => undefined,
    update: () => undefined,
  });
  decoder.push(bytes);
  bytes.fill('x', 8);
  assert.equal(String(seen), 'xxxxxxxxx');
});

/** Corpus: `<version>-<code or ok>-<name>.hex`, kept from fuzzing and from captures; each must keep its verdict. */
const corpus = new URL('../test/corpus/', import.meta.url);
for (const file of readdirSync(corpus).filter((name) => name.endsWith('.hex'))) {
  const [version, verdict = ''] = file.split('-');
  test(`corpus: ${file}`, () => {
    const bytes = Buffer.from(readFileSync(new URL(file, corpus), 'utf8').replace(/\s/g, ''), 'hex');
    for (const chunks of [[bytes], bytewise(bytes)]) {
      const result = run(version === '2' ? 2 : 1, chunks);
      assert.equal(result.error?.code ?? 'ok', verdict);
    }
  });
}
