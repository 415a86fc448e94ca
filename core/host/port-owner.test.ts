import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tcpEcho } from '../testing/echo.ts';
import { fromLsof, fromNetstat, listeningInodes, portOwner } from './port-owner.ts';

test('reads listening sockets out of /proc/net/tcp and tcp6', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0438 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0438 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 42 1 0000000000000000 100 0 0 10 0
   2: 00000000000000000000000000000000:0438 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 43 1 0 100 0 0 10 0
   3: 0100007F:10438 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 44 1`;
  assert.deepEqual(listeningInodes(table, 1080), ['41', '43']);
  assert.deepEqual(listeningInodes(table, 1081), []);
});

test('reads lsof field output', () => {
  assert.equal(fromLsof('p4121\ncGoogle Chrome\nf33\n'), 'Google Chrome (pid 4121)');
  assert.equal(fromLsof('p7\n'), 'a program (pid 7)');
  assert.equal(fromLsof(''), null);
});

test('reads netstat in any language', () => {
  const output = `
  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    127.0.0.1:1080         127.0.0.1:50211        HERGESTELLT      11
  TCP    0.0.0.0:11080          0.0.0.0:0              ABHÖREN          12
  TCP    127.0.0.1:1080         0.0.0.0:0              ABHÖREN          4121
  TCP    [::]:445               [::]:0                 ABHÖREN          4
  TCP    [::1]:1081             [::]:0                 ABHÖREN          5150
  TCP    [fe80::1%12]:1082      [::]:0                 ABHÖREN          6000
  UDP    0.0.0.0:1083           *:*                                    7000
  UDP    [::]:1083              *:*                                    7000
`;
  assert.equal(fromNetstat(output, 1080), 4121);
  assert.equal(fromNetstat(output, 445), 4);
  assert.equal(fromNetstat(output, 1081), 5150);
  assert.equal(fromNetstat(output, 1082), 6000);
  assert.equal(fromNetstat(output, 1083), null);
  assert.equal(fromNetstat(output, 50_211), null);
});

test(
  'names the owner of a real port, and nobody for a free one',
  { skip: process.platform !== 'linux' && 'needs /proc' },
  async () => {
    const echo = await tcpEcho();
    assert.equal(await portOwner(echo.address.port), 'Sockeye itself');
    await echo.close();
    assert.equal(await portOwner(echo.address.port), null);
  },
);
