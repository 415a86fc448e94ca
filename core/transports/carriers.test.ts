/** Every carrier against itself: the listener and the dialer of one name, over real sockets. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { catalog } from '../catalog.ts';
import type { Stage } from '../contract/stage.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Address, Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { watchStages } from '../net/stages.ts';
import type { Dialer, ListenerSink } from '../roles.ts';
import { NO_CLIENT_TLS } from './tls.ts';
import { rerouted } from '../chains/route.ts';

const NAMES = ['tcp', 'tls', 'ws', 'wss', 'mtcp', 'mtls', 'mws', 'mwss', 'h2', 'h2c', 'grpc'] as const;
/** gRPC has no end of the client's side that a server could still answer after, in GOST. */
const UNVERIFIED = { ...NO_CLIENT_TLS, secure: false };
const AT: Address = { host: '127.0.0.1', port: 0 };
const never = new AbortController().signal;
const STAGES: Readonly<Record<(typeof NAMES)[number], readonly Stage[]>> = {
  tcp: ['connect'],
  tls: ['connect', 'tls'],
  ws: ['connect', 'transport'],
  wss: ['connect', 'tls', 'transport'],
  mtcp: ['connect'],
  mtls: ['connect', 'tls'],
  mws: ['connect', 'transport'],
  mwss: ['connect', 'tls', 'transport'],
  h2: ['connect', 'tls', 'transport'],
  h2c: ['connect', 'transport'],
  grpc: ['connect', 'tls', 'transport'],
};

interface Pair {
  readonly at: Address;
  readonly dialer: Dialer;
  readonly end: () => Promise<void>;
}

/** Listener and dialer of one type; every accepted stream goes to `serve`. */
async function pair(
  type: string,
  serve: (conn: Conn) => void,
  metadata: Record<string, unknown> = {},
): Promise<Pair> {
  const listening = find(catalog.listeners, type);
  const dialling = find(catalog.dialers, type);
  const stop = new AbortController();
  const sink: ListenerSink = {
    admits: () => true,
    conn: (conn) => serve(conn.on('error', () => undefined)),
    packets: () => undefined,
  };
  const listener = listening.create(parse(listening.options, metadata), {
    name: type,
    address: AT,
    tls: null,
    route: () => Promise.resolve(directRoute()),
    state: null,
    log: silentLog,
  });
  const bound = await listener.listen(sink, stop.signal);
  const dialer = dialling.create(parse(dialling.options, metadata), {
    node: 'node',
    tls: UNVERIFIED,
    auth: null,
    state: null,
    log: silentLog,
  });
  return {
    at: bound.addresses[0] ?? AT,
    dialer,
    end: async () => {
      await dialer.close?.();
      stop.abort();
      assert.equal(await bound.closed, null);
    },
  };
}

function find<T extends { readonly type: string }>(list: readonly T[], type: string): T {
  const found = list.find((definition) => definition.type === type);
  assert.ok(found !== undefined, `${type} is in the catalog`);
  return found;
}

/** Options of a definition out of plain values; the union of all schemas is not worth its type here. */
function parse(schema: z.ZodObject, values: Record<string, unknown>): never {
  const known = Object.fromEntries(Object.entries(values).filter(([key]) => key in schema.shape));
  return schema.parse(known) as never; // what the schema itself has just produced
}

/** Everything until the end. */
async function drain(conn: Conn): Promise<Buffer> {
  const chunks: Buffer[] = [];
  conn.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  if (!conn.readableEnded) await once(conn, 'end');
  return Buffer.concat(chunks);
}

for (const type of NAMES) {
  describe(type, () => {
    test('carries bytes both ways and the end of each side by itself', { timeout: 10_000 }, async () => {
      const { at, dialer, end } = await pair(type, (conn) => {
        void drain(conn).then((data) => conn.end(createHash('sha256').update(data).digest('hex')));
      });
      const conn = await dialer.dial(at, directRoute(), never);
      const data = randomBytes(1_500_000);
      conn.end(data);
      assert.equal((await drain(conn)).toString(), createHash('sha256').update(data).digest('hex'));
      conn.destroy();
      await end();
    });

    test('tells whoever watches the stages of reaching the proxy', { timeout: 10_000 }, async () => {
      const { at, dialer, end } = await pair(type, (conn) => conn.end());
      const stages: Stage[] = [];
      const { signal } = new AbortController();
      const watch = (stage: Stage): void => {
        if (stages.at(-1) !== stage) stages.push(stage);
      };
      watchStages(signal, { stage: watch });
      const conn = await dialer.dial(at, directRoute(), signal);
      assert.deepEqual(stages, STAGES[type]);
      conn.destroy();
      await end();
    });

    test('lets the serving side speak first', { timeout: 10_000 }, async () => {
      const { at, dialer, end } = await pair(type, (conn) => conn.end('220 welcome\r\n'));
      const conn = await dialer.dial(at, directRoute(), never);
      assert.equal((await drain(conn)).toString(), '220 welcome\r\n');
      conn.destroy();
      await end();
    });

    test('carries 50 streams side by side', { timeout: 10_000 }, async () => {
      const { at, dialer, end } = await pair(type, (conn) => conn.pipe(conn));
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const conn = await dialer.dial(at, directRoute(), never);
          const data = Buffer.alloc(10_000 + index, index);
          conn.end(data);
          assert.deepEqual(await drain(conn), data);
          conn.destroy();
        }),
      );
      await end();
    });

    test('tells the serving side of an abrupt end', { timeout: 10_000 }, async () => {
      let seen: (closed: Promise<unknown>) => void = () => undefined;
      const closed = new Promise<Promise<unknown>>((resolve) => (seen = resolve));
      const { at, dialer, end } = await pair(type, (conn) => {
        conn.resume();
        conn.write('x');
        // smux tells no more than FIN: its streams end, everything else is closed
        seen(new Promise((resolve) => conn.once('close', resolve).once('end', resolve)));
      });
      const conn = await dialer.dial(at, directRoute(), never);
      conn.on('error', () => undefined);
      await once(conn.resume(), 'data');
      conn.destroy();
      const ended = await closed;
      await ended;
      await end();
    });

    test(
      'a client that only connects does not keep the listener from stopping',
      { timeout: 10_000 },
      async () => {
        const { at, end } = await pair(type, () => undefined);
        const silent = connect(at.port, at.host).on('error', () => undefined);
        await once(silent, 'connect');
        await end();
        silent.destroy();
      },
    );
  });
}

