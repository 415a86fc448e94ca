/**
 * WebSocket and smux as real GOST speaks them (core/testing/vectors/captured): what its clients said, said to our listeners, and
 * what its servers said, said to our dialers. And any other bytes in place of the first frames: the hand-over from HTTP to frames
 * is where a parser meets bytes that belong to the next one. Long because both ends are played with the same small tools.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { catalog } from '../catalog.ts';
import { silentLog } from '../log.ts';
import type { Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { smuxOf } from '../testing/captured.ts';
import { open, take } from '../testing/client.ts';
import { conversationsIn, type Conversation } from '../testing/conversations.ts';
import { BOUNDED, corpus, mutated, pieces } from '../testing/corpus.ts';
import { tcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { memoryPair } from '../testing/pair.ts';
import { WebSocketAcceptor } from './websocket.ts';

const entries = ['websocket', 'mux_tcp'].flatMap(conversationsIn);
const CARRIERS = entries.filter(({ name }) => !name.startsWith('ws_plain'));
const never = new AbortController().signal;

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

function said(entry: Conversation, dir: 'c2s' | 's2c'): Buffer[] {
  return entry.frames
    .filter((frame) => frame.dir === dir && frame.hex !== '')
    .map(({ hex }) => Buffer.from(hex, 'hex'));
}

/** The listener or dialer that an entry needs, and its options. */
function kindOf({ name }: Conversation): { type: string; options: Record<string, unknown> } {
  if (name === 'mtcp_v3') return { type: 'mtcp', options: {} };
  const type = name.startsWith('mws') ? 'mws' : 'ws';
  if (name === 'ws_path_host_v3') return { type, options: { path: '/abc', host: 'example.com' } };
  return { type, options: name === 'ws_compression_v3' ? { enableCompression: true } : {} };
}

/** Payload of WebSocket frames: unmasked, and inflated where the frame says so. */
function payloadsOf(bytes: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const masked = (second & 0x80) !== 0;
    const size = second & 0x7f; // nothing recorded is longer than 125 bytes
    const start = at + 2 + (masked ? 4 : 0);
    const body = Buffer.from(bytes.subarray(start, start + size));
    if (masked)
      for (let index = 0; index < size; index += 1)
        body[index] = (body[index] ?? 0) ^ (bytes[at + 2 + (index % 4)] ?? 0);
    const inflate = (data: Buffer): Buffer =>
      inflateRawSync(Buffer.concat([data, Buffer.from('0000ffff', 'hex')]), {
        finishFlush: constants.Z_SYNC_FLUSH,
      });
    payloads.push((first & 0x40) === 0 ? body : inflate(body));
    at = start + size;
  }
  return payloads;
}

/** What a side of an entry said inside its carrier, in hex: with smux taken apart where there is smux. */
function inside(entry: Conversation, bytes: readonly Buffer[]): string[] {
  const { type } = kindOf(entry);
  const stream = type === 'mtcp' ? Buffer.concat(bytes) : Buffer.concat(payloadsOf(Buffer.concat(bytes)));
  return type === 'ws' ? [stream.toString('hex')] : smuxOf(stream.toString('hex'));
}

/** The HTTP head is one read, what follows is frames; mtcp has no head. */
function framesOf(entry: Conversation, dir: 'c2s' | 's2c'): Buffer[] {
  return said(entry, dir).slice(kindOf(entry).type === 'mtcp' ? 0 : 1);
}

function find<T extends { readonly type: string }>(list: readonly T[], type: string): T {
  const found = list.find((one) => one.type === type);
  assert.ok(found !== undefined);
  return found;
}

