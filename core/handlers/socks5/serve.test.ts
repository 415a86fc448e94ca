import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../../auth.ts';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import { ProxyError } from '../../errors.ts';
import { silentLog } from '../../log.ts';
import type { Address, Conn } from '../../net/conn.ts';
import type { Authenticator, Router } from '../../roles.ts';
import { everySplit, writePieces } from '../../testing/chunks.ts';
import { field, open, take } from '../../testing/client.ts';
import { hex } from '../../testing/decoding.ts';
import { tcpEcho, tcpPeer, type TcpPeer } from '../../testing/echo.ts';
import { directRouter, front, routerOver, type Front } from '../../testing/front.ts';
import { gone, rest } from '../../testing/stream.ts';
import { socks5Handler } from './index.ts';
import { serveSocks5 } from './serve.ts';

const OPTIONS = socks5Handler.options.parse({});

interface Settings {
  readonly router?: Router;
  readonly auth?: Authenticator;
  readonly deadlineMs?: number;
}

function serving({ router = directRouter(), auth, deadlineMs = 15_000 }: Settings = {}): Promise<Front> {
  const negotiation = {
    auth: auth ?? null,
    tls: null,
    state: null,
    log: silentLog,
    offersTls: true,
    requiresTls: false,
  };
  const parts = { router, options: OPTIONS, negotiation };
  return front({ handle: (conn, session) => serveSocks5(conn, session, parts, deadlineMs) });
}

function request(command: number, target: Address): Buffer {
  return Buffer.concat([Buffer.of(5, command, 0), field(target)]);
}

const FAILURE = hex('01 00000000 0000');