describe('carriers that share a session', () => {
  for (const type of ['mtcp', 'mws', 'h2c'] as const) {
    test(`${type} makes a new session after the old one has gone`, { timeout: 20_000 }, async () => {
      const accepted: Conn[] = [];
      const first = await pair(type, (conn) => {
        accepted.push(conn);
        conn.pipe(conn);
      });
      const route = directRoute();
      const opened: Conn[] = [];
      const counting = rerouted(route, {
        connect: async (dst: Address, signal: AbortSignal) => (
          opened.push(await route.connect(dst, signal)),
          opened.at(-1) as Conn
        ),
      });
      const one = await first.dialer.dial(first.at, counting, never);
      const two = await first.dialer.dial(first.at, counting, never);
      one.write('a');
      two.write('b');
      await Promise.all([once(one, 'data'), once(two, 'data')]);
      assert.equal(opened.length, 1, 'two streams share one connection');
      for (const conn of [one, two]) conn.on('error', () => undefined);
      opened[0]?.destroy();
      await Promise.all(
        [one, two].map(
          (conn) => new Promise<void>((resolve) => (conn.closed ? resolve() : conn.once('close', resolve))),
        ),
      );
      const three = await first.dialer.dial(first.at, counting, never);
      three.write('c');
      assert.equal(String((await once(three, 'data'))[0]), 'c');
      assert.equal(opened.length, 2);
      three.destroy();
      await first.end();
    });
  }
});

describe('WebSocket listener', () => {
  test(
    'refuses web pages of foreign origins, other paths and plain requests',
    { timeout: 10_000 },
    async () => {
      const { at, end } = await pair('ws', (conn) => conn.end('never'));
      const upgrade = [
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ];
      assert.match(await answer(at, '/ws', [...upgrade, 'Origin: https://evil.example']), /^HTTP\/1\.1 403 /);
      assert.match(await answer(at, '/else', upgrade), /^HTTP\/1\.1 404 /);
      assert.match(await answer(at, '/ws', []), /^HTTP\/1\.1 400 /);
      assert.match(await answer(at, '/ws', upgrade.slice(0, 3)), /^HTTP\/1\.1 400 /);
      await end();
    },
  );

  test('a dialer that asks for another path says what the server answered', { timeout: 10_000 }, async () => {
    const { at, end } = await pair('ws', () => undefined);
    const dialing = find(catalog.dialers, 'ws');
    const dialer = dialing.create(parse(dialing.options, { path: '/other' }), {
      node: 'node',
      tls: null,
      auth: null,
      state: null,
      log: silentLog,
    });
    await assert.rejects(dialer.dial(at, directRoute(), never), (error: unknown) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, 'hop_protocol');
      assert.match(error.message, /404/);
      return true;
    });
    await end();
  });

  test('compression is agreed on and carries bytes', { timeout: 10_000 }, async () => {
    const { at, dialer, end } = await pair('ws', (conn) => conn.pipe(conn), { enableCompression: true });
    const conn = await dialer.dial(at, directRoute(), never);
    const data = Buffer.alloc(300_000, 'compressible ');
    conn.end(data);
    assert.deepEqual(await drain(conn), data);
    conn.destroy();
    await end();
  });
});

describe('TLS carriers', () => {
  for (const type of ['tls', 'wss', 'mtls', 'h2', 'grpc'] as const) {
    test(
      `${type} refuses a certificate nobody vouches for unless told otherwise`,
      { timeout: 10_000 },
      async () => {
        const { at, end } = await pair(type, (conn) => conn.end('never'));
        const dialling = find(catalog.dialers, type);
        const dialer = dialling.create(parse(dialling.options, {}), {
          node: 'node',
          tls: null,
          auth: null,
          state: null,
          log: silentLog,
        });
        await assert.rejects(dialer.dial(at, directRoute(), never), { code: 'tls' });
        await dialer.close?.();
        await end();
      },
    );
  }
});

/** The first bytes of the answer to a raw request. */
async function answer(at: Address, path: string, headers: readonly string[]): Promise<string> {
  const socket = connect(at.port, at.host).on('error', () => undefined);
  socket.write([`GET ${path} HTTP/1.1`, `Host: ${at.host}:${at.port}`, ...headers, '', ''].join('\r\n'));
  const [data] = (await once(socket, 'data')) as [Buffer]; // node:events types no arguments
  socket.destroy();
  return String(data);
}
