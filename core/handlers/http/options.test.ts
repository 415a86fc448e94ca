// What can be set on an HTTP proxy beyond a password: kept connections, compression, disguise; and connections that change their protocol.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  Agent,
  createServer,
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { WebSocket, WebSocketServer } from 'ws';
import { userTable } from '../../auth.ts';
import { ProxyError } from '../../errors.ts';
import { everySplit, writePieces } from '../../testing/chunks.ts';
import { open, take } from '../../testing/client.ts';
import { tcpPeer } from '../../testing/echo.ts';
import { directRouter, front, routerOver, type Front } from '../../testing/front.ts';
import { rest } from '../../testing/stream.ts';
import { httpHandler } from './index.ts';
import { parseDecoy } from './decoy.ts';
import { HttpFront } from './serve.ts';

const USERS = userTable([{ username: 'user', password: 'pass' }]);
const SIGNED = `Proxy-Authorization: Basic ${Buffer.from('user:pass').toString('base64')}\r\n`;

let origin: Server;
let listener: RequestListener = () => undefined;
let connections = 0;
before(async () => {
  origin = createServer((request, response) => listener(request, response));
  origin.on('connection', () => (connections += 1));
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
});
after(() => {
  origin.close();
  origin.closeAllConnections();
});
const authority = (): string => `127.0.0.1:${(origin.address() as AddressInfo).port}`;

function serving(options: Readonly<Record<string, unknown>>, locked = false): Promise<Front> {
  const parts = {
    router: directRouter(),
    auth: locked ? USERS : null,
    options: httpHandler.options.parse(options),
  };
  const http = new HttpFront(parts);
  return front({ handle: (conn, session) => http.serve(conn, session, 15_000) });
}

/** Sends text, ends, and gives back everything that was answered. */
async function answerTo(proxy: Front, text: string): Promise<string> {
  const socket = await open(proxy.address);
  socket.end(text, 'latin1');
  return (await rest(socket)).bytes.toString('latin1');
}

async function until(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  while (!pattern.test(text)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
  }
  return text;
}

describe('keepalive', () => {
  let proxy: Front;
  before(async () => (proxy = await serving({ keepalive: true })));
  after(() => proxy.close());
  const get = (path: string, at = authority()): string =>
    `GET http://${at}${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

  test('one connection serves the requests of a client for one server; another client and another server get their own', async () => {
    listener = (request, response) => response.end(`<${request.url ?? ''}>`);
    const before = connections;
    const socket = await open(proxy.address);
    for (const path of ['/1', '/2', '/3']) {
      socket.write(get(path));
      await until(socket, new RegExp(`<${path}>`));
    }
    assert.equal(connections - before, 1);
    const other = await open(proxy.address);
    other.write(get('/4'));
    await until(other, /<\/4>/);
    assert.equal(connections - before, 2);
    const second = createServer((_, response) => response.end('<second>'));
    second.listen(0, '127.0.0.1');
    await once(second, 'listening');
    socket.write(get('/', `127.0.0.1:${(second.address() as AddressInfo).port}`));
    await until(socket, /<second>/);
    socket.write(get('/5'));
    await until(socket, /<\/5>/);
    assert.equal(connections - before, 3, 'the first way was given up for the second server');
    socket.destroy();
    other.destroy();
    second.close();
    second.closeAllConnections();
  });

  test('a server that closes between two requests is dialled again', async () => {
    let served = 0;
    listener = (_, response) => {
      served += 1;
      response.end(`<${served}>`, () => setImmediate(() => response.socket?.destroy()));
    };
    const socket = await open(proxy.address);
    for (const number of [1, 2, 3]) {
      socket.write(get('/'));
      await until(socket, new RegExp(`<${number}>`));
    }
    socket.destroy();
  });

  test('a kept connection that closes on the next request is replaced, unless that had a body', async () => {
    const served = new WeakSet<object>();
    listener = (request, response) => {
      if (served.has(request.socket)) return void request.socket.destroy();
      served.add(request.socket);
      response.end('<ok>');
    };
    const socket = await open(proxy.address);
    for (let round = 0; round < 3; round += 1) {
      socket.write(get('/'));
      assert.match(await until(socket, /<ok>|HTTP\/1\.1 50\d/), /<ok>/);
    }
    socket.write(`POST http://${authority()}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx`);
    assert.match(await until(socket, /<ok>|HTTP\/1\.1 50\d/), /^HTTP\/1\.1 502 /);
    socket.destroy();
  });

  test('without it every request has a connection of its own that says so', async () => {
    const plain = await serving({});
    const seen: (string | undefined)[] = [];
    listener = (request, response) => {
      seen.push(request.headers.connection);
      response.end('<ok>');
    };
    const before = connections;
    const socket = await open(plain.address);
    for (let round = 0; round < 2; round += 1) {
      socket.write(get('/'));
      await until(socket, /<ok>/);
    }
    assert.deepEqual([connections - before, seen], [2, ['close', 'close']]);
    socket.destroy();
    await plain.close();
  });
});

