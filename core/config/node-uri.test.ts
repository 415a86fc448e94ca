import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUri, labelOf, toUri } from './node-uri.ts';

const URIS = [
  'socks5://h:1080',
  'http://user:pass@h:8080',
  'socks5+tls://us%40er:p%3A%2Fw@h:443?secure=true',
  'socks5+tls://h:443?secure=false&serverName=other.example',
  'socks5+tls://[::1]:443?caFile=ca.pem',
  'socks5://h:1080?notls=true&relay=udp',
  'socks5+wss://h:443?dialer.path=%2Fa%20b&connector.udp=true&node.weight=3',
  'ssh://u:p@h:22',
];
for (const uri of URIS) {
  test(`${uri} comes back as itself`, () => {
    const pasted = fromUri(uri);
    assert.ok(pasted !== null);
    const again = fromUri(toUri(pasted.node, true));
    assert.deepEqual(again?.node, pasted.node);
  });
}

test('a plain node gives a plain URL, and no password unless asked', () => {
  const pasted = fromUri('socks5://u:secret@h:1080?notls=true');
  assert.ok(pasted !== null);
  assert.equal(toUri(pasted.node, true), 'socks5://u:secret@h:1080?notls=true');
  assert.equal(toUri(pasted.node, false), 'socks5://u@h:1080?notls=true');
  assert.equal(labelOf(pasted.node), 'socks5://h:1080');
  assert.deepEqual(pasted.node, {
    name: 'node-0',
    addr: 'h:1080',
    connector: { type: 'socks5', auth: { username: 'u', password: 'secret' }, metadata: { notls: 'true' } },
    dialer: { type: 'tcp', tls: { serverName: 'h' } },
  });
});

test('what is no URL of a proxy is null', () => {
  for (const text of ['', 'socks5://%zz@h:1', '\0']) assert.equal(fromUri(text), null, text);
});
