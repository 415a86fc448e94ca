/**
 * What every listener and every dialer of the catalog must do besides carrying bytes (core/transports/carriers.test.ts):
 * behave when it is refused, given up, resisted and stopped, and leave nothing behind.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from '../../errors.ts';
import type { Address, Conn } from '../../net/conn.ts';
import { directRoute } from '../../net/direct.ts';
import { Reader } from '../../net/reader.ts';
import { reset } from '../../net/reset.ts';
import type { Bound, Listener } from '../../roles.ts';
import { tcpPeer } from '../echo.ts';
import { assertNoLeaks, liveResources } from '../leaks.ts';
import { CARRIERS, makeDialer, makeListener } from './carrier.ts';

const LOOPBACK: Address = { host: '127.0.0.1', port: 0 };
const STOPPED = new ProxyError('stopping');
/** Nothing is said before the first byte of payload: such a dial ends when TCP has connected. */
const WITHOUT_HANDSHAKE: ReadonlySet<string> = new Set(['tcp', 'mtcp']);
const never = new AbortController().signal;
let resources: string[];

before(() => {
  resources = liveResources();
});
after(() => assertNoLeaks(resources));

interface Service {
  readonly at: Address;
  readonly conns: Conn[];
  readonly bound: Bound;
  stop(): Promise<void>;
}

/** A listener that echoes. */
async function serve(listener: Listener, admits: () => boolean = () => true): Promise<Service> {
  const stopping = new AbortController();
  const conns: Conn[] = [];
  const bound = await listener.listen(
    {
      admits,
      packets: () => assert.fail('a stream listener has no datagrams'),
      conn: (conn) => {
        conns.push(conn);
        conn.on('error', () => undefined);
        conn.pipe(conn);
      },
    },
    stopping.signal,
  );
  const [at] = bound.addresses;
  assert.ok(at !== undefined && at.port > 0, 'the real port is told');
  return {
    at,
    conns,
    bound,
    stop: async () => {
      stopping.abort(STOPPED);
      assert.equal(await bound.closed, null);
      for (const conn of conns) conn.destroy();
    },
  };
}

async function exchange(conn: Conn, text: string): Promise<void> {
  conn.on('error', () => undefined);
  conn.write(text);
  const reader = new Reader(conn);
  assert.equal(String(await reader.read(text.length)), text);
  reader.release();
}

async function rawConnection(at: Address): Promise<Socket> {
  const socket = connect(at.port, at.host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    socket.once('close', () => resolve());
    socket.resume();
  });
}

