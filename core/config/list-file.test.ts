/** List files: GOST's formats, findings with the place in the list, and what the engine does when a list changes. */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { Engine } from '../engine.ts';
import { createLog, type LogEntry } from '../log.ts';
import type { Address } from '../net/conn.ts';
import { ask, connectThrough, open } from '../testing/client.ts';
import { tcpEcho, type TcpPeer } from '../testing/echo.ts';
import { loadPlan } from './load.ts';

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), 'sockeye-lists-'))));
after(() => rmSync(folder, { recursive: true }));

function list(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path); // as editors replace files
  return path;
}

describe('reading', () => {
  const load = (yaml: string) => loadPlan(yaml, { file: 'gost.yml' });

  test('users: the first word is the name, the rest the password, # only begins a comment at the start', () => {
    const file = list('users', '# users\nann  secret word#1\r\n\n\tbob\n ann again\n');
    const { plan, findings } = load(
      `authers: [{name: a, reload: 10s, auths: [{username: cid, password: x}], file: {path: ${file}}}]`,
    );
    assert.deepEqual(findings, []);
    assert.deepEqual(plan.authers[0]?.file?.items, [
      { username: 'ann', password: 'secret word#1' },
      { username: 'bob', password: '' },
      { username: 'ann', password: 'again' },
    ]);
    assert.equal(plan.authers[0].file.reloadMs, 10_000);
  });

  test('rules, hosts and limits, with comments behind them; a short period is a second', () => {
    const rules = list('rules', '10.0.0.0/8 # ours\n*.lan:80\n');
    const hosts = list('hosts', '192.0.2.1\ta.example b.example # two\n::1 six\n');
    const limits = list('limits', '$\t1MB  2MB\n192.0.2.0/24 1KB\n');
    const { plan, findings } = load(
      `bypasses: [{name: b, reload: 10ms, file: {path: ${rules}}}]\n` +
        `hosts: [{name: h, file: {path: ${hosts}}}]\nlimiters: [{name: l, file: {path: ${limits}}}]`,
    );
    assert.deepEqual(findings, []);
    assert.deepEqual(plan.bypasses[0]?.file?.items, ['10.0.0.0/8', '*.lan:80']);
    assert.equal(plan.bypasses[0].file.reloadMs, 1000);
    assert.deepEqual(plan.hosts[0]?.file?.items, [
      { ip: '192.0.2.1', hostname: 'a.example', aliases: ['b.example'] },
      { ip: '::1', hostname: 'six', aliases: [] },
    ]);
    assert.deepEqual(
      plan.limiters[0]?.file?.items.map(({ key, value }) => [key, value.upBps, value.downBps]),
      [
        ['$', 1 << 20, 2 << 20],
        ['192.0.2.0/24', 1024, 0],
      ],
    );
  });

  for (const [what, section, text, grade, message] of [
    [
      'a bad rule',
      'bypasses',
      'fine.example\n10.0.0.0/99\n',
      'blocks',
      /:2: "10\.0\.0\.0\/99" is no address pattern/,
    ],
    ['a bad rule', 'admissions', '1.2.3.4-1.1.1.1\n', 'blocks', /:1: "1\.2\.3\.4-1\.1\.1\.1" is no address/],
    ['a bad address', 'hosts', '# x\n\n10.0.0.300 x\n', 'changes', /:3: "10\.0\.0\.300" is no IP address/],
    ['an address alone', 'hosts', '10.0.0.3\n', 'changes', /:1: the address 10\.0\.0\.3 has no name/],
    ['no amount', 'limiters', '$\n', 'blocks', /:1: "\$" is no limit/],
    ['a half connection', 'climiters', '$ 1.5\n', 'blocks', /:1: "\$ 1\.5" is no limit/],
    ['nobody', 'rlimiters', 'everybody 5\n', 'blocks', /:1: "everybody" is nobody/],
  ] as const) {
    test(`${what} in ${section} is a finding with the line of the list and the place of its path`, () => {
      const file = list(`${section}.bad`, text);
      const { findings } = load(`${section}:\n- name: x\n  file:\n    path: ${file}\n`);
      const [finding] = findings;
      assert.deepEqual(
        [finding?.grade, finding?.code, finding?.line, finding?.column],
        [grade, 'bad_file', 4, 11],
      );
      assert.match(finding?.message ?? '', message);
    });
  }

  test('a file that is not there, and one that is a folder, are findings', () => {
    const missing = load(`authers: [{name: a, file: {path: ${folder}/nowhere}}]`);
    assert.match(missing.findings[0]?.message ?? '', /nowhere can not be read: there is no such file/);
    assert.equal(missing.plan.authers.length, 0, 'an auther without its users is none');
    const other = load(`authers: [{name: a, file: {path: ${folder}}}]`);
    assert.match(other.findings[0]?.message ?? '', /it is not a file/);
  });

  test('a bad matcher in the configuration itself has its place, too', () => {
    const { findings } = load('bypasses:\n- name: b\n  matchers:\n  - fine.example\n  - 10.0.0.0/99\n');
    assert.deepEqual(
      findings.map(({ grade, line, column }) => [grade, line, column]),
      [['blocks', 5, 5]],
    );
  });

  test('what would come from Redis or the web is said, with its place', () => {
    const { findings } = load('hosts:\n- name: h\n  redis: {addr: "x:1"}\n  http: {url: "http://x/"}\n');
    assert.deepEqual(
      findings.map(({ grade, line }) => [grade, line]),
      [
        ['blocks', 3],
        ['blocks', 4],
      ],
    );
  });
});

