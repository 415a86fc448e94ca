import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { ProxyError } from '../errors.ts';
import { tcpEcho, tcpPeer, udpEcho, type TcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { silentPort, type SilentPort } from '../testing/silent.ts';
import type { Address, Conn } from './conn.ts';
import { directRoute } from './direct.ts';
import { openAcceptor } from './serve.ts';
import { Reader } from './reader.ts';

const never = new AbortController().signal;
let resources: string[];
let silent: SilentPort;

before(async () => {
  resources = liveResources();
  silent = await silentPort();
});
after(async () => {
  await silent.close();
  await assertNoLeaks(resources);
});

async function echo(t: TestContext, host?: string): Promise<TcpPeer> {
  const server = await tcpEcho(host);
  t.after(() => server.close());
  return server;
}

async function exchange(conn: Conn, text: string): Promise<string> {
  conn.write(text);
  const reader = new Reader(conn);
  const answer = String(await reader.read(text.length));
  reader.release();
  return answer;
}

test('connects to literals of both families and to names', async (t) => {
  const four = await echo(t);
  const six = await echo(t, '::1');
  const route = directRoute();
  for (const dst of [four.address, six.address, { host: 'localhost', port: six.address.port }]) {
    const conn = await route.connect(dst, never);
    assert.equal(await exchange(conn, 'hello'), 'hello');
    assert.equal(conn.remotePort, dst.port);
    conn.destroy();
  }
});

test('what a target says first stays in the stream', async (t) => {
  const server = await tcpPeer((socket) => socket.write('220 ready\r\n'));
  t.after(() => server.close());
  const conn = await directRoute().connect(server.address, never);
  const reader = new Reader(conn);
  assert.equal(String(await reader.readUntil(10, 64)), '220 ready\r');
  conn.destroy();
});

test('half-close reaches the target and its answer still comes', async (t) => {
  const server = await tcpPeer((socket) => {
    let length = 0;
    socket.on('data', (chunk) => (length += chunk.length));
    socket.on('end', () => socket.end(`${length} bytes`));
  });
  t.after(() => server.close());
  const conn = await directRoute().connect(server.address, never);
  conn.end('question');
  assert.equal(String(await new Reader(conn).read(7)), '8 bytes');
  conn.destroy();
});

test('tries the other addresses of a name when one refuses', async (t) => {
  const server = await echo(t);
  for (const hosts of [
    ['::1', '127.0.0.1'],
    ['127.0.0.2', '::1', '127.0.0.3', '127.0.0.1'],
  ]) {
    const conn = await directRoute({ lookup: () => Promise.resolve(hosts) }).connect(
      { ...server.address, host: 'x.test' },
      never,
    );
    assert.equal(conn.remoteAddress, '127.0.0.1');
    conn.destroy();
  }
});

test('tries the next address beside one that is silent', async (t) => {
  const server = await tcpPeer((socket) => void socket.end(), '127.0.0.2', silent.address.port);
  t.after(() => server.close());
  const lookup = (): Promise<string[]> => Promise.resolve(['127.0.0.1', '127.0.0.2']);
  const conn = await directRoute({ lookup }).connect({ host: 'x.test', port: silent.address.port }, never);
  assert.equal(conn.remoteAddress, '127.0.0.2');
  conn.destroy();
});

test('says why nothing could be reached', async (t) => {
  const server = await echo(t);
  const { port } = server.address;
  await server.close();
  const route = directRoute();
  await assert.rejects(route.connect({ host: '127.0.0.1', port }, never), {
    code: 'refused',
    message: `127.0.0.1:${port} refused the connection.`,
  });
  await assert.rejects(route.connect({ host: '', port }, never), { code: 'bad_name' });
  const nameless = directRoute({
    lookup: (host) => Promise.reject(new ProxyError('name_not_found', { host })),
  });
  await assert.rejects(nameless.connect({ host: 'x.test', port }, never), { code: 'name_not_found' });
});

test('gives up in time on a target that does not answer', async () => {
  const { address } = silent;
  const dialling = directRoute({ dialTimeoutMs: 100 }).connect(address, never);
  await assert.rejects(dialling, {
    code: 'timed_out',
    message: `127.0.0.1:${address.port} did not answer within 0.1 s.`,
  });
});

test('an abort during the dial leaves no socket', async () => {
  const before = liveResources();
  const stop = new AbortController();
  const dialling = directRoute().connect(silent.address, stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(liveResources().length > before.length);
  stop.abort(new ProxyError('closed_by_user'));
  await assert.rejects(dialling, { code: 'closed_by_user' });
  await assertNoLeaks(before);
});

test('judges the resolved address and dials exactly that', async (t) => {
  const server = await echo(t);
  const judged: [string, number][] = [];
  const allow = (ip: string, port: number): ProxyError | null => {
    judged.push([ip, port]);
    return ip === '127.0.0.1' ? null : new ProxyError('not_allowed', { target: ip });
  };
  let asked = 0;
  const lookup = (): Promise<string[]> => {
    asked += 1;
    return Promise.resolve(asked === 1 ? ['::ffff:127.0.0.2', '127.0.0.1'] : ['127.0.0.2']);
  };
  const route = directRoute({ allow, lookup });
  const dst = { host: 'rebinding.test', port: server.address.port };
  const conn = await route.connect(dst, never);
  assert.equal(conn.remoteAddress, '127.0.0.1');
  assert.deepEqual(judged, [
    ['127.0.0.2', dst.port],
    ['127.0.0.1', dst.port],
  ]);
  conn.destroy();
  await assert.rejects(route.connect(dst, never), { code: 'not_allowed' });
  assert.equal(server.accepted, 1);
});

test('bind waits for the announced peer and gives it over', async () => {
  const route = directRoute({ bindHost: () => '127.0.0.1' });
  for (const expected of ['127.0.0.1', '0.0.0.0', '', '::', 'localhost']) {
    const incoming = await route.bind({ host: expected, port: 0 }, never);
    assert.equal(incoming.local.host, '127.0.0.1');
    const peer = connect(incoming.local.port, '127.0.0.1');
    const { conn, peer: from } = await incoming.accept(never);
    assert.deepEqual(from, { host: '127.0.0.1', port: peer.localPort });
    peer.write('hello');
    assert.equal(String(await new Reader(conn).read(5)), 'hello');
    await assert.rejects(reached(incoming.local));
    conn.destroy();
    peer.destroy();
  }
});

test('bind refuses another host than the announced one', async () => {
  const incoming = await directRoute({ bindHost: () => '127.0.0.1' }).bind(
    { host: '127.0.0.2', port: 0 },
    never,
  );
  const accepting = incoming.accept(never);
  const stranger = connect(incoming.local.port, '127.0.0.1');
  stranger.on('error', () => undefined);
  await assert.rejects(accepting, { code: 'bind_peer' });
  stranger.destroy();
});

test('bind keeps a peer that came before anybody waited, and ends with close or the signal', async () => {
  const route = directRoute({ bindHost: () => '127.0.0.1' });
  const early = await route.bind({ host: '', port: 0 }, never);
  const peer = connect(early.local.port, '127.0.0.1');
  await once(peer, 'connect');
  const { conn } = await early.accept(never);
  conn.destroy();
  peer.destroy();

  const late = await route.bind({ host: '', port: 0 }, never);
  const stop = new AbortController();
  const waiting = late.accept(stop.signal);
  stop.abort(new ProxyError('bind_timeout', { seconds: 60 }));
  await assert.rejects(waiting, { code: 'bind_timeout' });
  await assert.rejects(reached(late.local));

  const closed = await route.bind({ host: '', port: 0 }, never);
  closed.close();
  await assert.rejects(reached(closed.local));
});

test('listens for many peers, also those that come before anybody takes them', async () => {
  const acceptor = await directRoute().listen({ host: '127.0.0.1', port: 0 }, never);
  const first = connect(acceptor.local.port, '127.0.0.1');
  await once(first, 'connect');
  const peers: Conn[] = [];
  const three = new Promise<void>((resolve) => {
    acceptor.accept((conn) => {
      if (peers.push(conn) === 3) resolve();
    });
  });
  const others = [1, 2].map(() => connect(acceptor.local.port, '127.0.0.1'));
  await three;
  acceptor.close();
  assert.equal(await acceptor.closed, null);
  await assert.rejects(reached(acceptor.local));
  assert.ok(
    peers.every((conn) => !conn.destroyed),
    'accepted streams live on',
  );
  for (const conn of [first, ...others, ...peers]) conn.destroy();
});

test('relays datagrams, judged by the address they would go to', async (t) => {
  const server = await udpEcho();
  t.after(() => server.close());
  const allow = (ip: string): ProxyError | null =>
    ip === '127.0.0.1' ? null : new ProxyError('not_allowed');
  const packets = await directRoute({ allow }).associate(never);
  const answer = new Promise<string>((resolve) => packets.receive((data) => resolve(String(data))));
  assert.equal(packets.send(Buffer.from('x'), { host: '127.0.0.2', port: 1 }), 'not_allowed');
  assert.equal(packets.send(Buffer.from('hello'), server.address), null);
  assert.equal(await answer, 'hello');
  packets.close();
  await packets.closed;
});

async function reached(address: Address): Promise<void> {
  const socket = connect(address.port, address.host);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

test('bind listens on an address of this computer where one is asked for with its port, as GOST means it', async () => {
  const never = new AbortController().signal;
  const free = await openAcceptor({ host: '127.0.0.1', port: 0 });
  const { port } = free.local;
  const taken = await directRoute({ bindHost: () => '127.0.0.1' }).bind({ host: '127.0.0.1', port }, never);
  assert.notEqual(
    taken.local.port,
    port,
    'a port that is taken leaves the other reading: any port, that peer',
  );
  taken.close();
  free.close();
  await free.closed;
  const asked = await directRoute({ bindHost: () => '127.0.0.1' }).bind({ host: '127.0.0.1', port }, never);
  assert.deepEqual(asked.local, { host: '127.0.0.1', port });
  asked.close();
});
