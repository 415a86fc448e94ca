// The contract over the real engine, configuration in memory: what a window can do, and what it can not. Long because every call is here once.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, type NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CALLS, type CallName, type Calls } from '../contract/api.ts';
import { KEPT_SECRET } from '../contract/config.ts';
import type { Run, RunRequest } from '../contract/runs.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import { connectThrough } from '../testing/client.ts';
import { tcpEcho, type TcpPeer } from '../testing/echo.ts';
import { Pins } from '../transports/pins.ts';
import { gone } from '../testing/stream.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { createApi } from './api.ts';
import { composeHost } from './compose.ts';
import type { Host } from './host.ts';
import { hostAddresses } from './listen-places.ts';
import { LogRing } from './logs.ts';
import { forgetful } from './memory.ts';
import { TransientStorage } from './transient.ts';

const baseline = liveResources();
const hosts: Host[] = [];
let echo: TcpPeer;
before(async () => {
  echo = await tcpEcho();
});
after(async () => {
  await Promise.all(hosts.map((host) => host.close(0)));
  await echo.close();
  await assertNoLeaks(baseline);
});

interface Opened {
  readonly host: Host;
  readonly storage: TransientStorage;
  readonly call: <K extends CallName>(name: K, arg: Calls[K]['in']) => Promise<Calls[K]['out']>;
  readonly raw: ReturnType<typeof createApi>['call'];
}

async function open(text = '', dataDir = '/nonexistent'): Promise<Opened> {
  const storage = new TransientStorage('test.yaml', text);
  const host = composeHost({
    runtime: 'headless',
    dataDir,
    storage,
    memory: forgetful(),
    kept: false,
    log: silentLog,
    logs: new LogRing(),
    forbidden: () => [],
  });
  hosts.push(host);
  await host.open();
  const api = createApi(host);
  return {
    host,
    storage,
    raw: (name, arg) => api.call(name, arg),
    call: async <K extends CallName>(name: K, arg: Calls[K]['in']) => {
      const reply = await api.call(name, arg);
      if (!reply.ok) throw new ProxyError(reply.error.code, reply.error.detail);
      return reply.value as Calls[K]['out']; // the api's own type for this call
    },
  };
}

/** A run from its start to its end. */
async function finished(host: Host, request: RunRequest): Promise<Run> {
  const { id } = host.runs.start(request);
  return new Promise((resolve) => {
    const { ack } = host.events.runs((runs) => {
      const mine = runs.find((run) => run.id === id);
      if (mine !== undefined && mine.state !== 'running') resolve(mine);
      else setImmediate(() => ack());
    });
  });
}

const service = (name: string, rest = ''): string =>
  `- name: ${name}\n  addr: 127.0.0.1:0\n  handler:\n    type: socks5\n    metadata:\n      udp: true\n${rest}  listener:\n    type: tcp\n`;

describe('quick.start', () => {
  test('makes a service that is proven over TCP and UDP, once', async () => {
    const { call, storage } = await open();
    assert.equal((await call('app.info', null)).firstRun, true);
    const first = await call('quick.start', { port: null });
    assert.deepEqual(
      first.steps.map(({ name, ok, error }) => [name, ok, error]),
      [
        ['greeting', true, null],
        ['connect', true, null],
        ['udp', true, null],
      ],
    );
    (await connectThrough(first.address, echo.address)).destroy();
    assert.equal((await call('app.info', null)).firstRun, false);
    assert.match(await storage.load(), new RegExp(`addr: 127\\.0\\.0\\.1:${first.address.port}`));
    const again = await call('quick.start', { port: null });
    assert.deepEqual([again.service, again.address], [first.service, first.address]);
    assert.equal((await call('config.get', null)).undo, 'Start a local SOCKS5 proxy');
  });

  test('takes another port when the asked one is taken and says whose it is', async () => {
    const { call } = await open();
    const { address, taken, steps } = await call('quick.start', { port: echo.address.port });
    assert.notEqual(address.port, echo.address.port);
    assert.equal(taken?.port, echo.address.port);
    if (process.platform === 'linux') assert.equal(taken.owner, 'Sockeye itself');
    assert.ok(steps.every(({ ok }) => ok));
  });

  test('finds a saved quick service stopped on a port that is taken by now, and moves it', async () => {
    const text = `services:\n- name: local\n  addr: 127.0.0.1:${echo.address.port}\n  handler:\n    type: socks5\n  listener:\n    type: tcp\n`;
    const { call } = await open(text);
    const [state] = await call('services.list', null);
    assert.equal(state?.state, 'failed');
    const { service: name, address, taken } = await call('quick.start', { port: null });
    assert.equal(name, 'local');
    assert.notEqual(address.port, echo.address.port);
    assert.equal(taken?.port, echo.address.port);
  });
});