for (const type of CARRIERS) {
  describe(`listener ${type}`, { timeout: 20_000 }, () => {
    test('closes a client it may not admit before it says anything', async () => {
      const service = await serve(makeListener(type, LOOPBACK), () => false);
      const socket = await rawConnection(service.at);
      let bytes = 0;
      socket.on('data', (chunk) => (bytes += chunk.length));
      await closed(socket);
      assert.equal(bytes, 0);
      assert.equal(service.conns.length, 0);
      await service.stop();
    });

    test('says that its port is taken, and listens there once it is free', async () => {
      const first = await serve(makeListener(type, LOOPBACK));
      await assert.rejects(serve(makeListener(type, first.at)), { code: 'port_in_use' });
      await first.stop();
      const second = await serve(makeListener(type, first.at));
      assert.deepEqual(second.at, first.at);
      await second.stop();
    });

    test('says that an address is not one of this computer', async () => {
      const elsewhere = makeListener(type, { host: '203.0.113.1', port: 0 });
      await assert.rejects(serve(elsewhere), { code: 'address_unavailable' });
    });

    test('does not listen when it was stopped before', async () => {
      const stopped = new AbortController();
      stopped.abort(STOPPED);
      const sink = { admits: () => true, conn: () => assert.fail(), packets: () => assert.fail() };
      await assert.rejects(makeListener(type, LOOPBACK).listen(sink, stopped.signal), { code: 'stopping' });
    });

    test('serves others while and after clients send nonsense, hang up or reset', async () => {
      const service = await serve(makeListener(type, LOOPBACK));
      const sockets: Socket[] = [];
      for (let bytes = 0; bytes < 24; bytes += 1) {
        const socket = await rawConnection(service.at);
        sockets.push(socket);
        socket.write(randomBytes(bytes));
        if (bytes % 3 === 0) reset(socket);
        else if (bytes % 3 === 1) socket.end();
      }
      const dialer = makeDialer(type);
      const conn = await dialer.dial(service.at, directRoute(), never);
      await exchange(conn, 'still here');
      conn.destroy();
      for (const socket of sockets) socket.destroy();
      await dialer.close?.();
      await service.stop();
    });

    test('lets accepted streams live when it stops', async () => {
      const stopping = new AbortController();
      const accepted: Conn[] = [];
      const bound = await makeListener(type, LOOPBACK).listen(
        {
          admits: () => true,
          packets: () => undefined,
          conn: (conn) => accepted.push(conn.on('error', () => undefined)),
        },
        stopping.signal,
      );
      const dialer = makeDialer(type);
      const conn = await dialer.dial(bound.addresses[0] ?? LOOPBACK, directRoute(), never);
      conn.on('error', () => undefined);
      conn.write('a');
      while (accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
      stopping.abort(STOPPED);
      await bound.closed;
      const [stream] = accepted;
      assert.ok(stream !== undefined);
      stream.pipe(stream);
      conn.write('bcd');
      assert.equal(String(await new Reader(conn).read(4)), 'abcd');
      conn.destroy();
      stream.destroy();
      await dialer.close?.();
    });
  });

  describe(`dialer ${type}`, { timeout: 20_000 }, () => {
    test('says that a port refuses', async () => {
      const peer = await tcpPeer(() => undefined);
      await peer.close();
      await assert.rejects(makeDialer(type).dial(peer.address, directRoute(), never), { code: 'refused' });
    });

    test('given up before or during its handshake it leaves no socket', async () => {
      const resourcesBefore = liveResources();
      const silent = await tcpPeer((socket) => void socket.resume());
      const dialer = makeDialer(type);
      const early = new AbortController();
      early.abort(STOPPED);
      await assert.rejects(dialer.dial(silent.address, directRoute(), early.signal), { code: 'stopping' });
      const during = new AbortController();
      const dialling = outcomeOf(dialer.dial(silent.address, directRoute(), during.signal));
      while (silent.accepted === 0) await new Promise((resolve) => setImmediate(resolve));
      during.abort(STOPPED);
      const outcome = await dialling;
      if (outcome instanceof Duplex) outcome.destroy();
      else assert.equal(outcome.code, 'stopping');
      assert.equal(outcome instanceof Duplex, WITHOUT_HANDSHAKE.has(type));
      await dialer.close?.();
      await silent.close();
      await assertNoLeaks(resourcesBefore);
    });

    test('a peer that hangs up or talks nonsense is an error of that hop, now or at the first use', async () => {
      for (const greet of [
        (socket: Socket) => void socket.destroy(),
        (socket: Socket) => reset(socket),
        (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n\r\n'),
      ]) {
        const peer = await tcpPeer(greet);
        const dialer = makeDialer(type);
        const outcome = await outcomeOf(dialer.dial(peer.address, directRoute(), never));
        if (outcome instanceof ProxyError)
          assert.match(outcome.code, /^(tls|hop_protocol|hop_unreachable|reset)$/);
        else outcome.destroy();
        assert.equal(outcome instanceof Duplex && !WITHOUT_HANDSHAKE.has(type), false);
        await dialer.close?.();
        await peer.close();
      }
    });
  });
}

/** A stream, or the error of the table that took its place. */
async function outcomeOf(dialling: Promise<Conn>): Promise<Conn | ProxyError> {
  try {
    return (await dialling).on('error', () => undefined);
  } catch (error) {
    assert.ok(error instanceof ProxyError, String(error));
    return error;
  }
}
