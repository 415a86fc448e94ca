import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPlan } from './load.ts';
import { ConfigDocument } from './document.ts';
import { isV2, v2ToConfig, v2UrlsToConfig } from './gost-v2.ts';

const FILE = `{
  "debug": true,
  "Retries": 2,
  "ServeNodes": ["socks5://:1080?timeout=5s", "udp://:1053/:53"],
  "ChainNodes": ["socks://u:p@h:1080?notls=true", "http2://h2:443?ip=1.2.3.4:443,1.2.3.5:443&strategy=fifo&max_fails=2"],
  "Routes": [
    {"ServeNodes": ["tcp://:2222/:22"], "ChainNodes": ["relay+tls://r:443"], "Mark": 7},
    {"ServeNodes": [":8080?whitelist=tcp:10.0.0.0/8:*", ":8081"]}
  ]
}
`;

function read(text: string): ReturnType<typeof v2ToConfig> {
  const document = ConfigDocument.parse(text, 'v2.json');
  assert.deepEqual(document.errors, []);
  assert.ok(isV2(document.config));
  return v2ToConfig(document.config, (path) => ({ file: 'v2.json', ...document.locate(path) }));
}

test('each route of a v2 file gets a chain of its own, and the services what v2 does unasked', () => {
  const { config } = read(FILE);
  assert.deepEqual(config['log'], { level: 'debug' });
  assert.deepEqual(
    config.services?.map(({ name, addr, handler }) => [name, addr, handler?.type, handler?.chain]),
    [
      ['service-0', ':1080', 'socks5', 'chain-0'],
      ['service-1', ':1053', 'udp', 'chain-0'],
      ['service-2', ':2222', 'tcp', 'chain-1'],
      ['service-3', ':8080', 'auto', undefined],
      ['service-4', ':8081', 'auto', undefined],
    ],
  );
  assert.deepEqual(config.services[0]?.handler?.metadata, {
    bind: 'true',
    comp: 'true',
    timeout: '5s',
    udp: 'true',
  });
  assert.equal(config.services[0].handler['retries'], 2);
  assert.deepEqual(config.services[1]?.listener?.metadata, { keepalive: 'true', retries: '2', ttl: '60s' });
  const [first, second] = config.chains ?? [];
  assert.deepEqual(
    first?.hops?.map(({ nodes }) => nodes?.map(({ addr, connector }) => [addr, connector?.type])),
    [
      [['h:1080', 'socks5']],
      [
        ['1.2.3.4:443', 'http2'],
        ['1.2.3.5:443', 'http2'],
      ],
    ],
  );
  assert.deepEqual(
    second?.hops?.map(({ name }) => name),
    ['hop-0'],
  );
});

test('what v3 can not do is said with its place, and keeps only its own service from running', () => {
  const { findings } = read(FILE);
  assert.deepEqual(
    findings.map(({ grade, code, line, path }) => [grade, code, line, path]),
    [
      ['changes', 'v2_file', 1, ['services']],
      ['blocks', 'v2_option', 8, ['services', 3]],
    ],
  );
  const { findings: all, plan } = loadPlan(FILE, { file: 'v2.json' });
  assert.ok(all.some(({ code, line }) => code === 'v2_option' && line === 8));
  assert.ok(!plan.services.some(({ address }) => address.port === 8080));
});

test('the options of v2 URLs are translated one by one', () => {
  const { config, findings } = v2UrlsToConfig(
    [
      'ss2://aes-128-gcm:pw@:8338?retry=3&dns=1.1.1.1:53/tcp,8.8.8.8',
      'rudp://:1/:2?ttl=9s&queue=5',
      'socks5+ws://:1081?compression=true&rbuf=10&mbind=true',
    ],
    [
      'ss+obfs4://h:1?cipher=x',
      'kcp://h:2?c=kcp.json',
      'socks5://h:3?peer=p.txt',
      'socks5://h:4?bypass=~/etc/rules.txt',
      'socks5://h:5?bypass=a.com,b.com',
    ],
  );
  assert.equal(config.services?.[0]?.handler?.type, 'ss');
  assert.equal(config.services[0].handler['retries'], 3);
  assert.deepEqual(config['resolvers'], [
    { name: 'resolver-0', nameservers: [{ addr: 'tcp://1.1.1.1:53' }, { addr: '8.8.8.8' }] },
  ]);
  assert.deepEqual(config.services[1]?.listener?.metadata, {
    keepalive: 'true',
    readQueueSize: '5',
    ttl: '9s',
  });
  assert.deepEqual(config.services[2]?.listener?.metadata, {
    enableCompression: 'true',
    readBufferSize: '10',
  });
  assert.deepEqual(config['bypasses'], [
    { name: 'bypass-0', file: { path: '/etc/rules.txt' } }, // it is not there: reading it says so
    { name: 'bypass-1', matchers: ['a.com', 'b.com'] },
  ]);
  assert.deepEqual(
    findings.filter(({ grade }) => grade === 'blocks').map(({ file, code }) => [file, code]),
    [
      ['-F 1', 'unsupported'],
      ['-F 1', 'v2_option'],
      ['-F 3', 'v2_option'],
      ['-F 1', 'unknown_scheme'],
    ],
  );
});

test('the User-Agent of a proxy is a header of whatever speaks HTTP to it', () => {
  const { config, findings } = v2UrlsToConfig(
    [':1?agent=x'],
    [
      'http+ws://h:1?agent=curl/8&path=/p',
      'socks5+mwss://h:2?agent=a+b',
      'socks5://h:3?agent=x',
      'http://h:4',
    ],
  );
  const header = { 'User-Agent': 'curl/8' };
  assert.deepEqual(
    config.chains?.[0]?.hops?.map(({ nodes }) =>
      [nodes?.[0]?.connector?.metadata, nodes?.[0]?.dialer?.metadata].map((metadata) => metadata?.['header']),
    ),
    [
      [header, header],
      [undefined, { 'User-Agent': 'a b' }],
      [undefined, undefined],
      [undefined, undefined],
    ],
  );
  assert.deepEqual(
    findings.map(({ grade, file }) => [grade, file]),
    [['ignored', '-L 1']],
  );
});

test('an unknown key of a v2 file is named, and a mistyped ChainNodes never means no proxy', () => {
  const { findings } = read('{"ServeNodes": [":1"], "ChainNode": ["socks5://h:1"], "x": 1}');
  assert.deepEqual(
    findings.slice(1).map(({ code, message }) => [code, message.includes('ChainNodes')]),
    [
      ['near_miss', true],
      ['unknown_key', false],
    ],
  );
  assert.deepEqual(
    loadPlan('{"ServeNodes": [":1"], "ChainNode": ["socks5://h:1"]}', { file: 'v2.json' }).plan.services,
    [],
  );
});
