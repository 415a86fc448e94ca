/** Peers that vanish without a word: everything still looks connected, nothing comes any more. Whoever shares such a session must hear of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as z from 'zod';
import { catalog } from '../catalog.ts';
import { silentLog } from '../log.ts';
import type { Address, Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import type { Dialer, ListenerSink } from '../roles.ts';
import { tcpPeer, type TcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { grpcClient } from './grpc-client.ts';
import { GRPC_PATH } from './grpc.ts';
import { answers, h2Client, h2Session } from './h2.ts';
import type { PooledSession } from './pool.ts';

const never = new AbortController().signal;
const SOON = { timeout: 10_000 };
const MUX = { 'mux.keepaliveInterval': 100, 'mux.keepaliveTimeout': 300 };
const PING = { keepalive: true, ttl: 100 };

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

/** A relay that can stop carrying what it carries, as a router does that lost its table. New connections are fine. */
interface Hole extends TcpPeer {
  swallow(): void;
}

async function blackHole(to: Address): Promise<Hole> {
  const carried = new Set<readonly [Socket, Socket]>();
  const outgoing = new Set<Socket>();
  const peer = await tcpPeer((near) => {
    const far = connect({ ...to, noDelay: true }).on('error', () => undefined);
    outgoing.add(far);
    carried.add([near, far]);
    near.pipe(far);
    far.pipe(near);
  });
  return {
    address: peer.address,
    get accepted() {
      return peer.accepted;
    },
    swallow: () => {
      for (const [near, far] of carried) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
      carried.clear();
    },
    close: async () => {
      for (const socket of outgoing) socket.destroy();
      await peer.close();
    },
  };
}

/** A stream of `session` ends, and the session with it, once the other side has vanished. */
async function endsWith(session: PooledSession, hole: Hole): Promise<void> {
  const stream = await session.open(never);
  await echoes(stream);
  const over = closed(stream);
  hole.swallow();
  await over;
  assert.equal(session.usable, false);
  session.close();
}

interface Both {
  readonly hole: Hole;
  readonly dialer: Dialer;
  /** Ends of the streams that the listening side had, in order. */
  readonly ended: Promise<unknown>[];
  readonly end: () => Promise<void>;
}

/** An echo behind the listener of a carrier, and its dialer in front of the hole. */
async function both(
  type: string,
  options: Record<string, unknown>,
  listen: Record<string, unknown> = {},
): Promise<Both> {
  const listening = catalog.listeners.find((one) => one.type === type);
  const dialing = catalog.dialers.find((one) => one.type === type);
  assert.ok(listening !== undefined && dialing !== undefined);
  const stop = new AbortController();
  const ended: Promise<unknown>[] = [];
  const sink: ListenerSink = {
    admits: () => true,
    packets: () => undefined,
    conn: (conn) => {
      conn.on('error', () => undefined);
      ended.push(new Promise((resolve) => conn.once('close', resolve)));
      conn.pipe(conn);
    },
  };
  const at = { host: '127.0.0.1', port: 0 };
  const route = (): Promise<never> => Promise.reject(new Error('not needed'));
  const listener = listening.create(parse(listening.options, listen), {
    name: type,
    address: at,
    tls: null,
    route,
    state: null,
    log: silentLog,
  });
  const bound = await listener.listen(sink, stop.signal);
  const hole = await blackHole(bound.addresses[0] ?? at);
  const dialer = dialing.create(parse(dialing.options, options), {
    node: 'node',
    tls: null,
    auth: null,
    state: null,
    log: silentLog,
  });
  return {
    hole,
    dialer,
    ended,
    end: async () => {
      await dialer.close?.();
      stop.abort();
      await bound.closed;
      await hole.close();
    },
  };
}

/** Options of a definition out of plain values; the union of all schemas is not worth its type here. */
function parse(schema: z.ZodObject, values: Record<string, unknown>): never {
  return schema.parse(values) as never;
}

