/** Chains tested over real proxies on loopback: what is timed, where a failure is pinned, what stays undisturbed. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { after, afterEach, before, describe, test } from 'node:test';
import type { ChainTest, NodeTest, StationTest } from '../contract/runs.ts';
import { tlsDialer } from '../dialers/tls.ts';
import { ProxyError } from '../errors.ts';
import type { Address } from '../net/conn.ts';
import { Lists } from '../live-list.ts';
import type { ChainPlan, NodePlan, Plan } from '../plan.ts';
import { ready } from '../registry.ts';
import { tcpEcho, tcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { chainPlan, hopPlan, nodePlan, planOf, TEST_DEPS } from '../testing/plans.ts';
import { deadAddress, httpProxy, socks4Proxy, socks5Proxy } from '../testing/proxies.ts';
import { selfSigned } from '../transports/certificate.ts';
import { buildChains, type Chains } from './build.ts';
import { greetingFor } from './greeting.ts';
import { partFrom, testAlone, testChain } from './test-chain.ts';

const { signal } = new AbortController();
const USER = { username: 'u', password: 'p' };
const FAST = { stageMs: 300, totalMs: 1000 };

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

function built(plan: Plan): Chains {
  return buildChains(plan, TEST_DEPS, new Lists(TEST_DEPS.log));
}

async function run(
  chain: ChainPlan,
  target: Address,
  limits = {},
): Promise<{ test: ChainTest; seen: ChainTest[] }> {
  const chains = keep(built(planOf({ chains: [chain] })));
  const seen: ChainTest[] = [];
  const result = await testChain(
    chains.tested(chain.name),
    target,
    (step) => seen.push(step),
    signal,
    limits,
  );
  return { test: result, seen };
}

function one(name: string, node: NodePlan): ReturnType<typeof hopPlan> {
  return hopPlan(name, [node]);
}

const states = ({ hops, target }: ChainTest): string[] => [
  ...hops.map(({ nodes }) => nodes.map(({ state }) => state).join(' ')),
  target.state,
];
const stages = (station: StationTest | undefined): string[] =>
  station?.stages.map(({ stage }) => stage) ?? [];
const failed = ({ hops }: ChainTest): NodeTest | undefined =>
  hops.flatMap(({ nodes }) => nodes).find(({ state }) => state === 'failed');

describe('a chain that works', () => {
  test('is timed three times, every stage of every hop, and streams what it does', async () => {
    const echo = keep(await tcpEcho());
    const [a, b, c] = [
      keep(await socks5Proxy()),
      keep(await httpProxy()),
      keep(await socks5Proxy(USER)),
    ] as const;
    const { test: result, seen } = await run(
      chainPlan('c', [
        one('h1', nodePlan('a', 'socks5', { ...a.address, host: 'localhost' })),
        one('h2', nodePlan('b', 'http', b.address)),
        one('h3', nodePlan('c', 'socks5', c.address, { connectorAuth: USER })),
      ]),
      echo.address,
    );
    assert.deepEqual([result.ok, result.finished, states(result)], [true, 3, ['ok', 'ok', 'ok', 'ok']]);
    assert.deepEqual(stages(result.hops[0]?.nodes[0]), ['resolve', 'connect', 'method']);
    assert.deepEqual(stages(result.hops[1]?.nodes[0]), ['connect']);
    assert.deepEqual(stages(result.hops[2]?.nodes[0]), ['connect', 'method', 'sign_in']);
    assert.deepEqual(stages(result.target), ['request', 'first_byte']);
    for (const { nodes } of result.hops) {
      const [node] = nodes;
      assert.equal(node?.tried, 3);
      assert.ok(node.adds !== null && node.adds.min <= node.adds.ms && node.adds.ms <= node.adds.max);
      const sum = node.stages.reduce((total, { ms }) => total + (ms ?? NaN), 0);
      assert.ok(Number.isFinite(sum));
    }
    assert.ok((result.totalMs ?? 0) > 0);
    assert.equal(a.asked.length, 3);
    // the first hop is on while the second waits, and green before the third begins
    const walk = seen.map((step) => states(step).join(' '));
    assert.ok(walk.includes('testing waiting waiting waiting'));
    assert.ok(walk.some((step) => /^\S+ \S+ testing/.test(step)));
    assert.equal(seen.at(-1)?.ok, true);
  });

  test('other nodes of a hop are tried as well, beside the picked one', async () => {
    const echo = keep(await tcpEcho());
    const [a, b, c] = [
      keep(await socks5Proxy()),
      keep(await socks5Proxy()),
      keep(await socks5Proxy()),
    ] as const;
    const hop = hopPlan('h1', [
      nodePlan('a', 'socks5', a.address),
      nodePlan('dead', 'socks5', await deadAddress()),
      nodePlan('b', 'socks5', b.address),
    ]);
    const { test: result } = await run(
      chainPlan('c', [hop, one('h2', nodePlan('c', 'socks5', c.address))]),
      echo.address,
    );
    assert.equal(result.ok, true);
    assert.deepEqual(
      result.hops[0]?.nodes.map(({ name, picked, state, tried }) => [name, picked, state, tried]),
      [
        ['a', true, 'ok', 3],
        ['dead', false, 'failed', 1],
        ['b', false, 'ok', 3],
      ],
    );
  });

  test('a picked node that fails is replaced by another of its hop, and stays in the result', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const { test: result } = await run(
      chainPlan('c', [
        hopPlan('h1', [
          nodePlan('dead', 'socks5', await deadAddress()),
          nodePlan('good', 'socks5', proxy.address),
        ]),
      ]),
      echo.address,
    );
    assert.deepEqual([result.ok, states(result)], [true, ['failed ok', 'ok']]);
    assert.deepEqual(
      result.hops[0]?.nodes.map(({ picked }) => picked),
      [false, true],
    );
  });

  test('a target that says nothing is no failure', async () => {
    const mute = keep(await tcpPeer((socket) => void socket.resume()));
    const proxy = keep(await socks5Proxy());
    const { test: result } = await run(
      chainPlan('c', [one('h1', nodePlan('a', 'socks5', proxy.address))]),
      mute.address,
      FAST,
    );
    assert.deepEqual([result.ok, result.target.silent, states(result)], [true, true, ['ok', 'ok']]);
  });

  test('says where a bypass keeps the target out of the chain', async () => {
    const echo = keep(await tcpEcho());
    const proxy = keep(await socks5Proxy());
    const hop = hopPlan('h1', [nodePlan('a', 'socks5', proxy.address)], { bypasses: ['near'] });
    const bypasses = [{ name: 'near', whitelist: false, matchers: ['127.0.0.1'], file: null }];
    const chains = keep(built(planOf({ chains: [chainPlan('c', [hop])], bypasses })));
    const result = await testChain(chains.tested('c'), echo.address, () => undefined, signal);
    assert.equal(result.bypassedAt, 'h1');
  });
});

describe('a failure is pinned to hop and stage', () => {
  const three = (a: Address, b: Address, c: Address): ChainPlan =>
    chainPlan('c', [
      one('h1', nodePlan('a', 'socks5', a)),
      one('h2', nodePlan('b', 'socks5', b)),
      one('h3', nodePlan('c', 'socks5', c)),
    ]);

  test('a dead second hop: connect of hop 2; hop 1 stays good, hop 3 is not reached', async () => {
    const [a, c] = [keep(await socks5Proxy()), keep(await socks5Proxy())] as const;
    const { test: result } = await run(three(a.address, await deadAddress(), c.address), NOWHERE);
    assert.deepEqual([result.ok, states(result)], [false, ['ok', 'failed', 'not_reached', 'not_reached']]);
    const node = failed(result);
    assert.deepEqual([node?.name, node?.failedAt, node?.error?.code], ['b', 'connect', 'hop_unreachable']);
    assert.match(node?.error?.message ?? '', /b can not be reached: .*refused/);
  });

  test('a dead first hop: connect of hop 1', async () => {
    const c = keep(await socks5Proxy());
    const { test: result } = await run(three(await deadAddress(), c.address, c.address), NOWHERE);
    assert.deepEqual([failed(result)?.name, failed(result)?.failedAt], ['a', 'connect']);
  });

  test('a wrong password: sign_in of the hop that rejects it', async () => {
    const [a, b] = [keep(await socks5Proxy()), keep(await socks5Proxy(USER))] as const;
    const { test: result } = await run(
      chainPlan('c', [
        one('h1', nodePlan('a', 'socks5', a.address)),
        one(
          'h2',
          nodePlan('b', 'socks5', b.address, { connectorAuth: { username: 'u', password: 'wrong' } }),
        ),
        one('h3', nodePlan('c', 'socks5', a.address)),
      ]),
      NOWHERE,
    );
    assert.deepEqual(states(result), ['ok', 'failed', 'not_reached', 'not_reached']);
    assert.deepEqual([failed(result)?.failedAt, failed(result)?.error?.code], ['sign_in', 'hop_auth']);
  });

  test('a password that is missing: method of the hop that wants one', async () => {
    const a = keep(await socks5Proxy(USER));
    const { test: result } = await run(three(a.address, a.address, a.address), NOWHERE);
    assert.deepEqual([failed(result)?.name, failed(result)?.failedAt], ['a', 'method']);
    assert.match(failed(result)?.error?.message ?? '', /wants a user name and password/);
  });

  test('an HTTP proxy that wants a password: sign_in of that hop', async () => {
    const proxy = keep(await tcpPeer((socket) => void socket.end('HTTP/1.1 407 No\r\n\r\n')));
    const { test: result } = await run(
      chainPlan('c', [
        one('h1', nodePlan('a', 'http', proxy.address)),
        one('h2', nodePlan('b', 'http', proxy.address)),
      ]),
      NOWHERE,
    );
    assert.deepEqual([failed(result)?.name, failed(result)?.failedAt], ['a', 'sign_in']);
  });

  test('a server of another protocol: method of that hop, with what it said', async () => {
    const a = keep(await socks5Proxy());
    const web = keep(await tcpPeer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const { test: result } = await run(three(a.address, web.address, a.address), NOWHERE);
    assert.deepEqual(
      [failed(result)?.name, failed(result)?.failedAt, failed(result)?.error?.code],
      ['b', 'method', 'hop_protocol'],
    );
  });

  test('a proxy that hangs up on a request: request of that hop', async () => {
    const rude = keep(
      await tcpPeer((socket) => {
        socket.once('data', () => {
          socket.write(Buffer.from('0500', 'hex'));
          socket.once('data', () => socket.end());
        });
      }),
    );
    const { test: result } = await run(three(rude.address, rude.address, rude.address), NOWHERE);
    assert.deepEqual([failed(result)?.name, failed(result)?.failedAt], ['a', 'request']);
  });

  test('a target that refuses: request of the target, every hop good', async () => {
    const a = keep(await socks5Proxy());
    const { test: result } = await run(
      chainPlan('c', [one('h1', nodePlan('a', 'socks5', a.address))]),
      await deadAddress(),
    );
    assert.deepEqual([result.ok, states(result)], [false, ['ok', 'failed']]);
    assert.deepEqual([result.target.failedAt, result.target.error?.code], ['request', 'refused']);
  });

  test('a target that hangs up before it said anything: its first byte', async () => {
    const rude = keep(await tcpPeer((socket) => void socket.end()));
    const a = keep(await socks4Proxy());
    const { test: result } = await run(
      chainPlan('c', [one('h1', nodePlan('a', 'socks4', a.address))]),
      rude.address,
    );
    assert.deepEqual([result.target.failedAt, result.target.error?.code], ['first_byte', 'reset']);
  });

  test('silence ends at the limit of the stage and is told of the one who was silent', async () => {
    const a = keep(await socks5Proxy());
    const mute = keep(await tcpPeer((socket) => void socket.resume()));
    const { test: result } = await run(three(a.address, mute.address, a.address), NOWHERE, FAST);
    assert.deepEqual([failed(result)?.name, failed(result)?.failedAt], ['b', 'method']);
    assert.match(failed(result)?.error?.message ?? '', /did not answer within 0.3 s/);
  });

  test('TLS: the hop whose certificate nobody vouches for', async () => {
    const { cert, key } = await selfSigned(null);
    const server = createTlsServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep({ close: () => new Promise((resolve) => server.close(resolve)) });
    const at = server.address();
    assert.ok(at !== null && typeof at === 'object');
    const dialer = ready(tlsDialer, tlsDialer.options.parse({}));
    const { test: result } = await run(
      chainPlan('c', [one('h1', nodePlan('a', 'socks5', { host: '127.0.0.1', port: at.port }, { dialer }))]),
      NOWHERE,
    );
    assert.deepEqual([failed(result)?.failedAt, failed(result)?.error?.code], ['tls', 'tls']);
    assert.deepEqual(stages(failed(result)), ['connect', 'tls']);
  });
});

const NOWHERE: Address = { host: '127.0.0.1', port: 9 };

describe('isolate', () => {
  test('tells a node that is down from one that answers', async () => {
    const good = keep(await socks5Proxy());
    const chains = keep(
      built(
        planOf({
          chains: [
            chainPlan('c', [
              one('h1', nodePlan('dead', 'socks5', await deadAddress())),
              one('h2', nodePlan('good', 'socks5', good.address)),
            ]),
          ],
        }),
      ),
    );
    const { hops, direct } = chains.tested('c');
    const [dead, alive] = [hops[0]?.nodes[0], hops[1]?.nodes[0]];
    assert.ok(dead !== undefined && alive !== undefined);
    const down = await testAlone(dead, direct, () => undefined, signal);
    assert.deepEqual([down.answers, down.node.failedAt], [false, 'connect']);
    const up = await testAlone(alive, direct, () => undefined, signal);
    assert.deepEqual([up.answers, up.node.state, stages(up.node)], [true, 'ok', ['connect', 'method']]);
  });
});

test('a cancelled test rejects with the reason and leaves nothing open', async () => {
  const mute = keep(await tcpPeer((socket) => void socket.resume()));
  const chains = keep(
    built(planOf({ chains: [chainPlan('c', [one('h', nodePlan('a', 'socks5', mute.address))])] })),
  );
  const stop = new AbortController();
  const running = testChain(
    chains.tested('c'),
    NOWHERE,
    ({ hops }) => {
      if (hops[0]?.nodes[0]?.stages.some(({ stage }) => stage === 'method'))
        stop.abort(new ProxyError('aborted'));
    },
    stop.signal,
  );
  await assert.rejects(running, { code: 'aborted' });
});

test('a test marks no node of the running chain as failed', async () => {
  const echo = keep(await tcpEcho());
  const good = keep(await socks5Proxy());
  const chains = keep(
    built(
      planOf({
        chains: [
          chainPlan('c', [
            hopPlan('h', [
              nodePlan('dead', 'socks5', await deadAddress()),
              nodePlan('good', 'socks5', good.address),
            ]),
          ]),
        ],
      }),
    ),
  );
  await testChain(chains.tested('c'), echo.address, () => undefined, signal);
  const { attempt } = chains.chain('c').pick({ target: null, key: '' }, new Set(), chains.direct);
  assert.deepEqual(
    attempt.nodes.map(({ name }) => name),
    ['dead'],
  );
});

test('a TLS server answers the greeting for its port', async () => {
  const { cert, key } = await selfSigned(null);
  const server = createTlsServer({ cert, key });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  assert.ok(at !== null && typeof at === 'object');
  const socket = connect(at.port, '127.0.0.1');
  const greeting = greetingFor({ host: 'name.example', port: 443 });
  assert.ok(greeting !== null);
  socket.write(greeting);
  const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  assert.deepEqual([...first.subarray(0, 1), first[5]], [22, 2], 'a handshake record with ServerHello in it');
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

describe('a chain entered at one of its hops', () => {
  test('goes on to the target without the hops before, through the node asked for', async () => {
    const echo = keep(await tcpEcho());
    const dead = await deadAddress();
    const [wanted, other, last] = [
      keep(await socks5Proxy()),
      keep(await socks5Proxy()),
      keep(await socks5Proxy()),
    ] as const;
    const plan = chainPlan('c', [
      one('first', nodePlan('gone', 'socks5', dead)),
      hopPlan('second', [
        nodePlan('other', 'socks5', other.address),
        { ...nodePlan('wanted', 'socks5', wanted.address), at: 1 },
      ]),
      one('third', nodePlan('last', 'socks5', last.address)),
    ]);
    const hops = plan.hops.map((hop, at) => ({ ...hop, at }));
    const chains = keep(built(planOf({ chains: [{ ...plan, hops }] })));
    const whole = chains.tested('c');
    const part = partFrom(whole, { hop: 1, node: 1 });
    assert.ok(part !== null);
    const found = await testChain(part, echo.address, () => undefined, signal, FAST);
    assert.equal(found.ok, true);
    assert.deepEqual(
      found.hops.map(({ at, nodes }) => [at, nodes.map(({ name, picked }) => [name, picked])]),
      [
        [1, [['wanted', true]]],
        [2, [['last', true]]],
      ],
    );
    assert.deepEqual(
      partFrom(whole, { hop: 1, node: null })?.hops.map(({ nodes }) => nodes.length),
      [2, 1],
    );
    assert.equal(partFrom(whole, { hop: 3, node: null }), null);
    assert.equal(partFrom(whole, { hop: 1, node: 5 }), null);
  });
});
