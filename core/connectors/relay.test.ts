/** The relay connector against servers that answer at once, late, or not at all; captured.test.ts has the bytes of GOST. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import type { Connector } from '../roles.ts';
import { open, take } from '../testing/client.ts';
import { hex } from '../testing/decoding.ts';
import { tcpPeer, type TcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { relayConnector } from './relay.ts';

const DST = { host: '127.0.0.1', port: 9 };
const REQUEST = hex('0101 000a 02 0007 01 7f000001 0009');
const { signal } = new AbortController();

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

function connector(options: object = {}): Connector {
  const deps = { node: 'hop', addr: DST, auth: null, tls: null, state: null, log: silentLog };
  return relayConnector.create(relayConnector.options.parse(options), deps);
}

/** A server that reads the request and then does this. */
function server(serve: (socket: Socket) => void): Promise<TcpPeer> {
  return tcpPeer((socket) => void take(socket, REQUEST.length).then(() => serve(socket)));
}

async function withServer(
  serve: (socket: Socket) => void,
  work: (conn: Conn) => Promise<void>,
): Promise<void> {
  const peer = await server(serve);
  const conn = await open(peer.address);
  conn.on('error', () => undefined);
  await work(conn);
  conn.destroy();
  await peer.close();
}

/** Answers only together with the first bytes it has, as GOST does without nodelay. */
function answersLate(socket: Socket): void {
  socket.once('data', (first: Buffer) => {
    socket.write(Buffer.concat([hex('0100 0000'), first]));
    socket.pipe(socket);
  });
}

describe('CONNECT', () => {
  test('a server that answers at once gives the stream itself', () =>
    withServer(
      (socket) => {
        socket.write(hex('0100 0000'));
        socket.pipe(socket);
      },
      async (conn) => {
        assert.equal(await connector().connect(conn, DST, signal), conn);
      },
    ));

  test('a refusal that comes in time rejects with what the status means', () =>
    withServer(
      (socket) => socket.end(hex('0103 0000')),
      async (conn) => {
        await assert.rejects(connector().connect(conn, DST, signal), { code: 'hop_refused' });
        assert.ok(conn.destroyed);
      },
    ));

  test('a server that hangs up or says something else is told apart', async () => {
    for (const [said, code] of [
      ['', 'hop_unreachable'],
      ['0500 0000', 'hop_protocol'],
    ] as const)
      await withServer(
        (socket) => socket.end(hex(said)),
        async (conn) => {
          await assert.rejects(connector().connect(conn, DST, signal), { code });
        },
      );
  });

  test('a server that answers with its first bytes works, and is not waited for a second time', async () => {
    const relay = connector();
    for (let round = 0; round < 2; round += 1) {
      await withServer(answersLate, async (conn) => {
        const begun = performance.now();
        const stream = await relay.connect(conn, DST, signal);
        if (round === 1) assert.ok(performance.now() - begun < 200, 'it is known to be late');
        stream.write('hello');
        assert.equal((await take(stream, 5)).toString(), 'hello');
        stream.end();
        stream.resume();
        await once(stream, 'end');
        stream.destroy();
      });
    }
  });

  test('half-close, back-pressure and a cut pass through a stream whose answer is late', () =>
    withServer(answersLate, async (conn) => {
      const stream = await connector().connect(conn, DST, signal);
      const sent = Buffer.alloc(3_000_000, 'relay');
      stream.end(sent);
      assert.ok(Buffer.concat(await stream.toArray()).equals(sent));
    }));

  test('a server that is cut off before it answered ends the stream with an error', () =>
    withServer(
      (socket) => setTimeout(() => socket.destroy(), 400),
      async (conn) => {
        const stream = await connector().connect(conn, DST, signal);
        const [error] = (await once(stream, 'error')) as [unknown];
        assert.ok(error instanceof ProxyError && error.code === 'hop_unreachable');
      },
    ));
});

describe('UDP', () => {
  test('without bind at the server, an association with many is refused and says so', async () => {
    const peer = await tcpPeer((socket) => socket.once('data', () => socket.end(hex('0103 0000'))));
    const conn = await open(peer.address);
    const opening = connector().associate?.(conn, DST, directRoute(), signal, () =>
      Promise.reject(new Error('no')),
    );
    await assert.rejects(opening ?? Promise.resolve(), { code: 'hop_no_udp' });
    await peer.close();
  });
});
