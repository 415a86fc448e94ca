/** Connectors facing proxies that split, lie, babble, stall or break off: always one error that names the hop, never a stream left open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../contract/errors.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Address, Conn } from '../net/conn.ts';
import type { Connector, Credentials } from '../roles.ts';
import { byteByByte, everySplit, writePieces } from '../testing/chunks.ts';
import { tcpPeer, type TcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { memoryPair } from '../testing/pair.ts';
import { httpConnector } from './http.ts';
import { socks4Connector } from './socks4.ts';
import { socks5Connector } from './socks5.ts';

const DST: Address = { host: 'target.example', port: 443 };
const AUTH: Credentials = { username: 'user', password: 'pass' };

interface Protocol {
  readonly name: string;
  readonly make: (auth: Credentials | null, timeoutMs?: number) => Connector;
  /** Everything a good proxy says to a client with a password, in one piece. */
  readonly answers: Buffer;
  readonly tail: Buffer;
}

const deps = (auth: Credentials | null) => ({
  node: 'hop-a',
  addr: { host: 'hop-a.example', port: 1080 },
  auth,
  tls: null,
  state: null,
  log: silentLog,
});
const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'socks5',
    make: (auth, timeout = 0) =>
      socks5Connector.create(socks5Connector.options.parse({ timeout }), deps(auth)),
    answers: Buffer.from('0502' + '0100' + '05000001000000000000', 'hex'),
    tail: Buffer.from('SSH-2.0-x\r\n'),
  },
  {
    name: 'socks4',
    make: (auth, timeout = 0) =>
      socks4Connector.create(socks4Connector.options.parse({ timeout }), deps(auth)),
    answers: Buffer.from('005a000000000000', 'hex'),
    tail: Buffer.from('SSH-2.0-x\r\n'),
  },
  {
    name: 'http',
    make: (auth, timeout = 0) => httpConnector.create(httpConnector.options.parse({ timeout }), deps(auth)),
    answers: Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
    tail: Buffer.from('\r\nSSH-2.0-x\r\n'),
  },
];

const { signal } = new AbortController();
let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

for (const { name, make, answers, tail } of PROTOCOLS) {
  describe(name, () => {
    test('understands its answers in every split and keeps what lies behind them', async () => {
      for (const pieces of everySplit(Buffer.concat([answers, tail]))) {
        const [near, far] = memoryPair();
        far.resume();
        const asking = make(AUTH).connect(near, DST, signal);
        await writePieces(far, pieces);
        const conn = await asking;
        assert.deepEqual(await take(conn, tail.length), tail);
        near.destroy();
        far.destroy();
      }
    });

    test('names the hop when the proxy breaks off after any number of bytes', async () => {
      for (let cut = 0; cut < answers.length; cut += 1) {
        for (const leave of ['end', 'reset'] as const) {
          const server = await tcpPeer((socket) => {
            socket.write(answers.subarray(0, cut));
            socket.once('data', () => {
              socket.resume();
              if (leave === 'end') socket.end();
              else socket.resetAndDestroy();
            });
          });
          const conn = await dial(server);
          const error = await failure(make(AUTH).connect(conn, DST, signal));
          assert.equal(error.code, 'hop_unreachable', `${leave} after ${cut} bytes`);
          assert.equal(error.detail['hop'], 'hop-a');
          assert.ok(conn.destroyed);
          await server.close();
        }
      }
    });

    test('says what a server of another kind said', async () => {
      const spoken =
        name === 'http' ? 'SSH-2.0-OpenSSH_9.6\r\n' : 'HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n';
      const error = await answered(make(AUTH), Buffer.from(spoken));
      assert.equal(error.code, 'hop_protocol');
      assert.match(
        error.message,
        name === 'http' ? /it said "SSH-2.0-OpenSSH_9.6"/ : /it said "HTTP\/1.1 400 Bad Request"/,
      );
      const tls = await answered(make(AUTH), Buffer.from('15030100020228', 'hex'));
      assert.equal(tls.code, 'hop_protocol');
      assert.match(tls.message, /it sent the bytes 1503/);
    });

    test('stops reading a proxy that never ends its answer', async () => {
      const opening =
        { socks5: '0500' + '050000fe', socks4: '00ff', http: Buffer.from('HTTP/1.1 200 ').toString('hex') }[
          name
        ] ?? '';
      let taken = 0;
      const server = await tcpPeer((socket) => {
        socket.write(Buffer.from(opening, 'hex'));
        const babble = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(4096, 0x41)));
        };
        socket.on('drain', babble);
        socket.once('close', () => (taken = socket.bytesWritten));
        babble();
      });
      const conn = await dial(server);
      const error = await failure(make(AUTH).connect(conn, DST, signal));
      assert.equal(error.code, 'hop_protocol');
      await server.close();
      assert.ok(taken < 16 * 1024 * 1024);
    });

    test('gives up on a silent proxy at its answer limit', async () => {
      const server = await tcpPeer((socket) => void socket.resume());
      const conn = await dial(server);
      const error = await failure(make(AUTH, 30).connect(conn, DST, signal));
      assert.equal(error.code, 'hop_unreachable');
      assert.match(error.message, /hop-a.*did not answer within 0.03 s/);
      assert.ok(conn.destroyed);
      await server.close();
    });

    test('an abort ends the exchange with its reason', async () => {
      const server = await tcpPeer((socket) => void socket.resume());
      const conn = await dial(server);
      const controller = new AbortController();
      const asking = failure(make(AUTH).connect(conn, DST, controller.signal));
      controller.abort(new ProxyError('stopping'));
      assert.equal((await asking).code, 'stopping');
      assert.ok(conn.destroyed);
      await server.close();
    });

    test('survives any answer', async () => {
      await fc.assert(
        fc.asyncProperty(mutation(answers), async (bytes) => {
          const [near, far] = memoryPair();
          far.resume();
          far.end(bytes);
          await make(AUTH)
            .connect(near, DST, signal)
            .then(
              (conn) => assert.equal(conn, near),
              (error: unknown) => {
                assert.ok(error instanceof ProxyError);
                assert.notEqual(error.code, 'bug');
                assert.equal(error.detail['hop'], 'hop-a');
                assert.ok(near.destroyed);
              },
            );
          near.destroy();
          far.destroy();
        }),
        { numRuns: 400 },
      );
    });

    for (const [what, dst] of [
      ['over 255 bytes', { host: `${'a.'.repeat(140)}example`, port: 80 }],
      ['with a NUL', { host: 'localhost\0.example', port: 80 }],
      ['with a line end', { host: 'a\r\nX-Injected: 1', port: 80 }],
      ['that is empty', { host: '', port: 80 }],
      ['outside ASCII', { host: 'bücher.example', port: 80 }],
    ] as const) {
      test(`refuses a name ${what} before a byte is sent`, async () => {
        assert.equal(await refusedUnsent(make(AUTH), dst), 'bad_name');
      });
    }
  });
}

