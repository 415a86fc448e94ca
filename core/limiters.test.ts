/** GOST's limiters: whom their rules hold for, and what services make of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { loadPlan } from './config/load.ts';
import type { ClosedConnection } from './contract/stats.ts';
import { Engine } from './engine.ts';
import { ProxyError } from './errors.ts';
import { Limiters } from './limiters.ts';
import { silentLog } from './log.ts';
import type { Address } from './net/conn.ts';
import type { Plan, TrafficRate } from './plan.ts';
import { ask, associateThrough, connectThrough, open } from './testing/client.ts';
import { tcpPeer, udpEcho, type Echo, type TcpPeer } from './testing/echo.ts';

const from = (host: string, port = 1): Address => ({ host, port });
const bps = (upBps: number, downBps = 0): TrafficRate => ({ upBps, downBps, burst: null });

describe('traffic', () => {
  const limiter = (...rules: [string, TrafficRate][]) => {
    let now = 0;
    const traffic = new Limiters(() => now).traffic('l');
    traffic.use(rules.map(([key, value]) => ({ key, value })));
    const take = (client: Address, bytes: number, scope: 'all' | 'service' | 'conn' = 'all'): number | null =>
      traffic.open(client, scope)?.up?.next(bytes).bytes ?? null;
    return { traffic, take, wait: (ms: number) => (now += ms) };
  };

  test('$ is shared by everybody, $$ is each connection by itself', () => {
    const shared = limiter(['$', bps(100)]);
    assert.deepEqual([shared.take(from('192.0.2.1'), 80), shared.take(from('192.0.2.2'), 80)], [80, 20]);
    const each = limiter(['$$', bps(100)]);
    assert.deepEqual(
      [from('192.0.2.1', 1), from('192.0.2.1', 2), from('192.0.2.1', 1)].map((client) =>
        each.take(client, 80),
      ),
      [80, 80, 20],
    );
  });

  test('an address is one for all its connections; a CIDR is each of its addresses; the widest counts', () => {
    const { take } = limiter(
      ['192.0.2.7', bps(30)],
      ['192.0.2.0/24', bps(20)],
      ['192.0.0.0/16', bps(10)],
      ['2001:db8::/32', bps(40)],
    );
    assert.deepEqual([take(from('192.0.2.7', 1), 99), take(from('192.0.2.7', 2), 99)], [30, 1]);
    assert.deepEqual([take(from('::ffff:192.0.2.8'), 99), take(from('192.0.2.9'), 99)], [10, 10]);
    assert.deepEqual([take(from('2001:db8::1'), 99), take(from('198.51.100.1'), 99)], [40, null]);
  });

  test('rates join, directions are apart, and a scope leaves the others out', () => {
    const { take, traffic } = limiter(['$', bps(100)], ['$$', bps(50)], ['192.0.2.1', bps(0, 10)]);
    const client = from('192.0.2.1');
    assert.deepEqual([take(client, 999, 'service'), take(client, 999, 'conn')], [100, 50]);
    const meters = traffic.open(client, 'conn');
    assert.deepEqual([meters?.up?.next(99).bytes, meters?.down?.next(99).bytes], [2, 10]);
    assert.equal(limiter(['$$', bps(1)]).take(client, 1, 'service'), null);
  });

  test('who hangs up and comes back finds no new burst; new rules hold for present connections', () => {
    const { take, traffic, wait } = limiter(['192.0.2.1', bps(100)]);
    traffic.open(from('192.0.2.1'), 'all')?.close();
    take(from('192.0.2.1'), 100);
    assert.equal(take(from('192.0.2.1', 2), 100), 5);
    const present = traffic.open(from('192.0.2.1', 3), 'all')?.up;
    traffic.use([{ key: '192.0.2.1', value: bps(1000) }]);
    wait(100);
    assert.equal(present?.next(500).bytes, 95, '100 bytes of the new rate, less 5 owed');
    traffic.use([]);
    assert.deepEqual(present.next(1 << 20), { bytes: 1 << 20, waitMs: 0 });
  });
});

describe('connections', () => {
  const inside = (entered: (() => void) | ProxyError): string =>
    entered instanceof ProxyError ? entered.code : 'in';

  test('$ counts all, an address or CIDR rule replaces $$, and who leaves makes room', () => {
    const limiter = new Limiters().connections('c');
    limiter.use([
      { key: '$', value: 4 },
      { key: '$$', value: 1 },
      { key: '192.0.2.0/24', value: 2 },
    ]);
    const first = limiter.enter(from('192.0.2.1'));
    assert.deepEqual(
      ['192.0.2.1', '192.0.2.1', '198.51.100.1', '198.51.100.1', '198.51.100.2', '198.51.100.3'].map((host) =>
        inside(limiter.enter(from(host))),
      ),
      ['in', 'limit_client', 'in', 'limit_client', 'in', 'limit'],
    );
    assert.ok(!(first instanceof ProxyError));
    first();
    first();
    assert.equal(inside(limiter.enter(from('192.0.2.1'))), 'in');
    assert.equal(inside(limiter.enter(from('192.0.2.9'))), 'limit');
  });
});

describe('requests', () => {
  test('a burst of rate + 1, then the rate; what is refused counts nowhere', () => {
    let now = 0;
    const limiter = new Limiters(() => now).requests('r');
    limiter.use([
      { key: '$', value: 3 },
      { key: '$$', value: 0.5 },
    ]);
    const count = (host: string): boolean => limiter.count(from(host)) === null;
    assert.deepEqual([count('192.0.2.1'), count('192.0.2.1')], [true, false]);
    assert.deepEqual(
      ['192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'].map(count),
      [true, true, true, false],
      'four in all',
    );
    now = 2000;
    assert.deepEqual([count('192.0.2.1'), count('192.0.2.1')], [true, false]);
  });
});

describe('services', () => {
  let source: TcpPeer;
  let echo: Echo;
  let engine: Engine;
  before(async () => {
    source = await tcpPeer((socket) => socket.pipe(socket));
    echo = await udpEcho();
  });
  after(() => Promise.all([source.close(), echo.close()]));
  afterEach(() => engine.shutdown(0));

  const textOf = (service: string, more: string, handler = '{type: auto, metadata: {udp: true}}'): string =>
    `services:\n- {name: s, addr: "127.0.0.1:0", ${service}, handler: ${handler}, listener: {type: tcp}}\n${more}\n`;

  function plan(text: string): Plan {
    const { plan, findings } = loadPlan(text, { file: 'test.yml' });
    assert.deepEqual(
      findings.filter(({ grade }) => grade === 'blocks' || grade === 'changes'),
      [],
    );
    return plan;
  }

  async function start(text: string): Promise<Address> {
    engine = new Engine({ log: silentLog, stateFolder: null, forbidden: () => [] });
    await engine.apply(plan(text));
    return at();
  }

  function at(): Address {
    const bound = engine.states()[0]?.bound[0];
    assert.ok(bound !== undefined);
    return bound;
  }

  async function closedWith(code: string): Promise<ClosedConnection> {
    for (;;) {
      const found = engine.stats.recent().find(({ error }) => error?.code === code);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function carry(socket: Socket, bytes: number): Promise<number> {
    const started = performance.now();
    let got = 0;
    socket.write(Buffer.alloc(bytes));
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      got += (chunk as Buffer).length;
      if (got === bytes) break;
    }
    return (performance.now() - started) / 1000;
  }

  const LIMITED = 'limiters: [{name: l, limits: ["$ 1MB 0"]}]';

  test('a limiter slows its connections down, together, and nobody else', async () => {
    const two = textOf('limiter: l', LIMITED).replace(
      'services:\n',
      (line) =>
        `${line}- {name: free, addr: "127.0.0.1:0", handler: {type: socks5}, listener: {type: tcp}}\n`,
    );
    const free = await start(two);
    const limited = engine.states()[1]?.bound[0];
    assert.ok(limited !== undefined);
    const sockets = await Promise.all(
      [limited, limited, free].map((to) => connectThrough(to, source.address)),
    );
    const [a = 0, b = 0, quick = 9] = await Promise.all(sockets.map((socket) => carry(socket, 1 << 20)));
    assert.ok(Math.max(a, b) >= 0.9, `2 MB at 1 MB/s with 1 MB ahead: ${a} s and ${b} s`);
    assert.ok(quick < Math.max(a, b), `${quick} s without a limit`);
    for (const socket of sockets) socket.destroy();
  });

  test('a limit holds for HTTP requests that are forwarded', async () => {
    const page = await tcpPeer((socket) => {
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`),
      );
    });
    const proxy = await start(textOf('limiter: l', 'limiters: [{name: l, limits: ["$$ 0 200KB"]}]'));
    const started = performance.now();
    const socket = await open(proxy);
    const { host, port } = page.address;
    socket.end(`GET http://${host}:${port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    let got = 0;
    for await (const chunk of socket) got += (chunk as Buffer).length;
    assert.ok(got > 300_000);
    assert.ok(performance.now() - started >= 400, 'about 95 kB beyond the burst at 200 KB/s');
    await page.close();
  });

  test('datagrams beyond a rate are dropped, and the association says so', async () => {
    const proxy = await start(textOf('limiter: l', 'limiters: [{name: l, limits: ["$ 2500B"]}]'));
    const association = await associateThrough(proxy);
    for (let sent = 0; sent < 5; sent += 1) {
      association.send(Buffer.alloc(1000, sent), echo.address);
      if (sent < 2) assert.equal((await association.next())[0], sent);
    }
    for (;;) {
      engine.stats.turn();
      const [info] = engine.stats.since(null).associations;
      if (info?.dropped.limit === 3) {
        assert.equal(info.packetsUp, 2);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    association.close();
  });

  test('one connection too many is closed at once, and shown with the reason', async () => {
    const proxy = await start(textOf('climiter: c', 'climiters: [{name: c, limits: ["$ 5", "$$ 1"]}]'));
    const first = await connectThrough(proxy, source.address);
    const second = connect(proxy.port, proxy.host);
    second.on('error', () => undefined);
    await once(second, 'close');
    const { error, service, client } = await closedWith('limit_client');
    assert.deepEqual([service, client.host], ['s', '127.0.0.1']);
    assert.match(error?.message ?? '', /127\.0\.0\.1 has reached its limit on connections at once: 1/);
    await engine.apply(plan(textOf('climiter: c', 'climiters: [{name: c, limits: ["$$ 1"]}]')));
    const third = connect(proxy.port, proxy.host);
    third.on('error', () => undefined);
    await once(third, 'close');
    const gone = once(first, 'close');
    first.destroy();
    await gone;
    for (;;) {
      const again = await connectThrough(proxy, source.address).catch(() => null);
      if (again === null) continue;
      again.destroy();
      break;
    }
  });

  test('a client that an admission list keeps out is shown with the reason', async () => {
    const proxy = await start(textOf('admission: a', 'admissions: [{name: a, matchers: [127.0.0.1]}]'));
    const kept = connect(proxy.port, proxy.host);
    kept.on('error', () => undefined);
    await once(kept, 'close');
    const { error, service, endedBy } = await closedWith('not_admitted');
    assert.deepEqual([service, endedBy], ['s', 'us']);
    assert.match(error?.message ?? '', /keeps 127\.0\.0\.1 out/);
  });

  test('one request too many is answered, in the words of each protocol', async () => {
    const proxy = await start(textOf('rlimiter: r', 'rlimiters: [{name: r, limits: ["$$ 0.001"]}]'));
    (await connectThrough(proxy, source.address)).destroy();
    const socks5 = await open(proxy);
    assert.equal((await ask(socks5, 1, source.address)).rep, 2);
    socks5.destroy();
    const http = await open(proxy);
    http.write('CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = (await once(http, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 429 /);
    http.destroy();
    const { target } = await closedWith('limit_rate');
    assert.equal(target?.host, '127.0.0.1');
  });
});
