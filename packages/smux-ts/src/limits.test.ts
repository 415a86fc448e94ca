/** A session against peers that break rules, vanish or flood: hand-made bytes on one end of an in-memory transport. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { mock, test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, type Frame } from '../test/oracle.ts';
import { memoryPair, tcpPair } from '../test/pair.ts';
import { gone, readAll, turns, until } from '../test/support.ts';
import { SmuxError } from './errors.ts';
import { Session, type SessionOptions } from './session.ts';
import type { Stream } from './stream.ts';

interface Raw {
  readonly session: Session;
  readonly peer: Duplex;
  readonly streams: Stream[];
  readonly transport: Duplex;
  readonly send: (...frames: Frame[]) => void;
  /** Frames the session has sent so far. */
  readonly received: () => Frame[];
  readonly end: () => Promise<void>;
}

function raw(options: SessionOptions = {}, role: 'client' | 'server' = 'server'): Raw {
  const pair = memoryPair();
  const streams: Stream[] = [];
  const onStream = (stream: Stream): void => void streams.push(stream.on('error', () => undefined));
  const session = Session[role](pair.server, { onStream, ...options });
  const pieces: Buffer[] = [];
  pair.client.on('data', (piece: Buffer) => pieces.push(piece));
  const version = options.version ?? 1;
  return {
    session,
    peer: pair.client,
    transport: pair.server,
    streams,
    send: (...frames) => void pair.client.write(Buffer.concat(frames.map((frame) => encode(version, frame)))),
    received: () => decode(version, Buffer.concat(pieces)),
    end: async () => {
      session.close();
      pair.client.end();
      await Promise.all([gone(pair.client), gone(pair.server)]);
    },
  };
}

const syn = (streamId: number): Frame => ({ command: 'SYN', streamId });
const fin = (streamId: number): Frame => ({ command: 'FIN', streamId });
const psh = (streamId: number, payload: Buffer | string): Frame => ({
  command: 'PSH',
  streamId,
  payload: Buffer.from(payload),
});
const only = <T>(list: readonly T[]): T => list[0] ?? assert.fail('empty list');
const wasClosed = async (session: Session): Promise<SmuxError['code'] | null> =>
  (await session.closed)?.code ?? null;

test('frames of unknown streams are ignored, as Go ignores them', async () => {
  const { send, session, streams, end } = raw({ version: 2 });
  send(psh(9, 'late'), fin(9), { command: 'UPD', streamId: 9, consumed: 1, window: 1 }, syn(3), psh(3, 'x'));
  await until(() => streams.length === 1);
  assert.equal(session.destroyed, false);
  await end();
});

test('a second SYN of an open stream is ignored', async () => {
  const { send, streams, end } = raw();
  send(syn(3), psh(3, 'a'), syn(3), psh(3, 'b'), fin(3));
  await until(() => streams.length > 0);
  assert.equal((await readAll(only(streams))).toString(), 'ab');
  assert.equal(streams.length, 1);
  await end();
});

test('late frames of a destroyed stream are dropped without being counted', async () => {
  const { send, session, streams, end } = raw({ maxReceiveBuffer: 65_536 });
  send(syn(3));
  await until(() => streams.length === 1);
  only(streams).destroy();
  for (let i = 0; i < 10; i++) send(psh(3, Buffer.alloc(60_000)));
  send(syn(5));
  await until(() => streams.length === 2);
  assert.equal(session.streamCount, 1);
  await end();
});

test('an id the peer took is skipped when opening', async () => {
  const { send, session, streams, end } = raw({}, 'client');
  send(syn(3));
  await until(() => streams.length === 1);
  assert.equal(session.open().on('error', () => undefined).id, 5);
  await end();
});

for (const [name, hex, code] of [
  ['another version', '0200000003000000', 'bad_version'],
  ['an unknown command', '0109000003000000', 'bad_command'],
  ['a SYN with payload', '0100010003000000', 'bad_length'],
] as const) {
  test(`${name} ends the session and its streams with ${code}`, async () => {
    const { send, session, streams, peer, transport } = raw();
    send(syn(3));
    await until(() => streams.length === 1);
    const failure = once(only(streams), 'error');
    peer.write(Buffer.from(hex, 'hex'));
    const [error] = (await failure) as [unknown];
    assert.ok(error instanceof SmuxError && error.code === code);
    assert.equal(await wasClosed(session), code);
    assert.equal(session.streamCount, 0);
    await gone(transport);
  });
}

