import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ProxyError } from '../errors.ts';
import { decodesTo, hex, refuses } from '../testing/decoding.ts';
import { decodeAddress, encodeAddress } from './atyp.ts';

const decode = (bytes: Buffer) => decodeAddress(bytes);

describe('address field', () => {
  const BOTH_WAYS = [
    ['an IPv4 address', '01 7f000001 0050', { host: '127.0.0.1', port: 80 }],
    ['port 65535', '01 00000000 ffff', { host: '0.0.0.0', port: 65535 }],
    ['an IPv6 address', '04 00000000000000000000000000000001 01bb', { host: '::1', port: 443 }],
    ['the unspecified IPv6 address', '04 00000000000000000000000000000000 0000', { host: '::', port: 0 }],
    [
      'zeros in the middle',
      '04 20010db8000000000001000000000001 0035',
      { host: '2001:db8::1:0:0:1', port: 53 },
    ],
    [
      'one zero group, which stays',
      '04 20010db8000000010001000100010001 0035',
      { host: '2001:db8:0:1:1:1:1:1', port: 53 },
    ],
    ['zeros at the end', '04 fe800000000000000000000000000000 0001', { host: 'fe80::', port: 1 }],
    ['a name', '03 09 6c6f63616c686f7374 0050', { host: 'localhost', port: 80 }],
    ['an empty name', '03 00 0000', { host: '', port: 0 }],
    ['the longest name', `03 ff ${'61'.repeat(255)} 0050`, { host: 'a'.repeat(255), port: 80 }],
  ] as const;
  for (const [what, bytes, address] of BOTH_WAYS) {
    test(`carries ${what} both ways`, async () => {
      assert.deepEqual(encodeAddress(address), hex(bytes));
      await decodesTo(decode, hex(bytes), address);
    });
  }

  const DECODED = [
    [
      'an IPv4-mapped address as IPv4',
      '04 00000000000000000000ffff7f000001 0050',
      { host: '127.0.0.1', port: 80 },
    ],
    [
      'IP text in a name as the address it is',
      `03 09 ${Buffer.from('127.0.0.1').toString('hex')} 0050`,
      { host: '127.0.0.1', port: 80 },
    ],
    ['a NUL in a name as a NUL', '03 03 610062 0050', { host: 'a\0b', port: 80 }],
    ['bytes that are no text one to one', '03 02 ff80 0050', { host: '\u00ff\u0080', port: 80 }],
  ] as const;
  for (const [what, bytes, address] of DECODED) {
    test(`reads ${what}`, () => decodesTo(decode, hex(bytes), address));
  }

  const ENCODED = [
    ['an IPv4-mapped address as IPv4', { host: '::ffff:1.2.3.4', port: 1 }, '01 01020304 0001'],
    ['an IPv4-mapped address in hex as IPv4', { host: '::FFFF:102:304', port: 1 }, '01 01020304 0001'],
    ['a zone id as nothing', { host: 'fe80::1%eth0', port: 1 }, '04 fe800000000000000000000000000001 0001'],
    ['dotted IPv6', { host: '64:ff9b::1.2.3.4', port: 1 }, '04 0064ff9b000000000000000001020304 0001'],
  ] as const;
  for (const [what, address, bytes] of ENCODED) {
    test(`writes ${what}`, () => assert.deepEqual(encodeAddress(address), hex(bytes)));
  }

  test('refuses a name that does not fit, and one that is not ASCII, before a byte is sent', () => {
    for (const host of ['a'.repeat(256), 'münchen.example', 'a'.repeat(70_000)]) {
      assert.throws(
        () => encodeAddress({ host, port: 80 }),
        (error) => error instanceof ProxyError && error.code === 'bad_name',
      );
    }
  });

  test('refuses every unknown kind at its first byte', () => {
    for (let kind = 0; kind < 256; kind += 1) {
      if (kind !== 1 && kind !== 3 && kind !== 4) refuses(decode, Buffer.of(kind), 'address_type');
    }
  });

  test('starts anywhere and counts from the start of the buffer', () => {
    const bytes = hex('aabbcc 01 7f000001 0050 99');
    assert.deepEqual(decodeAddress(bytes, 3), { value: { host: '127.0.0.1', port: 80 }, size: 10 });
    assert.deepEqual(decodeAddress(bytes.subarray(0, 2), 3), { need: 4 });
    assert.deepEqual(decodeAddress(bytes.subarray(0, 4), 3), { need: 10 });
  });

  test('gives back any address it wrote', () => {
    const name = fc.string({
      unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz0123456789-_.')),
      minLength: 1,
      maxLength: 255,
    });
    const port = fc.integer({ min: 0, max: 65535 });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), name), port, (host, number) => {
        const field = encodeAddress({ host, port: number });
        const step = decodeAddress(field);
        assert.ok('value' in step && step.size === field.length && step.value.port === number);
        assert.deepEqual(encodeAddress(step.value), field);
        if (isIPv6(host)) assert.equal(step.value.host, plain(host));
      }),
    );
  });

  test('answers any bytes with a value, a need or an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          const step = decodeAddress(Buffer.from(bytes));
          assert.ok('need' in step ? step.need > bytes.length : step.size <= bytes.length);
        } catch (error) {
          assert.ok(error instanceof ProxyError);
        }
      }),
    );
  });
});

/** The one text of an IPv6 address by the URL standard, or of the IPv4 address mapped into it. */
function plain(host: string): string {
  const text = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return text;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(Number.parseInt(high, 16), 0);
  bytes.writeUInt16BE(Number.parseInt(low, 16), 2);
  return bytes.join('.');
}
