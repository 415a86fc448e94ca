/** TLS on one side of a splice, where reading in place and gathering have to keep every byte and stay bounded. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, Socket, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls, createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import { lent } from '../net/buffers.ts';
import type { Conn } from '../net/conn.ts';
import { connectReadable } from '../net/intake.ts';
import { splice } from '../net/splice.ts';
import { selfSigned } from './certificate.ts';

const BYTES = 24 * 1024 * 1024;
const never = new AbortController().signal;

let server: Server;
let context: SecureContext;

before(async () => {
  context = createSecureContext(await selfSigned(null));
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.close();
  assert.equal(lent(), 0, 'every bulk buffer was given back');
});

/** client ↔ TLS ↔ near ‖ far ↔ target: what a service with TLS holds between a client and a plain target. */
async function tunnel(): Promise<Record<'client' | 'near' | 'far' | 'target', Conn>> {
  const [raw, arrived] = await accepted((port) => connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  const near = new TLSSocket(arrived, { isServer: true, secureContext: context });
  const client = connectTls({ socket: raw, rejectUnauthorized: false });
  await once(client, 'secureConnect');
  const [far, target] = await accepted((port) =>
    connectReadable({ port, host: '127.0.0.1', allowHalfOpen: true }),
  );
  return { client, near, far, target };
}

async function accepted(outgoing: (port: number) => Socket): Promise<[Socket, Socket]> {
  const bound = server.address();
  assert.ok(bound !== null && typeof bound !== 'string');
  const arrival: Promise<unknown[]> = once(server, 'connection');
  const socket = outgoing(bound.port);
  await once(socket, 'connect');
  const [other] = await arrival;
  assert.ok(other instanceof Socket);
  for (const one of [socket, other]) one.on('error', () => undefined);
  return [socket, other];
}

async function send(conn: Conn, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 300_007)
    if (!conn.write(bytes.subarray(at, at + 300_007))) await once(conn, 'drain');
  conn.end();
}

async function receive(conn: Conn, slow: boolean): Promise<string> {
  const hash = createHash('sha256');
  let pieces = 0;
  for await (const chunk of conn.iterator({ destroyOnReturn: false })) {
    assert.ok(Buffer.isBuffer(chunk));
    hash.update(chunk);
    pieces += 1;
    if (slow && pieces % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return hash.digest('hex');
}

describe('a splice between TLS and a plain socket', () => {
  for (const slow of [false, true]) {
    test(`carries every byte both ways${slow ? ' to a slow reader' : ''}`, async () => {
      const { client, near, far, target } = await tunnel();
      const counters = { up: 0, down: 0 };
      const done = splice(near, far, { signal: never, counters });
      const bytes = randomBytes(BYTES);
      const digest = createHash('sha256').update(bytes).digest('hex');
      const [, , up, down] = await Promise.all([
        send(client, bytes),
        send(target, bytes),
        receive(target, slow),
        receive(client, slow),
      ]);
      await done;
      assert.deepEqual([up, down], [digest, digest]);
      assert.deepEqual([counters.up, counters.down], [BYTES, BYTES]);
    });
  }

  test('a client that reads nothing holds the target back', async () => {
    const { client, near, far, target } = await tunnel();
    const stop = new AbortController();
    const counters = { up: 0, down: 0 };
    const done = splice(near, far, { signal: stop.signal, counters });
    const chunk = Buffer.alloc(65_536);
    target.on('drain', () => {
      while (counters.down < 4 * BYTES && target.write(chunk)) continue;
    });
    target.write(Buffer.alloc(1024 * 1024));
    for (let last = -1; last !== counters.down; await new Promise((resolve) => setTimeout(resolve, 500)))
      last = counters.down;
    assert.ok(counters.down > 0);
    assert.ok(counters.down < BYTES / 2, `${counters.down} bytes were taken from the target`);
    assert.ok(near.writableLength <= 1024 * 1024, `${near.writableLength} bytes wait in the process`);
    stop.abort();
    await assert.rejects(done, { code: 'aborted' });
    client.destroy();
    target.destroy();
  });
});