test('an abrupt end at every byte of a conversation settles the session and loses no stream', async () => {
  const script = [syn(3), psh(3, 'hello'), { command: 'NOP', streamId: 0 } as const, fin(3)];
  const frames = script.map((frame) => encode(1, frame));
  const bytes = Buffer.concat(frames);
  const boundaries = frames.map((_, i) => Buffer.concat(frames.slice(0, i)).length);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { session, peer, streams } = raw();
    if (cut > 0) peer.write(bytes.subarray(0, cut));
    peer.end();
    const clean = cut === bytes.length || boundaries.includes(cut);
    assert.equal(await wasClosed(session), clean ? null : 'transport_ended', `cut at ${cut}`);
    const [stream] = streams;
    assert.equal(stream !== undefined, cut >= 8);
    if (stream === undefined) continue;
    if (cut === bytes.length) assert.equal((await readAll(stream)).toString(), 'hello');
    else assert.ok(stream.errored instanceof SmuxError, `cut at ${cut}`);
  }
});

test('a transport destroyed without an end is not a clean end', async () => {
  const { session, transport } = raw();
  transport.destroy();
  assert.equal(await wasClosed(session), 'transport_ended');
});

test('a transport that is dead already ends the session at once', async () => {
  const { client } = memoryPair();
  client.destroy();
  assert.equal(await wasClosed(Session.client(client)), 'transport_ended');
});

test('a transport that has ended already ends the session cleanly', async () => {
  const { client, server } = memoryPair();
  server.end();
  await readAll(client);
  const session = Session.client(client);
  assert.equal(await wasClosed(session), null);
  await gone(client);
});

test('v1: a peer that does not stop is stopped at the receive buffer, and goes on when it is read', async () => {
  const { send, session, streams, transport, end } = raw({ maxReceiveBuffer: 100_000 });
  send(syn(3));
  for (let i = 0; i < 40; i++) send(psh(3, Buffer.alloc(10_000, i)));
  await until(() => transport.isPaused());
  await turns(100);
  const stream = only(streams);
  assert.equal(stream.bytesRead, 0);
  assert.equal(transport.isPaused(), true);
  let got = 0;
  stream.on('data', (piece: Buffer) => (got += piece.length));
  await until(() => got === 400_000);
  assert.equal(transport.isPaused(), false);
  assert.equal(session.destroyed, false);
  await end();
});

test('destroying the stream that fills the receive buffer lets the others go on', async () => {
  const { send, streams, transport, end } = raw({ maxReceiveBuffer: 100_000 });
  send(syn(3), syn(5));
  for (let i = 0; i < 30; i++) send(psh(3, Buffer.alloc(10_000)));
  send(psh(5, 'through'), fin(5));
  await until(() => transport.isPaused());
  only(streams).destroy();
  assert.equal((await readAll(streams[1] ?? assert.fail())).toString(), 'through');
  await end();
});

test('v2: a peer that ignores its window loses that stream, not the session', async () => {
  const { send, session, streams, received, end } = raw({ version: 2 });
  send(syn(3), syn(5));
  await until(() => streams.length === 2);
  const failure = once(only(streams), 'error');
  for (let i = 0; i < 9; i++) send(psh(3, Buffer.alloc(60_000)));
  const [error] = (await failure) as [unknown];
  assert.ok(error instanceof SmuxError && error.code === 'window_exceeded');
  send(psh(5, 'fine'), fin(5));
  assert.equal((await readAll(streams[1] ?? assert.fail())).toString(), 'fine');
  assert.ok(received().some((frame) => frame.command === 'FIN' && frame.streamId === 3));
  assert.equal(session.destroyed, false);
  await end();
});

test('v2: acknowledging bytes that were never sent ends the stream', async () => {
  const { send, streams, end } = raw({ version: 2 });
  send(syn(3));
  await until(() => streams.length === 1);
  const failure = once(only(streams), 'error');
  send({ command: 'UPD', streamId: 3, consumed: 1, window: 65_536 });
  const [error] = (await failure) as [unknown];
  assert.ok(error instanceof SmuxError && error.code === 'window_invalid');
  await end();
});

test('v2: announces the window at the first read and then at half of it, as Go does', async () => {
  const { send, streams, received, end } = raw({ version: 2 });
  const updates = (): number[] =>
    received().flatMap((frame) => (frame.command === 'UPD' ? [frame.consumed, frame.window] : []));
  send(syn(3), psh(3, 'hello'));
  await until(() => streams.length === 1);
  only(streams).onData(() => true);
  await until(() => updates().length === 2);
  send(psh(3, Buffer.alloc(32_767)));
  await turns(20);
  assert.deepEqual(updates(), [5, 65_536]);
  send(psh(3, 'x'));
  await until(() => updates().length === 4);
  assert.deepEqual(updates(), [5, 65_536, 32_773, 65_536]);
  await end();
});

