// What goes out: GOST's own keys only, passwords only when asked for, and what comes of it when it is read back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExportRequest, ExportResult } from '../../contract/imports.ts';
import { ConfigDocument } from '../document.ts';
import { loadPlan } from '../load.ts';
import { exportConfig } from './export.ts';
import { reviewImport } from './review.ts';

const FILE = `services:
- name: web
  addr: 127.0.0.1:1080
  note: mine
  bypass: local
  handler:
    type: socks5
    chain: out
    auth: { username: me, password: hunter2 }
    metadata: { udp: true, guard: true, notls: true }
  listener: { type: tcp }
- name: door
  addr: :8080
  handler: { type: tcp }
  listener: { type: tcp }
  forwarder:
    nodes:
    - { name: target-0, addr: '10.0.0.1:80' }
chains:
- name: out
  hops:
  - name: h0
    selector: { strategy: fifo, maxFails: 2, failTimeout: 20s }
    nodes:
    - name: a
      addr: a.example:1080
      connector: { type: socks5, auth: { username: u, password: 'p@ss' } }
      dialer: { type: tls, tls: { serverName: other.example } }
    - name: b
      addr: b.example:1080
      connector: { type: socks5, auth: { username: u, password: 'p@ss' } }
      dialer: { type: tls, tls: { serverName: other.example } }
  - name: h1
    nodes:
    - name: c
      addr: c.example:8080
      connector: { type: http }
      dialer: { type: tcp }
- name: unused
  hops:
  - name: h0
    nodes:
    - { name: d, addr: 'd.example:1', connector: { type: socks4 }, dialer: { type: tcp } }
bypasses:
- name: local
  matchers: [127.0.0.1, 10.0.0.0/8]
`;
const { config } = ConfigDocument.parse(FILE, 'own');
const out = (more: Partial<ExportRequest>): ExportResult =>
  exportConfig(config, { format: 'yaml', paths: null, secrets: false, ...more });

test('passwords stay at home unless asked for', () => {
  for (const format of ['yaml', 'json', 'uris', 'command'] as const) {
    const masked = out({ format });
    assert.doesNotMatch(masked.text, /hunter2|p@ss|p%40ss|•/, format);
    assert.equal(masked.hidden, 3);
    const open = out({ format, secrets: true });
    assert.match(open.text, /p@ss|p%40ss/, format);
    assert.equal(open.hidden, 0);
  }
});

test('a file has GOST keys only, and says what it is without', () => {
  const { text, left } = out({ secrets: true });
  assert.doesNotMatch(text, /guard|note/);
  assert.deepEqual(left, [
    'services › web › note is no key of GOST and is left out.',
    'services › web › handler › metadata › guard is no option of GOST and is left out.',
  ]);
  const json = loadPlan(out({ format: 'json', secrets: true }).text, { file: 'json' });
  const yaml = loadPlan(text, { file: 'yaml' });
  assert.deepEqual(
    [json, yaml].map(({ plan }) => plan.chains[0]?.hops[0]?.selector.failTimeoutMs),
    [20_000, 20_000],
  );
  assert.equal(json.plan.services.length, yaml.plan.services.length);
});

test('a selection brings along what it names', () => {
  const { text } = out({ paths: [['services', 0]], secrets: true });
  const part = ConfigDocument.parse(text, '').config;
  assert.deepEqual(
    [part.services?.length, part.chains?.map(({ name }) => name), Array.isArray(part['bypasses'])],
    [1, ['out'], true],
  );
  const chain = ConfigDocument.parse(out({ paths: [['chains', 1]] }).text, '').config;
  assert.deepEqual([chain.services, chain.chains?.length], [[], 1]);
});

test('a command line means the same when it is read again, one part for each way out', () => {
  const { text, left } = out({ format: 'command', secrets: true });
  assert.equal(
    text,
    "gost -L 'socks5://me:hunter2@127.0.0.1:1080?bypass=127.0.0.1%2C10.0.0.0%2F8&handler.udp=true&handler.notls=true' -F 'socks5+tls://u:p%40ss@a.example:1080,b.example:1080?serverName=other.example&strategy=fifo&maxFails=2&failTimeout=20s' -F http://c.example:8080 -- -L tcp://:8080/10.0.0.1:80\n",
  );
  assert.equal(left.length, 2, 'the two keys that are not GOST’s');
  const { read, findings } = reviewImport({ name: 'line', text, list: 'hop', dialect: 'v3' }, {});
  assert.deepEqual(
    findings.filter(({ grade }) => grade === 'blocks'),
    [],
  );
  const [web, door] = read.source.config.services ?? [];
  assert.deepEqual(
    [web?.handler?.chain, web?.handler?.auth, web?.handler?.metadata?.['udp'], door?.handler?.chain],
    ['chain-0', { username: 'me', password: 'hunter2' }, 'true', undefined],
  );
  const hops = read.source.config.chains?.[0]?.hops;
  assert.deepEqual(
    hops?.map(({ nodes }) => nodes?.map(({ addr }) => addr)),
    [['a.example:1080', 'b.example:1080'], ['c.example:8080']],
  );
  const plan = loadPlan(FILE, { file: 'own' }).plan;
  assert.equal(plan.services.length, 2, 'what was exported runs');
});

test('a list of addresses says what it can not say', () => {
  const { text, left } = out({ format: 'uris', secrets: true });
  assert.deepEqual(text.trim().split('\n'), [
    'socks5+tls://u:p%40ss@a.example:1080?serverName=other.example',
    'socks5+tls://u:p%40ss@b.example:1080?serverName=other.example',
    'http://c.example:8080',
    'socks4://d.example:1',
  ]);
  assert.ok(left.some((sentence) => sentence.includes('one behind the other')));
  assert.ok(left.some((sentence) => sentence.startsWith('Services are not')));
  assert.equal(exportConfig({}, { format: 'uris', paths: null, secrets: false }).text, '');
});
