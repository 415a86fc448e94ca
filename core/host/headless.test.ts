// The server as strangers and pages meet it: raw requests, because a browser or fetch would not send half of these. Long because the checks
// E30-E45 stand together over the same few raw helpers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import type { ToWindow } from '../contract/api.ts';
import { createLog, type LogEntry } from '../log.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { rest } from '../testing/stream.ts';
import { cookieName } from './gate.ts';
import { Feed, type Source } from './feed.ts';
import { serveHeadless, type Headless, type HeadlessOptions } from './headless.ts';
import { PIPE_LIMITS, type PipeLimits } from './ws-pipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'sockeye-headless-'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>window</title>');

const entries: LogEntry[] = [];
const log = createLog('debug', (entry) => entries.push(entry));
const big = 'x'.repeat(4 << 20);
const changes = Feed.of(() => [big] as never);
const never: Source<never> = () => ({ ack: () => undefined, stop: () => undefined });
const events = {
  stats: never,
  services: never,
  config: never,
  problems: changes.subscribe,
  log: never,
  runs: never,
};
const api: HeadlessOptions['api'] = {
  events,
  call: (name, arg) => Promise.resolve({ ok: true, value: name === 'config.text' ? big : [name, arg] }),
};

const servers: Headless[] = [];
async function start(limits: Partial<PipeLimits> = {}): Promise<Headless> {
  const server = await serveHeadless({
    address: { host: '127.0.0.1', port: 0 },
    folder,
    api,
    log,
    limits: { ...PIPE_LIMITS, ...limits },
  });
  servers.push(server);
  return server;
}

const baseline = liveResources();
let main: Headless;
let cookie = '';
before(async () => {
  main = await start();
  cookie = await signIn(main);
});
after(async () => {
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
  await assertNoLeaks(baseline);
});

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly raw: string;
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(server: Headless, text: string): Promise<Answer> {
  const socket = connect(server.address);
  socket.on('error', () => undefined);
  socket.write(text);
  const { bytes } = await rest(socket);
  const all = bytes.toString();
  const [head = '', ...body] = all.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: body.join('\r\n\r\n'), raw: all };
}