describe('services', () => {
  test('stop and start; a stopped one refuses clients', async () => {
    const { call } = await open(`services:\n${service('a')}`);
    const [up] = await call('services.list', null);
    const address = up?.bound[0];
    assert.ok(up?.state === 'up' && address !== undefined);
    assert.equal((await call('service.stop', { name: 'a' })).state, 'stopped');
    await assert.rejects(connectThrough(address, echo.address));
    assert.equal((await call('service.start', { name: 'a' })).state, 'up');
    await assert.rejects(call('service.start', { name: 'none' }), { code: 'config' });
  });

  test('a port conflict names the owner and offers a free port, until it is over', async () => {
    const blocker = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const bound = blocker.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const { call } = await open(`services:\n${service('a').replace(':0', `:${port}`)}`);
    const state = await call('service.start', { name: 'a' });
    assert.equal(state.error?.code, 'port_in_use');
    if (process.platform === 'linux') assert.match(state.error.message, /used by Sockeye itself/);
    const [problem] = await call('problems.list', null);
    assert.equal(problem?.severity, 'error');
    assert.deepEqual(
      problem.actions.map(({ kind }) => kind),
      ['use_port', 'retry'],
    );
    const [use] = problem.actions;
    assert.ok(use?.kind === 'use_port' && use.port !== port && use.port > 0);
    blocker.close();
    await once(blocker, 'close');
    assert.equal((await call('service.start', { name: 'a' })).state, 'up');
    assert.deepEqual(await call('problems.list', null), []);
  });

  test('tells whether a port is to be had; the one a service holds is free for it alone', async () => {
    const { call } = await open(`services:\n${service('a')}`);
    const [up] = await call('services.list', null);
    const port = up?.bound[0]?.port ?? 0;
    const at = (name: string | null): Promise<Calls['port.check']['out']> =>
      call('port.check', { service: name, host: '127.0.0.1', port });
    assert.equal((await at('a')).state, 'free');
    const other = await at(null);
    assert.equal(other.state, 'taken');
    if (process.platform === 'linux') assert.equal(other.owner, 'Sockeye itself');
    assert.ok(other.free !== null && other.free !== port);
    const free = await call('port.check', { service: null, host: '127.0.0.1', port: other.free });
    assert.deepEqual(free, { state: 'free', owner: null, free: null });
    const nowhere = await call('port.check', { service: null, host: '192.0.2.1', port });
    assert.equal(nowhere.state, 'unavailable');
  });

  test('the self-test signs in, and tells what it can not test', async () => {
    const auth = '    auth:\n      username: me\n      password: secret\n';
    const { call } = await open(`services:\n${service('a', auth)}`);
    const steps = await call('selftest.run', { service: 'a' });
    assert.deepEqual(
      steps.map(({ ok }) => ok),
      [true, true, true],
    );
    await call('service.stop', { name: 'a' });
    await assert.rejects(call('selftest.run', { service: 'a' }), { code: 'config' });
  });

  test('the self-test leaves no trace in lists and totals; a client beside it does', async () => {
    const { host, call } = await open(`services:\n${service('a')}`);
    const steps = await call('selftest.run', { service: 'a' });
    assert.deepEqual(
      steps.map(({ ok }) => ok),
      [true, true, true],
    );
    const { stats } = host.deps.engine;
    stats.turn();
    const nothing = stats.since(null);
    assert.deepEqual(
      [nothing.upserts, nothing.closed, nothing.associations, nothing.services],
      [[], [], [], []],
    );
    assert.deepEqual(nothing.totals, {
      up: 0,
      down: 0,
      open: 0,
      associations: 0,
      packetsUp: 0,
      packetsDown: 0,
    });
    assert.deepEqual(await call('connections.recent', null), []);

    const [state] = await call('services.list', null);
    const [address] = state?.bound ?? [];
    assert.ok(address !== undefined);
    const socket = await connectThrough(address, echo.address);
    const again = call('selftest.run', { service: 'a' });
    await again;
    stats.turn();
    const one = stats.since(null);
    assert.deepEqual([one.upserts.length, one.totals.open, one.services[0]?.opened], [1, 1, 1]);
    socket.destroy();
  });
});

