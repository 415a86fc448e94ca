/** One hop of the fold: who owns the stream when something fails, and how far an attempt says it came. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import type { Address, Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import type { ChainNode, Connector, Route } from '../roles.ts';
import { tcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { Attempt } from './attempt.ts';
import { chainOf, through } from './route.ts';

const { signal } = new AbortController();
const DST: Address = { host: '192.0.2.1', port: 1 };
let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

/** A node whose connector does as told and remembers its streams. */
function node(
  name: string,
  addr: Address,
  connector: Partial<Connector> = {},
): ChainNode & { streams: Conn[] } {
  const streams: Conn[] = [];
  return {
    name,
    addr,
    streams,
    dialer: { dial: (proxy, via, inner) => via.connect(proxy, inner) },
    connector: {
      connect: (conn) => {
        streams.push(conn);
        return Promise.resolve(conn);
      },
      ...connector,
    },
  };
}

async function failure(work: Promise<unknown>): Promise<ProxyError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProxyError);
  return error;
}

test('a chain without nodes is the route it began with', () => {
  const direct = directRoute();
  assert.equal(chainOf([], direct), direct);
});

for (const verb of ['connect', 'associate', 'bind', 'listen', 'listenPackets'] as const) {
  test(`${verb}: the dialled stream is destroyed when the connector fails`, async () => {
    const server = await tcpPeer((socket) => void socket.resume());
    const seen: Conn[] = [];
    const fail = (conn: Conn): Promise<never> => {
      seen.push(conn);
      return Promise.reject(new ProxyError('hop_auth', { hop: 'a' }));
    };
    const route = through(node('a', server.address, { [verb]: fail }), directRoute());
    const work = verb === 'associate' ? route.associate(signal) : route[verb](DST, signal);
    assert.equal((await failure(work)).code, 'hop_auth');
    assert.equal(seen.length, 1);
    assert.ok(seen[0]?.destroyed);
    await server.close();
  });
}

test('what a connector can not do is refused before anything is dialled', async () => {
  const server = await tcpPeer((socket) => void socket.resume());
  const route = through(node('a', server.address), directRoute());
  assert.equal((await failure(route.associate(signal))).code, 'hop_no_udp');
  for (const verb of ['bind', 'listen', 'listenPackets'] as const) {
    assert.equal((await failure(route[verb](DST, signal))).code, 'unsupported');
  }
  assert.equal(server.accepted, 0);
  await server.close();
});

test('a stream that breaks after it was handed over hurts nobody', async () => {
  const server = await tcpPeer((socket) => void socket.once('data', () => socket.resetAndDestroy()));
  const conn = await through(node('a', server.address), directRoute()).connect(DST, signal);
  conn.write('x');
  conn.resume();
  await new Promise((resolve) => conn.once('close', resolve));
  await server.close();
});

test('a proxy that bound 0.0.0.0 means its own address', async () => {
  const server = await tcpPeer((socket) => void socket.resume());
  const bind: Connector['bind'] = (conn) =>
    Promise.resolve({
      local: { host: '0.0.0.0', port: 4711 },
      accept: () => Promise.reject(new ProxyError('aborted')),
      close: () => conn.destroy(),
    });
  const incoming = await through(node('a', server.address, { bind }), directRoute()).bind(DST, signal);
  assert.deepEqual(incoming.local, { host: server.address.host, port: 4711 });
  incoming.close();
  await server.close();
});

test('whatever a failed dial says becomes the hop’s error, with what said it', async () => {
  const via = (error: Error): Route => ({
    ...directRoute(),
    path: ['before'],
    connect: () => Promise.reject(error),
  });
  const tell = (error: Error): Promise<ProxyError> =>
    failure(through(node('b', DST), via(error)).connect(DST, signal));
  const refused = await tell(new ProxyError('refused', { target: '192.0.2.1:1', hop: 'before' }, { rep: 5 }));
  assert.deepEqual([refused.code, refused.detail['hop'], refused.rep], ['hop_unreachable', 'b', 5]);
  assert.match(refused.message, /b can not be reached: before says: 192\.0\.2\.1:1 refused/);
  const said = await tell(new ProxyError('hop_refused', { hop: 'before', reason: 'no.' }));
  assert.match(said.message, /b can not be reached: The proxy before answered: no\./);
  const errno = await tell(Object.assign(new Error('x'), { code: 'EHOSTUNREACH' }));
  assert.deepEqual([errno.code, errno.detail['hop']], ['hop_unreachable', 'b']);
  for (const code of ['hop_auth', 'tls', 'no_node', 'descriptors'] as const) {
    assert.equal(
      (await tell(new ProxyError(code, { hop: 'before', reason: '' }))).code,
      code,
      'told as it is',
    );
  }
});

test('an attempt that is late says for whom it waited, marks them, and destroys what comes too late', async () => {
  const server = await tcpPeer((socket) => void socket.resume());
  const never = (): Promise<never> => new Promise(() => undefined);
  const late = async (nodes: readonly ChainNode[]): Promise<[ProxyError, string[]]> => {
    const marked: string[] = [];
    const attempt = new Attempt(nodes, directRoute(), (each, ok) => {
      if (!ok) marked.push(each.name);
    });
    const error = await failure(
      attempt.run(
        (route, inner) => route.connect(DST, inner),
        { target: 'the target', ms: 60 },
        signal,
        (conn) => conn.destroy(),
      ),
    );
    return [error, marked];
  };
  const stuck = { ...node('a', server.address), dialer: { dial: never } };
  const [dialling, one] = await late([stuck, node('b', DST)]);
  assert.match(dialling.message, /a can not be reached: it did not answer/);
  assert.deepEqual(one, ['a']);
  const silent = node('a', server.address, { connect: (conn, _, inner) => hold(conn, inner) });
  const [between, two] = await late([silent, node('b', DST)]);
  assert.match(between.message, /b can not be reached: a did not connect to it/);
  assert.deepEqual(two, ['a', 'b']);
  const [target, none] = await late([silent]);
  assert.deepEqual([target.code, target.detail['target']], ['timed_out', 'the target']);
  assert.deepEqual(none, []);
  await server.close();
});

/** Holds the stream until the attempt is over, as a connector whose proxy is silent. */
function hold(conn: Conn, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        conn.destroy();
        reject(new ProxyError('aborted'));
      },
      { once: true },
    );
  });
}
