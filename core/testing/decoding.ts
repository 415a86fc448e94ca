/** How every decoder is tested, after h11: each message whole, one byte at a time, and with bytes of the next one behind it. */
import assert from 'node:assert/strict';
import { ProxyError } from '../errors.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { readMessage, type Decode, type ExactReader } from '../socks/message.ts';

/** A reader over bytes that are all there; rejects when asked for more than there are. */
export function readerOf(bytes: Buffer): ExactReader & { readonly left: () => Buffer } {
  let at = 0;
  let waits = false;
  return {
    // every other time the bytes are not there yet
    readNow: (length) => {
      waits = !waits;
      if (waits || at + length > bytes.length) return null;
      at += length;
      return bytes.subarray(at - length, at);
    },
    read: (length) => {
      if (at + length > bytes.length) return Promise.reject(new Error('asked for a byte behind the message'));
      at += length;
      return Promise.resolve(bytes.subarray(at - length, at));
    },
    left: () => bytes.subarray(at),
  };
}

/** Asserts that `bytes` decode to `expected` in all three ways and that a reader takes exactly them. */
export async function decodesTo<T>(decode: Decode<T>, bytes: Buffer, expected: T): Promise<void> {
  const whole = { value: expected, size: bytes.length };
  assert.deepEqual(decode(bytes), whole);
  for (let length = 0; length < bytes.length; length += 1) {
    const step = decode(bytes.subarray(0, length));
    assert.ok('need' in step, `${length} of ${bytes.length} bytes are not a message`);
    assert.ok(step.need > length && step.need <= bytes.length, `asks for ${step.need} bytes after ${length}`);
  }
  const trailing = Buffer.concat([bytes, Buffer.from([5, 0, 0xff, 1])]);
  assert.deepEqual(decode(trailing), whole);
  const reader = readerOf(trailing);
  assert.deepEqual(await readMessage(reader, decode), expected);
  assert.equal(reader.left().length, 4, 'the bytes behind the message stay');
}

/** Asserts that `bytes` are refused with `code`, at the latest when all of them are there. */
export function refuses<T>(decode: Decode<T>, bytes: Buffer, code: ErrorCode): void {
  assert.throws(
    () => {
      for (let length = 0; length <= bytes.length; length += 1) decode(bytes.subarray(0, length));
    },
    (error) => error instanceof ProxyError && error.code === code,
  );
}

/** Bytes written as hex with spaces. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}