test('v2: unread bytes are not announced as consumed, in either reading mode', async () => {
  const { send, streams, received, end } = raw({ version: 2 });
  send(syn(3), syn(5), psh(3, 'duplex'), psh(5, 'direct'));
  await until(() => streams.length === 2);
  const [first, second] = streams;
  first?.on('readable', () => undefined);
  await turns(20);
  assert.ok(!received().some((frame) => frame.command === 'UPD'));
  second?.onData(() => false);
  send(psh(5, Buffer.alloc(50_000)));
  await turns(20);
  const updates = received().flatMap((frame) =>
    frame.command === 'UPD' ? [[frame.streamId, frame.consumed]] : [],
  );
  assert.deepEqual(updates, [[5, 6]]);
  await end();
});

test('a piece the reader was shown and did not take counts as unread', async () => {
  const { send, streams, transport, end } = raw({ maxReceiveBuffer: 1_000, maxStreamBuffer: 1_000 });
  send(syn(3));
  await until(() => streams.length === 1);
  only(streams).on('readable', () => undefined);
  await turns(5);
  send(psh(3, Buffer.alloc(1_000)));
  await until(() => transport.isPaused());
  assert.equal(only(streams).readableLength, 1_000);
  assert.equal(String(only(streams).read()).length, 1_000);
  await until(() => !transport.isPaused());
  await end();
});

test('bytes after FIN are dropped', async () => {
  const { send, session, streams, end } = raw({ maxReceiveBuffer: 1_000, maxStreamBuffer: 1_000 });
  send(syn(3), psh(3, 'before'), fin(3), psh(3, Buffer.alloc(5_000)));
  await until(() => streams.length === 1);
  assert.equal((await readAll(only(streams))).toString(), 'before');
  assert.equal(session.destroyed, false);
  await end();
});

test('v2: drain waits for half of the queue, not for any window', async () => {
  const { send, session, received, end } = raw({ version: 2 }, 'client');
  const stream = session.open().on('error', () => undefined);
  let drains = 0;
  stream.on('drain', () => drains++);
  const sent = (): number => received().reduce((n, f) => n + (f.command === 'PSH' ? f.payload.length : 0), 0);
  assert.equal(stream.writeDirect(Buffer.alloc(262_144 + 60_000)), false);
  await until(() => sent() === 262_144);
  send({ command: 'UPD', streamId: 3, consumed: 1_000, window: 262_144 });
  await until(() => sent() === 263_144);
  await turns(5);
  assert.equal(drains, 0);
  send({ command: 'UPD', streamId: 3, consumed: 50_000, window: 262_144 });
  await until(() => drains === 1);
  await end();
});

test('a stream that breaks rules in the backlog is never handed out', async () => {
  const pair = memoryPair();
  const session = Session.server(pair.server, { version: 2 });
  const flood = Array.from({ length: 9 }, () => psh(3, Buffer.alloc(60_000)));
  const frames = [syn(3), syn(5), ...flood].map((frame) => encode(2, frame));
  pair.client.resume().write(Buffer.concat(frames));
  await until(() => session.streamCount === 1);
  const ids: number[] = [];
  session.onStream = (stream) => ids.push(stream.on('error', () => undefined).id);
  assert.deepEqual(ids, [5]);
  session.close();
  pair.client.end();
  await gone(pair.server);
});

test('streams wait in the backlog until somebody takes them; more are refused', async () => {
  const pair = memoryPair();
  const session = Session.server(pair.server, { acceptBacklog: 2 });
  const pieces: Buffer[] = [];
  pair.client.on('data', (piece: Buffer) => pieces.push(piece));
  pair.client.write(
    Buffer.concat([syn(3), syn(5), syn(7), psh(3, 'early'), fin(3)].map((f) => encode(1, f))),
  );
  await until(() => pieces.length > 0);
  assert.deepEqual(decode(1, Buffer.concat(pieces)), [fin(7)]);
  const taken: Stream[] = [];
  session.onStream = (stream) => {
    taken.push(stream.on('error', () => undefined));
    if (taken.length === 1) session.onStream = null;
  };
  assert.deepEqual(
    taken.map((stream) => stream.id),
    [3],
  );
  assert.equal((await readAll(only(taken))).toString(), 'early');
  session.close();
  pair.client.end();
  await gone(pair.server);
});