describe('what GOST clients said, to our listeners', () => {
  for (const entry of CARRIERS) {
    test(entry.name, { timeout: 10_000 }, async () => {
      const { type, options } = kindOf(entry);
      const listen = Object.fromEntries(Object.entries(options).filter(([key]) => key !== 'host'));
      const definition = find(catalog.listeners, type);
      const stop = new AbortController();
      const heard: Buffer[] = [];
      const conns: Conn[] = [];
      const gave = inside(entry, framesOf(entry, 's2c'));
      // our side says what the server of the recording said inside, so that the client's acknowledgements make sense
      const answers = gave.flatMap((one) =>
        type === 'ws' ? [one] : one.startsWith('PSH') ? [one.split(' ')[2] ?? ''] : [],
      );
      const listener = definition.create(definition.options.parse(listen) as never, {
        name: type,
        address: { host: '127.0.0.1', port: 0 },
        tls: null,
        route: () => Promise.resolve(directRoute()),
        state: null,
        log: silentLog,
      });
      const bound = await listener.listen(
        {
          admits: () => true,
          packets: () => undefined,
          conn: (conn) => {
            conns.push(conn);
            conn.on('error', () => undefined);
            conn.on('data', (chunk: Buffer) => heard.push(chunk));
            for (const answer of answers) conn.write(Buffer.from(answer, 'hex'));
          },
        },
        stop.signal,
      );
      const [address] = bound.addresses;
      assert.ok(address !== undefined);
      const socket = await open(address);
      const expected = inside(entry, framesOf(entry, 'c2s'));
      const wanted =
        type === 'ws'
          ? (expected[0] ?? '')
          : expected.flatMap((one) => (one.startsWith('PSH') ? [one.split(' ')[2] ?? ''] : [])).join('');
      const [head] = said(entry, 'c2s');
      if (type !== 'mtcp') {
        socket.write(head ?? '');
        const answer = await readHead(socket);
        const [recorded] = said(entry, 's2c');
        assert.deepEqual(headersOf(answer), headersOf(recorded?.toString() ?? ''));
      }
      for (const [at, frame] of framesOf(entry, 'c2s').entries()) {
        // a client acknowledges what it got, so it must have got it
        if (type === 'mtcp' && at === 1) await take(socket, 1);
        socket.write(frame);
      }
      while (Buffer.concat(heard).length < wanted.length / 2)
        await new Promise((resolve) => setImmediate(resolve));
      assert.equal(Buffer.concat(heard).toString('hex'), wanted);
      for (const conn of conns) conn.destroy();
      socket.destroy();
      stop.abort();
      await bound.closed;
    });
  }

  for (const entry of entries.filter(({ name }) => name.startsWith('ws_plain'))) {
    test(`${entry.name}: refused with the same status`, async () => {
      const acceptor = new WebSocketAcceptor(
        { path: '/ws', headers: {}, compression: false, origins: [] },
        () => assert.fail(),
      );
      const peer = await tcpPeer((socket) => acceptor.accept(socket, 5000));
      const socket = await open(peer.address);
      socket.write(said(entry, 'c2s')[0] ?? '');
      const recorded = said(entry, 's2c')[0]?.toString() ?? '';
      assert.equal((await readHead(socket)).split(' ')[1], recorded.split(' ')[1]);
      socket.destroy();
      acceptor.close();
      await peer.close();
    });
  }
});

async function readHead(socket: Socket): Promise<string> {
  let head = '';
  while (!head.endsWith('\r\n\r\n')) head += (await take(socket, 1)).toString('latin1');
  return head;
}

/** Status or request line and headers, names in lower case and in order of the alphabet: their order means nothing. */
function headersOf(head: string): string[] {
  const [line = '', ...fields] = head.trim().split('\r\n');
  return [line, ...fields.map((field) => field.replace(/^[^:]+/, (name) => name.toLowerCase())).toSorted()];
}