describe('SOCKS5 CONNECT', () => {
  let echo: TcpPeer;
  let proxy: Front;
  before(async () => {
    echo = await tcpEcho();
    proxy = await serving();
  });
  after(async () => {
    await proxy.close();
    await echo.close();
  });

  test('answers in every split of the client, loses no byte behind the request and counts them', async () => {
    const target = { host: 'localhost', port: echo.address.port };
    const bytes = Buffer.concat([hex('05 02 00 02'), request(1, target), Buffer.from('early')]);
    for (const pieces of everySplit(bytes)) {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      await writePieces(socket, pieces);
      assert.deepEqual(await take(socket, 2), hex('05 00'));
      const reply = await take(socket, 10);
      assert.deepEqual(reply.subarray(0, 8), hex('05 00 00 01 7f000001'));
      assert.equal((await take(socket, 5)).toString(), 'early');
      socket.end('late');
      assert.deepEqual(await rest(socket), { bytes: Buffer.from('late'), broken: false });
      const report = await reporting;
      assert.equal(await report.ended, null);
      assert.deepEqual(report.counters.up, 9);
      assert.deepEqual(report.counters.down, 9);
      assert.deepEqual(report.requests, [{ protocol: 'socks5', command: 'connect', target, user: null }]);
      assert.deepEqual(report.routed, [{ path: [], chain: null }]);
    }
  });

  test('serves a client that ends its side before the target is reached', async () => {
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.end(Buffer.concat([hex('05 01 00'), request(1, echo.address)]));
    await take(socket, 12);
    assert.deepEqual(await rest(socket), { bytes: Buffer.alloc(0), broken: false });
    assert.equal(await (await reporting).ended, null);
  });

  test('does not send the first bytes of the target together with the reply', async () => {
    const speaker = await tcpPeer((socket) => socket.end('banner'));
    const socket = await open(proxy.address);
    socket.write(hex('05 01 00'));
    await take(socket, 2);
    const first = once(socket, 'data');
    socket.write(request(1, speaker.address));
    const [reply] = (await first) as [Buffer];
    assert.equal(reply.length, 10);
    assert.equal((await rest(socket)).bytes.toString(), 'banner');
    socket.destroy();
    await speaker.close();
  });

  const REFUSED: readonly (readonly [what: string, request: () => Buffer, rep: number, code: ErrorCode])[] = [
    ['a name with a NUL in it', () => request(1, { host: 'localhost\0.example', port: 80 }), 4, 'bad_name'],
    ['an empty name', () => hex('05 01 00 03 00 0050'), 4, 'bad_name'],
    ['a name with a blank', () => request(1, { host: 'local host', port: 80 }), 4, 'bad_name'],
    ['port 0', () => request(1, { host: '127.0.0.1', port: 0 }), 1, 'bad_port'],
    ['BIND where it is off', () => request(2, { host: '127.0.0.1', port: 0 }), 7, 'command'],
    ['UDP where it is off', () => request(3, { host: '0.0.0.0', port: 0 }), 7, 'command'],
    ['an unknown command', () => request(9, { host: '127.0.0.1', port: 80 }), 7, 'command'],
    ['an unknown address kind', () => hex('05 01 00 02 7f000001 0050'), 8, 'address_type'],
    ['a port where nobody listens', () => request(1, { host: '127.0.0.1', port: unused }), 5, 'refused'],
  ];
  let unused = 0;
  before(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    unused = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
  });
  for (const [what, ask, rep, code] of REFUSED) {
    test(`answers ${rep} to ${what}, then closes`, async () => {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      socket.write(Buffer.concat([hex('05 01 00'), ask(), Buffer.alloc(70_000)]));
      const { bytes, broken } = await rest(socket);
      assert.deepEqual(bytes, Buffer.concat([hex('05 00'), Buffer.of(5, rep, 0), FAILURE]));
      assert.equal(broken, false);
      socket.end();
      assert.equal((await (await reporting).ended)?.code, code);
    });
  }

  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const { socks5 } = ERRORS[code];
    if (socks5 === null) continue;
    test(`answers ${socks5} when the router says ${code}`, async () => {
      const failing = await serving({
        router: routerOver({ connect: () => Promise.reject(new ProxyError(code)) }),
      });
      const socket = await open(failing.address);
      socket.end(Buffer.concat([hex('05 01 00'), request(1, echo.address)]));
      assert.deepEqual(
        (await rest(socket)).bytes,
        Buffer.concat([hex('05 00'), Buffer.of(5, socks5, 0), FAILURE]),
      );
      await failing.close();
    });
  }

  for (const [told, answered] of [
    [2, 2],
    [8, 8],
    [0x5b, 1],
    [null, 1],
  ] as const) {
    test(`passes on what a proxy answered: ${String(told)} becomes ${answered}`, async () => {
      const error = new ProxyError('hop_refused', {}, told === null ? {} : { rep: told });
      const failing = await serving({ router: routerOver({ connect: () => Promise.reject(error) }) });
      const socket = await open(failing.address);
      socket.end(Buffer.concat([hex('05 01 00'), request(1, echo.address)]));
      assert.deepEqual(
        (await rest(socket)).bytes,
        Buffer.concat([hex('05 00'), Buffer.of(5, answered, 0), FAILURE]),
      );
      await failing.close();
    });
  }

  test('closes without a word on another protocol', async () => {
    for (const bytes of [
      hex('04 01 0050 7f000001 00'),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      hex('16 0301'),
    ]) {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      socket.write(bytes);
      assert.deepEqual((await rest(socket)).bytes, Buffer.alloc(0));
      assert.equal((await (await reporting).ended)?.code, 'version');
    }
  });

  test('aborts the dial when the client resets its connection', async () => {
    const aborted = deferred<string>();
    const dialling = deferred<true>();
    const router = routerOver({
      connect: (_, signal) => {
        signal.addEventListener('abort', () => aborted.resolve((signal.reason as ProxyError).code));
        dialling.resolve(true);
        return new Promise<Conn>(() => undefined);
      },
    });
    const slow = await serving({ router });
    const reporting = slow.next();
    const socket = await open(slow.address);
    socket.write(Buffer.concat([hex('05 01 00'), request(1, echo.address), Buffer.from('early')]));
    await take(socket, 2);
    await dialling.promise;
    socket.resetAndDestroy();
    assert.equal(await aborted.promise, 'client_gone');
    assert.equal((await (await reporting).ended)?.code, 'client_gone');
    await slow.close();
  });

  test('survives a client that resets after any byte of the handshake', async () => {
    const bytes = Buffer.concat([hex('05 02 00 02'), request(1, echo.address)]);
    for (let length = 0; length <= bytes.length; length += 1) {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      if (length > 0) socket.write(bytes.subarray(0, length));
      if (length >= 4) await take(socket, 2);
      socket.resetAndDestroy();
      const error = await (await reporting).ended;
      assert.ok(error !== null && ['client_gone', 'reset'].includes(error.code), `${length}: ${error?.code}`);
    }
  });

  test('gives a client its time and not more, however many bytes it sends', async () => {
    const hasty = await serving({ deadlineMs: 60 });
    const reporting = hasty.next();
    const socket = await open(hasty.address);
    socket.write(hex('05 ff'));
    const dripping = setInterval(() => socket.write(hex('00'), () => undefined), 10);
    await gone(socket);
    clearInterval(dripping);
    assert.equal((await (await reporting).ended)?.code, 'handshake_timeout');
    await hasty.close();
  });

  test('hangs up at once after a refusal, and a client that keeps its side open is cut off in time', async () => {
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(Buffer.concat([hex('05 01 00'), request(9, echo.address)]));
    const ended = once(socket, 'end');
    assert.deepEqual(await take(socket, 12), Buffer.concat([hex('05 00 05 07 00'), FAILURE]));
    socket.resume();
    await ended; // the reply, and nothing behind it
    const since = performance.now();
    const report = await reporting;
    assert.equal((await report.ended)?.code, 'command');
    assert.ok(performance.now() - since < 10_000, 'RFC 1928 allows no more than 10 s');
    socket.destroy();
  });

  test('ends a tunnel with the reason of the session', async () => {
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(Buffer.concat([hex('05 01 00'), request(1, echo.address)]));
    await take(socket, 12);
    const report = await reporting;
    report.abort(new ProxyError('closed_by_user'));
    await gone(socket);
    assert.equal((await report.ended)?.code, 'closed_by_user');
  });
});