test('a flood of streams that must be refused is not answered without bound', async () => {
  const pair = memoryPair();
  const session = Session.server(pair.server, { acceptBacklog: 0 });
  const flood = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => encode(1, syn(2 * i + 3))));
  pair.client.pause();
  let wrote = 0;
  const pump = (): void => {
    if (pair.client.destroyed) return;
    pair.client.write(flood, () => {
      wrote++;
      pump();
    });
  };
  pump();
  await until(() => pair.server.isPaused());
  await turns(200);
  assert.ok(wrote <= 30, `${wrote * 10_000} frames were taken without an answer being read`);
  pair.client.resume();
  const before = wrote;
  await until(() => wrote > before + 5);
  assert.equal(session.destroyed, false);
  pair.client.destroy();
  await gone(pair.server);
});

test('sends NOP every interval and ends a session that heard nothing for the timeout', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { session, send, received, transport } = raw({
      keepAliveIntervalMs: 1_000,
      keepAliveTimeoutMs: 3_000,
    });
    const nops = (): number => received().filter((frame) => frame.command === 'NOP').length;
    for (let second = 1; second <= 6; second++) {
      send({ command: 'NOP', streamId: 0 });
      await turns(10);
      mock.timers.tick(1_000);
      await until(() => nops() === second);
    }
    assert.equal(session.destroyed, false);
    mock.timers.tick(2_999);
    assert.equal(session.destroyed, false);
    mock.timers.tick(1);
    assert.equal(await wasClosed(session), 'keepalive_timeout');
    await gone(transport);
  } finally {
    mock.timers.reset();
  }
});

test('NOP frames do not pile up before a peer that does not read', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { session, send, peer, received, end } = raw({
      keepAliveIntervalMs: 10,
      keepAliveTimeoutMs: 100_000,
    });
    peer.pause();
    for (let i = 0; i < 10_000; i++) {
      mock.timers.tick(10);
      if (i % 1_000 === 0) send({ command: 'NOP', streamId: 0 });
      await turns(1);
    }
    peer.resume();
    await turns(50);
    assert.equal(session.destroyed, false);
    assert.ok(received().length < 5_000, `${received().length} NOP frames`);
    await end();
  } finally {
    mock.timers.reset();
  }
});

test('keep-alive timers do not keep the process alive', async () => {
  const timeouts = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timeouts();
  const { end } = raw();
  assert.equal(timeouts(), before);
  await end();
});

test('a full receive buffer is not silence', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { session, send, transport, streams, end } = raw({
      maxReceiveBuffer: 1_000,
      maxStreamBuffer: 1_000,
    });
    send(syn(3), psh(3, Buffer.alloc(2_000)));
    await until(() => transport.isPaused());
    for (let i = 0; i < 3; i++) mock.timers.tick(30_000);
    assert.equal(session.destroyed, false);
    only(streams).resume();
    await until(() => !transport.isPaused());
    mock.timers.tick(30_000);
    assert.equal(await wasClosed(session), 'keepalive_timeout');
    await end();
  } finally {
    mock.timers.reset();
  }
});

test('keeps no timer when keep-alive is off', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { session, received, end } = raw({ keepAliveDisabled: true });
    mock.timers.tick(1_000_000);
    await turns(10);
    assert.deepEqual([session.destroyed, received().length], [false, 0]);
    await end();
  } finally {
    mock.timers.reset();
  }
});

test('can be fed by the caller, who is asked to pause', async () => {
  const pair = memoryPair();
  const streams: Stream[] = [];
  const session = Session.server(pair.server, {
    receive: 'push',
    maxReceiveBuffer: 1_000,
    maxStreamBuffer: 1_000,
    onStream: (stream) => streams.push(stream.on('error', () => undefined)),
  });
  assert.equal(session.push(encode(1, syn(3))), true);
  assert.equal(session.push(encode(1, psh(3, Buffer.alloc(1_000)))), false);
  assert.equal(pair.server.isPaused(), true);
  only(streams).resume();
  await until(() => !pair.server.isPaused());
  session.close();
  assert.equal(session.push(Buffer.from('whatever')), true);
  pair.client.resume().end();
  await gone(pair.server);
});

test('passes on the addresses of its transport, or none', async () => {
  const pair = await tcpPair();
  const session = Session.client(pair.client);
  const stream = session.open().on('error', () => undefined);
  assert.equal(stream.remoteAddress, '127.0.0.1');
  assert.equal(stream.remotePort, pair.client.remotePort);
  assert.equal(stream.localAddress, '127.0.0.1');
  assert.equal(stream.localPort, pair.client.localPort);
  session.close();
  pair.server.resume().end();
  await Promise.all([gone(pair.client), gone(pair.server)]);
  const { session: other, end } = raw();
  assert.equal(other.open().on('error', () => undefined).remoteAddress, undefined);
  await end();
});

