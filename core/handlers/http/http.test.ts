import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../../auth.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { ProxyError } from '../../errors.ts';
import type { Conn } from '../../net/conn.ts';
import type { Authenticator, Router } from '../../roles.ts';
import { everySplit, writePieces } from '../../testing/chunks.ts';
import { open, take } from '../../testing/client.ts';
import { tcpEcho, tcpPeer, type TcpPeer } from '../../testing/echo.ts';
import { directRouter, front, routerOver, type Front } from '../../testing/front.ts';
import { gone, rest } from '../../testing/stream.ts';
import { httpHandler } from './index.ts';
import { HttpFront } from './serve.ts';

interface Settings {
  readonly router?: Router;
  readonly auth?: Authenticator;
  readonly deadlineMs?: number;
  readonly header?: Record<string, string>;
  /** Options by their keys; the others have their defaults. */
  readonly more?: Readonly<Record<string, unknown>>;
}

function serving({
  router = directRouter(),
  auth,
  deadlineMs = 15_000,
  header = {},
  more = {},
}: Settings = {}): Promise<Front> {
  const options = httpHandler.options.parse({ header, ...more });
  const http = new HttpFront({ router, auth: auth ?? null, options });
  return front({ handle: (conn, session) => http.serve(conn, session, deadlineMs) });
}

/** Sends text, ends, and gives back everything that was answered. */
async function answerTo(proxy: Front, text: string): Promise<string> {
  const socket = await open(proxy.address);
  socket.end(text, 'latin1');
  const { bytes } = await rest(socket);
  return bytes.toString('latin1');
}

const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n';

