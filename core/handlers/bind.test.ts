import assert from 'node:assert/strict';
import { createConnection, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import type { Address, Incoming } from '../net/conn.ts';
import { field, open, take } from '../testing/client.ts';
import { hex } from '../testing/decoding.ts';
import { directRouter, front, routerOver, type Front } from '../testing/front.ts';
import { socks5Service } from '../testing/proxies.ts';
import { gone, rest } from '../testing/stream.ts';
import type { Router } from '../roles.ts';
import { serveSocks4 } from './socks4.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };

function serving(router: Router, publicAddr = ''): Promise<Front> {
  return front(socks5Service({ bind: true, publicAddr }, { router }));
}

/** Greets and asks for a port for `peer`; resolves with the socket and the address of the first reply. */
async function bound(proxy: Front, peer: Address): Promise<{ socket: Socket; address: Address }> {
  const socket = await open(proxy.address);
  socket.write(Buffer.concat([hex('05 01 00 05 02 00'), field(peer)]));
  const answer = await take(socket, 12);
  assert.deepEqual(answer.subarray(0, 6), hex('05 00 05 00 00 01'));
  return { socket, address: { host: answer.subarray(6, 10).join('.'), port: answer.readUInt16BE(10) } };
}

describe('SOCKS5 BIND', () => {
  let proxy: Front;
  before(async () => {
    proxy = await serving(directRouter());
  });
  after(() => proxy.close());

  for (const peer of [LOCAL, { host: '0.0.0.0', port: 0 }, { host: 'localhost', port: 0 }]) {
    test(`takes the peer announced as ${peer.host} and carries bytes both ways`, async () => {
      const reporting = proxy.next();
      const { socket, address } = await bound(proxy, peer);
      assert.equal(address.host, '127.0.0.1');
      socket.write('kept until the peer comes, ');
      const visitor = await open(address);
      const second = await take(socket, 10);
      assert.deepEqual(second.subarray(0, 8), hex('05 00 00 01 7f000001'));
      assert.equal(second.readUInt16BE(8), visitor.localPort);
      socket.end('then more');
      visitor.write('to the client');
      assert.equal((await rest(visitor)).bytes.toString(), 'kept until the peer comes, then more');
      visitor.end();
      assert.equal((await rest(socket)).bytes.toString(), 'to the client');
      const report = await reporting;
      assert.equal(await report.ended, null);
      assert.deepEqual(report.counters.up, 36);
      assert.deepEqual(report.requests, [{ protocol: 'socks5', command: 'bind', target: peer, user: null }]);
    });
  }

  test('refuses another peer than the announced one with a second reply', async () => {
    const reporting = proxy.next();
    const { socket, address } = await bound(proxy, { host: '192.0.2.1', port: 0 });
    await gone(createConnection(address.port, address.host));
    assert.deepEqual((await rest(socket)).bytes, hex('05 02 00 01 00000000 0000'));
    socket.end();
    assert.equal((await (await reporting).ended)?.code, 'bind_peer');
  });

  test('checks the peer that a chain reports', async () => {
    let let_in!: (peer: Address) => void;
    const closed: string[] = [];
    const incoming: Incoming = {
      local: { host: '198.51.100.7', port: 4000 },
      accept: () =>
        new Promise((resolve) => {
          let_in = (peer) => resolve({ conn: createConnection(proxy.address.port, '127.0.0.1'), peer });
        }),
      close: () => void closed.push('port'),
    };
    const chained = await serving(routerOver({ path: ['hop'], bind: () => Promise.resolve(incoming) }));
    for (const [peer, code] of [
      ['192.0.2.1', 0],
      ['0.0.0.0', 0],
      ['192.0.2.2', 2],
    ] as const) {
      const { socket, address } = await bound(chained, { host: '192.0.2.1', port: 0 });
      assert.deepEqual(address, incoming.local);
      let_in({ host: peer, port: 9 });
      assert.equal((await take(socket, 10))[1], code);
      socket.destroy();
    }
    await chained.close();
    assert.deepEqual(closed, ['port', 'port', 'port']);
  });

  for (const leave of ['end', 'resetAndDestroy'] as const) {
    test(`closes the port when the client leaves by ${leave}`, async () => {
      const reporting = proxy.next();
      const { socket, address } = await bound(proxy, LOCAL);
      socket[leave]();
      assert.equal((await (await reporting).ended)?.code, 'client_gone');
      const visitor = createConnection(address.port, address.host);
      await gone(visitor);
      assert.equal(visitor.bytesRead, 0);
      socket.destroy();
    });
  }

  test('does not open a port for a client that has ended already', async () => {
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.end(Buffer.concat([hex('05 01 00 05 02 00'), field(LOCAL)]));
    await rest(socket);
    assert.equal((await (await reporting).ended)?.code, 'client_gone');
  });

  test('waits 60 s for the peer, then says so', async (context) => {
    const reporting = proxy.next();
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { socket } = await bound(proxy, LOCAL);
    context.mock.timers.tick(60_000);
    assert.deepEqual(await take(socket, 10), hex('05 06 00 01 00000000 0000'));
    socket.destroy();
    assert.equal((await (await reporting).ended)?.code, 'bind_timeout');
  });

  test('tells the public address where one is set', async () => {
    const behindNat = await serving(directRouter(), '203.0.113.5');
    const { socket, address } = await bound(behindNat, LOCAL);
    assert.equal(address.host, '203.0.113.5');
    socket.destroy();
    await behindNat.close();
  });

  test('tells the public address as a name, too', async () => {
    const named = await serving(directRouter(), 'proxy.example');
    const socket = await open(named.address);
    socket.write(Buffer.concat([hex('05 01 00 05 02 00'), field(LOCAL)]));
    const answer = await take(socket, 2 + 5 + 13 + 2);
    assert.deepEqual(answer.subarray(0, 7), hex('05 00 05 00 00 03 0d'));
    assert.equal(answer.subarray(7, 20).toString(), 'proxy.example');
    socket.destroy();
    await named.close();
  });
});

describe('SOCKS4 BIND', () => {
  test('answers twice as well', async () => {
    const parts = { router: directRouter(), auth: null, options: { bind: true, identd: false } };
    const proxy = await front({ handle: (conn, session) => serveSocks4(conn, session, parts, 15_000) });
    const socket = await open(proxy.address);
    socket.write(hex('04 02 0000 7f000001 00'));
    const first = await take(socket, 8);
    assert.deepEqual(Buffer.from([...first.subarray(0, 2), ...first.subarray(4)]), hex('00 5a 7f000001'));
    const visitor = await open({ host: '127.0.0.1', port: first.readUInt16BE(2) });
    const second = await take(socket, 8);
    assert.equal(second.readUInt16BE(2), visitor.localPort);
    visitor.end('hello');
    assert.equal((await rest(socket)).bytes.toString(), 'hello');
    socket.end();
    assert.equal((await rest(visitor)).broken, false);
    await proxy.close();
  });
});

test('a refused BIND is one reply', async () => {
  const proxy = await serving(routerOver({ bind: () => Promise.reject(new ProxyError('unsupported')) }));
  const socket = await open(proxy.address);
  socket.end(Buffer.concat([hex('05 01 00 05 02 00'), field(LOCAL)]));
  assert.deepEqual((await rest(socket)).bytes, hex('05 00 05 01 00 01 00000000 0000'));
  await proxy.close();
});