async function echoes(conn: Conn): Promise<void> {
  const back = once(conn, 'data');
  conn.write('?');
  assert.equal(String((await back)[0]), '?');
}

function closed(conn: Conn): Promise<unknown> {
  conn.on('error', () => undefined);
  return new Promise((resolve) => conn.once('close', resolve));
}

describe('a server that vanished', () => {
  for (const [type, options] of [
    ['mtcp', MUX],
    ['mws', MUX],
    ['ws', PING],
    ['mws', { ...PING, 'mux.keepaliveDisabled': true }],
  ] as const) {
    test(
      `${type} with ${Object.keys(options).join(', ')}: its streams end, the next one takes a new connection`,
      SOON,
      async () => {
        const { hole, dialer, end } = await both(type, options);
        const first = await dialer.dial(hole.address, directRoute(), never);
        await echoes(first);
        const over = closed(first);
        hole.swallow();
        await over;
        const second = await dialer.dial(hole.address, directRoute(), never);
        await echoes(second);
        assert.equal(hole.accepted, 2);
        second.destroy();
        await end();
      },
    );
  }

  test('h2c: its streams end by the second ping', SOON, async () => {
    const { hole, end } = await both('h2c', {});
    const options = { path: '', headers: {}, host: 'node', scheme: 'http', pingMs: 100 } as const;
    const below = await directRoute().connect(hole.address, never);
    const session = await h2Client(below, options, 'node', never);
    await endsWith(session, hole);
    await end();
  });

  test('grpc: a call that was idle ends, and the session with it', { timeout: 20_000 }, async () => {
    const { hole, end } = await both('grpc', {}, { insecure: true });
    const options = { host: 'node', path: GRPC_PATH, scheme: 'http', silenceMs: 100 } as const;
    const below = await directRoute().connect(hole.address, never);
    const session = await grpcClient(below, options, 'node', never);
    await endsWith(session, hole);
    await end();
  });

  test('grpc: a server that only listens is asked no more often than gRPC allows', SOON, async () => {
    const pings: number[] = [];
    const server = http2.createServer();
    const sessions: http2.ServerHttp2Session[] = [];
    server.on('session', (session: http2.ServerHttp2Session) => {
      sessions.push(session);
      session.on('ping', () => pings.push(performance.now()));
    });
    server.on(
      'stream',
      (stream: http2.ServerHttp2Stream) => void stream.on('error', () => undefined).resume(),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const at = server.address();
    assert.ok(at !== null && typeof at === 'object');
    const below = await directRoute().connect({ host: '127.0.0.1', port: at.port }, never);
    const options = { host: 'node', path: GRPC_PATH, scheme: 'http', silenceMs: 20 } as const;
    const session = await grpcClient(below, options, 'node', never);
    const stream = await session.open(never);
    stream.on('error', () => undefined);
    for (let count = 0; count < 30; count += 1) {
      stream.write('?');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(pings.length, 3, 'one that is free, two that are forgiven');
    assert.ok(session.usable);
    session.close();
    for (const one of sessions) one.destroy();
    server.close();
    await once(server, 'close');
  });

  test('a session that is asked before it is used says that it has ended', SOON, async () => {
    const { hole, end } = await both('h2c', {});
    const options = { path: '', headers: {}, host: 'node', scheme: 'http' } as const;
    const below = await directRoute().connect(hole.address, never);
    const session = await h2Session(below, options, 'node', never);
    await answers(session, 'node');
    hole.swallow();
    await assert.rejects(answers(session, 'node'), { code: 'hop_unreachable' });
    assert.ok(session.destroyed);
    below.destroy();
    await end();
  });
});

describe('a client that vanished', () => {
  for (const type of ['mtcp', 'mws'] as const) {
    test(`${type}: its streams end at the listener`, SOON, async () => {
      const { hole, dialer, ended, end } = await both(type, {}, MUX);
      const stream = await dialer.dial(hole.address, directRoute(), never);
      stream.on('error', () => undefined);
      await echoes(stream);
      hole.swallow();
      await ended[0];
      await end();
    });
  }
});