describe('running', () => {
  let echo: TcpPeer;
  let engine: Engine;
  let log: LogEntry[];
  before(async () => (echo = await tcpEcho()));
  after(() => echo.close());
  afterEach(() => engine.shutdown(0));

  async function start(yaml: string): Promise<Address> {
    log = [];
    engine = new Engine({
      log: createLog('info', (entry) => void log.push(entry)),
      stateFolder: null,
      forbidden: () => [],
    });
    const { plan, findings } = loadPlan(yaml, { file: 'gost.yml' });
    assert.deepEqual(
      findings.filter(({ grade }) => grade === 'blocks'),
      [],
    );
    await engine.apply(plan);
    const at = engine.states()[0]?.bound[0];
    assert.ok(at !== undefined);
    return at;
  }

  async function logged(event: string, times = 1): Promise<LogEntry> {
    for (;;) {
      const found = log.filter((entry) => entry.event === event)[times - 1];
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const SERVICE =
    'services: [{name: s, addr: "127.0.0.1:0", bypass: b, handler: {type: socks5}, listener: {type: tcp}}]\n';

  test('a changed list holds for the next request, a bad one for none, and no connection ends', async () => {
    const file = list('live', '# nobody\n');
    const proxy = await start(`${SERVICE}bypasses: [{name: b, reload: 1s, file: {path: ${file}}}]`);
    const before = await connectThrough(proxy, echo.address);
    list('live', '127.0.0.0/8\n');
    assert.equal((await logged('list_reloaded')).fields['items'], 1);
    await assert.rejects(connectThrough(proxy, echo.address), { rep: 2 });
    list('live', 'fine.example\n10.0.0.0/99\n');
    const complaint = await logged('list_reload_failed');
    assert.match(String(complaint.fields['error']), /live:2: "10\.0\.0\.0\/99"/);
    const socket = await open(proxy);
    assert.equal((await ask(socket, 1, echo.address)).rep, 2, 'the last good list holds');
    socket.destroy();
    rmSync(file);
    assert.match(String((await logged('list_reload_failed', 2)).fields['error']), /ENOENT/);
    list('live', '# nobody again\n');
    await logged('list_reloaded', 2);
    (await connectThrough(proxy, echo.address)).destroy();
    before.write('still here');
    await new Promise((resolve) => before.once('data', resolve));
    before.destroy();
  });
});
