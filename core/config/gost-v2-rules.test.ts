import assert from 'node:assert/strict';
import { test } from 'node:test';
import { v2UrlsToConfig } from './gost-v2.ts';
import { rulesToV3 } from './gost-v2-rules.ts';
import { loadPlan } from './load.ts';

/** Whitelist, blacklist, handler; then bypasses (~ for a whitelist), switches that are off, grades of what is said. */
const CASES: readonly (readonly [string | null, string | null, string, string[], string[], string[]])[] = [
  ['tcp:*:80,443', null, 'socks5', ['~ *:80 *:443'], ['udp', 'bind'], []],
  ['tcp,udp,rtcp,rudp:*:*', null, 'auto', [], [], []],
  ['*:*:0-70000', null, 'auto', [], [], []],
  ['tcp:a.com:* *:*:*', null, 'auto', [], [], []],
  ['udp:*:*', null, 'socks5', ['~'], ['bind'], ['changes']],
  ['tcp:*:* udp:dns.com:53 r*:*:*', null, 'socks5', [], ['udp'], ['changes']],
  [null, 'tcp:localhost,*.lan:*', 'socks5', ['localhost *.lan'], [], ['changes']],
  [null, 'rtcp:*:1-1023', 'socks5', [], ['bind'], ['changes']],
  [null, '*:*:*', 'socks5', ['*'], ['udp', 'bind'], []],
  ['tcp:*:9000-8000', 'tcp:10.*:*', 'http', ['~ *:8000-9000', '10.*'], [], []],
  ['tcp,udp:a.com:53', null, 'relay', ['~ a.com:53'], [], []],
  ['tcp:a.com:53', null, 'relay', [], [], ['blocks']],
  // as text in v2, as addresses in v3
  ['tcp:10.0.0.0/8:*', null, 'http', [], [], ['blocks']],
  ['tcp:1.1.1.1-1.1.1.9:*', null, 'http', [], [], ['blocks']],
  ['tcp:.example.com:*', null, 'http', [], [], ['blocks']],
  ['tcp:a?.com:*', null, 'http', [], [], ['blocks']],
  ['tcp:[::1]:80', null, 'http', [], [], ['blocks']],
  [null, 'tcp:*', 'http', [], [], ['blocks']],
  [null, 'tcp:*:http', 'http', [], [], ['blocks']],
  ['tcp:*:70000', null, 'http', [], [], ['blocks']],
];

for (const [white, black, handler, bypasses, off, grades] of CASES) {
  test(`${handler} with whitelist ${white ?? '(none)'}, blacklist ${black ?? '(none)'}`, () => {
    const read = rulesToV3(white, black, handler);
    assert.deepEqual(
      read.bypasses.map(({ whitelist, matchers }) =>
        [...(whitelist === true ? ['~'] : []), ...((matchers ?? []) as string[])].join(' '),
      ),
      bypasses,
    );
    assert.deepEqual(read.off, off);
    assert.deepEqual(
      read.said.map(([grade]) => grade),
      grades,
    );
  });
}

test('rules become bypasses of their own service, beside the ones it names', () => {
  const { config } = v2UrlsToConfig(
    [
      'socks5://:1?whitelist=tcp:*:80+udp:*:*&blacklist=tcp:*.lan:*&bypass=a.com',
      ':2',
      'tls://:3?blacklist=rudp:*:*',
    ],
    [],
  );
  const services = config.services?.map(({ bypass, bypasses, handler }) => [
    bypass,
    bypasses,
    handler?.metadata,
  ]);
  assert.deepEqual(services, [
    ['bypass-2', ['bypass-0', 'bypass-1'], { bind: 'false', udp: 'true', comp: 'true' }],
    [undefined, undefined, { bind: 'true', udp: 'true', comp: 'true' }],
    [undefined, undefined, { bind: 'false', udp: 'true', comp: 'true' }],
  ]);
  assert.deepEqual(config['bypasses'], [
    { name: 'bypass-0', whitelist: true, matchers: ['*:80'] },
    { name: 'bypass-1', matchers: ['*.lan'] },
    { name: 'bypass-2', matchers: ['a.com'] },
  ]);
});

test('what v2 does not look at has no effect and says so; what can not be kept keeps its service from running', () => {
  const read = (serve: string): unknown => {
    const { plan, findings } = loadPlan(JSON.stringify({ ServeNodes: [serve] }), { file: 'v2.json' });
    return [plan.services.map(({ bypasses }) => bypasses), findings.slice(1).map(({ grade }) => grade)];
  };
  assert.deepEqual(read('tcp://127.0.0.1:1/127.0.0.1:2?whitelist=tcp:*:80'), [[[]], ['ignored']]);
  assert.deepEqual(read('http://127.0.0.1:1?whitelist=tcp:*:80'), [[['bypass-0']], []]);
  assert.deepEqual(read('http://127.0.0.1:1?whitelist=tcp:10.0.0.0/8:*'), [[], ['blocks']]);
});
