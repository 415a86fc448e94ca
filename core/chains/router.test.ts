/**
 * What a service's router allows, where it resolves, and which way it takes; and how far a probe says a chain goes.
 * Long because each rule is shown on TCP, on datagrams and through a chain, over one set of helpers.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, afterEach, before, describe, test } from 'node:test';
import { Lists } from '../live-list.ts';
import { ProxyError } from '../errors.ts';
import type { Address, PacketConn } from '../net/conn.ts';
import type { EngineDeps, Plan, ServicePlan } from '../plan.ts';
import type { Request, Router } from '../roles.ts';
import { Timeline } from '../stats/timeline.ts';
import { take } from '../testing/client.ts';
import { tcpEcho, tcpPeer, udpEcho } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { chainPlan, hopPlan, nodePlan, planOf, servicePlan, TEST_DEPS } from '../testing/plans.ts';
import { deadAddress, httpProxy, socks5Proxy, socks5Server } from '../testing/proxies.ts';
import { nameServer } from '../testing/nameserver.ts';
import { buildChains, type Chains } from './build.ts';

const { signal } = new AbortController();
const NEAR: Address = { host: '127.0.0.1', port: 50_000 };
const FAR: Address = { host: '203.0.113.7', port: 50_000 };

let baseline: string[] = [];
const open: { close(): unknown }[] = [];
before(() => (baseline = liveResources()));
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

after(() => assertNoLeaks(baseline));

function keep<T extends { close(): unknown }>(each: T): T {
  open.push(each);
  return each;
}

function chainsOf(plan: Partial<Plan>, deps: Partial<EngineDeps> = {}): Chains {
  return keep(buildChains(planOf(plan), { ...TEST_DEPS, ...deps }, new Lists(TEST_DEPS.log)));
}

function routerOf(
  plan: Partial<Plan>,
  about: Partial<ServicePlan> = {},
  deps: Partial<EngineDeps> = {},
): Router {
  return chainsOf(plan, deps).routerFor(servicePlan(about));
}

function ask(dst: Address, client = NEAR, command: Request['command'] = 'connect'): Request {
  return { command, dst, client, user: null };
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ProxyError ? error.code : String(error)),
  );
}

async function reached(router: Router, request: Request): Promise<string> {
  return code(router.connect(request, signal).then(({ out }) => void out.destroy()));
}

async function associated(router: Router, client = NEAR): Promise<PacketConn> {
  return keep((await router.associate(ask({ host: '0.0.0.0', port: 0 }, client, 'associate'), signal)).out);
}

function arriving(packets: PacketConn): Promise<string> {
  return new Promise((resolve) => packets.receive((data) => resolve(data.toString())));
}

const lists = (...matchers: string[]): Plan['bypasses'] => [
  { name: 'list', whitelist: false, matchers, file: null },
];

describe('direct', () => {
  test('connects without a path or a chain', async () => {
    const echo = keep(await tcpEcho());
    const way = await routerOf({}).connect(ask(echo.address), signal);
    assert.deepEqual([way.path, way.chain, way.attempts], [[], null, 1]);
    way.out.destroy();
  });

  test('names that are none are refused', async () => {
    const router = routerOf({});
    for (const host of ['', 'a\0b', 'a b', 'ä.example', `${'a'.repeat(64)}.example`]) {
      assert.equal(await reached(router, ask({ host, port: 80 })), 'bad_name');
    }
  });

  test('retries try again and count', async () => {
    let accepted = 0;
    const target = await deadAddress();
    const router = routerOf({}, { retries: 2 });
    assert.equal(await reached(router, ask(target)), 'refused');
    const late = keep(await tcpPeer(() => (accepted += 1), target.host, target.port));
    const way = await router.connect(ask(late.address), signal);
    assert.equal(way.attempts, 1);
    way.out.destroy();
  });
});

describe('the timeline', () => {
  test('names every node that was tried, where the name went, and what failed', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const dead = await deadAddress();
    const chains = [
      chainPlan('c', [
        hopPlan('first', [nodePlan('bad', 'socks5', dead), nodePlan('good', 'socks5', proxy.address)]),
      ]),
    ];
    const trace = new Timeline();
    const router = routerOf({ chains }, { chain: 'c', retries: 1 });
    const way = await router.connect(
      { ...ask({ host: 'localhost', port: echo.address.port }), trace },
      signal,
    );
    trace.replied();
    way.out.destroy();
    const { attempts, name, repliedMs } = trace.detail();
    assert.deepEqual(
      attempts.map(({ hops, error }) => [hops.map(({ node }) => node), error?.code ?? null]),
      [
        [['bad'], 'hop_unreachable'],
        [['good'], null],
      ],
    );
    assert.deepEqual(name, { by: 'hop', address: null, ms: null });
    const [hop] = attempts[1]?.hops ?? [];
    assert.ok(hop !== undefined && repliedMs !== null);
    const times = [hop.startMs, hop.reachedMs ?? NaN, hop.answeredMs ?? NaN, repliedMs];
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.equal(attempts[0]?.hops[0]?.reachedMs, null);
  });

  test('tells the hops in order of travel, each from where the one before ended, and those not reached', async () => {
    const echo = keep(await tcpEcho());
    const [one, two] = [keep(await socks5Proxy()), keep(await socks5Proxy())];
    const through = async (second: Address): Promise<ReturnType<Timeline['detail']>> => {
      const hops = [
        hopPlan('a', [nodePlan('first', 'socks5', one.address)]),
        hopPlan('b', [nodePlan('second', 'socks5', second)]),
      ];
      const trace = new Timeline();
      const router = routerOf({ chains: [chainPlan('c', hops)] }, { chain: 'c' });
      await router.connect({ ...ask(echo.address), trace }, signal).then(
        ({ out }) => out.destroy(),
        () => undefined,
      );
      return trace.detail();
    };
    const [good] = (await through(two.address)).attempts;
    assert.deepEqual(
      good?.hops.map(({ node }) => node),
      ['first', 'second'],
    );
    assert.equal(good.hops[1]?.startMs, good.hops[0]?.answeredMs);
    assert.deepEqual(
      good.hops.map(({ reach, ask }) =>
        [reach, ask].map((steps) => steps.map(({ stage }) => stage).join(' ')),
      ),
      [
        ['connect', 'method request'],
        ['', 'method request'],
      ],
    );
    const [bad] = (await through(await deadAddress())).attempts;
    assert.deepEqual(
      bad?.hops.map(({ node, reachedMs, answeredMs }) => [node, reachedMs !== null, answeredMs !== null]),
      [
        ['first', true, false],
        ['second', false, false],
      ],
    );
  });

  test('says which address a name was given on this computer, and that a literal needed none', async () => {
    const echo = keep(await tcpEcho());
    for (const [host, by, address] of [
      ['localhost', 'system', '127.0.0.1'],
      ['127.0.0.1', 'literal', null],
    ] as const) {
      const trace = new Timeline();
      const way = await routerOf({}).connect({ ...ask({ host, port: echo.address.port }), trace }, signal);
      way.out.destroy();
      const { name, attempts } = trace.detail();
      assert.equal(attempts[0]?.stages.at(-1)?.stage, 'connect');
      assert.deepEqual([name?.by, name?.address], [by, address]);
    }
  });
});

describe('bypass', () => {
  test('of a service refuses, by name and by the address behind the name', async () => {
    const echo = keep(await tcpEcho());
    const { port } = echo.address;
    const byAddress = routerOf({ bypasses: lists('127.0.0.0/8', '::1') }, { bypasses: ['list'] });
    assert.equal(await reached(byAddress, ask(echo.address)), 'not_allowed');
    assert.equal(await reached(byAddress, ask({ host: 'localhost', port })), 'not_allowed');
    const byName = routerOf({ bypasses: lists('localhost') }, { bypasses: ['list'] });
    assert.equal(await reached(byName, ask({ host: 'LocalHost', port })), 'not_allowed');
    assert.equal(await reached(byName, ask(echo.address)), 'ok');
    const white = [{ name: 'list', whitelist: true, matchers: ['localhost'], file: null }];
    const only = routerOf({ bypasses: white }, { bypasses: ['list'] });
    assert.equal(await reached(only, ask({ host: 'localhost', port })), 'ok');
    assert.equal(await reached(only, ask(echo.address)), 'not_allowed');
    assert.equal(echo.accepted, 2);
  });

  test('of a hop ends the chain before it, because the rule says so', async () => {
    const echo = keep(await tcpEcho());
    const [first, second] = [keep(await socks5Proxy()), keep(await httpProxy())];
    const plan = (bypassed: 0 | 1): Partial<Plan> => ({
      bypasses: lists(`127.0.0.1:${echo.address.port}`),
      chains: [
        chainPlan('chain', [
          hopPlan(
            'h1',
            [nodePlan('a', 'socks5', first.address)],
            bypassed === 0 ? { bypasses: ['list'] } : {},
          ),
          hopPlan(
            'h2',
            [nodePlan('b', 'http', second.address)],
            bypassed === 1 ? { bypasses: ['list'] } : {},
          ),
        ]),
      ],
    });
    for (const [at, path, chain] of [
      [1, ['a'], 'chain'],
      [0, [], null],
    ] as const) {
      const way = await routerOf(plan(at), { chain: 'chain' }).connect(ask(echo.address), signal);
      assert.deepEqual([way.path, way.chain], [path, chain]);
      way.out.destroy();
    }
    assert.equal(second.asked.length, 0);
  });

  test('Direct by a hop’s bypass is still guarded', async () => {
    const echo = keep(await tcpEcho());
    const hop = hopPlan('h', [nodePlan('a', 'socks5', await deadAddress())], { bypasses: ['list'] });
    const router = routerOf(
      { bypasses: lists('127.0.0.1'), chains: [chainPlan('chain', [hop])] },
      { chain: 'chain', guard: true },
    );
    assert.equal(await reached(router, ask(echo.address, FAR)), 'not_allowed');
    assert.equal(await reached(router, ask(echo.address, NEAR)), 'ok');
  });

  test('of a node takes it out of the choice', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const nodes = [
      nodePlan('never', 'socks5', await deadAddress(), { bypasses: ['list'] }),
      nodePlan('a', 'socks5', proxy.address),
    ];
    const router = routerOf(
      { bypasses: lists('127.0.0.1'), chains: [chainPlan('chain', [hopPlan('h', nodes)])] },
      { chain: 'chain' },
    );
    for (let round = 0; round < 3; round += 1) assert.equal(await reached(router, ask(echo.address)), 'ok');
  });
});

describe('guard', () => {
  test('keeps clients from elsewhere off this computer and its network', async () => {
    const echo = keep(await tcpEcho());
    const { port } = echo.address;
    const router = routerOf({}, { guard: true });
    for (const host of [
      '127.0.0.1',
      'localhost',
      '::ffff:127.0.0.1',
      '0.0.0.0',
      '10.0.0.1',
      '169.254.169.254',
      'fe80::1',
      'fd00::1',
      '100.64.0.1',
    ]) {
      assert.equal(await reached(router, ask({ host, port }, FAR)), 'not_allowed', host);
    }
    assert.equal(await reached(router, ask(echo.address, NEAR)), 'ok');
    const own = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.internal === false && each.family === 'IPv4');
    if (own !== undefined)
      assert.equal(await reached(router, ask(echo.address, { host: own.address, port: 1 })), 'ok');
  });

  test('judges what a resolver or hosts answer, not only what was asked', async () => {
    const echo = keep(await tcpEcho());
    const hosts = [
      { name: 'h', mappings: [{ ip: '127.0.0.1', hostname: 'inside.example', aliases: [] }], file: null },
    ];
    const router = routerOf({ hosts }, { guard: true, hosts: 'h' });
    const inside = { host: 'inside.example', port: echo.address.port };
    assert.equal(await reached(router, ask(inside, FAR)), 'not_allowed');
    assert.equal(await reached(router, ask(inside, NEAR)), 'ok');
  });

  test('drops their datagrams as well', async () => {
    const echo = keep(await udpEcho());
    const packets = await associated(routerOf({}, { guard: true }), FAR);
    assert.equal(packets.send(Buffer.from('x'), echo.address), 'not_allowed');
  });
});

test('our own control port is refused in every spelling, to everybody', async () => {
  const control = keep(await tcpEcho());
  const { port } = control.address;
  const router = routerOf({}, {}, { forbidden: () => [control.address] });
  for (const host of [
    '127.0.0.1',
    '127.0.0.2',
    'localhost',
    'x.localhost',
    '::1',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '::',
  ]) {
    assert.equal(await reached(router, ask({ host, port })), 'not_allowed', host);
  }
  assert.equal(control.accepted, 0);
});

describe('names', () => {
  test('hosts and a resolver turn names into addresses before the chain', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const server = keep(await nameServer({ 'dns.example': { a: ['127.0.0.1'] } }));
    const plan: Partial<Plan> = {
      hosts: [
        { name: 'h', mappings: [{ ip: '127.0.0.1', hostname: 'hosts.example', aliases: [] }], file: null },
      ],
      resolvers: [resolver(server.address)],
      chains: [chainPlan('chain', [hopPlan('hop', [nodePlan('a', 'socks5', proxy.address)])])],
    };
    const router = routerOf(plan, { chain: 'chain', hosts: 'h', resolver: 'r' });
    for (const host of ['hosts.example', 'dns.example']) {
      assert.equal(await reached(router, ask({ host, port: echo.address.port })), 'ok');
    }
    assert.deepEqual(proxy.asked, [`127.0.0.1:${echo.address.port}`, `127.0.0.1:${echo.address.port}`]);
    assert.equal(await reached(router, ask({ host: 'no.example', port: 1 })), 'name_not_found');
    assert.equal(proxy.asked.length, 2);
  });

  test('a node’s own hosts and resolver find the node, certificates keep its name', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const server = keep(await nameServer({ 'node.example': { a: ['127.0.0.1'] } }));
    const node = nodePlan(
      'a',
      'socks5',
      { host: 'node.example', port: proxy.address.port },
      { resolver: 'r' },
    );
    const plan = {
      resolvers: [resolver(server.address)],
      chains: [chainPlan('chain', [hopPlan('h', [node])])],
    };
    assert.equal(await reached(routerOf(plan, { chain: 'chain' }), ask(echo.address)), 'ok');
  });
});

describe('datagrams', () => {
  test('are judged one by one, mapped by hosts, and resolved by the service’s resolver before a chain', async () => {
    const echo = keep(await udpEcho());
    const { port } = echo.address;
    const proxy = keep(await socks5Server());
    const server = keep(
      await nameServer({ 'dns.example': { a: ['127.0.0.1'] }, 'bad.example': { a: ['10.0.0.1'] } }),
    );
    const plan: Partial<Plan> = {
      bypasses: lists('10.0.0.0/8', 'forbidden.example'),
      hosts: [
        { name: 'h', mappings: [{ ip: '127.0.0.1', hostname: 'hosts.example', aliases: [] }], file: null },
      ],
      resolvers: [resolver(server.address)],
      chains: [chainPlan('chain', [hopPlan('hop', [nodePlan('a', 'socks5', proxy.address)])])],
    };
    const packets = await associated(
      routerOf(plan, { chain: 'chain', hosts: 'h', resolver: 'r', bypasses: ['list'] }),
    );
    for (const host of ['127.0.0.1', 'hosts.example', 'dns.example', 'dns.example']) {
      const answer = arriving(packets);
      assert.equal(packets.send(Buffer.from(host), { host, port }), null);
      assert.equal(await answer, host);
    }
    assert.equal(packets.send(Buffer.from('x'), { host: '10.1.1.1', port }), 'not_allowed');
    assert.equal(packets.send(Buffer.from('x'), { host: 'forbidden.example', port }), 'not_allowed');
    assert.equal(packets.send(Buffer.from('x'), { host: 'a\0b', port }), 'name');
    assert.equal(packets.send(Buffer.from('x'), { host: '127.0.0.1', port: 0 }), 'unreachable');
    for (const [host, reason] of [
      ['bad.example', 'not_allowed'],
      ['missing.example', 'name'],
    ] as const) {
      const dropped = new Promise((resolve) => packets.receive(() => undefined, resolve));
      assert.equal(packets.send(Buffer.from('x'), { host, port }), null);
      assert.equal(await dropped, reason);
    }
  });

  for (const [namesHere, address] of [
    [true, '017f000001'],
    [false, '03096c6f63616c686f7374'],
  ] as const) {
    test(`a name goes into the chain as ${namesHere ? 'an address when it is to be looked up here' : 'a name otherwise'}`, async () => {
      let frame: (hex: string) => void = () => undefined;
      const framed = new Promise<string>((resolve) => (frame = resolve));
      const proxy = keep(
        await tcpPeer((socket) => {
          void (async () => {
            await take(socket, 4); // methods
            socket.write(Buffer.from('0500', 'hex'));
            await take(socket, 7); // UDP inside the stream
            socket.write(Buffer.from('05000001000000000001', 'hex'));
            frame((await take(socket, 3 + address.length / 2 + 3)).toString('hex'));
          })();
        }),
      );
      const chains = [chainPlan('chain', [hopPlan('hop', [nodePlan('a', 'socks5', proxy.address)])])];
      const request = { ...ask({ host: '0.0.0.0', port: 0 }, NEAR, 'associate'), namesHere };
      const packets = keep((await routerOf({ chains }, { chain: 'chain' }).associate(request, signal)).out);
      assert.equal(packets.send(Buffer.from('x'), { host: 'localhost', port: 53 }), null);
      assert.equal(await framed, `000100${address}003578`);
    });
  }

  test('to what a hop or its node is bypassed for are dropped, not sent around', async () => {
    const echo = keep(await udpEcho());
    const proxy = keep(await socks5Server());
    for (const where of ['hop', 'node'] as const) {
      const bypasses = { bypasses: ['list'] };
      const node = nodePlan('a', 'socks5', proxy.address, where === 'node' ? bypasses : {});
      const hop = hopPlan('h', [node], where === 'hop' ? bypasses : {});
      const router = routerOf(
        { bypasses: lists('127.0.0.1'), chains: [chainPlan('chain', [hop])] },
        { chain: 'chain' },
      );
      assert.equal((await associated(router)).send(Buffer.from('x'), echo.address), 'not_allowed');
    }
  });
});

describe('build', () => {
  test('names that do not exist are configuration errors', () => {
    for (const about of [{ chain: 'x' }, { bypasses: ['x'] }, { resolver: 'x' }, { hosts: 'x' }]) {
      assert.throws(() => routerOf({}, about), { code: 'config' });
    }
  });

  test('a forwarder takes turns over its targets and leaves out one that failed', () => {
    const targets = ['a', 'b'].map((name, at) => ({
      name,
      addr: { host: '192.0.2.1', port: at + 1 },
      weight: 1,
      backup: false,
    }));
    const selector = { strategy: 'round', maxFails: 1, failTimeoutMs: 60_000 } as const;
    const forwarder = chainsOf({}).forwarderFor(
      servicePlan({ forwarder: { name: 'f', selector, nodes: targets } }),
    );
    assert.ok(forwarder);
    assert.deepEqual([forwarder.pick(NEAR).name, forwarder.pick(NEAR).name], ['a', 'b']);
    forwarder.mark('a', false);
    assert.deepEqual([forwarder.pick(NEAR).name, forwarder.pick(NEAR).name], ['b', 'b']);
    assert.equal(chainsOf({}).forwarderFor(servicePlan()), null);
  });

  test('a route for a remote listener goes through the chain, or is Direct', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const all = chainsOf({
      chains: [chainPlan('c', [hopPlan('h', [nodePlan('a', 'socks5', proxy.address)])])],
    });
    const route = await all.routeFor('c')(signal);
    assert.deepEqual(route.path, ['a']);
    (await route.connect(echo.address, signal)).destroy();
    assert.deepEqual((await all.routeFor(null)(signal)).path, []);
    assert.equal(await code(all.routeFor('nope')(signal)), 'config');
  });
});

function resolver(addr: string): Plan['resolvers'][number] {
  const nameserver = {
    protocol: 'udp',
    addr,
    hostname: null,
    prefer: null,
    only: null,
    clientIp: null,
    chain: null,
    ttlMs: null,
    timeoutMs: 2000,
  } as const;
  return { name: 'r', nameservers: [nameserver] };
}
