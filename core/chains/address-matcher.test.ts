import assert from 'node:assert/strict';
import { BlockList, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { OwnTime } from '../testing/own-time.ts';
import { compileMatchers } from './address-matcher.ts';

interface Row {
  readonly pattern: string;
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

const ROWS: readonly Row[] = [
  { pattern: '10.1.2.3', yes: ['10.1.2.3', '::ffff:10.1.2.3'], no: ['10.1.2.4', '10.1.2.30', 'ten.example'] },
  { pattern: '2001:DB8::1', yes: ['2001:db8::1', '2001:db8:0:0::1'], no: ['2001:db8::2'] },
  { pattern: '[2001:db8::1]', yes: ['2001:db8::1'], no: ['2001:db8::2'] },
  { pattern: '10.0.0.0/8', yes: ['10.0.0.0', '10.255.255.255'], no: ['11.0.0.0', '9.255.255.255'] },
  { pattern: '10.9.9.9/8', yes: ['10.0.0.0'], no: ['11.0.0.0'] },
  { pattern: '0.0.0.0/0', yes: ['1.2.3.4'], no: ['::1'] },
  { pattern: '2001:db8::/33', yes: ['2001:db8:7fff::1'], no: ['2001:db8:8000::1'] },
  { pattern: '::ffff:10.0.0.0/104', yes: ['10.20.30.40'], no: ['11.0.0.0'] },
  { pattern: '10.0.0.7-10.0.1.3', yes: ['10.0.0.7', '10.0.0.255', '10.0.1.3'], no: ['10.0.0.6', '10.0.1.4'] },
  { pattern: '::5-::9', yes: ['::5', '::9'], no: ['::4', '::a'] },
  { pattern: 'Example.COM', yes: ['example.com', 'EXAMPLE.com.'], no: ['a.example.com', 'example.org'] },
  { pattern: '.example.com', yes: ['example.com', 'a.b.example.com'], no: ['badexample.com', 'com'] },
  {
    pattern: '*.example.com',
    yes: ['a.example.com', 'a.b.example.com'],
    no: ['example.com', 'badexample.com'],
  },
  { pattern: 'ads?.example.*', yes: ['ads1.example.org', 'adsx.example.co.uk'], no: ['ads.example.org'] },
  { pattern: '192.168.*', yes: ['192.168.3.4'], no: ['192.169.0.1'] },
  { pattern: 'host[0-3].{lan,home}', yes: ['host0.lan', 'host3.home'], no: ['host4.lan', 'host0.net'] },
  { pattern: 'host[!0-3]', yes: ['host4', 'hostx'], no: ['host0'] },
  { pattern: '*', yes: ['1.2.3.4', '::1', 'any.example'], no: [] },
];

for (const { pattern, yes, no } of ROWS) {
  test(`matches ${pattern}`, () => {
    const matches = compileMatchers([pattern], 'rules');
    for (const host of yes) assert.ok(matches({ host, port: 80 }), `${pattern} is about ${host}`);
    for (const host of no) assert.ok(!matches({ host, port: 80 }), `${pattern} is not about ${host}`);
  });
}

test('a port or a range of ports narrows any pattern', () => {
  for (const [pattern, host] of [
    ['*.example.com:80-90', 'a.example.com'],
    ['10.0.0.0/8:80-90', '10.1.1.1'],
    ['10.0.0.1-10.0.0.9:80-90', '10.0.0.5'],
    ['[2001:db8::/32]:80-90', '2001:db8::1'],
    ['*:80-90', 'anything.example'],
    [':80-90', '1.2.3.4'],
  ] as const) {
    const matches = compileMatchers([pattern], 'rules');
    for (const port of [80, 85, 90]) assert.ok(matches({ host, port }), `${pattern} port ${port}`);
    for (const port of [79, 91]) assert.ok(!matches({ host, port }), `${pattern} port ${port}`);
  }
  const both = compileMatchers(['10.0.0.1:80', '10.0.0.1:443'], 'rules');
  assert.deepEqual(
    [80, 443, 81].map((port) => both({ host: '10.0.0.1', port })),
    [true, true, false],
  );
});

test('patterns that can not be read are an error that names the list', () => {
  for (const bad of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/8/8',
    'a/24',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1-::1',
    'a:99999',
    'a:90-80',
    'a:x',
    'zz::1::2',
  ]) {
    assert.throws(() => compileMatchers([bad], 'my-rules'), { code: 'config', message: /my-rules/ }, bad);
  }
  assert.ok(!compileMatchers(['', '  '], 'rules')({ host: 'a', port: 1 }));
});

test('agrees with a naive reading of any list of blocks and ranges', () => {
  const v4 = fc.ipV4();
  const v6 = fc.ipV6().filter((text) => !text.includes('.'));
  const block = fc.oneof(
    fc.tuple(v4, fc.nat(32)).map(([net, bits]) => ({ net, bits, family: 'ipv4' as const })),
    fc.tuple(v6, fc.nat(128)).map(([net, bits]) => ({ net, bits, family: 'ipv6' as const })),
  );
  fc.assert(
    fc.property(
      fc.array(block, { maxLength: 12 }),
      fc.array(fc.oneof(v4, v6), { minLength: 1 }),
      (blocks, hosts) => {
        // BlockList lets an IPv6 block hold IPv4 addresses: one list per family
        const naive = { ipv4: new BlockList(), ipv6: new BlockList() };
        for (const { net, bits, family } of blocks) naive[family].addSubnet(net, bits, family);
        const matches = compileMatchers(
          blocks.map(({ net, bits }) => `${net}/${bits}`),
          'rules',
        );
        for (const host of [...hosts, ...blocks.map(({ net }) => net)]) {
          // a mapped address is an IPv4 address to us and an IPv6 address to BlockList's rules
          if (/^(0|:)*:ffff:/i.test(host) || host.startsWith('64:ff9b:')) continue;
          const family = isIPv6(host) ? 'ipv6' : 'ipv4';
          assert.equal(matches({ host, port: 1 }), naive[family].check(host, family), host);
        }
      },
    ),
  );
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  fc.assert(
    fc.property(v4, v4, v4, (a, b, host) => {
      const [from, to] = number(a) <= number(b) ? [a, b] : [b, a];
      const inside = number(host) >= number(from) && number(host) <= number(to);
      assert.equal(compileMatchers([`${from}-${to}`], 'rules')({ host, port: 1 }), inside);
    }),
  );
});

test('agrees with a naive reading of any list of names', () => {
  const label = fc.constantFrom('a', 'b', 'cc');
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
  const pattern = fc.tuple(fc.constantFrom('', '.', '*.'), name).map(([lead, text]) => lead + text);
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 8 }), name, (patterns, host) => {
      const naive = patterns.some((text) => {
        if (text.startsWith('*.')) return host.endsWith(text.slice(1));
        return text.startsWith('.') ? host === text.slice(1) || host.endsWith(text) : host === text;
      });
      assert.equal(compileMatchers(patterns, 'rules')({ host, port: 1 }), naive);
    }),
  );
});