describe('compression', () => {
  const text = 'the same words again and again. '.repeat(200);
  const asked: (string | undefined)[] = [];
  before(() => {
    listener = (request, response) => {
      asked.push(String(request.headers['accept-encoding']));
      const packed = /gzip/.test(request.headers['accept-encoding'] ?? '');
      const body = packed ? gzipSync(text) : Buffer.from(text);
      response.writeHead(200, {
        'Content-Length': body.length,
        ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
      });
      response.end(body);
    };
  });

  test('asks for gzip and unpacks it, unless the program asked for something itself', async () => {
    const compressing = await serving({ compression: true });
    const plain = await answerTo(compressing, `GET http://${authority()}/ HTTP/1.0\r\n\r\n`);
    assert.ok(plain.endsWith(text));
    assert.doesNotMatch(plain, /content-encoding|content-length/i);
    const own = await answerTo(
      compressing,
      `GET http://${authority()}/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
    );
    assert.match(own, /Content-Encoding: gzip/);
    const part = await answerTo(
      compressing,
      `GET http://${authority()}/ HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\nConnection: close\r\n\r\n`,
    );
    assert.doesNotMatch(part, /Content-Encoding/);
    assert.deepEqual(asked.splice(0), ['gzip', 'gzip', 'undefined']);
    await compressing.close();
    const front = await serving({});
    await answerTo(front, `GET http://${authority()}/ HTTP/1.0\r\n\r\n`);
    assert.deepEqual(asked, ['undefined']);
    await front.close();
  });
});

