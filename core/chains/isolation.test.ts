/** Clients kept apart at a proxy (`isolate`), through the router: whose name each of them gets there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { socks5Connector } from '../connectors/socks5.ts';
import { ProxyError } from '../errors.ts';
import { Lists } from '../live-list.ts';
import { ready } from '../registry.ts';
import type { Request, Router } from '../roles.ts';
import { tcpEcho, type TcpPeer } from '../testing/echo.ts';
import { front, type Front } from '../testing/front.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { chainPlan, hopPlan, nodePlan, planOf, servicePlan, TEST_DEPS } from '../testing/plans.ts';
import { socks5Proxy, socks5Service } from '../testing/proxies.ts';
import { buildChains, type Chains } from './build.ts';

const { signal } = new AbortController();
const ISOLATING = ready(socks5Connector, socks5Connector.options.parse({ isolate: true }));
/** Lets everybody in and remembers under which name and password. */
const open = {
  required: true,
  check: (user: Buffer, password: Buffer) => `${user.toString()}:${password.toString()}`,
  checkUserId: () => null,
};

let baseline: string[] = [];
let echo: TcpPeer;
let tor: Front;
before(async () => {
  baseline = liveResources();
  [echo, tor] = await Promise.all([tcpEcho(), front(socks5Service({ udp: true }, { auth: open }))]);
});
after(async () => {
  await Promise.all([echo.close(), tor.close()]);
  await assertNoLeaks(baseline);
});

function through(address = tor.address): { router: Router; chains: Chains } {
  const node = nodePlan('tor', 'socks5', address, { connector: ISOLATING });
  const service = servicePlan({ chain: 'chain' });
  const plan = planOf({ chains: [chainPlan('chain', [hopPlan('hop', [node])])], services: [service] });
  const chains = buildChains(plan, TEST_DEPS, new Lists(TEST_DEPS.log));
  return { router: chains.routerFor(service), chains };
}

function request(host: string, user: string | null, command: Request['command'] = 'connect'): Request {
  return { command, dst: echo.address, client: { host, port: 50_000 }, user };
}

/** The names that the proxy has heard from its `from`th client on. */
function names(from: number): (string | null)[] {
  return tor.reports.slice(from).flatMap(({ requests }) => requests.map(({ user }) => user));
}

test('each client has a name of its own at the proxy, for TCP and UDP, and always the same', async () => {
  const { router, chains } = through();
  const from = tor.reports.length;
  for (const [host, user] of [
    ['127.0.0.1', null],
    ['127.0.0.2', null],
    ['127.0.0.1', 'anna'],
    ['127.0.0.2', 'anna'],
    ['::ffff:127.0.0.1', null],
  ] as const)
    (await router.connect(request(host, user), signal)).out.destroy();
  (await router.associate(request('127.0.0.1', null, 'associate'), signal)).out.close();
  const [one, two, anna, annaAgain, mapped, datagrams] = names(from);
  assert.match(one ?? '', /^sockeye-[0-9a-f]{24}:[0-9a-f]{32}$/);
  assert.equal(new Set([one, two, anna]).size, 3);
  assert.deepEqual([annaAgain, mapped, datagrams], [anna, one, one]);
  for (const name of [one, two, anna]) assert.doesNotMatch(name ?? '', /anna|127/);
  await chains.close();
});

test('two proxies are given different names for the same client', async () => {
  const from = tor.reports.length;
  const other = await front(socks5Service({}, { auth: open }));
  const nodes = [
    nodePlan('tor', 'socks5', tor.address, { connector: ISOLATING }),
    nodePlan('second', 'socks5', other.address, { connector: ISOLATING }),
  ];
  const service = servicePlan({ chain: 'chain' });
  const hops = nodes.map((node) => hopPlan(`hop-${node.name}`, [node]));
  const chains = buildChains(
    planOf({ chains: [chainPlan('chain', hops)], services: [service] }),
    TEST_DEPS,
    new Lists(TEST_DEPS.log),
  );
  (await chains.routerFor(service).connect(request('127.0.0.1', null), signal)).out.destroy();
  const [first] = names(from);
  const [second] = other.reports.flatMap(({ requests }) => requests.map(({ user }) => user));
  assert.ok(first !== undefined && second !== undefined);
  assert.notEqual(first, second);
  await Promise.all([chains.close(), other.close()]);
});

test('a proxy that asks for no name would mix them, so it is not used', async () => {
  const proxy = await socks5Proxy();
  const { router, chains } = through(proxy.address);
  await assert.rejects(router.connect(request('127.0.0.1', null), signal), { code: 'hop_refused' });
  assert.deepEqual(proxy.asked, []);
  await Promise.all([chains.close(), proxy.close()]);
});

test('a name of its own and made-up ones exclude each other', () => {
  const node = nodePlan('tor', 'socks5', tor.address, {
    connector: ISOLATING,
    connectorAuth: { username: 'me', password: 'secret' },
  });
  const plan = planOf({ chains: [chainPlan('chain', [hopPlan('hop', [node])])] });
  assert.throws(
    () => buildChains(plan, TEST_DEPS, new Lists(TEST_DEPS.log)),
    (error) => error instanceof ProxyError && error.code === 'config' && !error.message.includes('secret'),
  );
});