describe('configuration', () => {
  test('edits apply, are saved, and can be undone and repeated; stale ones are refused', async () => {
    const { call, storage } = await open(`# kept\nservices:\n${service('a')}`);
    const before = await storage.load();
    const { revision } = await call('config.get', null);
    const edits = [{ op: 'set' as const, path: ['services', 0, 'name'], value: 'b' }];
    const after = await call('config.edit', { revision, edits, label: 'Rename a' });
    assert.deepEqual([after.undo, after.redo], ['Rename a', null]);
    assert.match(await storage.load(), /^# kept\n/);
    assert.deepEqual(
      (await call('services.list', null)).map(({ name }) => name),
      ['b'],
    );
    await assert.rejects(call('config.edit', { revision, edits, label: 'again' }), { code: 'config' });
    const undone = await call('config.undo', null);
    assert.deepEqual([undone.undo, undone.redo], [null, 'Rename a']);
    assert.equal(await storage.load(), before);
    await call('config.redo', null);
    assert.deepEqual(
      (await call('services.list', null)).map(({ name }) => name),
      ['b'],
    );
    await assert.rejects(call('config.redo', null), { code: 'config' });
  });

  test('no more than a hundred steps can be undone', async () => {
    const { call } = await open(`services:\n${service('a')}`);
    for (let step = 0; step <= 100; step += 1) {
      const { revision } = await call('config.get', null);
      const edits = [{ op: 'set' as const, path: ['services', 0, 'metadata', 'note'], value: step }];
      await call('config.edit', { revision, edits, label: `step ${step}` });
    }
    let undone = 0;
    while ((await call('config.get', null)).undo !== null) {
      await call('config.undo', null);
      undone += 1;
    }
    assert.equal(undone, 100);
  });

  test('an edit that would end what runs is refused and changes nothing', async () => {
    const { call, storage } = await open(`services:\n${service('a')}`);
    const before = await storage.load();
    const { revision } = await call('config.get', null);
    for (const [path, value] of [
      [['services', 0, 'handler', 'type'], 'nonsense'],
      [['services', 0, 'addr'], `127.0.0.1:${echo.address.port}`],
    ] as const) {
      const edits = [{ op: 'set' as const, path, value }];
      await assert.rejects(call('config.edit', { revision, edits: [...edits], label: 'x' }), ProxyError);
    }
    assert.equal(await storage.load(), before);
    assert.equal((await call('config.get', null)).revision, revision);
    assert.equal((await call('services.list', null))[0]?.state, 'up');
    const findings = await call('config.check', {
      revision,
      edits: [{ op: 'set', path: ['services', 0, 'handler', 'type'], value: 'nonsense' }],
    });
    assert.ok(findings.some(({ grade }) => grade === 'blocks'));
  });

  test('what can not be saved does not run', async () => {
    const { call, storage } = await open(`services:\n${service('a')}`);
    storage.save = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    const { revision } = await call('config.get', null);
    const edits = [{ op: 'set' as const, path: ['services', 0, 'name'], value: 'b' }];
    await assert.rejects(call('config.edit', { revision, edits, label: 'x' }), ProxyError);
    assert.deepEqual(
      (await call('services.list', null)).map(({ name }) => name),
      ['a'],
    );
  });

  test('passwords do not leave, and writing their stand-in back keeps them', async () => {
    const auth = '    auth:\n      username: me\n      password: hunter2\n';
    const { call, raw, storage } = await open(`services:\n${service('a', auth)}`);
    const answers = await Promise.all(
      (['config.get', 'services.list', 'problems.list', 'app.info'] as const).map((name) => raw(name, null)),
    );
    assert.doesNotMatch(JSON.stringify(answers), /hunter2/);
    const { revision, config } = await call('config.get', null);
    assert.equal(config.services?.[0]?.handler?.auth?.password, KEPT_SECRET);
    const edits = [
      {
        op: 'set' as const,
        path: ['services', 0, 'handler', 'auth'],
        value: { username: 'you', password: KEPT_SECRET },
      },
    ];
    await call('config.edit', { revision, edits, label: 'x' });
    assert.match(await storage.load(), /username: you\n +password: hunter2/);
  });
});

describe('hops', () => {
  test('a pasted URI becomes the first hop of a new chain, the next one its second, and traffic goes there', async () => {
    const { call, host } = await open(`services:\n${service('a')}${service('upstream')}`);
    const states = await call('services.list', null);
    const [client, upstream] = states.map(({ bound }) => bound[0]);
    assert.ok(client !== undefined && upstream !== undefined);
    const uri = `socks5://127.0.0.1:${upstream.port}?notls=true`;
    await call('quick.addHop', { service: 'a', uri: `  -F "${uri}" ` });
    const socket = await connectThrough(client, echo.address);
    socket.destroy();
    const { config } = await call('quick.addHop', { service: 'a', uri });
    assert.deepEqual(
      config.chains?.map(({ name, hops }) => [name, hops?.map((hop) => hop.nodes?.map((node) => node.name))]),
      [['chain-a', [['node-0'], ['node-1']]]],
    );
    assert.equal(config.services?.[0]?.handler?.chain, 'chain-a');
    const probe = await finished(host, { kind: 'chain', chain: 'chain-a', target: echo.address, from: null });
    assert.ok(probe.kind === 'chain');
    assert.deepEqual(
      [probe.state, probe.progress?.ok, probe.progress?.hops.length, probe.progress?.finished],
      ['done', true, 2, 3],
    );
    const part = await finished(host, {
      kind: 'chain',
      chain: 'chain-a',
      target: echo.address,
      from: { hop: 1, node: 0 },
    });
    assert.ok(part.kind === 'chain');
    assert.deepEqual([part.progress?.ok, part.progress?.hops.map(({ at }) => at)], [true, [1]]);
    const lost = await finished(host, {
      kind: 'chain',
      chain: 'chain-a',
      target: echo.address,
      from: { hop: 1, node: 7 },
    });
    assert.equal(lost.state, 'failed');
    // a part says nothing about the chain as a whole
    const [kept, ...others] = await call('chain.tests', { chain: 'chain-a' });
    assert.equal(others.length, 0);
    assert.deepEqual([kept?.ok, kept?.target, kept?.hop], [true, echo.address, null]);
    assert.deepEqual(
      (await call('selftest.run', { service: 'a' })).map(({ name }) => name),
      ['greeting'],
    );
    assert.equal((await call('config.undo', null)).config.chains?.[0]?.hops?.length, 1);
  });

  test('a preview shows what a URI means without its password', async () => {
    const { call } = await open();
    const good = await call('uri.preview', { uri: 'socks5+tls://me:hunter2@host:1080' });
    assert.deepEqual([good.ok, good.label], [true, 'socks5+tls://host:1080']);
    assert.doesNotMatch(JSON.stringify(good), /hunter2/);
    for (const uri of ['', '   ', 'nonsense+nonsense://h:1', 'socks5://']) {
      const bad = await call('uri.preview', { uri });
      assert.equal(bad.ok, false, uri);
      assert.ok(bad.findings.length > 0);
    }
    assert.equal((await call('uri.preview', { uri: 'socks5h://host:1080' })).label, 'socks5://host:1080');
  });
});

describe('traffic over time', () => {
  test('what a client carries is in the sums and the chart at once, by service, chain and host', async () => {
    const { call } = await open(`services:\n${service('a')}`);
    const [state] = await call('services.list', null);
    const [bound] = state?.bound ?? [];
    assert.ok(bound !== undefined);
    const socket = await connectThrough(bound, echo.address);
    socket.write(Buffer.alloc(5000));
    let received = 0;
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      received += (chunk as Buffer).length;
      if (received === 5000) break;
    }
    for (const [kind, name] of [
      ['service', 'a'],
      ['chain', ''],
      ['host', '127.0.0.1'],
    ] as const) {
      const { rows } = await call('traffic.totals', { period: 'today', kind });
      assert.deepEqual(
        rows.map((row) => [row.name, row.up, row.down, row.opened]),
        [[name, 5000, 5000, 1]],
        kind,
      );
    }
    const { all, lines } = await call('traffic.history', { range: '1h', by: 'service' });
    assert.equal(all.down.at(-1), 5000);
    assert.deepEqual(
      lines.map(({ name }) => name),
      ['a'],
    );
    socket.destroy();
    const cleared = await call('traffic.clear', null);
    assert.equal(cleared.history, 'memory');
    assert.deepEqual((await call('traffic.totals', { period: 'reset', kind: 'all' })).rows, []);
    const { limits } = await call('storage.set', { days: 7, mb: 50 });
    assert.deepEqual(limits, { days: 7, mb: 50 });
    assert.ok((await call('log.capture', { detail: true })).logs.detailLeftMs > 590_000);
    assert.equal((await call('log.capture', { detail: false })).logs.detailLeftMs, 0);
  });
});

