import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  anyHost,
  hostPort,
  joinAddress,
  loopbackHost,
  reachable,
  splitAddress,
  validPort,
} from './address.ts';
import { bytes, rate } from './bytes.ts';
import { curlCommand, shellCommand } from '../../core/contract/command.ts';
import { span, took } from './time.ts';

test('bytes keep three digits and never show a thousand of a unit', () => {
  const shown = [0, 1, 999, 999.6, 1240, 12_400, 124_000, 999_600, 1_000_000, 1.5e12].map(bytes);
  assert.deepEqual(shown, [
    '0 B',
    '1 B',
    '999 B',
    '1.00 kB',
    '1.24 kB',
    '12.4 kB',
    '124 kB',
    '1.00 MB',
    '1.00 MB',
    '1.50 TB',
  ]);
  assert.equal(rate(0.3), '0 B/s');
});

test('spans show two units', () => {
  assert.deepEqual([4_000, 65_000, 4_800_000, 273_600_000].map(span), [
    '4 s',
    '1 min 05 s',
    '1 h 20 min',
    '3 d 4 h',
  ]);
  assert.deepEqual([0.4, 38.4, 999.6, 1_240, 12_000].map(took), ['<1 ms', '38 ms', '1.0 s', '1.2 s', '12 s']);
});

test('addresses survive a round trip through the form', () => {
  for (const text of ['127.0.0.1:1080', '[::1]:1080', ':1080', 'proxy.example:8080']) {
    const { host, port } = splitAddress(text);
    assert.equal(joinAddress(host, port), text);
  }
  assert.deepEqual(splitAddress('example'), { host: 'example', port: '' });
  assert.equal(hostPort({ host: '::1', port: 80 }), '[::1]:80');
});

test('knows which addresses leave this computer', () => {
  assert.deepEqual(['127.0.0.1', '127.9.9.9', 'localhost', '::1'].map(loopbackHost), [
    true,
    true,
    true,
    true,
  ]);
  assert.deepEqual(['', '0.0.0.0', '192.168.1.2', '::'].map(loopbackHost), [false, false, false, false]);
  assert.deepEqual(['', '0.0.0.0', '::', '192.168.1.2'].map(anyHost), [true, true, true, false]);
  assert.deepEqual(reachable({ host: '::', port: 1 }), { host: '127.0.0.1', port: 1 });
  assert.deepEqual(['0', '1', '65535', '65536', '', '1x'].map(validPort), [
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('commands resolve names at the proxy and never hold a password', () => {
  const use = { address: { host: '127.0.0.1', port: 1081 }, handler: 'socks5', auth: true };
  assert.equal(
    shellCommand('fish', { ...use, auth: false }),
    'set -gx ALL_PROXY socks5h://127.0.0.1:1081; set -gx all_proxy socks5h://127.0.0.1:1081',
  );
  assert.equal(shellCommand('cmd', use), 'set "ALL_PROXY=socks5h://USER:PASSWORD@127.0.0.1:1081"');
  assert.equal(
    curlCommand({ ...use, auth: false, handler: 'http' }, { host: 'a.example', port: 443 }),
    'curl -x http://127.0.0.1:1081 https://a.example/',
  );
});
