/** UDP inside CONNECT, as GOST v3 has it, from our connector to our handler; against GOST itself in interop/. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../../auth.ts';
import { httpConnector } from '../../connectors/http.ts';
import { ProxyError } from '../../errors.ts';
import { silentLog } from '../../log.ts';
import type { Address, PacketConn } from '../../net/conn.ts';
import { directRoute } from '../../net/direct.ts';
import type { Credentials } from '../../roles.ts';
import { open, take } from '../../testing/client.ts';
import { tcpPeer, udpEcho, type Echo } from '../../testing/echo.ts';
import { directRouter, front, routerOver, type Front } from '../../testing/front.ts';
import { assertNoLeaks, liveResources } from '../../testing/leaks.ts';
import { httpHandler } from './index.ts';

const { signal } = new AbortController();
const USER = { username: 'user', password: 'pass' };

let baseline: string[] = [];
let echo: Echo;
before(async () => {
  baseline = liveResources();
  echo = await udpEcho();
});
after(async () => {
  await echo.close();
  await assertNoLeaks(baseline);
});

function serving(options: object, router = directRouter(), locked = false): Promise<Front> {
  const auth = locked ? userTable([USER]) : null;
  const deps = { name: 'http', router, auth, tls: null, forwarder: null, state: null, log: silentLog };
  return front(httpHandler.create(httpHandler.options.parse(options), deps));
}

async function associate(proxy: Address, auth: Credentials | null = null): Promise<PacketConn> {
  const deps = { node: 'hop', addr: proxy, auth, tls: null, state: null, log: silentLog };
  const connector = httpConnector.create(httpConnector.options.parse({}), deps);
  const opened = connector.associate?.(await open(proxy), proxy, directRoute(), signal, () => open(proxy));
  assert.ok(opened !== undefined);
  return opened;
}

async function echoed(packets: PacketConn, to: Address, text: string): Promise<string> {
  const answer = new Promise<Buffer>((resolve) => packets.receive((data) => resolve(Buffer.from(data))));
  assert.equal(packets.send(Buffer.from(text), to), null);
  return (await answer).toString();
}

describe('UDP inside CONNECT', () => {
  test('datagrams go to whatever each names, and are counted', async () => {
    const proxy = await serving({ udp: true });
    const packets = await associate(proxy.address);
    assert.equal(packets.carrier, 'udp-tun');
    assert.equal(await echoed(packets, echo.address, 'one'), 'one');
    assert.equal(await echoed(packets, { ...echo.address, host: 'localhost' }, 'by name'), 'by name');
    const [report] = proxy.reports;
    assert.deepEqual(report?.requests, [{ protocol: 'http', command: 'udp-tun', target: null, user: null }]);
    assert.deepEqual([report.associations[0]?.up, report.associations[0]?.down], [10, 10]);
    packets.close();
    await proxy.close();
  });

  test('a tunnel that the proxy ends is opened again', async () => {
    const proxy = await serving({ udp: true });
    const packets = await associate(proxy.address);
    await echoed(packets, echo.address, 'one');
    const again = proxy.next();
    proxy.reports[0]?.abort(new ProxyError('closed_by_user'));
    await again;
    const answer = new Promise<void>((resolve) => packets.receive(() => resolve()));
    const asking = setInterval(() => packets.send(Buffer.from('two'), echo.address), 5);
    await answer;
    clearInterval(asking);
    packets.close();
    await proxy.close();
  });

  test('switched off it is 501, and says at the other end what is missing', async () => {
    const proxy = await serving({});
    await assert.rejects(associate(proxy.address), { code: 'hop_no_udp' });
    assert.equal((await proxy.reports[0]?.ended)?.code, 'command');
    await proxy.close();
  });

  test('a password is asked for first', async () => {
    const proxy = await serving({ udp: true }, directRouter(), true);
    await assert.rejects(associate(proxy.address), { code: 'hop_refused' });
    await assert.rejects(associate(proxy.address, { ...USER, password: 'other' }), { code: 'hop_auth' });
    const packets = await associate(proxy.address, USER);
    assert.equal(await echoed(packets, echo.address, 'in'), 'in');
    packets.close();
    await proxy.close();
  });

  test('a way out that can not be had is told before the 200', async () => {
    const none = routerOver({ associate: () => Promise.reject(new ProxyError('hop_no_udp', { hop: 'x' })) });
    const proxy = await serving({ udp: true }, none);
    const socket = await open(proxy.address);
    socket.write('CONNECT 0.0.0.0:0 HTTP/1.1\r\nX-Gost-Protocol: udp\r\n\r\n');
    assert.equal((await take(socket, 12)).toString(), 'HTTP/1.1 502');
    socket.destroy();
    await proxy.close();
  });

  test('no target is named that a proxy without it could connect to', async () => {
    let head = '';
    const proxy = await tcpPeer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        head += chunk.toString('latin1');
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      });
    });
    await assert.rejects(associate(proxy.address), { code: 'hop_no_udp' });
    assert.match(head, /^CONNECT 0\.0\.0\.0:0 HTTP\/1\.1\r\nHost: 0\.0\.0\.0:0\r\n/);
    assert.match(head, /\r\nX-Gost-Protocol: udp\r\n/);
    await proxy.close();
  });
});
