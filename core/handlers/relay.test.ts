/** The relay handler beyond what was captured (captured.test.ts): what it refuses and how, forwarding, the end of ports. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../auth.ts';
import { relayConnector } from '../connectors/relay.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Address, Incoming } from '../net/conn.ts';
import type { Forwarder, HandlerDeps } from '../registry.ts';
import { open, take } from '../testing/client.ts';
import { hex } from '../testing/decoding.ts';
import { tcpEcho, udpEcho, type Echo } from '../testing/echo.ts';
import { directRouter, front, type Front } from '../testing/front.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { rest } from '../testing/stream.ts';
import { relayHandler } from './relay.ts';

let baseline: string[] = [];
let echo: Echo;
let udp: Echo;
before(async () => {
  baseline = liveResources();
  [echo, udp] = [await tcpEcho(), await udpEcho()];
});
after(async () => {
  await Promise.all([echo.close(), udp.close()]);
  await assertNoLeaks(baseline);
});

function service(options: object = {}, more: Partial<HandlerDeps> = {}): Promise<Front> {
  const deps: HandlerDeps = {
    name: 'relay',
    router: directRouter(),
    auth: null,
    tls: null,
    forwarder: null,
    state: null,
    log: silentLog,
    ...more,
  };
  return front(relayHandler.create(relayHandler.options.parse(options), deps));
}

function port(target: Echo): string {
  return target.address.port.toString(16).padStart(4, '0');
}

/** What a service says to these bytes before it hangs up. */
async function refusal(proxy: Front, said: string): Promise<string> {
  const socket = await open(proxy.address);
  socket.write(hex(said));
  const { bytes } = await rest(socket);
  socket.destroy();
  await proxy.close();
  return bytes.toString('hex');
}

const USERS = { auth: userTable([{ username: 'user', password: 'pass' }]) };

describe('a refusal is a whole reply', () => {
  for (const [what, options, more, said, status] of [
    ['no sign-in', {}, USERS, '0101 000a 02 0007 01 7f000001 0009', '02'],
    ['a wrong password', {}, USERS, '0101 0016 01 0009 04 75736572 03 626164 02 0007 01 7f000001 0009', '02'],
    ['BIND that is off', {}, {}, '0102 000f 04 0002 0000 02 0007 01 7f000001 0000', '03'],
    ['UDP BIND that is off', {}, {}, '0182 000f 04 0002 0001 02 0007 01 7f000001 0000', '03'],
    ['no target', {}, {}, '0101 0000', '01'],
    ['another protocol', {}, {}, '0501 0005', '01'],
    ['an unknown kind of address', {}, {}, '0101 0005 02 0002 09 00', '01'],
  ] as const) {
    test(what, async () => {
      assert.equal(await refusal(await service(options, more), said), `01${status}0000`);
    });
  }

  test('a request that does not come', async () => {
    const proxy = await service({ readTimeout: 50 });
    const report = proxy.next();
    assert.match(await refusal(proxy, '01'), /^01..0000$/);
    assert.equal((await (await report).ended)?.code, 'handshake_timeout');
  });
});

test('a forwarder decides, whatever the client asks for', async () => {
  const forwarder: Forwarder = { pick: () => ({ name: 'echo', addr: echo.address }), mark: () => undefined };
  const proxy = await service({}, { forwarder });
  for (const request of ['0101 0000', '0101 000a 02 0007 01 7f000001 0001']) {
    const socket = await open(proxy.address);
    socket.write(hex(`${request} 6869`));
    assert.equal((await take(socket, 6)).toString('hex'), '010000006869');
    socket.destroy();
  }
  await proxy.close();
});

test('datagrams of one target are counted and keep their boundaries', async () => {
  const proxy = await service();
  const socket = await open(proxy.address);
  socket.write(hex(`0181 000a 02 0007 01 7f000001 ${port(udp)} 0001 61 0000 0002 6262`));
  assert.equal((await take(socket, 4 + 3 + 2 + 4)).toString('hex'), '010000000001610000' + '00026262');
  const [report] = proxy.reports;
  assert.deepEqual([report?.associations[0]?.up, report?.associations[0]?.down], [3, 3]);
  socket.destroy();
  await proxy.close();
});

test('a port is closed with the connection that opened it', async () => {
  const proxy = await service({ bind: true });
  const socket = await open(proxy.address);
  socket.write(hex('0102 000f 04 0002 0000 02 0007 01 7f000001 0000'));
  const reply = await take(socket, 14);
  assert.equal(reply.subarray(0, 2).toString('hex'), '0100');
  const bound = reply.readUInt16BE(12);
  const peer = await open({ host: '127.0.0.1', port: bound });
  const gone = new Promise((resolve) =>
    peer
      .on('error', () => undefined)
      .once('close', resolve)
      .resume(),
  );
  socket.destroy();
  peer.end();
  await gone;
  await proxy.reports[0]?.ended;
  const late = connect(bound, '127.0.0.1');
  await assert.rejects(once(late, 'connect'), { code: 'ECONNREFUSED' });
  await proxy.close();
});

describe('a port for one peer', () => {
  const signal = new AbortController().signal;
  const bind = async (proxy: Front, dst: Address, options: object = {}): Promise<Incoming> => {
    const conn = await open(proxy.address);
    const deps = { node: 'n', addr: proxy.address, auth: null, tls: null, state: null, log: silentLog };
    const connector = relayConnector.create(relayConnector.options.parse(options), deps);
    assert.ok(connector.bind !== undefined);
    return connector.bind(conn, dst, signal);
  };
  const ANYBODY = { host: '0.0.0.0', port: 0 };

  test('the first one has it, others are turned away, and the port ends with its stream', async () => {
    const proxy = await service({ bind: true });
    const port = await bind(proxy, ANYBODY);
    const accepting = port.accept(signal);
    const peer = await open(port.local);
    const { conn, peer: from } = await accepting;
    assert.equal(from.port, peer.localPort);
    port.close(); // leaves the stream alone
    peer.write('ping');
    assert.equal(String(await take(conn, 4)), 'ping');
    conn.write('pong');
    assert.equal(String(await take(peer, 4)), 'pong');
    const second = await open(port.local);
    second.on('error', () => undefined).resume();
    await new Promise((resolve) => second.once('close', resolve).once('end', () => second.destroy()));
    conn.destroy();
    peer.on('error', () => undefined).resume();
    peer.end();
    await proxy.reports[0]?.ended;
    await assert.rejects(once(connect(port.local.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
    await proxy.close();
  });

  test('a wait that is given up closes it, and so does the end of the proxy', async () => {
    const proxy = await service({ bind: true });
    const stop = new AbortController();
    const waiting = (await bind(proxy, ANYBODY)).accept(stop.signal);
    stop.abort(new ProxyError('stopping'));
    await assert.rejects(waiting, { code: 'stopping' });
    await proxy.reports[0]?.ended;
    const left = (await bind(proxy, ANYBODY)).accept(signal);
    const lost = assert.rejects(left, { code: 'reset' });
    proxy.reports[1]?.abort(new ProxyError('closed_by_user'));
    await lost;
    await proxy.close();
  });

  test('nobody can check a name, and without bind=true there is none', async () => {
    const proxy = await service();
    await assert.rejects(bind(proxy, { host: 'peer.example', port: 1 }), { code: 'unsupported' });
    await assert.rejects(bind(proxy, ANYBODY), { code: 'hop_refused' });
    await proxy.close();
  });
});
