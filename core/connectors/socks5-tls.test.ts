/** Which methods we offer and accept, and whose certificate we believe: our connector against scripts and our own handler. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../auth.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Address, Conn } from '../net/conn.ts';
import type { ClientTls, ConnectorDeps, ServerTls } from '../registry.ts';
import type { Connector } from '../roles.ts';
import { authority, type Authority } from '../testing/certificates.ts';
import { tcpEcho, tcpPeer, type TcpPeer } from '../testing/echo.ts';
import { front, type Front } from '../testing/front.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { socks5Service } from '../testing/proxies.ts';
import { scripted } from '../testing/scripted.ts';
import { Pins } from '../transports/pins.ts';
import { NO_CLIENT_TLS } from '../transports/tls.ts';
import { socks5Connector } from './socks5.ts';

const AUTH = { username: 'user', password: 'pass' };
const { signal } = new AbortController();

function connector(addr: Address, options: object = {}, deps: Partial<ConnectorDeps> = {}): Connector {
  return socks5Connector.create(socks5Connector.options.parse(options), {
    node: 'office',
    addr,
    auth: null,
    tls: null,
    state: null,
    log: silentLog,
    ...deps,
  });
}

async function dial(to: Address): Promise<Conn> {
  const conn = connect({ ...to, allowHalfOpen: true });
  await once(conn, 'connect');
  conn.on('error', () => undefined);
  return conn;
}

let baseline: string[] = [];
let echo: TcpPeer;
let certificates: Authority;
let folder: string;
before(async () => {
  baseline = liveResources();
  [echo, certificates] = await Promise.all([tcpEcho(), authority()]);
  folder = mkdtempSync(join(tmpdir(), 'sockeye-pins-'));
});
after(async () => {
  rmSync(folder, { recursive: true });
  certificates.remove();
  await echo.close();
  await assertNoLeaks(baseline);
});

describe('what is offered', () => {
  const offers: readonly (readonly [options: object, auth: typeof AUTH | null, greeting: string])[] = [
    [{}, null, '05020080'],
    [{}, AUTH, '050400028082'],
    [{ notls: true }, null, '050100'],
    [{ notls: true }, AUTH, '05020002'],
    [{ requireTls: true }, null, '050180'],
    [{ requireTls: true }, AUTH, '05028082'],
    [{ requireAuth: true }, AUTH, '0503028082'],
    [{ requireAuth: true, notls: true }, AUTH, '050102'],
  ];
  for (const [options, auth, greeting] of offers) {
    test(`${JSON.stringify(options)}${auth === null ? '' : ' with a user'}: ${greeting}`, async () => {
      const server = await scripted([{ hear: greeting }, { say: '05ff' }, { then: 'end' }]);
      const asking = connector(server.address, options, { auth }).connect(
        await dial(server.address),
        echo.address,
        signal,
      );
      await assert.rejects(asking, { code: 'hop_refused' });
      assert.deepEqual(server.mismatches, []);
      assert.deepEqual(server.heard, [greeting]);
      await server.close();
    });
  }

  test('a policy that leaves nothing to offer is an error of the configuration', () => {
    assert.throws(() => connector(echo.address, { notls: true, requireTls: true }), { code: 'config' });
    assert.throws(() => connector(echo.address, { requireAuth: true }), { code: 'config' });
  });
});

describe('what is accepted', () => {
  const refused: readonly (readonly [options: object, auth: typeof AUTH | null, method: string])[] = [
    [{}, null, '02'],
    [{}, null, '82'],
    [{}, null, '01'],
    [{ notls: true }, null, '80'],
    [{ notls: true }, AUTH, '82'],
    [{ requireTls: true }, AUTH, '00'],
    [{ requireTls: true }, AUTH, '02'],
    [{ requireAuth: true }, AUTH, '00'],
    [{ requireAuth: true }, AUTH, '80'],
  ];
  for (const [options, auth, method] of refused) {
    test(`${JSON.stringify(options)}${auth === null ? '' : ' with a user'} refuses ${method}`, async () => {
      const heard: Buffer[] = [];
      const server = await tcpPeer((socket) => {
        socket.once('data', () => socket.write(Buffer.from(`05${method}`, 'hex')));
        socket.on('data', (chunk: Buffer) => heard.push(chunk));
      });
      const asking = connector(server.address, options, { auth }).connect(
        await dial(server.address),
        echo.address,
        signal,
      );
      await assert.rejects(asking, (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(error.code, 'hop_refused');
        assert.equal(error.rep, null);
        return true;
      });
      await server.close();
      assert.equal(heard.length, 1, 'nothing was said after the greeting');
    });
  }
});

describe('TLS inside SOCKS5', () => {
  /** Through our own service; what it echoes, or the code of the failure. */
  async function through(proxy: Front, hop: Connector): Promise<string> {
    const conn = await dial(proxy.address);
    try {
      const stream = await hop.connect(conn, echo.address, signal);
      stream.end('hello');
      const bytes = await text(stream);
      stream.destroy();
      return bytes;
    } catch (error) {
      assert.ok(error instanceof ProxyError);
      assert.ok(conn.destroyed);
      return error.code;
    }
  }

  const serve = (tls: ServerTls | null, auth: typeof AUTH | null = null): Promise<Front> =>
    front(socks5Service({}, { tls, auth: auth === null ? null : userTable([auth]) }));
  const shown = async (names: readonly string[] = ['proxy.example']): Promise<ServerTls> => ({
    ...(await certificates.leaf(names)),
    caFile: null,
    minVersion: null,
    maxVersion: null,
    alpn: [],
  });
  const client = (about: Partial<ClientTls>): ClientTls => ({ ...NO_CLIENT_TLS, ...about });

  test('carries streams with and without a user, ends included', async () => {
    for (const auth of [null, AUTH]) {
      const proxy = await serve(null, auth);
      assert.equal(await through(proxy, connector(proxy.address, { requireTls: true }, { auth })), 'hello');
      assert.equal(proxy.reports[0]?.requests[0]?.user, auth?.username ?? null);
      await proxy.close();
    }
  });

  test('a wrong password is told inside', async () => {
    const proxy = await serve(null, AUTH);
    const auth = { username: 'user', password: 'nope' };
    assert.equal(await through(proxy, connector(proxy.address, {}, { auth })), 'hop_auth');
    await proxy.close();
  });

  const verified: readonly (readonly [what: string, tls: () => ClientTls, outcome: 'hello' | ErrorCode])[] = [
    ['secure and an unknown authority', () => client({ secure: true }), 'tls'],
    ['secure and another name', () => client({ secure: true, caFile: certificates.caFile }), 'tls'],
    [
      'secure, the authority and the name',
      () => client({ secure: true, caFile: certificates.caFile, serverName: 'proxy.example' }),
      'hello',
    ],
    [
      'only the authority, and the name',
      () => client({ caFile: certificates.caFile, serverName: 'proxy.example' }),
      'hello',
    ],
    ['only the authority, and another name', () => client({ caFile: certificates.caFile }), 'tls'],
    ['verification turned off', () => client({ secure: false }), 'hello'],
  ];
  for (const [what, tls, outcome] of verified) {
    test(`${what}: ${outcome}`, async () => {
      const proxy = await serve(await shown());
      assert.equal(await through(proxy, connector(proxy.address, {}, { tls: tls() })), outcome);
      await proxy.close();
    });
  }

  test('by default the first certificate is remembered, and another one is refused before anything is said', async () => {
    const state = { path: join(folder, 'first') };
    const file = join(state.path, 'tls-pins.json');
    const first = await serve(await shown());
    // one address for both proxies: the certificate is remembered by it
    const addr = first.address;
    const hop = (): Connector => connector(addr, {}, { state });
    assert.deepEqual(await Promise.all([through(first, hop()), through(first, hop())]), ['hello', 'hello']);
    await first.close();
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    const kept = readFileSync(file, 'utf8');
    assert.deepEqual(Object.keys(JSON.parse(kept) as object), [`office 127.0.0.1:${addr.port}`]);

    const second = await serve(await shown(), AUTH);
    const conn = await dial(second.address);
    const withUser = connector(addr, {}, { state, auth: AUTH });
    await assert.rejects(withUser.connect(conn, echo.address, signal), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, 'tls');
      assert.match(error.message, /another one than before .* sockeye pins forget "office 127\.0\.0\.1:\d+"/);
      return true;
    });
    assert.ok(conn.destroyed);
    assert.notEqual((await second.reports[0]?.ended)?.code, 'auth_failed');
    assert.deepEqual(second.reports[0]?.requests, []);
    assert.equal(readFileSync(file, 'utf8'), kept);

    assert.equal(await new Pins(state).forget(`office 127.0.0.1:${addr.port}`), true);
    assert.equal(await through(second, withUser), 'hello');
    await second.close();
  });

  test('a fingerprint of an older file still counts', async () => {
    const state = { path: mkdtempSync(join(folder, 'older-')) };
    const proxy = await serve(null);
    const peer = `office 127.0.0.1:${proxy.address.port}`;
    writeFileSync(join(state.path, 'tls-pins.json'), JSON.stringify({ [peer]: 'AB:CD' }));
    assert.deepEqual(await new Pins(state).list(), [
      { peer, node: 'office', address: `127.0.0.1:${proxy.address.port}`, sha256: 'AB:CD', since: null },
    ]);
    assert.equal(await through(proxy, connector(proxy.address, {}, { state })), 'tls');
    await proxy.close();
  });

  test('a proxy that encrypted before and now does not is refused', async () => {
    const state = { path: join(folder, 'downgrade') };
    const proxy = await serve(null);
    const hop = connector(proxy.address, {}, { state });
    assert.equal(await through(proxy, hop), 'hello');
    await proxy.close();
    const plain = await front(socks5Service({ notls: true }));
    assert.equal(await through(plain, hop), 'hop_refused');
    assert.equal(await through(plain, connector(proxy.address, { notls: true }, { state })), 'hello');
    await plain.close();
  });

  test('a damaged file of certificates is an error of the configuration, not forgotten', async () => {
    const state = { path: mkdtempSync(join(folder, 'damaged-')) };
    writeFileSync(join(state.path, 'tls-pins.json'), '{"office');
    const proxy = await serve(null);
    assert.equal(await through(proxy, connector(proxy.address, {}, { state })), 'config');
    await proxy.close();
  });
});
