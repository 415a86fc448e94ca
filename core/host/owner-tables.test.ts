import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fromLsofList,
  fromPowerShell,
  fromTaskList,
  keyOf,
  keysOf,
  procHost,
  ProcTable,
  type ClientSocket,
} from './owner-tables.ts';

const tcp = (host: string, port: number, ours: number): ClientSocket => ({
  client: { host, port },
  udp: false,
  port: ours,
});
const udp = (host: string, port: number): ClientSocket => ({ client: { host, port }, udp: true, port: 0 });

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0438 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0438 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 42 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:0438 01 00000000:00000000 00:00000000 00000000  1000        0 43 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 44 1 0000000000000000 20 4 30 10 -1
   4: 0100007F:9C41 0100007F:0438 06 00000000:00000000 03:00000CE5 00000000     0        0 0 3 0000000000000000
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:9C42 0000000000000000FFFF00000100007F:0438 01 00000000:00000000 00:00000000 00000000  1000        0 51 1 0000000000000000 20 4 30 10 -1
   1: B80D0120000000000000000001000000:9C43 B80D0120000000000000000001000000:0438 01 00000000:00000000 00:00000000 00000000  1000        0 52 1 0000000000000000 20 4 30 10 -1
`;

test('finds the inode of the client end of a connection, however the table is cut', () => {
  const sockets = [
    tcp('127.0.0.1', 40_000, 1080),
    tcp('127.0.0.1', 40_001, 1080),
    tcp('127.0.0.1', 40_002, 1080),
    tcp('2001:db8::1', 40_003, 1080),
    tcp('127.0.0.1', 40_004, 1080),
  ];
  for (const size of [1, 7, 64, 4096]) {
    const table = new ProcTable(sockets, false);
    for (const text of [TCP, TCP6])
      for (let at = 0; at < text.length; at += size) table.take(text.slice(at, at + size));
    // the second is in TIME_WAIT and belongs to nobody; the last is not there
    assert.deepEqual(
      [...table.inodes].sort(([a], [b]) => a - b),
      [
        [0, '43'],
        [2, '51'],
        [3, '52'],
      ],
    );
  }
});

test('a datagram socket is found by its port, bound to one address or to all', () => {
  const table = new ProcTable(
    [udp('127.0.0.1', 5353), udp('127.0.0.1', 5354), tcp('127.0.0.1', 5353, 1)],
    true,
  );
  table.take(`  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   105        0 61 2 0000000000000000 0
  102: 0100007F:14EA 00000000:0000 07 00000000:00000000 00:00000000 00000000   105        0 62 2 0000000000000000 0
`);
  assert.deepEqual(
    [...table.inodes],
    [
      [0, '61'],
      [1, '62'],
    ],
  );
  assert.equal(new ProcTable([udp('127.0.0.1', 1)], false).idle, true);
});

test('spells addresses as /proc/net does', () => {
  assert.deepEqual(procHost('127.0.0.1'), ['0100007F', '0000000000000000FFFF00000100007F']);
  assert.deepEqual(procHost('::1'), ['00000000000000000000000001000000']);
  assert.deepEqual(procHost('fe80::1%eth0'), ['000080FE000000000000000001000000']);
  assert.deepEqual(procHost('no address'), []);
});

test('reads lsof: connections with their far end, datagram sockets, blanks in names', () => {
  const output = [
    ...['p501', 'cGoogle\\x20Chrome', 'f23', 'PTCP', 'n127.0.0.1:53211->127.0.0.1:1080'],
    ...['f24', 'PTCP', 'n[::1]:53212->[::1]:1080', 'f25', 'PTCP', 'n*:9222'],
    ...['p77', 'cdig', 'f6', 'PUDP', 'n*:61000', ''],
  ].join('\n');
  const found = fromLsofList(output);
  assert.deepEqual(found.get(keyOf(tcp('127.0.0.1', 53_211, 1080))), { pid: 501, name: 'Google Chrome' });
  assert.deepEqual(found.get(keyOf(tcp('::1', 53_212, 1080))), { pid: 501, name: 'Google Chrome' });
  assert.equal(found.get(keyOf(tcp('127.0.0.1', 53_211, 1081))), undefined);
  const dig = keysOf(udp('127.0.0.1', 61_000)).map((key) => found.get(key)?.name);
  assert.deepEqual(
    dig.filter((name) => name !== undefined),
    ['dig'],
  );
  assert.equal(found.size, 3);
});

test('reads what PowerShell and tasklist print', () => {
  const csv = [
    '"LocalAddress","LocalPort","RemotePort","OwningProcess"',
    '"127.0.0.1","53211","1080","4121"',
    '"::1","53212","1080","4121"',
    '"fe80::1%12","53213","1080","9"',
    '"0.0.0.0","135","0","0"',
    '"LocalAddress","LocalPort","OwningProcess"',
    '"0.0.0.0","61000","88"',
    '',
  ].join('\r\n');
  const found = fromPowerShell(csv);
  assert.equal(found.get(keyOf(tcp('127.0.0.1', 53_211, 1080))), 4121);
  assert.equal(found.get(keyOf(tcp('::1', 53_212, 1080))), 4121);
  assert.equal(found.get(keyOf(tcp('fe80::1', 53_213, 1080))), 9);
  assert.equal(
    keysOf(udp('127.0.0.1', 61_000)).some((key) => found.get(key) === 88),
    true,
  );
  assert.equal(found.size, 4);
  const tasks = fromTaskList(
    '"chrome.exe","4121","Console","1","100.000 K"\r\n"System","4","Services","0","8 K"\r\n',
  );
  assert.deepEqual(
    [...tasks],
    [
      [4121, 'chrome'],
      [4, 'System'],
    ],
  );
});