test('socks5 refuses a user name or password over 255 bytes before a byte is sent', async () => {
  const [socks5] = PROTOCOLS;
  const long = 'x'.repeat(256);
  assert.equal(await refusedUnsent(socks5?.make({ username: long, password: '' }), DST), 'unsupported');
  assert.equal(await refusedUnsent(socks5?.make({ username: 'u', password: long }), DST), 'unsupported');
});

test('socks4 refuses a user id over 255 bytes or with a NUL before a byte is sent', async () => {
  const [, socks4] = PROTOCOLS;
  assert.equal(
    await refusedUnsent(socks4?.make({ username: 'x'.repeat(256), password: '' }), DST),
    'unsupported',
  );
  assert.equal(await refusedUnsent(socks4?.make({ username: 'a\0b', password: '' }), DST), 'unsupported');
});

test('socks4 with disable4a resolves here and sends the address', async () => {
  const [near, far] = memoryPair();
  const connector = socks4Connector.create(socks4Connector.options.parse({ disable4a: true }), deps(null));
  const asking = connector.connect(near, { host: 'localhost', port: 80 }, signal);
  assert.deepEqual(await take(far, 9), Buffer.from('040100507f00000100', 'hex'));
  far.write(Buffer.from('005a000000000000', 'hex'));
  await asking;
  near.destroy();
  far.destroy();
});

test('http sends the configured headers and refuses ones that are none', async () => {
  const header = { 'X-Token': 'one two' };
  const connector = httpConnector.create(httpConnector.options.parse({ header }), deps(null));
  const [near, far] = memoryPair();
  const asking = connector.connect(near, { host: '2001:db8::1', port: 443 }, signal);
  const said = 'CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nX-Token: one two\r\n';
  assert.deepEqual((await take(far, said.length)).toString(), said);
  far.write('HTTP/1.0 200\r\n\r\n');
  await asking;
  near.destroy();
  far.destroy();
  for (const bad of [{ 'X Y': '1' }, { X: 'a\r\nY: b' }]) {
    assert.throws(() => httpConnector.create(httpConnector.options.parse({ header: bad }), deps(null)), {
      code: 'config',
    });
  }
  assert.throws(
    () => httpConnector.create(httpConnector.options.parse({}), deps({ username: 'a:b', password: '' })),
    { code: 'config' },
  );
});

/** Good answers with bytes changed, cut or inserted, and plain noise. */
function mutation(good: Buffer): fc.Arbitrary<Buffer> {
  const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const bent = fc
    .tuple(fc.nat(good.length), fc.nat(4), fc.uint8Array({ maxLength: 4 }))
    .map(([at, cut, put]) => Buffer.concat([good.subarray(0, at), put, good.subarray(at + cut)]));
  return fc.oneof(noise, bent);
}

async function dial({ address }: TcpPeer): Promise<Socket> {
  const socket = connect({ ...address, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

/** The error of a connector whose proxy says `bytes`, byte by byte, and then nothing. */
async function answered(connector: Connector, bytes: Buffer): Promise<ProxyError> {
  const [near, far] = memoryPair();
  far.resume();
  const failing = failure(connector.connect(near, DST, signal));
  far.write(bytes);
  const error = await failing;
  assert.ok(near.destroyed);
  far.destroy();
  const [again, farAgain] = memoryPair();
  farAgain.resume();
  const slowly = failure(connector.connect(again, DST, signal));
  await writePieces(farAgain, byteByByte(bytes));
  assert.equal((await slowly).code, error.code);
  farAgain.destroy();
  return error;
}

async function refusedUnsent(connector: Connector | undefined, dst: Address): Promise<ErrorCode> {
  assert.ok(connector);
  const [near, far] = memoryPair();
  const error = await failure(connector.connect(near, dst, signal));
  assert.equal(far.read(), null, 'nothing was sent');
  far.destroy();
  return error.code;
}

async function failure(work: Promise<unknown>): Promise<ProxyError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProxyError, 'rejects with a ProxyError');
  return error;
}

async function take(conn: Conn, length: number): Promise<Buffer> {
  for (;;) {
    const chunk: unknown = conn.read(length);
    if (Buffer.isBuffer(chunk)) return chunk;
    await once(conn, 'readable');
  }
}