describe('SOCKS5 sign-in', () => {
  let echo: TcpPeer;
  let locked: Front;
  before(async () => {
    echo = await tcpEcho();
    locked = await serving({ auth: userTable([{ username: 'user', password: 'pass' }]) });
  });
  after(async () => {
    await locked.close();
    await echo.close();
  });

  test('lets the right user in, in every split, and says who it was', async () => {
    const bytes = Buffer.concat([
      hex('05 01 02 01 04 75736572 04 70617373'),
      request(1, echo.address),
      Buffer.from('x'),
    ]);
    for (const pieces of everySplit(bytes)) {
      const reporting = locked.next();
      const socket = await open(locked.address);
      await writePieces(socket, pieces);
      assert.deepEqual(await take(socket, 4), hex('05 02 01 00'));
      await take(socket, 10);
      assert.equal((await take(socket, 1)).toString(), 'x');
      socket.end();
      await rest(socket);
      assert.equal((await reporting).requests[0]?.user, 'user');
    }
  });

  const REFUSED: readonly (readonly [what: string, sent: string, answer: string, code: ErrorCode])[] = [
    ['no method in common', '05 01 00', '05 ff', 'no_method'],
    ['an offer of nothing', '05 00', '05 ff', 'no_method'],
    ['GSSAPI only', '05 01 01', '05 ff', 'no_method'],
    ['TLS without a password', '05 02 00 80', '05 ff', 'no_method'],
    ['a wrong password', '05 01 02 01 04 75736572 04 6e6f7065', '05 02 01 01', 'auth_failed'],
    ['a right password and a NUL', '05 01 02 01 04 75736572 06 70617373 0061', '05 02 01 01', 'auth_failed'],
    ['an unknown user', '05 01 02 01 01 61 04 70617373', '05 02 01 01', 'auth_failed'],
    ['empty credentials', '05 01 02 01 00 00', '05 02 01 01', 'auth_failed'],
    ['another sub-version', '05 01 02 05 04 75736572 04 70617373', '05 02', 'malformed'],
  ];
  for (const [what, sent, answer, code] of REFUSED) {
    test(`refuses ${what}`, async () => {
      const reporting = locked.next();
      const socket = await open(locked.address);
      socket.write(hex(sent));
      const { bytes } = await rest(socket);
      assert.deepEqual(bytes, hex(answer));
      socket.end();
      assert.equal((await (await reporting).ended)?.code, code);
    });
  }

  test('never chooses "none" where a password is needed, nor a password where none is', async () => {
    const openToAll = await serving();
    for (const [proxy, offer, method] of [
      [locked, '05 03 00 01 02', 2],
      [openToAll, '05 03 02 01 00', 0],
      [openToAll, '05 01 02', 0xff],
    ] as const) {
      const socket = await open(proxy.address);
      socket.write(hex(offer));
      assert.deepEqual(await take(socket, 2), Buffer.of(5, method));
      socket.destroy();
    }
    await openToAll.close();
  });
});

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
