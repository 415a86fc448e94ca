// Every way in: what is found, with its lines, its states and its needs, and what then stands in the file. Long because there are many ways in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImportChoice, ImportItem, ImportSource } from '../../contract/imports.ts';
import { ConfigDocument } from '../document.ts';
import { applyImport, type Imported } from './apply.ts';
import { repaired } from './read.ts';
import { reviewImport, type Reviewed } from './review.ts';

const source = (text: string, more: Partial<ImportSource> = {}): ImportSource => ({
  name: 'given.yaml',
  text,
  list: 'hop',
  dialect: 'v3',
  ...more,
});
const review = (text: string, more: Partial<ImportSource> = {}, current = ''): Reviewed =>
  reviewImport(source(text, more), ConfigDocument.parse(current, 'own').config);
const flat = (items: readonly ImportItem[]): ImportItem[] =>
  items.flatMap((item) => [item, ...flat(item.children)]);
const all = (reviewed: Reviewed): string[] =>
  flat(reviewed.items)
    .filter(({ state }) => state !== 'blocked')
    .map(({ id }) => id);
function take(
  text: string,
  current: string,
  choice: Partial<ImportChoice> = {},
  more: Partial<ImportSource> = {},
): Imported {
  const own = ConfigDocument.parse(current, 'own');
  const reviewed = reviewImport(source(text, more), own.config);
  return applyImport(own, reviewed, { take: all(reviewed), clashes: {}, ...choice });
}
const said = (reviewed: Reviewed, code: string): number[] =>
  reviewed.findings.filter((finding) => finding.code === code).map(({ line }) => line);

const FILE = `# mine
services:
  - name: web      # first
    addr: 127.0.0.1:1080
    handler:
      type: socks5
      chain: out
      auth: { username: me, password: hunter2 }
      metadata: { sniffing: true }
    listener: { type: tcp }
    bypass: local
  - name: plain
    addr: 127.0.0.1:1081
    handler: { type: socks5 }
    listener: { type: tcp }
    speed: 9
chains:
  - name: out
    hops:
      - name: h0
        nodes:
          - name: a
            addr: a.example:1080
            connector: { type: socks5 }
            dialer: { type: tcp }
          - name: b
            addr: b.example:1080
            connector: { type: nonsense }
            dialer: { type: tcp }
bypasses:
  - name: local
    matchers: [127.0.0.1, 10.0.0.0/8]
log:
  level: debug
`;

