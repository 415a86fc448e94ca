import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEPT_SECRET } from '../contract/config.ts';
import { ConfigDocument } from './document.ts';
import { redact } from './secrets.ts';

const TEXT = `services:
- name: s
  handler: {auth: {username: u, password: p1}, metadata: {kcp.key: p2, knock: p3, udp: true}}
chains:
- hops:
  - nodes:
    - connector: {auth: {username: u, password: ""}}
      dialer: {metadata: {passphrase: p4}}
authers:
- auths: [{username: a, password: 12345}]
`;

test('no secret is left, everything else is', () => {
  const { config } = ConfigDocument.parse(TEXT, 'f');
  const shown = redact(config);
  assert.doesNotMatch(JSON.stringify(shown), /p1|p2|p3|p4|12345/);
  assert.equal(JSON.stringify(shown).split(KEPT_SECRET).length - 1, 5);
  assert.equal(shown.chains?.[0]?.hops?.[0]?.nodes?.[0]?.connector?.auth?.password, '');
  assert.equal(shown.services?.[0]?.handler?.auth?.username, 'u');
});

test('writing the redacted configuration back changes nothing', () => {
  const document = ConfigDocument.parse(TEXT, 'f');
  const { services = [], chains = [], authers } = redact(document.config);
  const edited = document.apply([
    { op: 'set', path: ['services'], value: services },
    { op: 'set', path: ['chains'], value: chains },
    { op: 'set', path: ['authers'], value: authers ?? null },
  ]);
  assert.equal(edited.text, TEXT);
});

test('a copy of something keeps its password, wherever it is put; without a source it has none', () => {
  const text = `chains:
- name: c
  hops:
  - name: h
    nodes:
    - {name: n, addr: "h:1", connector: {type: socks5, auth: {username: u, password: hunter2}}}
  - name: i
    nodes: []
`;
  const document = ConfigDocument.parse(text, 'f');
  const node = redact(document.config).chains?.[0]?.hops?.[0]?.nodes?.[0];
  assert.ok(node !== undefined);
  const insert = {
    op: 'insert',
    path: ['chains', 0, 'hops', 1, 'nodes'],
    index: 0,
    value: { ...node, name: 'copy' },
  } as const;
  const from = ['chains', 0, 'hops', 0, 'nodes', 0];
  const moved = document.apply([
    { ...insert, from },
    { op: 'remove', path: ['chains', 0, 'hops', 0] },
  ]);
  assert.match(moved.text, /password: hunter2/);
  assert.throws(() => document.apply([insert]), { code: 'config' });
});
