import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMAND_LINES, type CommandLine } from './fixtures/command-lines.ts';
import { urlsToConfig } from './gost-url.ts';
import { printConfig } from './print.ts';

/**
 * What GOST prints for each command line. Recorded by `GOST3=.cache/peers/gost3 node --import tsx --test core/config/gost-url.test.ts`
 * (the peer of interop/go/gost3: github.com/go-gost/x v0.13.18).
 */
const RECORDED = new URL('fixtures/gost3-printed.json', import.meta.url);

interface Printed extends CommandLine {
  readonly yaml: string;
  readonly json: string;
}

const gost = process.env['GOST3'];
if (gost !== undefined)
  writeFileSync(
    RECORDED,
    JSON.stringify(
      COMMAND_LINES.map((line) => ({
        ...line,
        yaml: ask(gost, line, 'yaml'),
        json: ask(gost, line, 'json'),
      })),
      null,
      2,
    ) + '\n',
  );
const printed = JSON.parse(readFileSync(RECORDED, 'utf8')) as Printed[]; // written by the line above

function ask(program: string, { services, nodes }: CommandLine, format: string): string {
  const args = [
    ...services.flatMap((url) => ['-L', url]),
    ...nodes.flatMap((url) => ['-F', url]),
    '-O',
    format,
  ];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('every command line has a recording', () => {
  assert.deepEqual(
    printed.map(({ services, nodes }) => ({ services, nodes })),
    COMMAND_LINES,
  );
  assert.ok(printed.length > 100);
});

for (const { services, nodes, yaml, json } of printed) {
  const line = [...services.map((url) => `-L ${url}`), ...nodes.map((url) => `-F ${url}`)].join(' ');
  test(`prints what GOST prints for ${line}`, () => {
    const { config } = urlsToConfig(services, nodes);
    assert.equal(printConfig(config, 'yaml'), yaml);
    assert.equal(printConfig(config, 'json'), json);
  });
}

test('intended difference socks5h: it is SOCKS5, and that is said', () => {
  const { config, findings } = urlsToConfig(['socks5h://:1'], ['socks5h+tls://h:1']);
  assert.equal(config.services?.[0]?.handler?.type, 'socks5');
  assert.equal(config.chains?.[0]?.hops?.[0]?.nodes?.[0]?.connector?.type, 'socks5');
  assert.deepEqual(
    findings.map(({ code, grade, file }) => [code, grade, file]),
    [
      ['socks5h', 'changes', '-F 1'],
      ['socks5h', 'changes', '-L 1'],
    ],
  );
});

test('intended difference secure_false: it is kept', () => {
  const { config } = urlsToConfig([':1'], ['socks5+tls://h:1?secure=false']);
  assert.deepEqual(config.chains?.[0]?.hops?.[0]?.nodes?.[0]?.dialer?.['tls'], {
    secure: false,
    serverName: 'h',
  });
});

test('intended difference group_server_name: each node of a group has its own', () => {
  const { config } = urlsToConfig(
    [':1'],
    ['socks5+tls://u:p@h1:1,h2:2?strategy=fifo&max_fails=2&fail_timeout=20s'],
  );
  const hop = config.chains?.[0]?.hops?.[0];
  assert.deepEqual(
    hop?.nodes?.map(({ addr, dialer }) => [addr, dialer?.['tls']]),
    [
      ['h1:1', { serverName: 'h1' }],
      ['h2:2', { serverName: 'h2' }],
    ],
  );
  assert.deepEqual(hop.selector, { strategy: 'fifo', maxFails: 2, failTimeout: '20s' });
});

test('intended difference more_groups: IPv6 addresses and http make groups like others', () => {
  const { config, findings } = urlsToConfig([':1'], ['http://[2001:db8::1]:1,h:2', 'socks5://h:1,[::1]:2']);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    config.chains?.[0]?.hops?.map(({ nodes }) => nodes?.map(({ addr }) => addr)),
    [
      ['[2001:db8::1]:1', 'h:2'],
      ['h:1', '[::1]:2'],
    ],
  );
});

test('intended difference bad_port: the address stays as it was written', () => {
  assert.equal(urlsToConfig(['socks5://:http'], []).config.services?.[0]?.addr, ':http');
  const { findings } = urlsToConfig(['tcp://:1-60000/:80'], []);
  assert.deepEqual(
    findings.map(({ code, grade }) => [code, grade]),
    [['bad_address', 'blocks']],
  );
});

test('an unknown scheme is refused with what was probably meant', () => {
  const { findings } = urlsToConfig(['sokcs5://:1'], ['socks5+tsl://h:1']);
  assert.deepEqual(
    findings.map(({ code, grade, file }) => [code, grade, file]),
    [
      ['unknown_scheme', 'blocks', '-F 1'],
      ['unknown_scheme', 'blocks', '-L 1'],
    ],
  );
  assert.match(findings[1]?.message ?? '', /Did you mean socks5\?/);
  assert.match(findings[0]?.message ?? '', /Did you mean tls\?/);
});

test('a broken -F does not make the chain shorter', () => {
  const { config, findings } = urlsToConfig([':1'], ['socks5://a:1', 'socks5://%zz@b:2']);
  assert.equal(config.chains?.[0]?.hops?.length, 2);
  assert.deepEqual(config.chains[0].hops[1]?.nodes, []);
  assert.equal(findings[0]?.code, 'bad_url');
});