describe('probeResist', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-decoy-'));
  const page = join(folder, 'index.html');
  writeFileSync(page, '<h1>nothing here</h1>');
  after(() => rmSync(folder, { recursive: true }));

  const requests: readonly string[] = [
    'GET / HTTP/1.1\r\nHost: site.example\r\n',
    'GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n',
    'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n',
    'GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
  ];
  const CASES: readonly (readonly [title: string, option: () => string, expected: RegExp])[] = [
    ['code', () => 'code:404', /^HTTP\/1\.1 404 Not Found\r\n/],
    ['file', () => `file:${page}`, /^HTTP\/1\.1 200 OK\r\n[^]*text\/html[^]*<h1>nothing here<\/h1>$/],
    ['an absent file', () => `file:${folder}/absent`, /^HTTP\/1\.1 503 /],
    ['web', () => `web:${authority()}/decoy`, /^HTTP\/1\.1 200 OK\r\n[^]*<decoy for 127\.0\.0\.1:\d+>/],
    ['a dead page', () => 'web:127.0.0.1:1', /^HTTP\/1\.1 503 /],
    ['a dead host', () => 'host:127.0.0.1:1', /^HTTP\/1\.1 503 /],
  ];
  for (const [title, option, expected] of CASES) {
    test(`${title} answers whoever has no password, in every form of request`, async () => {
      listener = (request, response) => response.end(`<decoy for ${request.headers.host ?? ''}>`);
      const proxy = await serving({ probeResist: option(), header: { 'X-Mine': '1' } }, true);
      for (const request of requests) {
        const answer = await answerTo(proxy, `${request}\r\n`);
        assert.match(answer, expected, request);
        assert.doesNotMatch(answer, /proxy|X-Mine/i, request);
      }
      await proxy.close();
    });
  }

  test('host: another server answers, whatever is asked, with its own words', async () => {
    const seen: string[] = [];
    const web = await tcpPeer((socket) =>
      socket.on('data', (data: Buffer) => {
        seen.push(data.toString());
        socket.end('HTTP/1.1 405 Nope\r\nServer: nginx\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      }),
    );
    const proxy = await serving({ probeResist: `host:127.0.0.1:${web.address.port}` }, true);
    for (const request of requests) {
      const answer = await answerTo(proxy, `${request}Proxy-Authorization: Basic eDp5\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 405 Nope\r\nServer: nginx\r\n[^]*no$/, request);
    }
    assert.equal(seen.length, requests.length);
    assert.match(seen[0] ?? '', /^GET \/ HTTP\/1\.1\r\nHost: site\.example\r\n/);
    assert.match(seen[2] ?? '', /^CONNECT a\.example:443 HTTP\/1\.1\r\n/);
    assert.doesNotMatch(seen.join(''), /Proxy-Authorization/i);
    await proxy.close();
    await web.close();
  });

  test('a host to knock at, the right password and a wrong protocol', async () => {
    listener = (_, response) => response.end('<served>');
    const proxy = await serving({ probeResist: 'code:404', knock: 'open.example, Sesame.example' }, true);
    for (const start of [
      'CONNECT sesame.example:443',
      'GET http://open.example/',
      'GET http://OPEN.example:80/x',
    ])
      assert.match(await answerTo(proxy, `${start} HTTP/1.1\r\nHost: x\r\n\r\n`), /^HTTP\/1\.1 407 /, start);
    assert.match(await answerTo(proxy, 'GET / HTTP/1.1\r\nHost: open.example\r\n\r\n'), /^HTTP\/1\.1 404 /);
    const signed = `GET http://${authority()}/ HTTP/1.1\r\nHost: x\r\n${SIGNED}Connection: close\r\n\r\n`;
    assert.match(await answerTo(proxy, signed), /<served>/);
    for (const garbage of ['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n'])
      assert.equal(
        await answerTo(proxy, garbage),
        'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    await proxy.close();
  });

  test('what is no decoy is refused by the configuration', () => {
    for (const text of [
      'code:99',
      'code:abc',
      'code',
      'web:',
      'host:a',
      'host::80',
      'run:rm',
      'code:404 '.trim() + 'x',
    ])
      assert.equal(parseDecoy(text), null, text);
    assert.equal(httpHandler.options.safeParse({ probeResist: 'code:99' }).success, false);
    assert.equal(httpHandler.options.safeParse({ probeResist: '' }).success, true);
  });
});

describe('Upgrade', () => {
  let proxy: Front;
  before(async () => (proxy = await serving({})));
  after(() => proxy.close());

  test('a WebSocket goes through in both directions', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reporting = proxy.next();
    const socket = new WebSocket(`ws://${at}/chat?x=1`, { agent: new ThroughProxy(proxy, at) });
    await once(socket, 'open');
    for (const size of [5, 100_000]) {
      socket.send(Buffer.alloc(size, 'x'));
      const [data] = (await once(socket, 'message')) as [Buffer];
      assert.equal(data.length, size);
    }
    socket.close();
    await once(socket, 'close');
    const report = await reporting;
    assert.equal(await report.ended, null);
    assert.ok(report.counters.up > 100_000 && report.counters.down > 100_000);
    for (const client of server.clients) client.terminate();
    server.close();
  });

  const asks = (at: string, more = ''): string =>
    `GET http://${at}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: demo\r\nHTTP2-Settings: AA\r\n${more}\r\n`;

  test('in every split, with bytes of both sides behind the heads', async () => {
    const target = await tcpPeer((socket) =>
      socket.once('data', (head: Buffer) => {
        assert.match(head.toString(), /\r\nConnection: Upgrade\r\nUpgrade: demo\r\n\r\n$/);
        assert.doesNotMatch(head.toString(), /HTTP2-Settings/);
        socket.write('HTTP/1.1 101 Fine\r\nConnection: upgrade\r\nUpgrade: DEMO\r\nX-More: 1\r\n\r\nhello ');
        socket.pipe(socket);
      }),
    );
    const at = `127.0.0.1:${target.address.port}`;
    for (const pieces of everySplit(Buffer.from(`${asks(at)}early`))) {
      const socket = await open(proxy.address);
      await writePieces(socket, pieces);
      const expected =
        'HTTP/1.1 101 Fine\r\nX-More: 1\r\nConnection: Upgrade\r\nUpgrade: DEMO\r\n\r\nhello early';
      assert.equal((await take(socket, expected.length)).toString(), expected);
      socket.end('late');
      assert.equal((await rest(socket)).bytes.toString(), 'late');
    }
    await target.close();
  });

  test('a server that does not want to answers as itself, and its answer is the end', async () => {
    listener = (request, response) => {
      response.writeHead(426, { Upgrade: 'other', 'X-Seen': request.headers.upgrade ?? '' });
      response.end('no');
    };
    const answer = await answerTo(proxy, asks(authority()));
    assert.match(answer, /^HTTP\/1\.1 426 [^]*X-Seen: demo\r\n[^]*Connection: close\r\n\r\nno$/);
    assert.doesNotMatch(answer, /\r\nUpgrade:/);
  });

  test('a protocol nobody asked for and a dead server are 502', async () => {
    const rude = await tcpPeer((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: evil\r\n\r\n'),
      ),
    );
    assert.match(await answerTo(proxy, asks(`127.0.0.1:${rude.address.port}`)), /^HTTP\/1\.1 502 /);
    await rude.close();
    assert.match(await answerTo(proxy, asks('127.0.0.1:1')), /^HTTP\/1\.1 502 /);
    const failing = await front({
      handle: (conn, session) =>
        new HttpFront({
          router: routerOver({
            connect: () => Promise.reject(new ProxyError('not_allowed', { target: 'a' })),
          }),
          auth: null,
          options: httpHandler.options.parse({}),
        }).serve(conn, session, 15_000),
    });
    assert.match(await answerTo(failing, asks('a:80')), /^HTTP\/1\.1 403 /);
    await failing.close();
  });

  test('a request with a body is framed by its length and not a tunnel: nothing can be smuggled behind it', async () => {
    const seen: string[] = [];
    listener = (request: IncomingMessage, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push(`${request.method ?? ''} ${request.url ?? ''} ${String(request.headers.upgrade)} ${body}`);
        response.end(`<${body}>`);
      });
    };
    const at = authority();
    const post = asks(at, 'Content-Length: 5\r\n').replace('GET', 'POST');
    const next = `GET http://${at}/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    const answer = await answerTo(proxy, `${post}12345${next}`);
    assert.deepEqual(seen, ['POST / undefined 12345', 'GET /next undefined ']);
    assert.match(answer, /<12345>[^]*HTTP\/1\.1 200 /);
  });

  test('aborts with the client, and needs the password like everything else', async () => {
    const silent = await tcpPeer(() => undefined);
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(asks(`127.0.0.1:${silent.address.port}`));
    const report = await reporting;
    while (report.routed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    assert.equal((await report.ended)?.code, 'client_gone');
    await silent.close();
    const locked = await serving({}, true);
    assert.match(await answerTo(locked, asks(authority())), /^HTTP\/1\.1 407 [^]*Proxy-Authenticate/);
    await locked.close();
  });
});

/** Asks a proxy in absolute form, as programs do for plain ws: addresses when a proxy is set for http:. */
class ThroughProxy extends Agent {
  constructor(proxy: Front, at: string) {
    super();
    Object.assign(this, {
      addRequest: (request: ClientRequest) => {
        request.path = `http://${at}${request.path}`;
        void open(proxy.address).then((socket) => request.onSocket(socket));
      },
    });
  }
}
