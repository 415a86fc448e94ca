import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ProxyError } from '../errors.ts';
import { decodesTo, hex, refuses } from '../testing/decoding.ts';
import {
  decodeGreeting,
  decodeMethod,
  decodeReply,
  decodeRequest,
  decodeSignIn,
  decodeSignInStatus,
  encodeGreeting,
  encodeMethod,
  encodeReply,
  encodeRequest,
  encodeSignIn,
  encodeSignInStatus,
} from './v5.ts';

const LOCAL = { host: '127.0.0.1', port: 36717 };

describe('SOCKS5 greeting', () => {
  for (const methods of [[0], [0, 2], [0, 2, 0x80, 0x82], Array.from({ length: 255 }, (_, at) => at)]) {
    test(`carries ${methods.length} methods both ways`, async () => {
      const bytes = Buffer.from([5, methods.length, ...methods]);
      assert.deepEqual(encodeGreeting(methods), bytes);
      await decodesTo(decodeGreeting, bytes, methods);
    });
  }
  test('may offer nothing', () => decodesTo(decodeGreeting, hex('05 00'), []));
  test('is refused at its first byte when it is another protocol', () => {
    for (const first of [0, 4, 6, 0x16, 0x47]) refuses(decodeGreeting, Buffer.of(first), 'version');
  });
});

describe('SOCKS5 method', () => {
  for (const method of [0, 2, 0x80, 0x82, 0xff]) {
    test(`carries ${method} both ways`, async () => {
      assert.deepEqual(encodeMethod(method), Buffer.of(5, method));
      await decodesTo(decodeMethod, Buffer.of(5, method), method);
    });
  }
  test('is refused with another version', () => refuses(decodeMethod, hex('04 00'), 'version'));
});

describe('SOCKS5 sign-in', () => {
  const PAIRS = [
    ['user', 'pass', '01 04 75736572 04 70617373'],
    ['', '', '01 00 00'],
    ['user', '', '01 04 75736572 00'],
    ['ü', 'ß', '01 02 c3bc 02 c39f'],
  ] as const;
  for (const [user, password, bytes] of PAIRS) {
    test(`carries "${user}" and "${password}" both ways`, async () => {
      assert.deepEqual(encodeSignIn(user, password), hex(bytes));
      await decodesTo(decodeSignIn, hex(bytes), { user: Buffer.from(user), password: Buffer.from(password) });
    });
  }
  test('keeps NUL and bytes that are no text', () =>
    decodesTo(decodeSignIn, hex('01 03 75ff00 02 00fe'), { user: hex('75ff00'), password: hex('00fe') }));
  test('carries 255 bytes and refuses to send 256, counted in bytes', () => {
    assert.equal(encodeSignIn('u'.repeat(255), 'p'.repeat(255)).length, 513);
    for (const [user, password] of [
      ['u'.repeat(256), 'p'],
      ['u', 'p'.repeat(256)],
      ['ü'.repeat(128), 'p'],
    ] as const) {
      assert.throws(
        () => encodeSignIn(user, password),
        (error) =>
          error instanceof ProxyError && error.code === 'unsupported' && /255 bytes/.test(error.message),
      );
    }
  });
  test('is refused with another version', () => refuses(decodeSignIn, hex('05'), 'malformed'));
  test('is answered in two bytes, whatever the first says', async () => {
    assert.deepEqual(encodeSignInStatus(1), hex('01 01'));
    await decodesTo(decodeSignInStatus, hex('01 00'), 0);
    await decodesTo(decodeSignInStatus, hex('05 01'), 1);
  });
});

describe('SOCKS5 request and reply', () => {
  const TABLE = [
    ['IPv4', LOCAL, '01 7f000001 8f6d'],
    ['IPv6', { host: '::1', port: 44275 }, '04 00000000000000000000000000000001 acf3'],
    ['a name', { host: 'localhost', port: 36717 }, '03 09 6c6f63616c686f7374 8f6d'],
  ] as const;
  for (const [what, address, field] of TABLE) {
    test(`carries ${what} both ways`, async () => {
      for (const code of [0, 1, 2, 3, 8, 0xf0, 0xf3]) {
        const bytes = Buffer.concat([Buffer.of(5, code, 0), hex(field)]);
        assert.deepEqual(encodeRequest({ command: code, dst: address }), bytes);
        await decodesTo(decodeRequest, bytes, { command: code, dst: address });
        assert.deepEqual(encodeReply({ rep: code, bound: address }), bytes);
        await decodesTo(decodeReply, bytes, { rep: code, bound: address });
      }
    });
  }
  test('ignores RSV', () =>
    decodesTo(decodeRequest, hex('05 01 55 01 7f000001 8f6d'), { command: 1, dst: LOCAL }));
  test('is refused with another version or an unknown address kind', () => {
    for (const decode of [decodeRequest, decodeReply]) {
      refuses<unknown>(decode, hex('04'), 'version');
      refuses<unknown>(decode, hex('05 01 00 02'), 'address_type');
    }
  });
  test('a hostile reply can not ask for more than 262 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 261 }), (tail) => {
        try {
          const step = decodeReply(Buffer.from([5, ...tail]));
          assert.ok(('need' in step ? step.need : step.size) <= 262);
        } catch (error) {
          assert.ok(error instanceof ProxyError);
        }
      }),
    );
  });
});
