import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { after, before, test, type TestContext } from 'node:test';
import type { DropReason } from '../contract/stats.ts';
import { ProxyError } from '../errors.ts';
import { udpEcho } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import type { Address } from './conn.ts';
import { bindUdp, type UdpOptions, type UdpSocket } from './udp.ts';

const ANY = { host: '', port: 0 };
let resources: string[];

before(() => {
  resources = liveResources();
});
after(() => assertNoLeaks(resources));

async function bound(t: TestContext, local: Address = ANY, options: UdpOptions = {}): Promise<UdpSocket> {
  const socket = await bindUdp(local, options);
  t.after(async () => {
    socket.close();
    await socket.closed;
  });
  return socket;
}

async function echo(t: TestContext, host?: string): Promise<Address> {
  const server = await udpEcho(host);
  t.after(() => server.close());
  return server.address;
}

function next(socket: UdpSocket): Promise<{ data: Buffer; from: Address }> {
  return new Promise((resolve) => socket.receive((data, from) => resolve({ data: Buffer.from(data), from })));
}

function nextDrop(socket: UdpSocket): Promise<[DropReason, Address]> {
  return new Promise((resolve) =>
    socket.receive(
      () => undefined,
      (reason, to) => resolve([reason, to]),
    ),
  );
}

test('one socket reaches both families and names peers without their mapping', async (t) => {
  const socket = await bound(t);
  for (const host of ['127.0.0.1', '::1']) {
    const peer = await echo(t, host);
    const answer = next(socket);
    assert.equal(socket.send(Buffer.from(host), peer), null);
    assert.deepEqual(await answer, { data: Buffer.from(host), from: peer });
  }
});

test('carries every size up to the largest whole, empty ones too', async (t) => {
  const peer = await echo(t);
  const socket = await bound(t, { host: '127.0.0.1', port: 0 });
  for (const size of [0, 1, 1472, 9000, 65_507]) {
    const data = randomBytes(size);
    const answer = next(socket);
    assert.equal(socket.send(data, peer), null);
    assert.deepEqual((await answer).data, data);
  }
  assert.equal(socket.send(Buffer.alloc(65_508), peer), 'too_big');
  assert.equal(socket.send(Buffer.alloc(65_508), { host: '::1', port: peer.port }), 'unreachable');
});

test('sends a header and a payload as one datagram', async (t) => {
  const peer = await echo(t);
  const socket = await bound(t);
  const answer = next(socket);
  assert.equal(socket.sendParts([Buffer.from('head'), Buffer.from('body')], 8, peer), null);
  assert.equal(String((await answer).data), 'headbody');
});

test('drops what can not or may not be sent, and says why', async (t) => {
  const allow = (ip: string): ProxyError | null =>
    ip === '127.0.0.2' ? new ProxyError('not_allowed') : null;
  const socket = await bound(t, ANY, { allow });
  const data = Buffer.from('x');
  for (const [host, port, reason] of [
    ['127.0.0.1', 0, 'unreachable'],
    ['127.0.0.2', 53, 'not_allowed'],
    ['::ffff:127.0.0.2', 53, 'not_allowed'],
    ['224.0.0.251', 5353, 'not_allowed'],
    ['255.255.255.255', 67, 'not_allowed'],
    ['ff02::fb', 5353, 'not_allowed'],
    ['0.0.0.0', 53, 'not_allowed'],
  ] as const) {
    assert.equal(socket.send(data, { host, port }), reason, host);
  }
  socket.close();
  assert.equal(socket.send(data, { host: '127.0.0.1', port: 53 }), 'closing');
});

test('an IPv4 socket says that IPv6 is unreachable instead of failing', async (t) => {
  const socket = await bound(t, { host: '127.0.0.1', port: 0 });
  assert.equal(socket.send(Buffer.from('x'), { host: '::1', port: 53 }), 'unreachable');
});

test('a send that the system refuses later is a drop with its target', async (t) => {
  const socket = await bound(t, { host: '127.0.0.1', port: 0 });
  const dropped = nextDrop(socket);
  // a socket bound to loopback has no way to the documentation network
  const now = socket.send(Buffer.from('x'), { host: '192.0.2.1', port: 9 });
  const [reason, to] = now === null ? await dropped : [now, { host: '192.0.2.1', port: 9 }];
  assert.ok(['unreachable', 'not_allowed'].includes(reason), reason);
  assert.deepEqual(to, { host: '192.0.2.1', port: 9 });
});

test('a silent name delays only its own datagrams, and only a few of them', async (t) => {
  const peer = await echo(t);
  const lookup: UdpOptions['lookup'] = (host, signal) =>
    host === 'echo.test'
      ? Promise.resolve(['127.0.0.1'])
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(new ProxyError('aborted'))));
  const socket = await bound(t, ANY, { lookup });
  const results = Array.from({ length: 100 }, () =>
    socket.send(Buffer.from('x'), { host: 'silent.test', port: 53 }),
  );
  assert.equal(results.filter((result) => result === null).length, 64);
  assert.equal(results.at(-1), 'queue');
  const answer = next(socket);
  assert.equal(socket.send(Buffer.from('hello'), peer), null);
  assert.equal(String((await answer).data), 'hello');
});

test('a name is asked for once, and remembered when it has no address', async (t) => {
  const peer = await echo(t);
  let asked = 0;
  const lookup: UdpOptions['lookup'] = (host) => {
    asked += 1;
    return host === 'echo.test'
      ? Promise.resolve(['127.0.0.1'])
      : Promise.reject(new ProxyError('name_not_found', { host }));
  };
  const socket = await bound(t, ANY, { lookup });
  for (let i = 0; i < 3; i += 1) {
    const answer = next(socket);
    assert.equal(socket.send(Buffer.from('x'), { host: 'echo.test', port: peer.port }), null);
    await answer;
  }
  assert.equal(asked, 1);
  const dropped = nextDrop(socket);
  const missing = { host: 'missing.test', port: 53 };
  assert.equal(socket.send(Buffer.from('x'), missing), null);
  assert.deepEqual(await dropped, ['name', missing]);
  assert.equal(socket.send(Buffer.from('x'), missing), 'name');
  assert.equal(asked, 2);
});

test('a locked socket hears and reaches its peer only', async (t) => {
  const peer = await echo(t);
  const socket = await bound(t);
  assert.equal(socket.lock(peer), true);
  const answer = next(socket);
  const stranger = createSocket('udp4');
  t.after(() => new Promise<void>((resolve) => void stranger.close(resolve)));
  stranger.send('spoof', socket.local.port, '127.0.0.1');
  await once(stranger, 'listening');
  assert.equal(socket.send(Buffer.from('hello'), peer), null);
  assert.deepEqual(await answer, { data: Buffer.from('hello'), from: peer });
});

test('says whose port it wanted when it is taken', async (t) => {
  const first = await bound(t, { host: '127.0.0.1', port: 0 });
  await assert.rejects(bindUdp(first.local), { code: 'port_in_use' });
  await assert.rejects(bindUdp({ host: '192.0.2.1', port: 0 }), { code: 'address_unavailable' });
});