describe('certificates trusted on first use', () => {
  test('are listed with the proxy they are held to be of, and forgotten one by one', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sockeye-api-'));
    const pins = new Pins({ path: join(dataDir, 'state') });
    await pins.remember('exit node 192.0.2.1:1080', 'AB:CD');
    await pins.remember('b [2001:db8::1]:1080', '01:23');
    const { call } = await open('', dataDir);
    const [b, exit] = await call('pins.list', null);
    assert.deepEqual(
      [b?.node, b?.address, exit?.node, exit?.sha256],
      ['b', '[2001:db8::1]:1080', 'exit node', 'AB:CD'],
    );
    assert.ok(Date.now() - (exit?.since ?? 0) < 60_000);
    assert.deepEqual(await call('pins.forget', { peer: 'nobody' }), [b, exit]);
    assert.deepEqual(await call('pins.forget', { peer: 'exit node 192.0.2.1:1080' }), [b]);
    assert.equal(await pins.known('exit node 192.0.2.1:1080'), null);
    rmSync(dataDir, { recursive: true });
  });
});

describe('diagnostics', () => {
  test('a report says what runs, and neither passwords nor where anybody went', async () => {
    const auth = '    auth:\n      username: anna\n      password: hunter2\n';
    const { call, host } = await open(
      `services:\n${service('a').replace('  listener:', `${auth}  listener:`)}`,
    );
    host.deps.logs.add({
      at: 1,
      level: 'info',
      event: 'session_ended',
      fields: {
        target: 'secret.example:443',
        error: 'secret.example:443 refused the connection.',
        code: 'refused',
      },
    });
    const { text } = await call('diagnostics.report', null);
    assert.match(text, /^Sockeye \S+ \(headless\)/);
    assert.match(text, /service a: up, socks5 over tcp/);
    assert.match(text, /session_ended/);
    assert.doesNotMatch(text, /hunter2|anna|secret\.example/);
  });

  test('a headless host opens no folder and says so', async () => {
    const { call } = await open();
    assert.deepEqual(await call('folder.open', { folder: 'data' }), { opened: false });
  });
});

