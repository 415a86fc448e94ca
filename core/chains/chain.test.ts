/**
 * Chains of real proxies on loopback: they carry TCP, UDP and BIND, name the hop that fails, and never go around one.
 * Long because every verb is held against the same few proxies and one leak check at the end.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import { Lists } from '../live-list.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn, PacketConn } from '../net/conn.ts';
import type { Plan, ServicePlan } from '../plan.ts';
import type { Request, Router } from '../roles.ts';
import { tcpEcho, tcpPeer, udpEcho, type TcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import {
  chainPlan,
  hopPlan,
  nodePlan,
  planOf,
  servicePlan,
  TEST_DEPS,
  type ProxyKind,
} from '../testing/plans.ts';
import {
  deadAddress,
  httpProxy,
  socks4Proxy,
  socks5Proxy,
  socks5Server,
  type Proxy,
} from '../testing/proxies.ts';
import { buildChains } from './build.ts';

const { signal } = new AbortController();
const CLIENT: Address = { host: '127.0.0.1', port: 50_000 };
const START: Readonly<Record<ProxyKind, () => Promise<Proxy>>> = {
  socks5: () => socks5Proxy(),
  socks4: socks4Proxy,
  http: httpProxy,
};

let baseline: string[] = [];
const open: { close(): unknown }[] = [];
before(() => (baseline = liveResources()));
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

after(() => assertNoLeaks(baseline));

/** Closes it after the test, before what was kept earlier. */
function keep<T extends { close(): unknown }>(each: T): T {
  open.push(each);
  return each;
}

function routerOf(plan: Partial<Plan>, about: Partial<ServicePlan> = {}): Router {
  const service = servicePlan({ chain: 'chain', ...about });
  return keep(
    buildChains(planOf({ ...plan, services: [service] }), TEST_DEPS, new Lists(TEST_DEPS.log)),
  ).routerFor(service);
}

function ask(dst: Address, command: Request['command'] = 'connect'): Request {
  return { command, dst, client: CLIENT, user: null };
}

async function echoed(conn: Conn, text = 'over the chain'): Promise<string> {
  keep({ close: () => conn.destroy() });
  conn.write(text);
  let got = '';
  while (got.length < text.length) {
    const chunk: unknown = conn.read();
    if (Buffer.isBuffer(chunk)) got += chunk.toString();
    else await once(conn, 'readable');
  }
  return got;
}

async function failure(work: Promise<unknown>): Promise<ProxyError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProxyError, 'rejects with a ProxyError');
  return error;
}

/** A chain with one proxy of each kind in order, named a, b, c, …; `full` ones know UDP and BIND where their kind has it. */
async function chainOfKinds(
  kinds: readonly ProxyKind[],
  full = false,
): Promise<{ plan: Partial<Plan>; proxies: Proxy[] }> {
  const start = (kind: ProxyKind): Promise<Proxy> =>
    full && kind === 'socks5' ? socks5Server() : START[kind]();
  const proxies = await Promise.all(kinds.map(async (kind) => keep(await start(kind))));
  const hops = kinds.map((kind, at) => {
    const name = String.fromCharCode(97 + at);
    return hopPlan(`hop-${name}`, [nodePlan(name, kind, proxies[at]?.address ?? CLIENT)]);
  });
  return { plan: { chains: [chainPlan('chain', hops)] }, proxies };
}

