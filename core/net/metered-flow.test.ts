/** Splices under a rate: every byte arrives, none too early, ends and resets as without one. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, Socket, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { memoryPair } from '../testing/pair.ts';
import { lent } from './buffers.ts';
import type { Conn } from './conn.ts';
import { connectReadable } from './intake.ts';
import { Bucket, Meter } from './meter.ts';
import { reset } from './reset.ts';
import { splice, type SpliceOptions } from './splice.ts';

let server: Server;
let resources: string[];

before(async () => {
  resources = liveResources();
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(async () => {
  server.close();
  await assertNoLeaks(resources);
  assert.equal(lent(), 0, 'every bulk buffer was given back');
});

async function socketPair(outgoing: (port: number) => Socket): Promise<[Socket, Socket]> {
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  const arrival = once(server, 'connection');
  const socket = outgoing(bound.port);
  const [other] = (await arrival) as unknown[];
  assert.ok(other instanceof Socket);
  for (const one of [socket, other]) one.on('error', () => undefined);
  return [socket, other];
}

type Ends = Record<'client' | 'near' | 'far' | 'target', Conn>;

async function tunnel(kind: 'tcp' | 'memory'): Promise<Ends> {
  if (kind === 'memory') {
    const [client, near] = memoryPair();
    const [far, target] = memoryPair();
    return { client, near, far, target };
  }
  const options = { host: '127.0.0.1', allowHalfOpen: true, noDelay: true };
  const [client, near] = await socketPair((port) => connect({ ...options, port }));
  const [far, target] = await socketPair((port) => connectReadable({ ...options, port }));
  return { client, near, far, target };
}

function meter(rate: number, burst: number): Meter {
  return new Meter([new Bucket(rate, burst, performance.now())], () => performance.now());
}

function run(
  { near, far }: Ends,
  options: Partial<SpliceOptions>,
): { done: Promise<void>; stop: AbortController } {
  const stop = new AbortController();
  const done = splice(near, far, { signal: stop.signal, counters: { up: 0, down: 0 }, ...options });
  done.catch(() => undefined);
  return { done, stop };
}

async function digestOf(conn: Conn): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of conn.iterator({ destroyOnReturn: false })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

for (const kind of ['tcp', 'memory'] as const) {
  describe(`metered over ${kind}`, () => {
    for (const side of ['up', 'down'] as const) {
      test(`${side}: every byte arrives, no sooner than the rate allows, and the end behind them`, async () => {
        const ends = await tunnel(kind);
        const [from, to] = side === 'up' ? [ends.client, ends.target] : [ends.target, ends.client];
        const counters = { up: 0, down: 0 };
        // 20 kB more than the bound needs: a timer may fire a millisecond before its time
        const bytes = randomBytes(1_520_000);
        const started = performance.now();
        const { done } = run(ends, {
          counters,
          meters: { up: null, down: null, [side]: meter(2_000_000, 100_000) },
        });
        from.end(bytes);
        const got = digestOf(to);
        to.end();
        from.resume();
        await done;
        const seconds = (performance.now() - started) / 1000;
        assert.equal(await got, createHash('sha256').update(bytes).digest('hex'));
        assert.equal(counters[side], bytes.length);
        assert.ok(seconds >= 0.7, `1.42 MB beyond the burst at 2 MB/s took ${seconds} s`);
      });
    }

    test('the direction without a rate is as fast as ever, and a reset ends what waits', async () => {
      const ends = await tunnel(kind);
      const { done } = run(ends, { meters: { up: meter(10, 1), down: null } });
      ends.client.write(randomBytes(50_000));
      const answer = randomBytes(3_000_000);
      const got = (async () => {
        let bytes = 0;
        for await (const chunk of ends.client.iterator({ destroyOnReturn: false })) {
          bytes += (chunk as Buffer).length;
          if (bytes === answer.length) return bytes;
        }
        return bytes;
      })();
      ends.target.write(answer);
      assert.equal(await got, answer.length);
      reset(ends.target);
      await assert.rejects(done, { code: 'reset' });
    });

    test('an abort while bytes wait leaves nothing behind', async () => {
      const ends = await tunnel(kind);
      const { done, stop } = run(ends, { meters: { up: meter(10, 1), down: meter(10, 1) } });
      ends.client.write(randomBytes(50_000));
      ends.target.write(randomBytes(50_000));
      await once(ends.target, 'readable');
      stop.abort();
      await assert.rejects(done);
    });
  });
}