test('agrees with a regular expression about any glob', () => {
  const piece = fc.constantFrom('*', '?', 'a', 'b', '.', '[ab]', '[!a]', '{a,b.}');
  const glob = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => `?${pieces.join('')}`);
  const host = fc
    .array(fc.constantFrom('a', 'b', 'c', '.'), { minLength: 1, maxLength: 8 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(glob, host, (pattern, text) => {
      const source = pattern
        .replaceAll('.', '\\.')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')
        .replaceAll('[!', '[^')
        .replace(/\{a,b\\\.\}/g, '(?:a|b\\.)');
      const plain = text.replace(/\.$/, '');
      const regular = new RegExp(`^${source.replace(/\\\.$/, '')}$`);
      const full = new RegExp(`^${source}$`);
      // a final dot of the pattern is dropped with that of the host
      const expected = pattern.endsWith('.') ? regular.test(plain) : full.test(plain);
      assert.equal(
        compileMatchers([pattern], 'rules')({ host: text, port: 1 }),
        expected,
        `${pattern} on ${text}`,
      );
    }),
  );
});

test('five thousand rules and a hostile glob cost no more than few', () => {
  const rules = Array.from({ length: 5000 }, (_, at) => [
    `10.${at >> 8}.${at & 255}.0/24`,
    `*.d${at}.example`,
    `2001:db8:${at.toString(16)}::/48`,
  ]).flat();
  const matches = compileMatchers([...rules, `${'*a'.repeat(60)}b`], 'rules');
  const time = new OwnTime();
  for (let round = 0; round < 2000; round += 1) {
    assert.ok(matches({ host: '10.3.7.9', port: 80 }));
    assert.ok(!matches({ host: '203.0.113.9', port: 80 }));
    assert.ok(matches({ host: 'x.y.d4999.example', port: 80 }));
    assert.ok(!matches({ host: `${'a'.repeat(60)}.example`, port: 80 }));
  }
  const each = time.elapsed / 8000;
  assert.ok(each < 0.5, `${each.toFixed(3)} ms per look-up`);
});