describe('connect', () => {
  for (const kinds of [
    ['socks5'],
    ['socks4'],
    ['http'],
    ['http', 'socks5'],
    ['socks5', 'socks4'],
    ['socks4', 'http', 'socks5'],
    ['socks5', 'socks5', 'http', 'socks4'],
  ] as const) {
    test(`goes through ${kinds.join(', ')}, each hop asked for the next by its configured address`, async () => {
      const echo = keep(await tcpEcho());
      const { plan, proxies } = await chainOfKinds(kinds);
      const way = await routerOf(plan).connect(ask({ host: 'localhost', port: echo.address.port }), signal);
      assert.equal(await echoed(way.out), 'over the chain');
      assert.deepEqual(way.path, ['a', 'b', 'c', 'd'].slice(0, kinds.length));
      assert.deepEqual([way.chain, way.attempts], ['chain', 1]);
      const next = proxies.slice(1).map(({ address }) => formatAddress(address));
      const asked = proxies.map((proxy) => proxy.asked[0]);
      assert.deepEqual(
        asked,
        [...next, `localhost:${echo.address.port}`],
        'the name travelled to the last hop',
      );
    });
  }

  test('half-close travels through the chain both ways', async () => {
    const late = keep(
      await tcpPeer((socket) => {
        socket.resume();
        socket.once('end', () => socket.end('after your end'));
      }),
    );
    const { plan } = await chainOfKinds(['socks5', 'http', 'socks5']);
    const { out } = await routerOf(plan).connect(ask(late.address), signal);
    out.end('all I have');
    let got = '';
    for await (const chunk of out) got += String(chunk);
    assert.equal(got, 'after your end');
    out.destroy();
  });
});

