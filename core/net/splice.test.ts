import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect, Socket, type Server } from 'node:net';
import { Duplex } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import { memoryPair } from '../testing/pair.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { adoptTrial } from './adopt.ts';
import { lent } from './buffers.ts';
import type { Conn } from './conn.ts';
import { connectReadable } from './intake.ts';
import { reset, wasReset } from './reset.ts';
import { splice, type SpliceOptions } from './splice.ts';

const MIB = 1024 * 1024;

/** client ↔ (accepted ‖ outgoing) ↔ target, as in the product: the two in the middle are spliced. */
interface Tunnel {
  readonly client: Conn;
  readonly near: Conn;
  readonly far: Conn;
  readonly target: Conn;
}

type Kind = 'tcp' | 'memory';

let server: Server;
let resources: string[];

before(async () => {
  resources = liveResources();
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(await adoptTrial(), true, 'accepted sockets can be read in place on this Node');
});

after(async () => {
  server.close();
  await assertNoLeaks(resources);
  assert.equal(lent(), 0, 'every bulk buffer was given back');
});

async function accepted(outgoing: () => Socket): Promise<[Socket, Socket]> {
  const arrival = once(server, 'connection');
  const socket = outgoing();
  await once(socket, 'connect');
  const arrived: unknown[] = await arrival;
  const other = arrived[0];
  assert.ok(other instanceof Socket);
  for (const one of [socket, other]) one.on('error', () => undefined);
  return [socket, other];
}

function portOf(): number {
  const bound = server.address();
  assert.ok(bound !== null && typeof bound !== 'string');
  return bound.port;
}

async function tunnel(kind: Kind): Promise<Tunnel> {
  if (kind === 'memory') {
    const [client, near] = memoryPair();
    const [far, target] = memoryPair();
    return { client, near, far, target };
  }
  const options = { host: '127.0.0.1', port: portOf(), allowHalfOpen: true, noDelay: true };
  const [client, near] = await accepted(() => connect(options));
  const [far, target] = await accepted(() => connectReadable(options));
  return { client, near, far, target };
}

interface Run {
  readonly counters: { up: number; down: number; endedBy: 'client' | 'target' | null };
  readonly done: Promise<void>;
  readonly stop: AbortController;
}

function run({ near, far }: Tunnel, options: Partial<SpliceOptions> = {}): Run {
  const counters: Run['counters'] = { up: 0, down: 0, endedBy: null };
  const stop = new AbortController();
  const done = splice(near, far, { signal: stop.signal, counters, ...options });
  done.catch(() => undefined);
  return { counters, done, stop };
}

/** Writes `bytes` of pseudo-random data in pieces of odd sizes, ends, and tells the digest. */
async function send(conn: Conn, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const block = randomBytes(Math.min(bytes, 300_007));
  for (let sent = 0; sent < bytes;) {
    const piece = block.subarray(0, Math.min(bytes - sent, block.length));
    hash.update(piece);
    sent += piece.length;
    if (!conn.write(piece)) await once(conn, 'drain');
  }
  conn.end();
  return hash.digest('hex');
}