function ask(
  server: Headless,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const all = { Host: hostOf(server), Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return raw(server, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

const hostOf = (server: Headless): string => `127.0.0.1:${server.address.port}`;

async function signIn(server: Headless): Promise<string> {
  const { pathname, search } = new URL(server.link);
  const { headers } = await ask(server, pathname + search);
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

function open(server: Headless, headers: Record<string, string | undefined> = {}, path = '/ws'): WebSocket {
  const all: Record<string, string | undefined> = {
    Origin: `http://${hostOf(server)}`,
    Cookie: cookie,
    ...headers,
  };
  const sent = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return new WebSocket(`ws://${hostOf(server)}${path}`, { headers: sent, perMessageDeflate: true });
}

/** Resolves with the status the upgrade was refused with. */
async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as unknown[];
  const status =
    typeof response === 'object' && response !== null && 'statusCode' in response ? response.statusCode : 0;
  socket.terminate();
  return Number(status);
}

/** Resolves when the server ended the connection. */
async function ended(socket: WebSocket): Promise<void> {
  socket.on('error', () => undefined);
  if (socket.readyState !== socket.CLOSED) await once(socket, 'close');
}

test('everything that is not signed in gets the same short 403', async () => {
  const host = hostOf(main);
  const answers = await Promise.all([
    ask(main, '/'),
    ask(main, '/index.html'),
    ask(main, '/nothing'),
    ask(main, '/ws'),
    ask(main, '/', { Host: `evil.test:${main.address.port}` }),
    ask(main, '/', { Host: `evil.test:${main.address.port}`, Cookie: cookie }),
    ask(main, '/', { Host: '127.0.0.1', Cookie: cookie }),
    ask(main, '/?once='),
    ask(main, '/?once=undefined'),
    ask(main, '/?once=a&once=b'),
    ask(main, '/?once[]=a'),
    ask(main, '/', { Cookie: `${cookieName(main.address.port)}=wrong` }),
    ask(main, '/', { Authorization: 'Bearer x' }),
    ask(main, '/', {}, 'OPTIONS'),
    ask(main, '/', { Origin: 'http://evil.test', 'Access-Control-Request-Method': 'POST' }, 'OPTIONS'),
    ask(main, '/', { Cookie: cookie, 'Content-Length': '0' }, 'POST'),
    ask(main, '/', { Cookie: cookie }, 'DELETE'),
    ask(main, '/ws', { Upgrade: 'websocket', Connection: 'Upgrade', Origin: `http://${host}` }),
    raw(main, `GET / HTTP/1.0\r\n\r\n`),
    raw(main, 'nonsense\r\n\r\n'),
    raw(main, `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'a'.repeat(9000)}\r\n\r\n`),
  ]);
  const plain = ({ status, headers, body }: Answer): unknown => {
    const kept = [...headers].filter(([name]) => name !== 'date').sort();
    return { status, body, headers: kept };
  };
  for (const answer of answers) assert.deepEqual(plain(answer), plain(answers[0]), answer.raw);
  const [first] = answers;
  assert.equal(first.status, 403);
  assert.doesNotMatch(first.raw, /sockeye|proxy|access-control/i);
});

test('an answer to a HEAD that is not signed in has the same headers and no body', async () => {
  const { status, body } = await ask(main, '/', {}, 'HEAD');
  assert.deepEqual([status, body], [403, '']);
});

test('the one-time link sets a cookie once and leaves no secret in an address', async () => {
  const server = await start();
  const { pathname, search } = new URL(server.link);
  const speculative = await ask(server, pathname + search, { 'Sec-Purpose': 'prefetch' });
  assert.equal(speculative.status, 403, 'loading ahead of a click does not use it up');
  assert.equal((await ask(server, pathname + search, {}, 'HEAD')).status, 403);
  const first = await ask(server, pathname + search);
  assert.equal(first.status, 200);
  assert.match(
    first.headers.get('set-cookie') ?? '',
    /^session-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
  );
  assert.equal(first.headers.get('referrer-policy'), 'no-referrer');
  assert.doesNotMatch(first.body, /once/);
  assert.equal((await ask(server, pathname + search)).status, 403);
  const own = { Cookie: first.headers.get('set-cookie')?.split(';')[0] ?? '' };
  const again = await ask(server, pathname + search, own);
  assert.deepEqual(
    [again.status, again.headers.get('set-cookie')],
    [200, undefined],
    'the browser that used it may reload',
  );
  assert.equal((await ask(server, '/', own)).status, 200);
  assert.doesNotMatch(JSON.stringify(entries), new RegExp(search.slice('?once='.length)));
});

test('a hundred wrong secrets lock nobody out', async () => {
  const server = await start();
  const wrong = await Promise.all(Array.from({ length: 100 }, (_, at) => ask(server, `/?once=${at}`)));
  assert.ok(wrong.every(({ status }) => status === 403));
  assert.notEqual(await signIn(server), '');
});

test('signed in: files from the list with the security headers, else 404', async () => {
  const page = await ask(main, '/', { Cookie: cookie });
  assert.equal(page.status, 200);
  assert.equal(page.body, '<!doctype html><title>window</title>');
  const expected = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(page.headers.get(name), value, name);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, new RegExp(`connect-src 'self' ws://${hostOf(main)};`));
  assert.doesNotMatch(policy, /unsafe/);
  for (const path of [
    '/..%2f..%2fetc/passwd',
    '//etc/passwd',
    '/%00',
    '/index.html%00',
    `/${'a'.repeat(4000)}`,
    '/../index.html',
  ])
    assert.equal((await ask(main, path, { Cookie: cookie })).status, 404, path.slice(0, 30));
});

test('a WebSocket needs the right path, Host, Origin and cookie', async () => {
  const port = main.address.port;
  const refused: Record<string, string | undefined>[] = [
    { Origin: undefined },
    { Origin: 'null' },
    { Origin: 'http://evil.test' },
    { Origin: `https://127.0.0.1:${port}` },
    { Origin: `http://localhost:${port}` },
    { Host: `evil.test:${port}`, Origin: `http://evil.test:${port}` },
    { Cookie: undefined },
    { Cookie: `${cookieName(port)}=wrong` },
  ];
  for (const headers of refused)
    assert.equal(await refusal(open(main, headers)), 403, JSON.stringify(headers));
  for (const path of ['/', '/ws/', '/ws?x=1', '/other'])
    assert.equal(await refusal(open(main, {}, path)), 403, path);
});

test('calls and events travel over it, uncompressed', async () => {
  const socket = open(main);
  await once(socket, 'open');
  assert.equal(socket.extensions, '');
  socket.send(JSON.stringify({ t: 'call', id: 7, name: 'app.info', arg: null }));
  const [data] = (await once(socket, 'message')) as unknown[];
  const reply: ToWindow = JSON.parse(String(data)) as ToWindow;
  assert.deepEqual(reply, { t: 'reply', id: 7, reply: { ok: true, value: ['app.info', null] } });
  socket.close();
  await ended(socket);
});

test('a message over 4 MiB, a binary one and a flood each end their connection and no other', async () => {
  const bystander = open(main);
  await once(bystander, 'open');
  const tricks: ((socket: WebSocket) => void)[] = [
    (socket) => socket.send('x'.repeat((4 << 20) + 1)),
    (socket) => socket.send(Buffer.from('{}')),
    (socket) => {
      for (let at = 0; at < 2 * PIPE_LIMITS.burst; at += 1) socket.send('{"t":"ack","name":"stats"}');
    },
    (socket) => {
      for (let at = 0; at <= PIPE_LIMITS.misfits; at += 1) socket.send('[[[[');
    },
    (socket) => {
      for (let at = 0; at <= PIPE_LIMITS.misfits; at += 1) socket.send('{"t":"__proto__"}');
    },
  ];
  for (const trick of tricks) {
    const socket = open(main);
    await once(socket, 'open');
    trick(socket);
    await ended(socket);
  }
  bystander.send(JSON.stringify({ t: 'call', id: 1, name: 'app.info', arg: null }));
  await once(bystander, 'message');
  bystander.close();
  await ended(bystander);
});

/** A page that opens the WebSocket by hand and then never reads. */
async function deaf(server: Headless, messages: readonly unknown[]): Promise<Socket> {
  const socket = connect(server.address);
  socket.on('error', () => undefined);
  const host = hostOf(server);
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nCookie: ${await signIn(server)}\r\n` +
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await once(socket, 'readable');
  assert.match(String(socket.read()), /^HTTP\/1\.1 101 /);
  socket.pause();
  for (const message of messages) socket.write(frame(JSON.stringify(message)));
  return socket;
}

/** A masked text frame (mask zero) of up to 65,535 bytes. */
function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const length = Buffer.from([0xfe, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([0x81]), length, Buffer.alloc(4), body]);
}

test('a page that does not read is dropped, and nothing is queued for it meanwhile', async () => {
  const server = await start({ waitingBytes: 8 << 20 });
  const refusals = entries.length;
  const calls = Array.from({ length: 20 }, (_, id) => ({ t: 'call', id, name: 'config.text', arg: null }));
  const socket = await deaf(server, calls);
  await waitFor(() =>
    entries
      .slice(refusals)
      .some(({ event, fields }) => event === 'window_cut_off' && fields['why'] === 'it does not read'),
  );
  socket.destroy();
});

test('a page that is subscribed and does not read gets one event, then a ping it does not answer, then nothing', async () => {
  const server = await start({ pingMs: 50 });
  const refusals = entries.length;
  const socket = await deaf(server, [{ t: 'subscribe', name: 'problems' }]);
  const changing = setInterval(() => changes.changed(), 5);
  await waitFor(() =>
    entries
      .slice(refusals)
      .some(({ event, fields }) => event === 'window_cut_off' && fields['why'] === 'no answer to a ping'),
  );
  clearInterval(changing);
  socket.destroy();
});

test('half a request is not waited for', { timeout: 20_000 }, async () => {
  const started = performance.now();
  const silent = connect(main.address);
  const slow = connect(main.address);
  slow.write('GET /ws HTTP/1.1\r\nHost: ');
  await Promise.all([rest(silent), rest(slow)]);
  assert.ok(performance.now() - started < 10_000);
});

test('the port is bound to loopback and said to be taken when it is', async () => {
  assert.equal(main.address.host, '127.0.0.1');
  assert.deepEqual(main.own, [main.address]);
  await assert.rejects(
    serveHeadless({ address: main.address, folder, api, log }),
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'port_in_use',
  );
});

test('another address is served with a warning, and all its addresses are known as our own', async () => {
  const server = await serveHeadless({ address: { host: '0.0.0.0', port: 0 }, folder, api, log });
  servers.push(server);
  assert.equal(entries.at(-1)?.event, 'window_exposed');
  assert.ok(server.own.some(({ host }) => host === '127.0.0.1'));
  assert.match(server.link, /^http:\/\/127\.0\.0\.1:\d+\/\?once=/);
});

/** Polls a fact about the other side that tells of itself in no other way; the test's own timeout is the limit. */
async function waitFor(fact: () => boolean): Promise<void> {
  while (!fact()) await new Promise((resolve) => setTimeout(resolve, 10));
}