describe('errors name the hop', () => {
  for (const dead of [0, 1, 2]) {
    test(`hop ${dead + 1} of 3 is not there`, async () => {
      const { plan, proxies } = await chainOfKinds(['socks5', 'http', 'socks5']);
      await proxies[dead]?.close();
      const error = await failure(routerOf(plan).connect(ask(CLIENT), signal));
      assert.equal(error.code, 'hop_unreachable');
      assert.equal(error.detail['hop'], ['a', 'b', 'c'][dead]);
      if (dead > 0) assert.match(error.message, new RegExp(`${['a', 'b'][dead - 1] ?? ''} (says|answered)`));
    });
  }

  test('a hop rejects the password, in the middle', async () => {
    const first = keep(await socks5Proxy());
    const second = keep(await socks5Proxy({ username: 'u', password: 'right' }));
    const plan = {
      chains: [
        chainPlan('chain', [
          hopPlan('h1', [nodePlan('a', 'socks5', first.address)]),
          hopPlan('h2', [
            nodePlan('b', 'socks5', second.address, { connectorAuth: { username: 'u', password: 'wrong' } }),
          ]),
          hopPlan('h3', [nodePlan('c', 'socks5', await deadAddress())]),
        ]),
      ],
    };
    const error = await failure(routerOf(plan).connect(ask(CLIENT), signal));
    assert.deepEqual([error.code, error.detail['hop']], ['hop_auth', 'b']);
  });

  test('a hop speaks something else', async () => {
    const web = keep(await tcpPeer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const first = keep(await httpProxy());
    const plan = {
      chains: [
        chainPlan('chain', [
          hopPlan('h1', [nodePlan('a', 'http', first.address)]),
          hopPlan('h2', [nodePlan('b', 'socks5', web.address)]),
        ]),
      ],
    };
    const error = await failure(routerOf(plan).connect(ask(CLIENT), signal));
    assert.deepEqual([error.code, error.detail['hop']], ['hop_protocol', 'b']);
    assert.match(error.message, /HTTP\/1\.1 400/);
  });

  test('a target that refuses is the target’s own error, and marks no node', async () => {
    const { plan, proxies } = await chainOfKinds(['socks4', 'socks5']);
    const router = routerOf(plan);
    const target = await deadAddress();
    for (let round = 0; round < 3; round += 1) {
      const error = await failure(router.connect(ask(target), signal));
      assert.deepEqual(
        [error.code, error.detail['target'], error.rep],
        ['refused', formatAddress(target), 5],
      );
    }
    assert.equal(proxies[1]?.asked.length, 3);
  });

  test('a silent hop is named when the attempt is over', async () => {
    const silent = keep(await tcpPeer((socket) => void socket.resume()));
    const first = keep(await socks5Proxy());
    const hops = [
      hopPlan('h1', [nodePlan('a', 'socks5', first.address)]),
      hopPlan('h2', [nodePlan('b', 'socks5', silent.address)]),
    ];
    const router = routerOf(
      { chains: [chainPlan('chain', [...hops, hopPlan('h3', [nodePlan('c', 'socks5', CLIENT)])])] },
      { dialTimeoutMs: 150 },
    );
    const error = await failure(router.connect(ask(CLIENT), signal));
    assert.equal(error.code, 'hop_unreachable');
    assert.match(error.message, /b did not connect to it within 0\.15 s/);
  });

  test('two hops whose nodes have the same name are told apart', async () => {
    const first = keep(await socks5Proxy());
    const hops = [
      hopPlan('hop-0', [nodePlan('node-0', 'socks5', first.address)]),
      hopPlan('hop-1', [nodePlan('node-0', 'socks5', await deadAddress())]),
    ];
    const error = await failure(
      routerOf({ chains: [chainPlan('chain', hops)] }).connect(ask(CLIENT), signal),
    );
    assert.equal(error.detail['hop'], 'hop-1/node-0');
  });

  test('an abort ends the attempt with its own reason', async () => {
    const silent = keep(await tcpPeer((socket) => void socket.resume()));
    const router = routerOf({
      chains: [chainPlan('chain', [hopPlan('h', [nodePlan('a', 'socks5', silent.address)])])],
    });
    const controller = new AbortController();
    const trying = failure(router.connect(ask(CLIENT), controller.signal));
    controller.abort(new ProxyError('closed_by_user'));
    assert.equal((await trying).code, 'closed_by_user');
  });
});

describe('fails closed', () => {
  async function deadChain(): Promise<Partial<Plan>> {
    const nodes = [
      nodePlan('a', 'socks5', await deadAddress()),
      nodePlan('b', 'socks5', await deadAddress()),
    ];
    return { chains: [chainPlan('chain', [hopPlan('h', nodes)])] };
  }

  test('with every node dead the target never sees a connection', async () => {
    const target = keep(await tcpEcho());
    const router = routerOf(await deadChain(), { retries: 2 });
    for (let round = 0; round < 6; round += 1) {
      const error = await failure(router.connect(ask(target.address), signal));
      assert.equal(error.code, 'hop_unreachable');
    }
    assert.equal(target.accepted, 0);
  });

  test('with every node dead no datagram leaves and no port is bound here', async () => {
    const router = routerOf(await deadChain());
    for (const command of ['associate', 'bind', 'listen', 'listenPackets'] as const) {
      const error = await failure(router[command](ask({ host: '0.0.0.0', port: 0 }, command), signal));
      assert.ok(
        error.code === 'hop_unreachable' || error.code === 'unsupported',
        `${command}: ${error.code}`,
      );
    }
  });

  test('a hop whose nodes are all excluded is an error, also in the middle', async () => {
    const target = keep(await tcpEcho());
    const first = keep(await socks5Proxy());
    const second = keep(await socks5Proxy());
    const bypasses = [{ name: 'all', whitelist: false, matchers: ['*'], file: null }];
    const router = routerOf({
      bypasses,
      chains: [
        chainPlan('chain', [
          hopPlan('h1', [nodePlan('a', 'socks5', first.address)]),
          hopPlan('h2', [nodePlan('b', 'socks5', second.address, { bypasses: ['all'] })]),
        ]),
      ],
    });
    const error = await failure(router.connect(ask(target.address), signal));
    assert.deepEqual([error.code, error.detail['hop']], ['no_node', 'h2']);
    const none = await failure(
      routerOf({ chains: [chainPlan('chain', [hopPlan('h', [])])] }).connect(ask(target.address), signal),
    );
    assert.equal(none.code, 'no_node');
    const empty = await failure(
      routerOf({ chains: [chainPlan('chain', [])] }).connect(ask(target.address), signal),
    );
    assert.deepEqual([empty.code, empty.detail['hop']], ['no_node', 'chain']);
    assert.equal(target.accepted + first.asked.length, 0);
  });

  test('dead nodes are tried again as the last resort and work when they are back', async () => {
    const target = keep(await tcpEcho());
    const gone = await socks5Proxy();
    await gone.close();
    const router = routerOf({
      chains: [chainPlan('chain', [hopPlan('h', [nodePlan('a', 'http', gone.address)])])],
    });
    assert.equal((await failure(router.connect(ask(target.address), signal))).code, 'hop_unreachable');
    keep(await httpOn(gone.address));
    const way = await router.connect(ask(target.address), signal);
    assert.equal(await echoed(way.out), 'over the chain');
  });

  test('retries take another node', async () => {
    const target = keep(await tcpEcho());
    const good = keep(await socks5Proxy());
    const nodes = [nodePlan('dead', 'socks5', await deadAddress()), nodePlan('good', 'socks5', good.address)];
    const chains = [chainPlan('chain', [hopPlan('h', nodes)])];
    const way = await routerOf({ chains }, { retries: 1 }).connect(ask(target.address), signal);
    assert.deepEqual([way.path, way.attempts], [['good'], 2]);
    await echoed(way.out);
  });
});

describe('udp', () => {
  for (const count of [1, 2, 3]) {
    test(`nests through ${count} SOCKS5 hops, names and all`, async () => {
      const echo = keep(await udpEcho());
      const { plan } = await chainOfKinds(
        Array.from({ length: count }, () => 'socks5' as const),
        true,
      );
      const way = await routerOf(plan).associate(ask({ host: '0.0.0.0', port: 0 }, 'associate'), signal);
      const packets = keep(way.out);
      assert.equal(way.path.length, count);
      for (const host of [echo.address.host, 'localhost']) {
        const answer = arriving(packets);
        assert.equal(packets.send(Buffer.from(`to ${host}`), { host, port: echo.address.port }), null);
        assert.deepEqual(await answer, { text: `to ${host}`, from: echo.address });
      }
    });
  }

  test('passes a hop that knows only CONNECT inside the stream to the last one', async () => {
    const echo = keep(await udpEcho());
    const { plan } = await chainOfKinds(['http', 'socks4', 'socks5'], true);
    const way = await routerOf(plan).associate(ask({ host: '0.0.0.0', port: 0 }, 'associate'), signal);
    const packets = keep(way.out);
    assert.equal(packets.carrier, 'udp-tun');
    // the hops before pass a stream
    assert.deepEqual(packets.hops, ['udp-tun']);
    const answer = arriving(packets);
    assert.equal(packets.send(Buffer.from('through'), echo.address), null);
    assert.deepEqual(await answer, { text: 'through', from: echo.address });
  });

  for (const [kinds, stops] of [
    [['http'], 'a'],
    [['socks5', 'socks4'], 'b'],
  ] as const) {
    test(`stops at ${stops} of ${kinds.join(', ')}, which is named`, async () => {
      const { plan } = await chainOfKinds(kinds, true);
      const error = await failure(
        routerOf(plan).associate(ask({ host: '0.0.0.0', port: 0 }, 'associate'), signal),
      );
      assert.deepEqual([error.code, error.detail['hop']], ['hop_no_udp', stops]);
    });
  }

  test('ends when a hop goes away', async () => {
    const { plan, proxies } = await chainOfKinds(['socks5', 'socks5'], true);
    const { out } = await routerOf(plan).associate(ask({ host: '0.0.0.0', port: 0 }, 'associate'), signal);
    await proxies[0]?.close();
    await out.closed;
  });
});

test('bind listens at the last hop and hands on its peer', async () => {
  const { plan } = await chainOfKinds(['http', 'socks5'], true);
  const { out, path } = await routerOf(plan).bind(ask({ host: '0.0.0.0', port: 0 }, 'bind'), signal);
  assert.deepEqual(path, ['a', 'b']);
  assert.notEqual(out.local.port, 0);
  const accepting = out.accept(signal);
  const peer = keepSocket(connect(out.local));
  const { conn, peer: from } = await accepting;
  assert.equal(from.port, peer.localPort);
  peer.pipe(peer);
  assert.equal(await echoed(conn), 'over the chain');
});

function keepSocket(socket: ReturnType<typeof connect>): ReturnType<typeof connect> {
  keep({ close: () => socket.destroy() });
  return socket;
}

function arriving(packets: PacketConn): Promise<{ text: string; from: Address }> {
  return new Promise((resolve) => packets.receive((data, from) => resolve({ text: data.toString(), from })));
}

/** An HTTP proxy on a port of our choice that only says yes and echoes. */
async function httpOn(address: Address): Promise<TcpPeer> {
  return tcpPeer(
    (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(socket);
      });
    },
    address.host,
    address.port,
  );
}