describe('what GOST servers said, to our dialers', () => {
  for (const entry of CARRIERS) {
    test(entry.name, { timeout: 10_000 }, async () => {
      const { type, options } = kindOf(entry);
      const definition = find(catalog.dialers, type);
      const dialer = definition.create(definition.options.parse(options) as never, {
        node: 'node',
        tls: null,
        auth: null,
        state: null,
        log: silentLog,
      });
      let head = '';
      const served: Socket[] = [];
      const peer = await tcpPeer((socket) => {
        served.push(socket);
        void serve(socket);
      });
      const serve = async (socket: Socket): Promise<void> => {
        if (type !== 'mtcp') {
          head = await readHead(socket);
          const [, key = ''] = /sec-websocket-key: (\S+)/i.exec(head) ?? [];
          const accept = createHash('sha1')
            .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
            .digest('base64');
          const [recorded] = said(entry, 's2c');
          socket.write((recorded?.toString() ?? '').replace(/(Sec-WebSocket-Accept: )\S+/, `$1${accept}`));
        }
        // what is said on a stream of smux before it was opened is dropped: wait for its SYN
        if (type === 'mtcp') await take(socket, 8);
        if (type === 'mws') await take(socket, 2 + 4 + 8);
        for (const frame of framesOf(entry, 's2c')) socket.write(frame);
      };
      const conn = await dialer.dial(peer.address, directRoute(), never);
      conn.on('error', () => undefined);
      if (type !== 'ws') conn.write(Buffer.from('050100', 'hex')); // a stream of smux begins with its first bytes
      const gave = inside(entry, framesOf(entry, 's2c'));
      const wanted =
        type === 'ws'
          ? (gave[0] ?? '')
          : gave.flatMap((one) => (one.startsWith('PSH') ? [one.split(' ')[2] ?? ''] : [])).join('');
      assert.equal((await take(conn, wanted.length / 2)).toString('hex'), wanted);
      if (type !== 'mtcp') {
        const [recorded] = said(entry, 'c2s');
        const mine = (text: string): string[] =>
          headersOf(text)
            .filter((line) => !line.startsWith('sec-websocket-key') && !/^host: 127/.test(line))
            .map((line) => line.replace('Chrome/78.0.3904.106', 'Go-http-client/1.1')) // what v2 calls itself
            .map((line) => line.replace('; client_max_window_bits', '')); // offered by us as well
        assert.deepEqual(mine(head), mine(recorded?.toString() ?? ''));
      }
      conn.destroy();
      await dialer.close?.();
      await peer.close();
    });
  }
});

describe('fuzz: the hand-over from HTTP to WebSocket frames', () => {
  const kept = corpus('websocket');
  const REQUEST = Buffer.from(
    'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );

  /** Everything the stream inside said, and how it ended, when request and frames come in these pieces. */
  async function outcome(stream: readonly Buffer[]): Promise<string> {
    const [client, server] = memoryPair();
    const told: string[] = [];
    let inner: Conn | null = null;
    const acceptor = new WebSocketAcceptor(
      { path: '/ws', headers: {}, compression: false, origins: [] },
      (conn) => {
        inner = conn;
        conn.on('error', () => undefined);
        conn.on('data', (chunk: Buffer) => told.push(chunk.toString('hex')));
      },
    );
    acceptor.accept(server, 5000);
    client.on('error', () => undefined).resume();
    for (const piece of stream) if (!client.destroyed) client.write(piece);
    client.end();
    const over = (): boolean =>
      server.destroyed || (inner !== null && (inner.destroyed || inner.readableEnded));
    for (let turn = 0; turn < 200 && !over(); turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    assert.ok(over(), 'the stream inside ends with what carries it');
    const how = (inner as Conn | null)?.errored === null ? 'end' : 'cut';
    (inner as Conn | null)?.destroy();
    acceptor.close();
    server.destroy();
    client.destroy();
    return `${told.join('')} ${how}`;
  }

  for (const { verdict, bytes, why } of kept) {
    test(`corpus: ${why}`, async () => {
      assert.equal(await outcome([REQUEST, bytes]), verdict.replace('-', ''));
      assert.equal(
        await outcome([Buffer.concat([REQUEST, bytes])]),
        verdict.replace('-', ''),
        'in one piece with the request',
      );
    });
  }

  test('any frames mean the same, however they are split from the request', async () => {
    await fc.assert(
      fc.asyncProperty(
        mutated(kept),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
        async (bytes, sizes) => {
          const whole = Buffer.concat([REQUEST, bytes]);
          assert.equal(await outcome(pieces(whole, sizes)), await outcome([whole]));
        },
      ),
      { ...BOUNDED, numRuns: 400 },
    );
  });
});
