/**
 * The recorded exchanges of core/testing/vectors/proxy-exchanges.json, replayed against our connectors: what GOST servers
 * answered, and byte for byte what GOST clients said where ours say the same. Recorded on loopback with GOST v3 3.3.0 and
 * v2 2.12.0 (`notls=true`); "scripted server" marks answers that no GOST gives.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import * as z from 'zod';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import type { Connector } from '../roles.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { scripted, type Step } from '../testing/scripted.ts';
import { httpConnector } from './http.ts';
import { socks4Connector } from './socks4.ts';
import { socks5Connector } from './socks5.ts';

const address = z.object({ host: z.string(), port: z.number() });
const vectors = z
  .array(
    z.object({
      name: z.string(),
      source: z.string(),
      connector: z.enum(['socks5', 'socks4', 'http']),
      command: z.enum(['connect', 'bind', 'associate']),
      dst: address,
      auth: z.object({ username: z.string(), password: z.string() }).nullable(),
      steps: z.array(z.union([z.object({ hear: z.string() }), z.object({ say: z.string() })])),
      then: z.enum(['echo', 'end', 'reset', 'silence']),
      expect: z.object({
        open: z.string().optional(),
        code: z.string().optional(),
        rep: z.number().optional(),
        local: address.optional(),
        peer: address.optional(),
      }),
    }),
  )
  .parse(
    JSON.parse(readFileSync(new URL('../testing/vectors/proxy-exchanges.json', import.meta.url), 'utf8')),
  );
type Vector = (typeof vectors)[number];

const { signal } = new AbortController();
let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

for (const vector of vectors) {
  test(`${vector.connector}: ${vector.name}`, async () => {
    const steps: Step[] = [...vector.steps, { then: vector.then }];
    const server = await scripted(steps);
    const conn = connect({ ...server.address, allowHalfOpen: true });
    await once(conn, 'connect');
    conn.on('error', () => undefined);
    try {
      await check(vector, connectorOf(vector), conn);
      assert.deepEqual(server.mismatches, []);
      const said = vector.steps.map((step) => ('hear' in step ? step.hear : '')).join('');
      assert.equal(server.heard[0], said, 'all of the recorded bytes were said');
    } finally {
      conn.destroy();
      await server.close();
    }
  });
}

async function check(vector: Vector, connector: Connector, conn: Conn): Promise<void> {
  const { open, code, rep, local, peer } = vector.expect;
  if (open === undefined) {
    await assert.rejects(verb(vector, connector, conn), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, code);
      assert.equal(error.detail['hop'], 'relay-1');
      if (rep !== undefined) assert.equal(error.rep, rep);
      return true;
    });
    assert.ok(conn.destroyed, 'a failed exchange leaves no stream behind');
    return;
  }
  const got = await verb(vector, connector, conn);
  if (local !== undefined) assert.deepEqual(got.local, local);
  if (peer !== undefined) assert.deepEqual(got.peer, peer);
  got.conn.write('payload');
  const expected = Buffer.concat([Buffer.from(open, 'hex'), Buffer.from('payload')]);
  assert.deepEqual(await take(got.conn, expected.length), expected);
}

async function verb(
  { command, dst }: Vector,
  connector: Connector,
  conn: Conn,
): Promise<{ conn: Conn; local?: unknown; peer?: unknown }> {
  switch (command) {
    case 'connect':
      return { conn: await connector.connect(conn, dst, signal) };
    case 'bind': {
      const incoming = await connector.bind?.(conn, dst, signal);
      assert.ok(incoming);
      const accepted = await incoming.accept(signal);
      incoming.close(); // the port is gone, the stream of its peer is not
      return { local: incoming.local, ...accepted };
    }
    case 'associate':
      await connector.associate?.(conn, dst, directRoute(), signal, () =>
        Promise.reject(new Error('nothing is refused here')),
      );
      return { conn };
  }
}

function connectorOf({ connector, auth, dst }: Vector): Connector {
  const deps = { node: 'relay-1', addr: dst, auth, tls: null, state: null, log: silentLog };
  switch (connector) {
    case 'socks5':
      return socks5Connector.create(socks5Connector.options.parse({ notls: true, relay: 'udp' }), deps);
    case 'socks4':
      return socks4Connector.create(socks4Connector.options.parse({}), deps);
    case 'http':
      return httpConnector.create(httpConnector.options.parse({}), deps);
  }
}

async function take(conn: Conn, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  conn.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
  });
  while (size < length) await once(conn, 'data');
  return Buffer.concat(chunks);
}