/** Reads to the end; `slow` takes only a little per turn of the loop. */
async function receive(conn: Conn, slow = false): Promise<string> {
  const hash = createHash('sha256');
  let turns = 0;
  for await (const chunk of conn.iterator({ destroyOnReturn: false })) {
    assert.ok(Buffer.isBuffer(chunk));
    hash.update(chunk);
    turns += 1;
    if (slow && turns % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return hash.digest('hex');
}

for (const kind of ['tcp', 'memory'] as const) {
  describe(`splice over ${kind}`, () => {
    for (const [up, down] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1000, 70_000],
      [65_536, 65_536],
      [MIB + 1, 300_000],
      [3 * MIB, 5 * MIB],
      [kind === 'tcp' ? 64 * MIB : 8 * MIB, 1],
      [1, kind === 'tcp' ? 64 * MIB : 8 * MIB],
      [16 * MIB, 16 * MIB],
    ] as const) {
      test(`carries ${up} bytes up and ${down} down, byte for byte, and counts them`, async () => {
        const ends = await tunnel(kind);
        const { counters, done } = run(ends);
        const [sentUp, sentDown, gotUp, gotDown] = await Promise.all([
          send(ends.client, up),
          send(ends.target, down),
          receive(ends.target),
          receive(ends.client),
        ]);
        await done;
        assert.equal(gotUp, sentUp);
        assert.equal(gotDown, sentDown);
        assert.deepEqual([counters.up, counters.down], [up, down]);
      });
    }

    test('is exact for slow readers on both sides', async () => {
      const ends = await tunnel(kind);
      const { done } = run(ends);
      const [sentUp, sentDown, gotUp, gotDown] = await Promise.all([
        send(ends.client, 9 * MIB),
        send(ends.target, 7 * MIB),
        receive(ends.target, true),
        receive(ends.client, true),
      ]);
      await done;
      assert.equal(gotUp, sentUp);
      assert.equal(gotDown, sentDown);
    });

    test('carries an answer after the client has ended, and a question after the target has', async () => {
      for (const [first, second] of [
        ['client', 'target'],
        ['target', 'client'],
      ] as const) {
        const ends = await tunnel(kind);
        const { done, counters } = run(ends);
        const early = send(ends[first], 1000);
        assert.equal(await receive(ends[second]), await early);
        const late = send(ends[second], 2 * MIB);
        assert.equal(await receive(ends[first]), await late);
        await done;
        assert.equal(counters.endedBy, first);
      }
    });

    test('passes on what the client sent before, even when it has ended', async () => {
      const ends = await tunnel(kind);
      const sent = send(ends.client, 40_000);
      await once(ends.client, 'finish');
      ends.near.read(0);
      const { done } = run(ends);
      assert.equal(await receive(ends.target), await sent);
      ends.target.end();
      await done;
    });

    test('a stream that dies makes the other die, and says which it was', async () => {
      for (const [dead, other, side] of [
        ['client', 'target', 'The client'],
        ['target', 'client', 'The target'],
      ] as const) {
        const ends = await tunnel(kind);
        const { done, counters } = run(ends);
        ends[dead].write(Buffer.alloc(1000));
        await once(ends[other], 'readable');
        kill(ends[dead]);
        ends[other].resume();
        await assert.rejects(
          done,
          (error) => error instanceof ProxyError && error.code === 'reset' && error.detail['side'] === side,
        );
        assert.equal(counters.endedBy, dead);
        if (!ends[other].destroyed) await once(ends[other], 'close').catch(() => undefined);
        assert.equal(Reflect.get(ends[other].errored ?? {}, 'code'), 'ECONNRESET');
      }
    });

    test('breaks off with the reason of the signal, before and during', async () => {
      const reason = new ProxyError('closed_by_user');
      const early = await tunnel(kind);
      const aborted = new AbortController();
      aborted.abort(reason);
      await assert.rejects(
        splice(early.near, early.far, { signal: aborted.signal, counters: { up: 0, down: 0 } }),
        reason,
      );
      assert.ok(early.near.destroyed && early.far.destroyed);
      destroyBoth(early);
      const ends = await tunnel(kind);
      const { done, stop } = run(ends);
      void send(ends.client, MIB).catch(() => undefined);
      await once(ends.target, 'readable');
      stop.abort(reason);
      await assert.rejects(done, reason);
      assert.ok(ends.near.destroyed && ends.far.destroyed);
      destroyBoth(ends);
    });

    test('rejects at once when a stream is gone already', async () => {
      const ends = await tunnel(kind);
      ends.far.destroy();
      await once(ends.far, 'close');
      await assert.rejects(run(ends).done, { code: 'reset' });
      destroyBoth(ends);
    });

    test('ends a silent connection after the idle limit and no busy one', async (t) => {
      t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
      const ends = await tunnel(kind);
      const { done } = run(ends, { idleMs: 3000 });
      ends.target.resume();
      for (let second = 0; second < 10; second += 1) {
        t.mock.timers.tick(1000);
        ends.client.write('x');
        await once(ends.target, 'data');
      }
      t.mock.timers.tick(1500);
      const silent = assert.rejects(done, { code: 'idle' });
      t.mock.timers.tick(4000);
      await silent;
      destroyBoth(ends);
    });

    test('holds the first bytes of the target back until the client speaks', async () => {
      const ends = await tunnel(kind);
      const { done } = run(ends, { graceMs: 60_000 });
      ends.target.write('welcome');
      await turns(20);
      assert.equal(ends.client.read(), null);
      ends.client.write('hello');
      await once(ends.client, 'readable');
      assert.equal(String(ends.client.read()), 'welcome');
      ends.client.end();
      ends.target.end();
      ends.client.resume();
      ends.target.resume();
      await done;
    });

    test('holds them back no longer than the grace, even if the client only listens', async () => {
      const ends = await tunnel(kind);
      const { done } = run(ends, { graceMs: 20 });
      const sent = send(ends.target, 100_000);
      assert.equal(await receive(ends.client), await sent);
      ends.client.end();
      ends.target.resume();
      await done;
    });
  });
}

