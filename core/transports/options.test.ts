/** What is set on a carrier reaches the wire: options of WebSocket, HTTP/2, gRPC and smux, seen from the other end without our own code there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Address, Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { open, take } from '../testing/client.ts';
import { makeDialer, makeListener } from '../testing/conformance/carrier.ts';
import { tcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';

const SOON = { timeout: 10_000 };
const never = new AbortController().signal;
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

/** A listener of `type` whose streams go to `serve`. */
async function listening(
  type: string,
  options: object,
  serve: (conn: Conn) => void = (conn) => void conn.pipe(conn),
): Promise<{ at: Address; end: () => Promise<void> }> {
  const stop = new AbortController();
  const bound = await makeListener(type, { host: '127.0.0.1', port: 0 }, options).listen(
    {
      admits: () => true,
      conn: (conn) => serve(conn.on('error', () => undefined)),
      packets: () => undefined,
    },
    stop.signal,
  );
  const [at] = bound.addresses;
  assert.ok(at !== undefined);
  return {
    at,
    end: async () => {
      stop.abort();
      await bound.closed;
    },
  };
}

/** An HTTP head, as lines. */
async function head(socket: Socket): Promise<string[]> {
  let text = '';
  while (!text.includes('\r\n\r\n')) text += String(await take(socket, 1));
  return text.trim().split('\r\n');
}