describe('a GOST v3 file', () => {
  test('is shown as a tree with lines, states and needs, one bad node aside', () => {
    const reviewed = review(FILE);
    assert.deepEqual(
      flat(reviewed.items).map(({ id, state, line }) => [id, state, line]),
      [
        ['services/0', 'new', 3],
        ['services/1', 'new', 12],
        ['chains/0', 'new', 18],
        ['chains/0/hops/0', 'new', 20],
        ['chains/0/hops/0/nodes/0', 'new', 22],
        ['chains/0/hops/0/nodes/1', 'blocked', 26],
        ['bypasses/0', 'new', 31],
        ['log', 'new', 33],
      ],
    );
    assert.deepEqual(reviewed.items[0]?.needs, ['chains/0', 'bypasses/0']);
    assert.equal(reviewed.items[0].endLine, 11);
    assert.equal(reviewed.secrets, 1);
    assert.deepEqual([reviewed.format, reviewed.whole], ['gost', true]);
    assert.deepEqual(said(reviewed, 'unknown_key'), [16]);
    assert.doesNotMatch(JSON.stringify(reviewed.items), /hunter2/);
  });

  test('goes into an empty configuration as it is, less what is not wanted', () => {
    const whole = review(FILE.replace('nonsense', 'http'));
    assert.equal(
      take(FILE.replace('nonsense', 'http'), '').text,
      FILE.replace('nonsense', 'http'),
      'nothing left out: the same bytes',
    );
    assert.equal(all(whole).length, 8);
    const { text } = take(FILE, '');
    assert.equal(text, FILE.split('\n').toSpliced(25, 4).join('\n'));
  });

  test('is added to another configuration, names that are taken renamed together with what refers to them', () => {
    const own = `chains:\n- name: out\n  hops:\n  - name: x\n    nodes:\n    - name: n\n      addr: other:1\n      connector:\n        type: socks5\n      dialer:\n        type: tcp\n`;
    const { text } = take(FILE, own);
    const { config } = ConfigDocument.parse(text, 'own');
    assert.ok(text.startsWith(own.trimEnd()), 'what was there is not touched');
    assert.deepEqual(
      config.chains?.map(({ name }) => name),
      ['out', 'out-2'],
    );
    assert.equal(config.services?.[0]?.handler?.chain, 'out-2');
    assert.equal(config.services[0].handler.auth?.password, 'hunter2');
    assert.equal(config.services[1]?.['speed'], 9);
    const replaced = take(FILE, own, { clashes: { 'chains/0': 'replace' } });
    const after = ConfigDocument.parse(replaced.text, 'own').config;
    assert.equal(after.chains?.length, 1);
    assert.equal(after.chains[0]?.hops?.[0]?.nodes?.[0]?.addr, 'a.example:1080');
    assert.equal(after.services?.[0]?.handler?.chain, 'out');
  });

  test('what needs a thing that is neither taken nor there is refused; one of that name will do', () => {
    const without = { take: ['services/0', 'bypasses/0'] };
    assert.throws(() => take(FILE, '', without), { code: 'config' });
    assert.throws(() => take(FILE, '', { take: ['chains/0', 'chains/0/hops/0'] }), { code: 'config' });
    assert.throws(() => take(FILE, '', { take: ['chains/0/hops/0/nodes/0'] }), { code: 'config' });
    assert.throws(() => take(FILE, '', { take: [] }), { code: 'config' });
    const own = `chains:\n- name: out\n  hops:\n  - name: x\n    nodes:\n    - name: n\n      addr: other:1\n      connector:\n        type: socks5\n      dialer:\n        type: tcp\n`;
    const { config } = ConfigDocument.parse(take(FILE, own, without).text, 'own');
    assert.deepEqual([config.services?.[0]?.handler?.chain, config.chains?.length], ['out', 1]);
  });

  test('the same things again are the same; another password is a change that shows no password', () => {
    const own = take(FILE, '').text;
    const again = review(own, {}, own);
    assert.ok(again.items.every(({ state }) => state === 'same'));
    assert.throws(() => take(own, own), { code: 'config' });
    const other = review(own.replace('hunter2', 'hunter3'), {}, own).items[0];
    assert.deepEqual([other?.state, other?.secretsDiffer, other?.freeName], ['changed', true, 'web-2']);
    assert.doesNotMatch(JSON.stringify(other), /hunter/);
  });

  test('a port that one of the own services has is named, with a free one', () => {
    const own = `services:\n- name: local\n  addr: 127.0.0.1:1080\n  handler:\n    type: socks5\n  listener:\n    type: tcp\n`;
    const reviewed = review(FILE, {}, own);
    const clash = reviewed.findings.find(({ code }) => code === 'port_taken');
    assert.deepEqual([clash?.line, clash?.fix?.label], [4, 'Use 1082']);
    assert.match(clash?.message ?? '', /local/);
    const twin = review(own.replace('socks5', 'http'), {}, own);
    assert.equal(said(twin, 'port_taken').length, 1, 'under another name it would want the same port');
    assert.deepEqual(said(review(own, {}, own), 'port_taken'), []);
  });

  test('files that it names are told and not opened', () => {
    const text = `services:\n- name: a\n  addr: 127.0.0.1:1\n  handler: { type: socks5 }\n  listener:\n    type: tls\n    tls:\n      certFile: /nonexistent/cert.pem\n      keyFile: ../key.pem\n`;
    assert.deepEqual(said(review(text), 'reads_file'), [8, 9]);
  });
});

describe('texts that are not quite right', () => {
  test('tabs, and keys given twice, are put right on demand', () => {
    const tabs = 'services:\n\t- name: a\n\t  addr: 127.0.0.1:1\n';
    assert.deepEqual([review(tabs).repair, review(tabs).items.length], ['tabs', 0]);
    assert.equal(review(tabs).findings[0]?.line, 2);
    assert.deepEqual(
      review(repaired(tabs, 'tabs')).items.map(({ name }) => name),
      ['a'],
    );
    const twice =
      'services:\n- name: a\n  addr: 127.0.0.1:1\n  handler:\n    type: socks5\n  handler:\n    type: http\n  addr: 127.0.0.1:2\n';
    assert.equal(review(twice).repair, 'duplicates');
    const [service] = review(repaired(twice, 'duplicates')).items;
    assert.match(service?.after ?? '', /addr: 127\.0\.0\.1:1\nhandler:\n +type: socks5/);
  });

  test('several documents are all offered, each thing on its line', () => {
    const text = `services:\n- name: a\n  addr: 127.0.0.1:1\n  handler: { type: socks5 }\n  listener: { type: tcp }\n---\n# second\nservices:\n- name: b\n  addr: 127.0.0.1:2\n  handler: { type: socks5 }\n  listener: { type: tcp }\n`;
    const reviewed = review(text);
    assert.deepEqual(
      reviewed.items.map(({ name, line, state }) => [name, line, state]),
      [
        ['a', 2, 'new'],
        ['b', 9, 'new'],
      ],
    );
    assert.deepEqual(said(reviewed, 'documents'), [7]);
    assert.equal(reviewed.whole, false);
  });

  test('what is no configuration says so', () => {
    for (const text of ['', '  \n', '# nothing\n', 'just words', '\0\0PNG', 'x'.repeat(1024 * 1024 + 1)]) {
      const reviewed = review(text);
      assert.ok(
        reviewed.findings.some(({ grade }) => grade === 'blocks'),
        text.slice(0, 20),
      );
      assert.deepEqual(reviewed.items, []);
    }
  });

  test('aliases and depth are capped, and keys of the prototype pollute nothing', () => {
    const bomb = `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
      .split('')
      .map(
        (name, at) =>
          `${name}: &${name} [${Array(10)
            .fill(`*${'abcdefg'.charAt(at)}`)
            .join(',')}]\n`,
      )
      .join('')}`;
    assert.ok(review(bomb).findings.some(({ code }) => code === 'too_big' || code === 'alias'));
    assert.ok(review('['.repeat(5000)).findings.some(({ code }) => code === 'too_deep'));
    const { text } = take(
      'services: []\n__proto__: { polluted: 1 }\nlog: { level: info }\n',
      'log: { level: warn }\n',
      {
        clashes: { log: 'replace' },
      },
    );
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.doesNotMatch(text, /polluted/);
  });
});

