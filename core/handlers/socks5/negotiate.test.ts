/** Which method is agreed on, and that what follows a TLS method is really inside TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { userTable } from '../../auth.ts';
import { authority, type Authority } from '../../testing/certificates.ts';
import { field, open, take } from '../../testing/client.ts';
import { hex } from '../../testing/decoding.ts';
import { tcpEcho, type TcpPeer } from '../../testing/echo.ts';
import { front, type Front } from '../../testing/front.ts';
import { socks5Service } from '../../testing/proxies.ts';
import { rest } from '../../testing/stream.ts';

const USERS = userTable([{ username: 'user', password: 'pass' }]);
const SIGN_IN = hex('01 04 75736572 04 70617373');

/** Greets with `offer` and returns the method that was chosen. */
async function greet(proxy: Front, offer: string): Promise<{ socket: Socket; method: string }> {
  const socket = await open(proxy.address);
  const methods = hex(offer);
  socket.write(Buffer.concat([Buffer.of(5, methods.length), methods]));
  const [version, method = 0] = await take(socket, 2);
  assert.equal(version, 5);
  return { socket, method: method.toString(16).padStart(2, '0') };
}

async function secure(socket: Socket): Promise<TLSSocket> {
  const inside = connectTls({ socket, rejectUnauthorized: false });
  await once(inside, 'secureConnect');
  return inside;
}

describe('SOCKS5 method', () => {
  const services = {
    open: socks5Service(),
    users: socks5Service({}, { auth: USERS }),
    openPlain: socks5Service({ notls: true }),
    usersPlain: socks5Service({ notls: true }, { auth: USERS }),
    openStrict: socks5Service({ requireTls: true }),
    usersStrict: socks5Service({ requireTls: true }, { auth: USERS }),
  };
  const choices: readonly (readonly [keyof typeof services, offer: string, method: string])[] = [
    ['open', '00', '00'],
    ['open', '00 80', '80'],
    ['open', '80 00', '80'],
    ['open', '00 02 80', '80'],
    ['open', '00 02 80 82', '80'],
    ['open', '02', 'ff'],
    ['open', '82', 'ff'],
    ['open', '01', 'ff'],
    ['users', '00 02', '02'],
    ['users', '00 02 80 82', '82'],
    ['users', '82', '82'],
    ['users', '00 02 80', '82'],
    ['users', '02 00 80', '02'],
    ['users', '02 80', '02'],
    ['users', '00', 'ff'],
    ['users', '80', 'ff'],
    ['users', '00 80', 'ff'],
    ['openPlain', '00 80', '00'],
    ['openPlain', '80', 'ff'],
    ['usersPlain', '00 02 80 82', '02'],
    ['usersPlain', '00 02 80', '02'],
    ['usersPlain', '82', 'ff'],
    ['openStrict', '00 80', '80'],
    ['openStrict', '00', 'ff'],
    ['usersStrict', '00 02 80 82', '82'],
    ['usersStrict', '00 02', 'ff'],
  ];
  for (const [service, offer, expected] of choices) {
    test(`${service} answers ${offer} with ${expected}`, async () => {
      const proxy = await front(services[service]);
      const { socket, method } = await greet(proxy, offer);
      assert.equal(method, expected);
      socket.destroy();
      await proxy.close();
    });
  }

  test('options that leave no method are an error of the configuration', () => {
    assert.throws(() => socks5Service({ notls: true, requireTls: true }), { code: 'config' });
    assert.throws(() => socks5Service({ requireAuth: true }), { code: 'config' });
    socks5Service({ requireAuth: true }, { auth: USERS });
  });
});

describe('SOCKS5 inside TLS', () => {
  let echo: TcpPeer;
  let certificates: Authority;
  before(async () => {
    [echo, certificates] = await Promise.all([tcpEcho(), authority()]);
  });
  after(async () => {
    certificates.remove();
    await echo.close();
  });

  const request = (): Buffer => Buffer.concat([hex('05 01 00'), field(echo.address)]);

  test('0x80 carries the request, the reply and the payload, and half-close', async () => {
    const proxy = await front(socks5Service());
    const { socket } = await greet(proxy, '00 80');
    const inside = await secure(socket);
    inside.write(request());
    assert.deepEqual((await take(inside, 10)).subarray(0, 8), hex('05 00 00 01 7f000001'));
    inside.end('last words');
    assert.equal((await rest(inside)).bytes.toString(), 'last words');
    assert.equal(await proxy.reports[0]?.ended, null);
    await proxy.close();
  });

  test('0x82 signs in inside, and keeps bytes sent behind the request', async () => {
    const proxy = await front(socks5Service({}, { auth: USERS }));
    const { socket } = await greet(proxy, '00 02 80');
    const inside = await secure(socket);
    inside.write(Buffer.concat([SIGN_IN, request(), Buffer.from('early')]));
    assert.deepEqual(await take(inside, 6), hex('01 00 05 00 00 01'));
    await take(inside, 6);
    assert.equal((await take(inside, 5)).toString(), 'early');
    assert.equal(proxy.reports[0]?.requests[0]?.user, 'user');
    inside.destroy();
    await proxy.close();
  });

  test('a wrong password is answered inside, then the connection is closed', async () => {
    const proxy = await front(socks5Service({}, { auth: USERS }));
    const { socket } = await greet(proxy, '82');
    const inside = await secure(socket);
    inside.write(hex('01 04 75736572 04 6e6f7065'));
    assert.deepEqual((await rest(inside)).bytes, hex('01 01'));
    inside.end();
    assert.equal((await proxy.reports[0]?.ended)?.code, 'auth_failed');
    await proxy.close();
  });

  test('a refused request is answered inside', async () => {
    const proxy = await front(socks5Service());
    const { socket } = await greet(proxy, '80');
    const inside = await secure(socket);
    inside.write(hex('05 03 00 01 00000000 0000'));
    assert.deepEqual((await rest(inside)).bytes, hex('05 07 00 01 00000000 0000'));
    inside.end();
    await proxy.close();
  });

  test('shows the configured certificate', async () => {
    const { certFile, keyFile } = await certificates.leaf(['proxy.example']);
    const tls = { certFile, keyFile, caFile: null, minVersion: null, maxVersion: null, alpn: [] };
    const proxy = await front(socks5Service({}, { tls }));
    const { socket } = await greet(proxy, '80');
    const inside = await secure(socket);
    assert.equal(inside.getPeerX509Certificate()?.subject, 'CN=proxy.example');
    inside.destroy();
    await proxy.close();
  });

  test('a client that does not begin TLS is cut off by the deadline of the request', async () => {
    const proxy = await front(socks5Service({ readTimeout: 200 }));
    const { socket } = await greet(proxy, '80');
    await rest(socket);
    assert.equal((await proxy.reports[0]?.ended)?.code, 'handshake_timeout');
    socket.destroy();
    await proxy.close();
  });

  test('a client that speaks plain SOCKS5 instead of TLS ends with an error about TLS', async () => {
    const proxy = await front(socks5Service());
    const { socket } = await greet(proxy, '80');
    socket.write(request());
    await rest(socket);
    assert.equal((await proxy.reports[0]?.ended)?.code, 'tls');
    socket.destroy();
    await proxy.close();
  });
});