describe('what a window may not', () => {
  const WRONG: Readonly<Record<CallName, unknown>> = {
    'app.info': {},
    'schema.get': 'x',
    'config.get': [],
    'config.text': { reveal: true },
    'config.check': { revision: -1, edits: [] },
    'config.edit': {
      revision: 1,
      edits: [{ op: 'set', path: ['__proto__', 'polluted'], value: 1 }],
      label: 'x',
    },
    'config.undo': 1,
    'config.redo': 1,
    'config.write': { revision: 1, text: 7, label: 'x' },
    'config.checkText': { text: 'x'.repeat(2 << 20) },
    'config.export': { format: 'exe', paths: null, secrets: false },
    'config.link': { path: '' },
    'config.conflict': 1,
    'config.settle': { text: 'x' },
    'schema.file': 1,
    'import.review': {
      source: { name: 'x', text: 'x', list: 'hop', dialect: 'v4' },
      repair: null,
      edits: [],
    },
    'import.apply': { revision: 1, source: null, choice: { take: [], clashes: {} }, label: 'x' },
    'snapshots.list': 1,
    'snapshots.diff': { id: 7 },
    'snapshots.restore': { revision: 1, id: '../state.json' },
    'services.list': 1,
    'service.start': { name: 7 },
    'service.stop': {},
    'quick.start': { port: 70_000 },
    'selftest.run': null,
    'port.check': { service: null, host: '127.0.0.1', port: 0 },
    'host.addresses': 1,
    'uri.preview': { uri: 'x'.repeat(9000) },
    'quick.addHop': { service: 'a' },
    'uri.node': null,
    'run.start': { kind: 'chain', chain: 'a', target: { host: '', port: 0 } },
    'run.cancel': { id: 1 },
    'clip.copy': { paths: 'x' },
    'clip.read': {},
    'chain.tests': {},
    'pins.list': 1,
    'pins.forget': {},
    'connection.close': { ids: 'c1' },
    'connection.detail': { id: 1 },
    'service.naming': { name: 1 },
    'connections.recent': 1,
    'log.recent': { after: 1.5 },
    'traffic.history': { range: '1h', by: 'host' },
    'traffic.totals': { period: 'ever', kind: 'all' },
    'traffic.clear': true,
    'storage.get': [],
    'storage.set': { days: 0, mb: 200 },
    'log.capture': { detail: 'debug' },
    'login.get': 1,
    'login.set': { on: 'yes' },
    'folder.open': { folder: '/etc' },
    'diagnostics.report': 1,
    'problems.list': 1,
  };

  test('wrong arguments are refused by every call, as data', async () => {
    const { raw } = await open();
    for (const name of Object.keys(CALLS)) {
      const reply = await raw(name, WRONG[name as CallName]);
      assert.equal(reply.ok, false, name);
      assert.deepEqual(Object.keys(reply.error).sort(), ['code', 'detail', 'message'], name);
    }
  });

  test('unknown calls, deep values and prototype keys are refused and pollute nothing', async () => {
    const { raw, call } = await open(`services:\n${service('a')}`);
    for (const name of ['__proto__', 'constructor', 'toString', '', 'config.nothing'])
      assert.equal((await raw(name, null)).ok, false, name);
    const { revision } = await call('config.get', null);
    const set = (value: unknown): unknown => ({
      revision,
      edits: [{ op: 'set', path: ['x'], value }],
      label: 'x',
    });
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    for (const value of [
      deep,
      JSON.parse('{"__proto__":{"polluted":1}}'),
      { constructor: 1 },
      new Map(),
      new Date(),
      Number.NaN,
      undefined,
    ])
      assert.equal((await raw('config.edit', set(value))).ok, false);
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.equal((await call('config.get', null)).revision, revision);
  });

  test('an unexpected error crosses as a sentence, without stack or path', async () => {
    const { raw, host } = await open();
    host.deps.engine.stats.recent = () => {
      throw new TypeError('secret /home/me/path');
    };
    const reply = await raw('connections.recent', null);
    assert.equal(reply.ok, false);
    assert.doesNotMatch(JSON.stringify(reply), /secret|home|at /);
  });
});

