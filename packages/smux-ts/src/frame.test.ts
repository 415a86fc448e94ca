import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encode } from '../test/oracle.ts';
import { FIN, HEADER_BYTES, NOP, PSH, SYN, UPDATE_BYTES, writeHeader, writeUpdate } from './frame.ts';

const COMMANDS = { SYN, FIN, NOP } as const;

test('writes the first bytes of an mtls session as captured from GOST', () => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  assert.equal(writeHeader(bytes, 0, 1, SYN, 0, 3), HEADER_BYTES);
  assert.equal(bytes.toString('hex'), '0100000003000000');
});

test('writes the window announcement of GOST mtcp', () => {
  const bytes = Buffer.alloc(HEADER_BYTES + UPDATE_BYTES);
  writeUpdate(bytes, 0, 3, 4, 65_536);
  assert.equal(bytes.toString('hex'), '02040800030000000400000000000100');
});

test('agrees with the oracle on every header', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('SYN', 'FIN', 'NOP'),
      fc.constantFrom(1, 2),
      fc.nat({ max: 0xffff_ffff }),
      fc.nat({ max: 20 }),
      (command, version, streamId, at) => {
        const bytes = Buffer.alloc(at + HEADER_BYTES);
        assert.equal(writeHeader(bytes, at, version, COMMANDS[command], 0, streamId), at + HEADER_BYTES);
        assert.deepEqual(bytes.subarray(at), encode(version, { command, streamId }));
      },
    ),
  );
});

test('agrees with the oracle on PSH lengths and UPD totals', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 0xffff }),
      fc.nat({ max: 0xffff_ffff }),
      fc.nat({ max: 0xffff_ffff }),
      (length, consumed, window) => {
        const header = Buffer.alloc(HEADER_BYTES);
        writeHeader(header, 0, 1, PSH, length, 5);
        const payload = Buffer.alloc(length);
        assert.deepEqual(
          header,
          encode(1, { command: 'PSH', streamId: 5, payload }).subarray(0, HEADER_BYTES),
        );
        const update = Buffer.alloc(HEADER_BYTES + UPDATE_BYTES);
        writeUpdate(update, 0, 7, consumed, window);
        assert.deepEqual(update, encode(2, { command: 'UPD', streamId: 7, consumed, window }));
      },
    ),
  );
});