describe('command lines', () => {
  const LINE = `$ sudo gost -D \\
    -L "socks5://me:hunter2@:1080?udp=true" \\
    -F=relay+tls://up.example:443 -F 'socks5+foo://x:1' -C other.yaml
`;

  test('become services and a chain, each on its line, other flags named', () => {
    const reviewed = review(LINE);
    assert.equal(reviewed.format, 'command');
    assert.deepEqual(
      reviewed.items.map(({ kind, name, line, state }) => [kind, name, line, state]),
      [
        ['service', 'service-0', 2, 'blocked'],
        ['chain', 'chain-0', 3, 'blocked'],
      ],
    );
    assert.deepEqual(said(reviewed, 'command_option'), [1, 3]);
    assert.deepEqual(said(reviewed, 'unknown_scheme'), [3]);
  });

  test('several lines are routes of their own; GOST v2 rules are a choice', () => {
    const text = 'gost -L :1080 -F socks5://a:1\ngost -L :1081 -F socks5://b:1?secrets=x\n';
    const { config } = ConfigDocument.parse(take(text, '').text, 'own');
    assert.deepEqual(
      config.services?.map(({ handler }) => handler?.chain),
      ['chain-0'],
      'the second is refused: its users would be lost',
    );
    const v2 = review('gost -L :1080', { dialect: 'v2' });
    assert.match(v2.items[0]?.after ?? '', /bind: "?true/);
  });

  test('are found in unit files, lists of compose files and JSON', () => {
    for (const text of [
      '[Service]\nExecStart=/usr/bin/gost -L socks5://:1080\nRestart=always\n',
      '    command:\n      - "-L=socks5://:1080"\n',
      'command: ["-L", "socks5://:1080"]\n',
      "docker run ginuerzh/gost -L='socks5://:1080'\n",
    ]) {
      const reviewed = review(text);
      assert.deepEqual(
        reviewed.items.map(({ detail }) => detail),
        ['socks5 :1080'],
        text,
      );
    }
    assert.equal(review('# start with: gost -L :1080\nservices: []\n').format, 'gost');
  });
});

describe('lists of addresses', () => {
  const LIST = '# mine\nsocks5://me:hunter2@a.example:1080#Home\n\nhttp://b.example:8080\nnonsense+x://c:1\n';

  test('become the nodes of one hop, or a chain each', () => {
    const hop = review(LIST, { name: 'proxies.txt' });
    assert.equal(hop.format, 'uris');
    assert.deepEqual(
      flat(hop.items).map(({ kind, name, line, state }) => [kind, name, line, state]),
      [
        ['chain', 'proxies', 2, 'new'],
        ['hop', 'hop-0', 2, 'new'],
        ['node', 'Home', 2, 'new'],
        ['node', 'b.example:8080', 4, 'new'],
        ['node', 'c:1', 5, 'blocked'],
      ],
    );
    const chains = review(LIST, { list: 'chains' });
    assert.deepEqual(
      chains.items.map(({ name, state }) => [name, state]),
      [
        ['Home', 'new'],
        ['b.example:8080', 'new'],
        ['c:1', 'blocked'],
      ],
    );
    const { config } = ConfigDocument.parse(take(LIST, 'services: []\n', {}, { list: 'chains' }).text, 'own');
    assert.deepEqual(
      [config.chains?.length, config.chains?.[0]?.hops?.[0]?.nodes?.[0]?.connector?.auth?.password],
      [2, 'hunter2'],
    );
  });

  test('are read in Base64 too', () => {
    const packed = Buffer.from('socks5://a:1\nsocks5://b:2\n').toString('base64');
    assert.equal(flat(review(packed).items).filter(({ kind }) => kind === 'node').length, 2);
  });
});

test('a file of GOST v2 is translated, its lines kept', () => {
  const text =
    '{\n  "ServeNodes": ["socks5://:1080",\n    "tcp://:1?secrets=x"],\n  "ChainNodes": ["http://up:8080"]\n}\n';
  const reviewed = review(text);
  assert.equal(reviewed.format, 'gost-v2');
  assert.deepEqual(
    reviewed.items.map(({ name, state, line }) => [name, state, line]),
    [
      ['service-0', 'new', 2],
      ['service-1', 'blocked', 3],
      ['chain-0', 'new', 4],
      ['auther-0', 'blocked', 3],
    ],
  );
  const { text: file } = take(text, '');
  assert.equal(ConfigDocument.parse(file, '').config.services?.[0]?.handler?.chain, 'chain-0');
});
