import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  familyOf,
  formatAddress,
  isGroup,
  isLoopback,
  isPrivate,
  isUnspecified,
  parseAddress,
  sameAddress,
  sameHost,
  unmap,
  validName,
} from './address.ts';

test('reads the three forms of an address and writes them back', () => {
  for (const text of [
    '127.0.0.1:1080',
    '[::1]:80',
    ':1080',
    'example.com:443',
    'localhost:0',
    '[fe80::1%lo]:65535',
  ]) {
    const address = parseAddress(text);
    assert.ok(address !== null, text);
    assert.equal(formatAddress(address), text);
  }
  assert.deepEqual(parseAddress(':1080'), { host: '', port: 1080 });
  assert.deepEqual(parseAddress('[2001:db8::1]:443'), { host: '2001:db8::1', port: 443 });
});

test('refuses what is not an address', () => {
  for (const text of [
    '',
    'host',
    '1080',
    '::1:80',
    '[::1]',
    '[::1]80',
    '[name]:80',
    'a:65536',
    'a:-1',
    'a b:1',
    'a\0b:1',
    'a,b:1',
    'h:1:2',
  ]) {
    assert.equal(parseAddress(text), null, JSON.stringify(text));
  }
});

test('knows the family of literals and that names have none', () => {
  assert.equal(familyOf('1.2.3.4'), 4);
  assert.equal(familyOf('::ffff:1.2.3.4'), 6);
  assert.equal(familyOf('1.2.3'), 0);
});

test('takes IPv4 out of every spelling that carries it', () => {
  assert.equal(unmap('::ffff:1.2.3.4'), '1.2.3.4');
  assert.equal(unmap('::FFFF:7f00:1'), '127.0.0.1');
  assert.equal(unmap('0:0:0:0:0:ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(unmap('64:ff9b::7f00:1'), '127.0.0.1');
  assert.equal(unmap('64:ff9b::a00:1%eth0'), '10.0.0.1');
  assert.equal(unmap('fe80::1%eth0'), 'fe80::1');
  assert.equal(unmap('2001:db8::1'), '2001:db8::1');
  assert.equal(unmap('name.example'), 'name.example');
});

test('knows which hosts are this computer', () => {
  for (const host of [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    'localhost',
    'app.LocalHost.',
  ]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (const host of ['128.0.0.1', '10.0.0.1', '::2', '::', 'localhost.example', ''])
    assert.equal(isLoopback(host), false, host);
});

test('knows which hosts are not on the open network', () => {
  const inside = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '::',
    '::1',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    'localhost',
  ];
  for (const host of inside) assert.equal(isPrivate(host), true, host);
  for (const host of [
    '1.1.1.1',
    '100.128.0.1',
    '172.32.0.1',
    '2606:4700::1',
    '::ffff:8.8.8.8',
    'example.com',
  ])
    assert.equal(isPrivate(host), false, host);
});

test('knows groups and the unspecified host', () => {
  for (const host of ['224.0.0.251', '239.255.255.250', '255.255.255.255', 'ff02::fb', '::ffff:224.0.0.1'])
    assert.equal(isGroup(host), true, host);
  for (const host of ['1.1.1.1', '::1', 'name', '223.255.255.255', '240.0.0.1', '255.255.255.254', 'ff::1'])
    assert.equal(isGroup(host), false, host);
  for (const host of ['224.example', 'ff02:', '2240.0.0.1']) assert.equal(isGroup(host), false, host);
  for (const host of ['', '0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0'])
    assert.equal(isUnspecified(host), true, host);
  for (const host of ['0.0.0.1', '::1', 'zero']) assert.equal(isUnspecified(host), false, host);
});

test('accepts host names and nothing that hides another one', () => {
  for (const name of [
    'a',
    'example.com',
    'example.com.',
    '_srv._tcp.example',
    'xn--bcher-kva.example',
    'a-.example',
    '127.1',
    'x'.repeat(63),
  ])
    assert.equal(validName(name), true, name);
  const long = `${'x'.repeat(63)}.`.repeat(4);
  for (const name of [
    '',
    '.',
    'a..b',
    '.a',
    'a b',
    'a\0.b',
    'bücher',
    'a:b',
    'a/b',
    '%00',
    'x'.repeat(64),
    long.slice(0, 254),
  ])
    assert.equal(validName(name), false, JSON.stringify(name));
});

test('compares addresses by what they mean', () => {
  assert.equal(sameAddress({ host: '::ffff:1.2.3.4', port: 1 }, { host: '1.2.3.4', port: 1 }), true);
  assert.equal(sameAddress({ host: '1.2.3.4', port: 1 }, { host: '1.2.3.4', port: 2 }), false);
  assert.equal(sameHost('2001:DB8:0:0:0:0:0:1', '2001:db8::1'), true);
  assert.equal(sameHost('Example.com.', 'example.COM'), true);
  assert.equal(sameHost('example.com', 'example.org'), false);
});
