/**
 * Kept inputs of the fuzz tests and the ways they are turned into new ones. A line of a corpus is `verdict | hex | why it is kept`;
 * what fuzzing finds becomes a line. Mutations come from fast-check, whose seed is printed with a failure.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

export interface Kept {
  readonly verdict: string;
  readonly bytes: Buffer;
  readonly why: string;
}

/** The corpus of one parser: core/testing/corpus/NAME.txt. */
export function corpus(name: string): readonly Kept[] {
  const text = readFileSync(new URL(`./corpus/${name}.txt`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => {
      const [verdict = '', bytes = '', why = ''] = line.split('|').map((part) => part.trim());
      return { verdict, bytes: Buffer.from(bytes.replaceAll(' ', ''), 'hex'), why };
    });
}

/** Kept inputs with bytes changed, cut out, doubled or put in, and noise. */
export function mutated(kept: readonly Kept[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    what: fc.constantFrom('set', 'cut', 'insert', 'double', 'join'),
    at: fc.nat(),
    size: fc.integer({ min: 1, max: 8 }),
    byte: fc.constantFrom(0, 1, 2, 3, 4, 0x7f, 0x80, 0xfe, 0xff),
    other: fc.nat(),
  });
  const grown = fc
    .tuple(fc.constantFrom(...kept.map(({ bytes }) => bytes)), fc.array(change, { maxLength: 6 }))
    .map(([seed, changes]) =>
      changes.reduce((bytes, { what, at, size, byte, other }) => {
        const place = bytes.length === 0 ? 0 : at % bytes.length;
        const head = bytes.subarray(0, place);
        switch (what) {
          case 'set':
            return Buffer.concat([head, Buffer.of(byte), bytes.subarray(place + 1)]);
          case 'cut':
            return Buffer.concat([head, bytes.subarray(place + size)]);
          case 'insert':
            return Buffer.concat([head, Buffer.alloc(size, byte), bytes.subarray(place)]);
          case 'double':
            return Buffer.concat([bytes.subarray(0, place + size), bytes.subarray(place)]);
          case 'join':
            return Buffer.concat([bytes, kept[other % kept.length]?.bytes ?? bytes]);
        }
      }, Buffer.from(seed)),
    );
  return fc.oneof(
    { weight: 9, arbitrary: grown },
    fc.uint8Array({ maxLength: 64 }).map((b) => Buffer.from(b)),
  );
}

/** Cuts `bytes` into pieces of these sizes, over and over. */
export function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % Math.max(sizes.length, 1)] ?? bytes.length;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

/** How a fuzz test of `npm test` is bounded; SOCKEYE_FUZZ_MS gives one a longer night. */
export const BOUNDED = {
  numRuns: 100_000,
  interruptAfterTimeLimit: Number(process.env['SOCKEYE_FUZZ_MS'] ?? 700),
  markInterruptAsFailure: false,
} as const;
