import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArgs, type RunArgs } from './args.ts';

const NOTHING: RunArgs = {
  kind: 'run',
  services: [],
  nodes: [],
  files: [],
  lookEveryMs: 0,
  print: null,
  ui: null,
  quick: false,
  data: null,
  level: null,
};

const CASES: readonly (readonly [readonly string[], Partial<RunArgs>])[] = [
  [['-L', 'socks5://:1080'], { services: ['socks5://:1080'] }],
  [['-L=socks5://:1080?a=b', '-L', ':8080'], { services: ['socks5://:1080?a=b', ':8080'] }],
  [
    ['--L=:1080', '-F=http://a:1', '-F', 'socks5://b:2'],
    { services: [':1080'], nodes: ['http://a:1', 'socks5://b:2'] },
  ],
  [['-C', 'a.yml', '-C=b.json', '-D'], { files: ['a.yml', 'b.json'], level: 'debug' }],
  [['-C', 'a.yml', '-R', '30s', '-DD'], { files: ['a.yml'], lookEveryMs: 30_000, level: 'debug' }],
  [['-L', ':1', '-O', 'yaml'], { services: [':1'], print: 'yaml' }],
  [['--ui'], { ui: { host: '127.0.0.1', port: 0 } }],
  [['--ui', '--quick'], { ui: { host: '127.0.0.1', port: 0 }, quick: true }],
  [['--ui', '127.0.0.1:9000', '--data', '/d'], { ui: { host: '127.0.0.1', port: 9000 }, data: '/d' }],
  [['--ui=[::1]:9000'], { ui: { host: '::1', port: 9000 } }],
  [['--ui', ':9000'], { ui: { host: '127.0.0.1', port: 9000 } }],
  [['--ui=9000'], { ui: { host: '127.0.0.1', port: 9000 } }],
  [['--quick', '--log', 'warn'], { quick: true, level: 'warn' }],
];

for (const [argv, expected] of CASES) {
  test(`sockeye ${argv.join(' ')}`, () => assert.deepEqual(parseArgs(argv), { ...NOTHING, ...expected }));
}

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /nothing to do/],
  [['-L'], /-L needs a URL/],
  [['-L='], /-L needs a URL/],
  [['-O', 'toml'], /yaml or json/],
  [['pins', 'forget'], /"pins forget" takes one proxy/],
  [['pins', 'remove', 'x'], /"pins" lists certificates/],
  [['pins', '--data'], /--data needs a folder/],
  [['-X', 'a'], /no option -X/],
  [['-C', 'a.yml', '-R', '30'], /-R needs a duration/],
  [['-L', ':1', '-api', ':18080'], /no control API; --ui/],
  [['-L', ':1', '-metrics=:9000'], /no metrics port; --ui/],
  [['--password=secret'], /no option --password\./],
  [['socks5://:1080'], /not understood/],
  [['--quik'], /no option --quik\. Did you mean --quick\?/],
  [['-L', ':1', '--', '-L', ':2'], /"--" does not divide/],
  [['--ui', 'nonsense:port'], /--ui needs an address/],
  [['--log', 'loud'], /error, warn, info, debug/],
  [['check'], /takes one file/],
  [['check', 'a', 'b'], /takes one file/],
];

for (const [argv, message] of WRONG) {
  test(`refuses: sockeye ${argv.join(' ')}`, () => {
    const args = parseArgs(argv);
    assert.equal(args.kind, 'error');
    assert.match(args.message, message);
  });
}

test('knows check, pins, version and help', () => {
  assert.deepEqual(parseArgs(['check', 'a.yml']), { kind: 'check', file: 'a.yml' });
  assert.deepEqual(parseArgs(['pins']), { kind: 'pins', forget: null, data: null });
  assert.deepEqual(parseArgs(['pins', '--data=/d']), { kind: 'pins', forget: null, data: '/d' });
  const forget = { kind: 'pins', forget: 'node-0 h:1', data: '/d' };
  assert.deepEqual(parseArgs(['pins', 'forget', 'node-0 h:1', '--data', '/d']), forget);
  assert.deepEqual(parseArgs(['pins', '--data', '/d', 'forget', 'node-0 h:1']), forget);
  for (const flag of ['-V', '--version']) assert.deepEqual(parseArgs([flag]), { kind: 'version' });
  for (const flag of ['-h', '--help']) {
    assert.deepEqual(parseArgs([flag]), { kind: 'help' });
    assert.deepEqual(parseArgs(['check', flag]), { kind: 'help' });
  }
});
