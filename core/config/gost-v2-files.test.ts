/** The files beside a configuration of GOST v2: what each becomes in v3, and what the configuration then does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../contract/config.ts';
import { v2UrlsToConfig } from './gost-v2.ts';
import { loadPlan } from './load.ts';

function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/v2/${name}`, import.meta.url));
}

function about(findings: readonly Finding[]): string[] {
  return findings.map(
    ({ grade, code, file, line }) => `${grade} ${code} ${file}${line > 0 ? `:${line}` : ''}`,
  );
}

test('secrets: the users stay in their file, which the auther of the service names', () => {
  const path = fixture('users.txt');
  const { config, findings } = v2UrlsToConfig([`socks5://other:user@:1080?secrets=${path}`], []);
  assert.deepEqual(config['authers'], [{ name: 'auther-0', file: { path } }]);
  assert.equal(config.services?.[0]?.handler?.['auther'], 'auther-0');
  assert.equal(
    config.services[0].handler['auth'],
    undefined,
    'v2 lets in the users of the file and nobody else',
  );
  assert.deepEqual(findings, []);
  const { plan } = loadPlan(`{"ServeNodes": ["socks5://127.0.0.1:1080?secrets=${path}"]}`, {
    file: 'v2.json',
  });
  assert.deepEqual(plan.authers[0]?.file?.items, [
    { username: 'ann', password: 'pa#ss' },
    { username: 'bob', password: 'secret two words' },
  ]);
  assert.equal(plan.services.length, 1);
});

test('secrets with a reload line: v3 would take that for a user, so the users are copied', () => {
  const { config, findings } = v2UrlsToConfig([`socks5://:1080?secrets=${fixture('users-reload.txt')}`], []);
  assert.deepEqual(config['authers'], [
    {
      name: 'auther-0',
      auths: [
        { username: 'ann', password: 'one' },
        { username: 'bob', password: '' },
      ],
    },
  ]);
  assert.deepEqual(about(findings), ['changes v2_file_copied -L 1']);
});

test('secrets of a proxy: its first user signs in', () => {
  const { config } = v2UrlsToConfig([], [`socks5://h:1?secrets=${fixture('users.txt')}`]);
  assert.deepEqual(config.chains?.[0]?.hops?.[0]?.nodes?.[0]?.connector?.['auth'], {
    username: 'ann',
    password: 'pa#ss',
  });
});

test('bypass: rules stay in their file, or are copied with what a line of v2 says', () => {
  const path = fixture('bypass.txt');
  const reversed = fixture('bypass-reverse.txt');
  const { config, findings } = v2UrlsToConfig(
    [`:8080?bypass=${path}`],
    [`socks5://h:1?bypass=~${reversed}`, 'socks5://h:2?bypass=~a.test,b.test'],
  );
  assert.deepEqual(config['bypasses'], [
    { name: 'bypass-0', whitelist: true, matchers: ['*.example.com', '192.168.1.1'] },
    { name: 'bypass-1', whitelist: true, matchers: ['a.test', 'b.test'] },
    { name: 'bypass-2', file: { path } },
  ]);
  assert.equal(config.services?.[0]?.['bypass'], 'bypass-2');
  assert.deepEqual(
    config.chains?.[0]?.hops?.map((hop) => hop['bypass']),
    ['bypass-0', 'bypass-1'],
  );
  assert.deepEqual(about(findings), ['changes v2_file_copied -F 1', 'hint v2_option -F 1']);
});

test('hosts: names stay in their file, or are copied without the lines that v2 passes over', () => {
  const path = fixture('hosts.txt');
  const { config } = v2UrlsToConfig([`:1?hosts=${path}`, `:2?hosts=${fixture('hosts-reload.txt')}`], []);
  assert.deepEqual(config['hosts'], [
    { name: 'hosts-0', file: { path } },
    { name: 'hosts-1', mappings: [{ ip: '127.0.0.1', hostname: 'one.test', aliases: ['two.test'] }] },
  ]);
  assert.deepEqual(
    config.services?.map((service) => service['hosts']),
    ['hosts-0', 'hosts-1'],
  );
});

test('ip: the addresses of a file, with the port of the URL where they have none', () => {
  const addresses = (url: string): (string | undefined)[] | undefined =>
    v2UrlsToConfig([], [url]).config.chains?.[0]?.hops?.[0]?.nodes?.map(({ addr }) => addr);
  const path = fixture('ips.txt');
  assert.deepEqual(addresses(`socks5://u:p@h:1080?ip=${path}`), [
    '10.0.0.1:1080',
    '10.0.0.2:1081',
    '[::1]:1080',
  ]);
  assert.deepEqual(addresses('socks5://h:1080?ip=1.2.3.4,1.2.3.5:9'), ['1.2.3.4:1080', '1.2.3.5:9']);
});

test('peer: its proxies join the hop, and what it says about choosing one holds', () => {
  const { config, findings } = v2UrlsToConfig(
    [],
    [
      `socks5://h:1080?strategy=round&peer=${fixture('peers.txt')}`,
      `http://h:80?peer=${fixture('peers.json')}`,
    ],
  );
  const [first, second] = config.chains?.[0]?.hops ?? [];
  assert.deepEqual(first?.['selector'], { strategy: 'fifo', maxFails: 3, failTimeout: '20s' });
  assert.deepEqual(
    first.nodes?.map(({ name, addr, connector, dialer, bypass }) => [
      name,
      addr,
      connector?.type,
      dialer?.type,
      bypass,
    ]),
    [
      ['node-0', 'h:1080', 'socks5', 'tcp', undefined],
      ['node-1', '10.0.0.9:1080', 'socks5', 'tcp', undefined],
      ['node-2', '10.0.0.8:443', 'http', 'tls', 'bypass-0'],
    ],
  );
  assert.deepEqual(first.nodes[1]?.connector?.['auth'], { username: 'u', password: 'p' });
  assert.deepEqual(
    second?.nodes?.map(({ addr }) => addr),
    ['h:80', '10.0.0.9:1080'],
  );
  assert.deepEqual(about(findings), ['changes v2_file_copied -F 1', 'changes v2_option -F 2']);
});

test('dns: the name servers of a file are copied, because v3 reads them from none', () => {
  const { config, findings } = v2UrlsToConfig(
    [`:1?dns=${fixture('dns.txt')}`, `:2?dns=${fixture('dns-chain.txt')}`],
    [],
  );
  const all = { prefer: 'ipv4', ttl: '60s', timeout: '3s' };
  assert.deepEqual(config['resolvers'], [
    {
      name: 'resolver-0',
      nameservers: [
        { addr: '10.0.0.53', ...all },
        { addr: 'tls://1.1.1.1:853', hostname: 'cloudflare-dns.com', ...all },
        { addr: 'https://1.0.0.1/dns-query', ...all },
      ],
    },
    { name: 'resolver-1', nameservers: [{ addr: 'tcp://8.8.8.8:53' }] },
  ]);
  assert.deepEqual(
    config.services?.map((service) => service['resolver']),
    ['resolver-0', 'resolver-1'],
  );
  assert.deepEqual(about(findings), [
    'changes v2_file_copied -L 1',
    'changes v2_file_copied -L 2',
    'blocks v2_option -L 2',
  ]);
});

test('files that are not there keep their service or hop from running, at their line', () => {
  const text = `{
  "ServeNodes": [
    "socks5://127.0.0.1:1080?secrets=/nowhere/users.txt",
    "http://127.0.0.1:1081?bypass=/nowhere/rules.txt",
    "http://127.0.0.1:1082"
  ],
  "Routes": [
    {"ServeNodes": ["tcp://127.0.0.1:1083/:1"], "ChainNodes": ["socks5://h:1?peer=/nowhere/peers.txt"]},
    {"ServeNodes": ["tcp://127.0.0.1:1084/:1"], "ChainNodes": ["socks5://h:1?ip=/nowhere/ips.txt"]},
    {"ServeNodes": ["tcp://127.0.0.1:1085/:1"], "ChainNodes": ["socks5://h:1?secrets=/nowhere/users.txt"]}
  ]
}`;
  const { findings, plan } = loadPlan(text, { file: 'v2.json' });
  const blocking = findings.filter(({ grade }) => grade === 'blocks');
  for (const [code, line] of [
    ['bad_file', 3],
    ['bad_file', 4],
    ['v2_option', 8],
    ['v2_option', 9],
    ['v2_option', 10],
  ] as const)
    assert.ok(
      blocking.some((one) => one.code === code && one.line === line),
      `${code} in line ${line}: ${about(blocking).join()}`,
    );
  assert.deepEqual(
    plan.services.map(({ address }) => address.port),
    [1082],
  );
});
