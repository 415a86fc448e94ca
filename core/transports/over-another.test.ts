/** Any carrier over any other: the dialer of one runs over a stream that another one carries, as from hop to hop of a chain. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { rerouted } from '../chains/route.ts';
import type { Address, Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { CARRIERS, makeDialer, makeListener } from '../testing/conformance/carrier.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';

const never = new AbortController().signal;
const STREAMS = 3;

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

async function listening(
  type: string,
  serve: (conn: Conn) => void,
): Promise<{ at: Address; end: () => Promise<void> }> {
  const stop = new AbortController();
  const sink = {
    admits: () => true,
    conn: (conn: Conn) => serve(conn.on('error', () => undefined)),
    packets: () => undefined,
  };
  const bound = await makeListener(type, { host: '127.0.0.1', port: 0 }).listen(sink, stop.signal);
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

async function echoed(conn: Conn, data: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  conn.write(data);
  for await (const chunk of conn.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    if (chunks.reduce((sum, { length }) => sum + length, 0) >= data.length) break;
  }
  return Buffer.concat(chunks);
}

for (const outer of CARRIERS) {
  describe(`over ${outer}`, () => {
    let target: Address = { host: '', port: 0 };
    let hop: Awaited<ReturnType<typeof listening>>;
    before(async () => {
      hop = await listening(outer, (conn) => {
        const far = connect({ ...target, allowHalfOpen: true }).on('error', () => conn.destroy());
        conn.on('close', () => far.destroy());
        far.on('close', () => conn.destroy());
        conn.pipe(far).pipe(conn);
      });
    });
    after(() => hop.end());

    for (const inner of CARRIERS) {
      test(inner, { timeout: 10_000 }, async () => {
        const far = await listening(inner, (conn) => void conn.pipe(conn));
        target = far.at;
        const [first, second] = [makeDialer(outer), makeDialer(inner)];
        const via = rerouted(directRoute(), {
          connect: (_target: Address, signal: AbortSignal) => first.dial(hop.at, directRoute(), signal),
        });
        const data = randomBytes(100_000);
        await Promise.all(
          Array.from({ length: STREAMS }, async () => {
            const conn = (await second.dial(far.at, via, never)).on('error', () => undefined);
            assert.ok((await echoed(conn, data)).equals(data));
            conn.destroy();
          }),
        );
        await second.close?.();
        await first.close?.();
        await far.end();
      });
    }
  });
}
