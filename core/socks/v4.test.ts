import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ProxyError } from '../errors.ts';
import { decodesTo, hex, refuses } from '../testing/decoding.ts';
import { decodeReply4, decodeRequest4, encodeReply4, encodeRequest4 } from './v4.ts';

const LOCAL = { host: '127.0.0.1', port: 33811 };

describe('SOCKS4 request', () => {
  const BOTH_WAYS = [
    ['CONNECT', 1, LOCAL, '', '04 01 8413 7f000001 00'],
    ['BIND with a user id', 2, LOCAL, 'Fred', '04 02 8413 7f000001 46726564 00'],
    [
      'a name (4a)',
      1,
      { host: 'localhost', port: 33811 },
      '',
      '04 01 8413 00000001 00 6c6f63616c686f7374 00',
    ],
    ['a name and a user id', 1, { host: 'a.b', port: 80 }, 'u', '04 01 0050 00000001 75 00 612e62 00'],
  ] as const;
  for (const [what, command, dst, user, bytes] of BOTH_WAYS) {
    test(`carries ${what} both ways`, async () => {
      assert.deepEqual(encodeRequest4(command, dst, user), hex(bytes));
      await decodesTo(decodeRequest4, hex(bytes), {
        command,
        dst,
        userId: Buffer.from(user),
        extended: dst.host !== LOCAL.host,
      });
    });
  }

  test('can send an IPv4 literal as text, as GOST v3 does, and must send IPv6 so', async () => {
    const bytes = hex('04 01 8413 00000001 00 3132372e302e302e31 00');
    assert.deepEqual(encodeRequest4(1, LOCAL, '', { extended: true }), bytes);
    await decodesTo(decodeRequest4, bytes, {
      command: 1,
      dst: LOCAL,
      userId: Buffer.alloc(0),
      extended: true,
    });
    assert.deepEqual(
      encodeRequest4(1, { host: '::1', port: 80 }, ''),
      hex('04 01 0050 00000001 00 3a3a31 00'),
    );
  });

  test('reads 0.0.0.x as 4a for every x but zero', async () => {
    const userId = Buffer.alloc(0);
    await decodesTo(decodeRequest4, hex('04 01 0050 00000000 00'), {
      command: 1,
      dst: { host: '0.0.0.0', port: 80 },
      userId,
      extended: false,
    });
    for (const x of [1, 7, 255]) {
      const bytes = Buffer.concat([hex('04 01 0050 000000'), Buffer.of(x), hex('00 61 00')]);
      await decodesTo(decodeRequest4, bytes, {
        command: 1,
        dst: { host: 'a', port: 80 },
        userId,
        extended: true,
      });
    }
  });

  test('takes a user id and a name of 255 bytes and no more', async () => {
    const longest = Buffer.alloc(255, 0x61);
    const bytes = Buffer.concat([hex('04 01 0050 00000001'), longest, hex('00'), longest, hex('00')]);
    await decodesTo(decodeRequest4, bytes, {
      command: 1,
      dst: { host: 'a'.repeat(255), port: 80 },
      userId: longest,
      extended: true,
    });
    refuses(decodeRequest4, Buffer.concat([hex('04 01 0050 7f000001'), longest, hex('61')]), 'malformed');
    refuses(decodeRequest4, Buffer.concat([hex('04 01 0050 00000001 00'), longest, hex('61')]), 'malformed');
  });

  test('is refused at its first byte when it is another protocol', () => {
    for (const first of [0, 3, 5, 0x47]) refuses(decodeRequest4, Buffer.of(first), 'version');
  });

  test('refuses to send what it can not say', () => {
    const target = { host: 'a', port: 80 };
    const wrong: [() => Buffer, string][] = [
      [() => encodeRequest4(1, target, 'u'.repeat(256)), 'unsupported'],
      [() => encodeRequest4(1, target, 'u\0v'), 'unsupported'],
      [() => encodeRequest4(1, { host: 'n'.repeat(256), port: 80 }, ''), 'bad_name'],
      [() => encodeRequest4(1, { host: 'a\0b', port: 80 }, ''), 'bad_name'],
      [() => encodeRequest4(1, { host: '', port: 80 }, ''), 'bad_name'],
    ];
    for (const [send, code] of wrong) {
      assert.throws(send, (error) => error instanceof ProxyError && error.code === code);
    }
  });

  test('answers any bytes with a value, a need or an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (tail) => {
        const bytes = Buffer.from([4, ...tail]);
        try {
          const step = decodeRequest4(bytes);
          assert.ok('need' in step ? step.need > bytes.length : step.size <= bytes.length);
        } catch (error) {
          assert.ok(error instanceof ProxyError);
        }
      }),
    );
  });
});

describe('SOCKS4 reply', () => {
  for (const code of [0x5a, 0x5b, 0x5c, 0x5d]) {
    test(`carries 0x${code.toString(16)} both ways`, async () => {
      const bytes = Buffer.concat([Buffer.of(0, code), hex('8413 7f000001')]);
      assert.deepEqual(encodeReply4({ code, bound: LOCAL }), bytes);
      await decodesTo(decodeReply4, bytes, { code, bound: LOCAL });
    });
  }
  test('says 0.0.0.0 for an address it has no room for', () => {
    assert.deepEqual(
      encodeReply4({ code: 0x5a, bound: { host: '::1', port: 80 } }),
      hex('00 5a 0050 00000000'),
    );
    assert.deepEqual(
      encodeReply4({ code: 0x5a, bound: { host: '::ffff:10.0.0.1', port: 80 } }),
      hex('00 5a 0050 0a000001'),
    );
  });
});