describe('WebSocket', () => {
  for (const type of ['ws', 'mws']) {
    test(`the dialer of ${type} asks as it was told`, SOON, async () => {
      const heard: Promise<string[]>[] = [];
      const server = await tcpPeer((socket) => {
        heard.push(head(socket));
        void heard.at(-1)?.then(() => socket.end('HTTP/1.1 400 no\r\n\r\n'));
      });
      const ask = async (options: object): Promise<string[]> => {
        const dialer = makeDialer(type, options);
        await assert.rejects(dialer.dial(server.address, directRoute(), never), { code: 'hop_protocol' });
        await dialer.close?.();
        return (await heard.at(-1)) ?? [];
      };
      const plain = await ask({});
      const { host, port } = server.address;
      assert.equal(plain[0], 'GET /ws HTTP/1.1');
      assert.ok(plain.includes(`Host: ${host}:${port}`));
      assert.ok(!plain.some((line) => /^(sec-websocket-extensions|origin):/i.test(line)));
      const told = await ask({
        path: '/a?b=c',
        host: 'front.example',
        header: { 'X-Token': 't', 'User-Agent': 'curl/8' },
        enableCompression: true,
      });
      assert.equal(told[0], 'GET /a?b=c HTTP/1.1');
      assert.deepEqual(told.filter((line) => /^(host|x-token|user-agent):/i.test(line)).toSorted(), [
        'Host: front.example',
        'User-Agent: curl/8',
        'X-Token: t',
      ]);
      assert.ok(told.some((line) => line.startsWith('Sec-WebSocket-Extensions: permessage-deflate')));
      await server.close();
    });
  }

  test('the listener answers as it was told', SOON, async () => {
    const upgrade = async (
      options: object,
      path: string,
      more: readonly string[] = [],
    ): Promise<string[]> => {
      const { at, end } = await listening('ws', options);
      const socket = await open(at);
      const lines = [
        `GET ${path} HTTP/1.1`,
        'Host: x',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${KEY}`,
        'Sec-WebSocket-Extensions: permessage-deflate',
        ...more,
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      const answer = await head(socket);
      socket.destroy();
      await end();
      return answer;
    };
    const told = {
      path: '/a',
      header: { 'X-Served': 's' },
      enableCompression: true,
      origins: ['https://a.example'],
    };
    const yes = await upgrade(told, '/a', ['Origin: https://a.example']);
    assert.match(yes[0] ?? '', / 101 /);
    assert.ok(yes.includes('X-Served: s'));
    assert.ok(yes.some((line) => line.startsWith('Sec-WebSocket-Extensions: permessage-deflate')));
    assert.match((await upgrade(told, '/a', ['Origin: https://b.example']))[0] ?? '', / 403 /);
    assert.match((await upgrade(told, '/ws'))[0] ?? '', / 404 /);
    const plain = await upgrade({}, '/ws');
    assert.match(plain[0] ?? '', / 101 /);
    assert.ok(!plain.some((line) => line.startsWith('Sec-WebSocket-Extensions')));
  });
});

describe('HTTP/2', () => {
  /** What a dialer asks a plain HTTP/2 server. */
  async function asked(type: string, options: object): Promise<Record<string, unknown>> {
    const sessions: http2.ServerHttp2Session[] = [];
    const server = http2.createServer().listen(0, '127.0.0.1');
    server.on('session', (session) => sessions.push(session));
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const request = once(server, 'stream');
    const dialer = makeDialer(type, options);
    const opening = dialer.dial({ host: '127.0.0.1', port }, directRoute(), never);
    const [stream, headers] = (await request) as [http2.ServerHttp2Stream, Record<string, unknown>];
    stream.respond({ ':status': 200 });
    (await opening).on('error', () => undefined).destroy();
    await dialer.close?.();
    for (const session of sessions) session.destroy();
    server.close();
    await once(server, 'close');
    const named = Object.entries(headers).map(([key, value]) => [
      key,
      String(value).replace(`:${port}`, ':PORT'),
    ]);
    return Object.fromEntries(named) as Record<string, unknown>;
  }

  test('the dialer of h2c asks as it was told', SOON, async () => {
    const plain = await asked('h2c', {});
    assert.deepEqual(
      [plain[':method'], plain[':authority'], plain[':path']],
      ['CONNECT', '127.0.0.1:PORT', undefined],
    );
    const told = await asked('h2c', { path: '/p', host: 'front.example', header: { 'x-token': 't' } });
    assert.deepEqual(
      [told[':method'], told[':authority'], told[':path'], told['x-token']],
      ['GET', 'front.example', '/p', 't'],
    );
  });

  test('the dialer of gRPC asks as it was told', SOON, async () => {
    const plain = await asked('grpc', { insecure: true });
    assert.deepEqual([plain[':authority'], plain[':path']], ['127.0.0.1', '/GostTunel/Tunnel']);
    const told = await asked('grpc', { insecure: true, path: '/A/B', host: 'front.example' });
    assert.deepEqual([told[':authority'], told[':path']], ['front.example', '/A/B']);
  });

  test('the listeners answer as they were told', SOON, async () => {
    const answer = async (
      type: string,
      options: object,
      request: http2.OutgoingHttpHeaders,
    ): Promise<unknown[]> => {
      const { at, end } = await listening(type, options);
      const session = http2.connect(`http://${at.host}:${at.port}`);
      const stream = session.request(request, { endStream: false }).on('error', () => undefined);
      const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
      session.destroy();
      await once(session, 'close');
      await end();
      return [headers[':status'], headers['x-served'] ?? headers['grpc-status']];
    };
    const told = { path: '/p', header: { 'x-served': 's' } };
    assert.deepEqual(await answer('h2c', told, { ':method': 'GET', ':path': '/p' }), [200, 's']);
    assert.deepEqual(await answer('h2c', told, { ':method': 'GET', ':path': '/q' }), [400, undefined]);
    assert.deepEqual(await answer('h2c', {}, { ':method': 'CONNECT', ':authority': 'x' }), [200, undefined]);
    assert.deepEqual(await answer('h2c', {}, { ':method': 'GET', ':path': '/' }), [405, undefined]);
    const grpc = { insecure: true, path: '/A/B' };
    assert.deepEqual(await answer('grpc', grpc, { ':method': 'POST', ':path': '/A/B' }), [200, undefined]);
    assert.deepEqual(await answer('grpc', grpc, { ':method': 'POST', ':path': '/GostTunel/Tunnel' }), [
      200,
      '12',
    ]);
  });
});

describe('smux', () => {
  const SYN = 0;
  const PSH = 2;
  const NOP = 3;
  const UPD = 4;

  async function frame(socket: Socket): Promise<{ version: number; command: number; payload: Buffer }> {
    const header = await take(socket, 8);
    const length = header.readUInt16LE(2);
    const payload = length === 0 ? Buffer.alloc(0) : await take(socket, length);
    return { version: header.readUInt8(0), command: header.readUInt8(1), payload };
  }

  /** A dialled stream of mtcp, and the socket that its session is on. */
  async function session(options: object): Promise<{ conn: Conn; far: Socket; end: () => Promise<void> }> {
    const peers: Socket[] = [];
    const server = await tcpPeer((socket) => peers.push(socket));
    const dialer = makeDialer('mtcp', options);
    const conn = (await dialer.dial(server.address, directRoute(), never)).on('error', () => undefined);
    conn.write(Buffer.alloc(250, 'x'));
    while (peers[0] === undefined) await new Promise(setImmediate);
    const [far] = peers;
    return {
      conn,
      far,
      end: async () => {
        conn.destroy();
        await dialer.close?.();
        await server.close();
      },
    };
  }

  test('version and largest frame', SOON, async () => {
    for (const version of [1, 2]) {
      const { far, end } = await session({ 'mux.version': version, 'mux.maxFrameSize': 100 });
      const frames = [];
      for (let count = 0; count < 4; count += 1) frames.push(await frame(far));
      assert.deepEqual(
        frames.map((one) => [one.version, one.command, one.payload.length]),
        [SYN, PSH, PSH, PSH].map((command, at) => [version, command, [0, 100, 100, 50][at]]),
      );
      await end();
    }
  });

  test('keepalive: how often a frame comes, and when a silent peer is given up', SOON, async () => {
    const { conn, far, end } = await session({ 'mux.keepaliveInterval': 20, 'mux.keepaliveTimeout': 200 });
    const closed = new Promise((resolve) => conn.once('close', resolve));
    while ((await frame(far)).command !== NOP) continue;
    await closed;
    await end();
    const quiet = await session({
      'mux.keepaliveInterval': 20,
      'mux.keepaliveTimeout': 100,
      'mux.keepaliveDisabled': true,
    });
    for (const expected of [SYN, PSH]) assert.equal((await frame(quiet.far)).command, expected);
    const timed = setTimeout(() => quiet.conn.write('later'), 250);
    const next = await frame(quiet.far);
    clearTimeout(timed);
    assert.deepEqual([next.command, String(next.payload)], [PSH, 'later']);
    await quiet.end();
  });

  test('the window of a stream', SOON, async () => {
    const { conn, far, end } = await session({ 'mux.version': 2, 'mux.maxStreamBuffer': 12_345 });
    const header = await take(far, 8);
    const id = header.subarray(4);
    assert.equal((await frame(far)).command, PSH);
    conn.resume();
    far.write(Buffer.concat([Buffer.of(2, PSH, 1, 0), id, Buffer.from('x')]));
    const update = await frame(far);
    assert.deepEqual([update.command, update.payload.readUInt32LE(4)], [UPD, 12_345]);
    await end();
  });

  for (const type of ['mtcp', 'mws']) {
    test(`${type}: both ends take the version they are told`, SOON, async () => {
      for (const version of [1, 2]) {
        const { at, end } = await listening(type, { 'mux.version': version });
        const dialer = makeDialer(type, { 'mux.version': version });
        const conn = await dialer.dial(at, directRoute(), never);
        conn.write('echo');
        assert.equal(String((await once(conn, 'data'))[0]), 'echo');
        conn.destroy();
        await dialer.close?.();
        const other = makeDialer(type, { 'mux.version': 3 - version });
        const refused = (await other.dial(at, directRoute(), never)).on('error', () => undefined);
        const heard: Buffer[] = [];
        refused.on('data', (data: Buffer) => heard.push(data));
        refused.write('echo');
        await new Promise((resolve) => (refused.closed ? resolve(null) : refused.once('close', resolve)));
        assert.deepEqual(heard, []);
        await other.close?.();
        await end();
      }
    });
  }
});