test('a peer that never answers the end of the session is left after the linger time', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { session, transport, peer } = raw();
    session.close();
    await turns(20);
    assert.equal(transport.destroyed, false);
    mock.timers.tick(1_000);
    assert.equal(transport.destroyed, true);
    await gone(peer);
  } finally {
    mock.timers.reset();
  }
});

test('any frames in any split leave a session alive or ended by a named violation, with nothing counted twice', async () => {
  const streamId = fc.nat({ max: 6 });
  const frame: fc.Arbitrary<Frame> = fc.oneof(
    fc.record({ command: fc.constantFrom('SYN', 'FIN'), streamId }),
    fc.record({
      command: fc.constant('PSH'),
      streamId,
      payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    }),
    fc.record({ command: fc.constant('UPD'), streamId, consumed: fc.nat({ max: 9 }), window: fc.nat() }),
  );
  const action = fc.constantFrom('keep', 'read', 'direct', 'destroy', 'end', 'write');
  const input = fc.record({
    frames: fc.array(frame, { maxLength: 40 }),
    tail: fc.uint8Array({ maxLength: 20 }),
    size: fc.integer({ min: 1, max: 50 }),
    actions: fc.array(action, { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(input, async ({ frames, tail, size, actions }) => {
      const pair = memoryPair();
      let opened = 0;
      const session = Session.server(pair.server, {
        version: 2,
        receive: 'push',
        keepAliveDisabled: true,
        onStream: (stream) => {
          stream.on('error', () => undefined);
          const todo = actions[opened++ % actions.length];
          if (todo === 'read') stream.resume();
          if (todo === 'direct') stream.onData(() => opened % 2 === 0);
          if (todo === 'destroy') stream.destroy();
          if (todo === 'end') stream.end('bye');
          if (todo === 'write') stream.write(Buffer.alloc(1_000));
        },
      });
      pair.client.resume();
      const bytes = Buffer.concat([...frames.map((one) => encode(2, one)), tail]);
      for (let at = 0; at < bytes.length; at += size)
        session.push(Buffer.from(bytes.subarray(at, at + size)));
      await turns(5);
      session.close();
      const error = await session.closed;
      assert.ok(error === null || error instanceof SmuxError);
      assert.equal(session.streamCount, 0);
      pair.client.end();
      await gone(pair.server);
    }),
    { numRuns: 200 },
  );
});

/** CONNECT through `socks5+mtcp` of GOST v3: turns of the client and answers of the server, as captured on the wire. */
const MTCP_SAID = ['050100', '050100017f000001b0f1', '68656c6c6f'] as const;
const MTCP_ANSWERED = ['0500', '050000017f0000019c04', '68656c6c6f'] as const;

for (const role of ['client', 'server'] as const) {
  test(`replays the mtcp session of GOST v3 as its ${role}, frame by frame`, async () => {
    const { session, send, received, streams, end } = raw({ version: 2 }, role);
    const [ours, theirs] = role === 'client' ? [MTCP_SAID, MTCP_ANSWERED] : [MTCP_ANSWERED, MTCP_SAID];
    if (role === 'server') send(syn(3));
    await until(() => role === 'client' || streams.length === 1);
    const stream = role === 'client' ? session.open().on('error', () => undefined) : only(streams);
    let got = '';
    stream.onData((piece) => (got += piece.toString('hex')) !== '');
    for (const [turn, hex] of theirs.entries()) {
      const say = (): unknown => stream.writeDirect(Buffer.from(ours[turn] ?? '', 'hex'));
      if (role === 'client') say();
      send(psh(3, Buffer.from(hex, 'hex')));
      await until(() => got === theirs.slice(0, turn + 1).join(''));
      if (role === 'server') say();
    }
    send(fin(3));
    stream.end();
    await gone(stream);
    await until(() => received().at(-1)?.command === 'FIN');
    const frames = received().map((frame) =>
      frame.command === 'UPD' ? { ...frame, consumed: 'at the first read' } : frame,
    );
    const said = ours.map((hex) => psh(3, Buffer.from(hex, 'hex')));
    const update = { command: 'UPD', streamId: 3, consumed: 'at the first read', window: 65_536 };
    const start = role === 'client' ? [syn(3)] : [];
    const sorted = (list: readonly object[]): string[] => list.map((one) => JSON.stringify(one)).sort();
    assert.deepEqual(sorted(frames), sorted([...start, update, ...said, fin(3)]));
    await end();
  });
}