describe('HTTP CONNECT', () => {
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

  test('opens a tunnel in every split and loses no byte behind the request', async () => {
    const head = `CONNECT localhost:${echo.address.port} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (const pieces of everySplit(Buffer.from(`${head}early`))) {
      const reporting = proxy.next();
      const socket = await open(proxy.address);
      await writePieces(socket, pieces);
      assert.equal((await take(socket, ESTABLISHED.length)).toString(), ESTABLISHED);
      assert.equal((await take(socket, 5)).toString(), 'early');
      socket.end('late');
      assert.equal((await rest(socket)).bytes.toString(), 'late');
      const report = await reporting;
      assert.equal(await report.ended, null);
      assert.deepEqual([report.counters.up, report.counters.down], [9, 9]);
    }
  });

  const REFUSED: readonly (readonly [request: string, status: number, code: ErrorCode])[] = [
    ['CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['CONNECT user@a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['CONNECT :80 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_name'],
    ['CONNECT a:0 HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad_port'],
    ['CONNECT a:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 400, 'malformed'],
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['GET http://user:pass@a/ HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['GET http://a:b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    ['GET http://a b/ HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed'],
    [
      'POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'malformed',
    ],
    [
      'POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
      400,
      'malformed',
    ],
    ['POST http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x, chunked, y\r\n\r\nabc', 400, 'malformed'],
    ['GET http://a/ HTTP/1.1\nHost: a\n\n', 400, 'malformed'],
    ['GET http://a/ HTTP/1.1\r\nHost : a\r\n\r\n', 400, 'malformed'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed'],
    [`GET http://a/ HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'malformed'],
  ];
  for (const [text, status, code] of REFUSED) {
    test(`answers ${status} to ${JSON.stringify(text.slice(0, 70))}`, async () => {
      const reporting = proxy.next();
      assert.match(await answerTo(proxy, text), new RegExp(`^HTTP/1.1 ${status} `));
      const error = await (await reporting).ended;
      if (status === 400 || status === 431) assert.equal(error?.code, code);
    });
  }

  const FAILURES: readonly (readonly [code: ErrorCode, status: number])[] = [
    ['refused', 502],
    ['name_not_found', 502],
    ['timed_out', 504],
    ['not_allowed', 403],
    ['limit', 503],
    ['hop_refused', 502],
    ['bug', 500],
  ];
  for (const [code, status] of FAILURES) {
    test(`answers ${status} when the router says ${code}, without naming a hop`, async () => {
      const error = new ProxyError(code, {
        target: 'a:80',
        host: 'a',
        hop: 'secret-hop',
        reason: 'secret-hop is down',
      });
      const failing = await serving({ router: routerOver({ connect: () => Promise.reject(error) }) });
      for (const start of ['CONNECT a:80', 'GET http://a/']) {
        const answer = await answerTo(failing, `${start} HTTP/1.1\r\nHost: a\r\n\r\n`);
        assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
        assert.doesNotMatch(answer, /secret-hop/);
      }
      await failing.close();
    });
  }

  test('needs no Host field, which the request line makes superfluous', async () => {
    const answer = await answerTo(proxy, `CONNECT 127.0.0.1:${echo.address.port} HTTP/1.0\r\n\r\n`);
    assert.equal(answer, ESTABLISHED);
  });

  test('aborts the dial when the client leaves', async () => {
    for (const start of ['CONNECT a:80', 'GET http://a/']) {
      let abort!: (code: string) => void;
      const aborted = new Promise<string>((resolve) => (abort = resolve));
      let begin!: () => void;
      const dialling = new Promise<void>((resolve) => (begin = resolve));
      const connect = (_: unknown, signal: AbortSignal): Promise<Conn> => {
        signal.addEventListener('abort', () => abort((signal.reason as ProxyError).code));
        begin();
        return new Promise(() => undefined);
      };
      const slow = await serving({ router: routerOver({ connect }) });
      const reporting = slow.next();
      const socket = await open(slow.address);
      socket.write(`${start} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await dialling;
      socket.resetAndDestroy();
      assert.equal(await aborted, 'client_gone');
      assert.equal((await (await reporting).ended)?.code, 'client_gone');
      await slow.close();
    }
  });

  test('gives a client its time for the first request and not more', async () => {
    const hasty = await serving({ deadlineMs: 60 });
    const reporting = hasty.next();
    const socket = await open(hasty.address);
    const dripping = setInterval(() => socket.write('x', () => undefined), 10);
    socket.write('GET http://a/ HTTP/1.1\r\nX: ');
    const { bytes } = await rest(socket);
    clearInterval(dripping);
    socket.destroy();
    assert.match(bytes.toString(), /^HTTP\/1.1 408 /);
    assert.equal((await (await reporting).ended)?.code, 'handshake_timeout');
    await hasty.close();
  });
});

describe('HTTP sign-in', () => {
  const basic = (text: string): string => Buffer.from(text).toString('base64');
  let echo: TcpPeer;
  let locked: Front;
  before(async () => {
    echo = await tcpEcho();
    const auth = userTable([{ username: 'user', password: 'pa:ss' }]);
    locked = await serving({ auth, header: { 'Proxy-Agent': 'x' } });
  });
  after(async () => {
    await locked.close();
    await echo.close();
  });

  test('lets the right user in', async () => {
    const reporting = locked.next();
    const socket = await open(locked.address);
    const { port } = echo.address;
    socket.write(
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic ${basic('user:pa:ss')}\r\n\r\n`,
    );
    const granted = 'HTTP/1.1 200 Connection established\r\nProxy-Agent: x\r\n\r\n';
    assert.equal((await take(socket, granted.length)).toString(), granted);
    socket.end();
    await rest(socket);
    assert.equal((await reporting).requests[0]?.user, 'user');
  });

  for (const field of [
    '',
    'Basic',
    `Basic ${basic('user:wrong')}`,
    `Basic ${basic('user')}`,
    `Bearer ${basic('user:pa:ss')}`,
    `Basic ${basic('user:pa:ss\0')}`,
  ]) {
    test(`answers 407 to ${JSON.stringify(field)}`, async () => {
      for (const start of ['CONNECT a:80', 'GET http://a/']) {
        const answer = await answerTo(
          locked,
          `${start} HTTP/1.1\r\nHost: a\r\nProxy-Authorization: ${field}\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1.1 407 [^]*\r\nProxy-Authenticate: Basic realm="gost"/);
      }
    });
  }
});

describe('HTTP forwarding', () => {
  let origin: Server;
  let proxy: Front;
  let listener: RequestListener = () => undefined;
  let seen: IncomingMessage[] = [];
  let connections = 0;
  before(async () => {
    origin = createServer((request, response) => {
      seen.push(request);
      listener(request, response);
    });
    origin.on('connection', () => (connections += 1));
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    proxy = await serving();
  });
  after(async () => {
    await proxy.close();
    origin.close();
  });
  const base = (): string => `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;

  test('sends path and query on as they are, replaces Host and keeps hop-by-hop fields to itself', async () => {
    seen = [];
    listener = (_, response) => {
      response.writeHead(200, [
        'X-A',
        '1',
        'X-A',
        '2',
        'Connection',
        'close, X-Hop',
        'X-Hop',
        'no',
        'Keep-Alive',
        'x',
      ]);
      response.end('ok');
    };
    const answer = await answerTo(
      proxy,
      `GET ${base()}/a/../%7e?x=1&y=%20 HTTP/1.1\r\nHost: liar.example\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n` +
        'Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nX-Yours: 2\r\nUpgrade: h2c\r\n\r\n',
    );
    const [request] = seen;
    assert.equal(request?.url, '/a/../%7e?x=1&y=%20');
    assert.deepEqual(request.rawHeaders, ['Host', base().slice(7), 'X-Yours', '2', 'Connection', 'close']);
    assert.match(answer, /^HTTP\/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\n/);
    assert.doesNotMatch(answer, /X-Hop|Keep-Alive: x/);
    assert.match(answer, /ok(\r\n0\r\n\r\n)?$/);
  });

  test('serves many requests on one connection, each with a way out of its own', async () => {
    listener = (request, response) => void request.pipe(response);
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    const before = connections;
    for (const body of ['one', 'two', 'three']) {
      socket.write(`POST ${base()}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      const text = await until(socket, /\r\n\r\n[0-9a-f]+\r\n(\w+)\r\n0\r\n\r\n$/);
      assert.match(text, new RegExp(`\\r\\n${body}\\r\\n`));
    }
    assert.equal(connections - before, 3);
    socket.end();
    await rest(socket);
    const report = await reporting;
    assert.equal(await report.ended, null);
    assert.equal(report.requests.length, 3);
    assert.ok(
      report.counters.up > 200 && report.counters.down > 200,
      'all bytes of the exchanges are counted',
    );
  });

  test('answers pipelined requests in order', async () => {
    listener = (request, response) => response.end(request.url);
    const one = (path: string): string => `GET ${base()}${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await answerTo(proxy, one('/first') + one('/second') + one('/third'));
    assert.deepEqual(answer.match(/\/(first|second|third)/g), ['/first', '/second', '/third']);
  });

  test('re-frames bodies of every kind, with trailers', async () => {
    listener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(200, { Trailer: 'X-Sum', 'Transfer-Encoding': 'chunked' });
        response.write(Buffer.concat(chunks));
        response.addTrailers({ 'X-Sum': String(Buffer.concat(chunks).length) });
        response.end();
      });
    };
    for (const headers of [{ 'Transfer-Encoding': 'chunked' }, { 'Content-Length': 100_000 }] as const) {
      const body = Buffer.alloc(100_000, 'x');
      const { message, data } = await through(proxy, `${base()}/`, 'PUT', headers, body);
      assert.deepEqual(data, body);
      assert.deepEqual(message.trailers, { 'x-sum': '100000' });
    }
  });

  test('passes answers without a body as they are', async () => {
    listener = (request, response) => {
      response.writeHead(Number(request.url?.slice(1)), {
        'Content-Length': request.method === 'HEAD' ? 7 : 0,
      });
      response.end();
    };
    const head = await answerTo(proxy, `HEAD ${base()}/200 HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(head, /Content-Length: 7\r\n[^]*\r\n\r\n$/);
    assert.match(
      await answerTo(proxy, `GET ${base()}/304 HTTP/1.1\r\nHost: x\r\n\r\n`),
      /^HTTP\/1.1 304 [^]*\r\n\r\n$/,
    );
    assert.match(
      await answerTo(proxy, `DELETE ${base()}/204 HTTP/1.1\r\nHost: x\r\n\r\n`),
      /^HTTP\/1.1 204 [^]*\r\n\r\n$/,
    );
  });

  test('asks the target before it lets the client send a body it waits with', async () => {
    const order: string[] = [];
    const asked = (request: IncomingMessage, response: Parameters<RequestListener>[1]): void => {
      order.push(`target saw Expect: ${String(request.headers.expect)}`);
      response.writeContinue();
      request.resume();
      request.on('end', () => response.end('thanks'));
    };
    origin.on('checkContinue', asked);
    const socket = await open(proxy.address);
    socket.write(`POST ${base()}/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`);
    await until(socket, /^HTTP\/1.1 100 Continue\r\n\r\n/);
    order.push('client may go on');
    socket.write('body');
    await until(socket, /thanks/);
    assert.deepEqual(order, ['target saw Expect: 100-continue', 'client may go on']);
    socket.destroy();
    origin.off('checkContinue', asked);
  });

  test('a response that was cut is cut for the client too', async () => {
    listener = (_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
    };
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(`GET ${base()}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await gone(socket);
    assert.equal((await (await reporting).ended)?.code, 'reset');
  });

  test('a response whose end is the end of the connection is cut by a reset', async () => {
    let held: Socket | null = null;
    const rude = await tcpPeer((socket) => {
      held = socket;
      socket.once('data', () => socket.write('HTTP/1.0 200 OK\r\n\r\nhalf'));
    });
    const socket = await open(proxy.address);
    socket.write(`GET http://127.0.0.1:${rude.address.port}/ HTTP/1.0\r\n\r\n`);
    await until(socket, /half/);
    const ending = rest(socket);
    (held as Socket | null)?.resetAndDestroy();
    assert.equal((await ending).broken, true);
    await rude.close();
  });

  test('says 502 when the target hangs up or talks nonsense, and the client can go on', async () => {
    const rude = await tcpPeer((socket) =>
      socket.once('data', (data) => socket.end(data.includes('/nonsense') ? 'hello\r\n\r\n' : '')),
    );
    listener = (_, response) => response.end('fine');
    const socket = await open(proxy.address);
    for (const path of ['/nothing', '/nonsense']) {
      socket.write(`GET http://127.0.0.1:${rude.address.port}${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      assert.match(await until(socket, /\.\n$/), /^HTTP\/1.1 50\d /);
    }
    socket.write(`GET ${base()}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(socket, /fine/);
    socket.destroy();
    await rude.close();
  });

  test('lets go of the target when the client leaves in the middle', async () => {
    let left!: () => void;
    const closed = new Promise<void>((resolve) => (left = resolve));
    listener = (_, response) => {
      response.once('close', left);
      response.writeHead(200);
      response.write('start');
    };
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(`GET ${base()}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(socket, /start/);
    socket.resetAndDestroy();
    await closed;
    assert.equal((await (await reporting).ended)?.code, 'client_gone');
  });

  test('closes a client that sends requests without end and reads no answers', async () => {
    listener = () => undefined;
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(`GET ${base()}/ HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(40));
    await gone(socket);
    assert.equal((await (await reporting).ended)?.code, 'malformed');
  });
});

/** Reads until all that has come matches. */
async function until(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  while (!pattern.test(text)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
  }
  return text;
}

async function through(
  proxy: Front,
  url: string,
  method: string,
  headers: Readonly<Record<string, string | number>>,
  body: Buffer,
): Promise<{ message: IncomingMessage; data: Buffer }> {
  const request = httpRequest({ ...proxy.address, path: url, method, headers, agent: false });
  request.end(body);
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return { message, data: Buffer.concat(chunks) };
}