test('a peer that takes nothing holds back its sender with little in between', async () => {
  const ends = await tunnel('tcp');
  const { counters, done, stop } = run(ends);
  ends.target.on('error', () => undefined);
  const chunk = Buffer.alloc(256 * 1024);
  let stalled = 0;
  for (let sent = 0; sent < 64 * MIB && stalled < 3; sent += chunk.length) {
    if (ends.target.write(chunk)) continue;
    const drained = await Promise.race([
      once(ends.target, 'drain').then(() => true),
      pause(300).then(() => false),
    ]);
    stalled = drained ? 0 : stalled + 1;
    if (!drained) break;
  }
  assert.ok(counters.down < 8 * MIB, `${counters.down} bytes were taken`);
  assert.ok(ends.near.writableLength <= MIB);
  stop.abort(new ProxyError('stopping'));
  await assert.rejects(done, { code: 'stopping' });
  destroyBoth(ends);
});

test('a target that ends and is gone at once still reaches a slow client whole, with a clean end', async () => {
  const [client, near] = await accepted(() =>
    connect({ port: portOf(), host: '127.0.0.1', allowHalfOpen: true }),
  );
  const bytes = randomBytes(4 * MIB);
  // HTTP/2 streams and TLS inside of them: no half-close is left once the far side has said everything
  const far = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  far.once('end', () => far.destroy());
  far.push(bytes);
  far.push(null);
  const work = splice(near, far, { signal: new AbortController().signal, counters: { up: 0, down: 0 } });
  await once(far, 'close');
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(client, 'end');
  assert.ok(Buffer.concat(chunks).equals(bytes));
  await work;
  client.destroy();
});

test('a target that ends and is gone does not wait for a client that takes nothing', async () => {
  const [client, near] = await accepted(() =>
    connect({ port: portOf(), host: '127.0.0.1', allowHalfOpen: true }),
  );
  client.pause();
  const far = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  far.once('end', () => far.destroy());
  far.push(randomBytes(16 * MIB));
  far.push(null);
  const work = splice(near, far, {
    signal: new AbortController().signal,
    counters: { up: 0, down: 0 },
    lingerMs: 50,
  });
  await assert.rejects(work, { code: 'reset' });
  client.destroy();
});

test('a peer that never takes the last bytes is reset after the linger', async () => {
  const ends = await tunnel('tcp');
  const { done } = run(ends, { lingerMs: 100 });
  ends.client.end();
  ends.target.resume();
  const filler = Buffer.alloc(MIB);
  void (async () => {
    for (let i = 0; i < 3 && ends.target.writable; i += 1)
      if (!ends.target.write(filler)) await once(ends.target, 'drain');
    ends.target.end();
  })().catch(() => undefined);
  ends.client.pause();
  const outcome = await Promise.race([
    done.then(
      () => 'done',
      (error: unknown) => error,
    ),
    pause(5000).then(() => 'late'),
  ]);
  // with kernel buffers large enough for all of it the connection may end properly; it must not hang
  assert.notEqual(outcome, 'late');
  if (outcome !== 'done') assert.equal(Reflect.get(Object(outcome), 'code'), 'reset');
  destroyBoth(ends);
});

test('resets at random moments never hang, leak a buffer or deliver a clean end', async () => {
  for (let round = 0; round < 16; round += 1) {
    const ends = await tunnel('tcp');
    const { done } = run(ends);
    const [dead, other] = round % 2 === 0 ? (['client', 'target'] as const) : (['target', 'client'] as const);
    let ended = false;
    ends[other].on('end', () => (ended = !wasReset(ends[other])));
    ends[other].resume();
    ends[dead].resume();
    void send(ends.client, 256 * MIB).catch(() => undefined);
    void send(ends.target, 256 * MIB).catch(() => undefined);
    await turns(1 + ((round * 7) % 24));
    kill(ends[dead]);
    await assert.rejects(done, { code: 'reset' });
    assert.equal(ended, false);
    destroyBoth(ends);
  }
});

test('many streams at once are all exact and all get their share', async () => {
  const all: Tunnel[] = [];
  while (all.length < 24) all.push(await tunnel('tcp'));
  await Promise.all(
    all.map(async (ends) => {
      const { done } = run(ends);
      const [sentUp, sentDown, gotUp, gotDown] = await Promise.all([
        send(ends.client, 2 * MIB),
        send(ends.target, 2 * MIB),
        receive(ends.target),
        receive(ends.client),
      ]);
      await done;
      assert.equal(gotUp, sentUp);
      assert.equal(gotDown, sentDown);
    }),
  );
});

function kill(conn: Conn): void {
  reset(conn);
}

function destroyBoth({ client, target }: Tunnel): void {
  client.destroy();
  target.destroy();
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