test('every component has a JSON Schema for its form', async () => {
  const { call } = await open();
  const schemas = await call('schema.get', null);
  for (const role of [schemas.handlers, schemas.listeners, schemas.connectors, schemas.dialers]) {
    assert.ok(Object.keys(role).length > 0);
    for (const { type, title, summary, options } of Object.values(role))
      assert.ok(title !== '' && summary !== '' && options['type'] === 'object', type);
  }
});

test('a connection can be seen and closed', async () => {
  const { call, host } = await open(`services:\n${service('a')}`);
  const address = (await call('services.list', null))[0]?.bound[0];
  assert.ok(address !== undefined);
  const socket = await connectThrough(address, echo.address);
  let id = '';
  const subscription = host.events.stats((frame) => {
    id = frame.upserts[0]?.id ?? id;
  });
  subscription.stop();
  socket.on('error', () => undefined); // closing resets it
  const detail = await call('connection.detail', { id });
  assert.deepEqual([detail?.name?.by, detail?.attempts.length], ['literal', 1]);
  assert.ok((detail?.repliedMs ?? -1) >= (detail?.requestMs ?? Infinity));
  assert.equal(await call('connection.detail', { id: 'none' }), null);
  assert.deepEqual(await call('connection.close', { ids: [id, 'none'] }), { closed: 1 });
  await gone(socket);
  const [closed] = await call('connections.recent', null);
  assert.equal(closed?.error?.code, 'closed_by_user');
});

test('addresses a service can be told to listen on are neither loopback nor link-local', () => {
  const one = (address: string, internal = false): NetworkInterfaceInfo => ({
    address,
    internal,
    netmask: '',
    mac: '',
    cidr: null,
    ...(address.includes(':') ? { family: 'IPv6', scopeid: 0 } : { family: 'IPv4' }),
  });
  const found = hostAddresses({
    lo: [one('127.0.0.1', true), one('::1', true)],
    wlan0: [one('192.168.1.20'), one('fe80::1'), one('2001:db8::5')],
  });
  assert.deepEqual(found, [
    { name: 'wlan0', address: '192.168.1.20' },
    { name: 'wlan0', address: '2001:db8::5' },
  ]);
});
