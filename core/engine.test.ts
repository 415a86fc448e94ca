/** The engine as its users see it: services up and down, changes that cut nobody, failures that undo themselves. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { loadPlan } from './config/load.ts';
import type { ServiceState } from './contract/api.ts';
import { Engine } from './engine.ts';
import { silentLog } from './log.ts';
import type { Address } from './net/conn.ts';
import type { Plan } from './plan.ts';
import { ask, connectThrough, open, take } from './testing/client.ts';

let echo: Server;
let target: Address;
let engine: Engine;

before(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket: Socket) =>
    socket.on('error', () => undefined).pipe(socket),
  );
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  target = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port }; // a listening TCP server has one
});
after(() => echo.close());
afterEach(() => engine.shutdown(0));

function newEngine(forbidden: readonly Address[] = []): Engine {
  engine = new Engine({ log: silentLog, stateFolder: null, forbidden: () => forbidden });
  return engine;
}

/** A plan out of YAML that must not have findings that block. */
function plan(text: string): Plan {
  const loaded = loadPlan(text, { file: 'test.yml' });
  assert.deepEqual(
    loaded.findings.filter(({ grade }) => grade === 'blocks'),
    [],
  );
  return loaded.plan;
}

const service = (name: string, addr: string, more = ''): string =>
  `- {name: ${name}, addr: "${addr}", handler: {type: socks5, metadata: {udp: true}${more}}, listener: {type: tcp}}\n`;
const services = (...lines: string[]): string => `services:\n${lines.join('')}`;

function state(name: string): ServiceState {
  const found = engine.states().find((candidate) => candidate.name === name);
  assert.ok(found !== undefined, `${name} is there`);
  return found;
}

function at(name: string): Address {
  const bound = state(name).bound[0];
  assert.ok(bound !== undefined, `${name} is bound`);
  return bound;
}

/** Resolves when the stream is closed, however it ended. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function echoes(socket: Socket, text: string): Promise<void> {
  socket.write(text);
  assert.equal((await take(socket, text.length)).toString(), text);
}

describe('services', () => {
  test('says a service is up only with the port that was really bound', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'))));
    assert.equal(state('a').state, 'up');
    assert.notEqual(at('a').port, 0);
    const socket = await connectThrough(at('a'), target);
    await echoes(socket, 'hello');
    socket.destroy();
  });

  test('stops and starts one service and leaves the others alone', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'), service('b', '127.0.0.1:0'))));
    const other = await connectThrough(at('b'), target);
    const own = await connectThrough(at('a'), target);
    own.on('error', () => undefined);
    const gone = closing(own);
    own.resume();
    assert.equal((await engine.stop('a')).state, 'stopped');
    await gone;
    await echoes(other, 'still here');
    assert.equal((await engine.start('a')).state, 'up');
    other.destroy();
  });

  test('a port that is taken fails that service, with a sentence, and nobody else', async () => {
    const taken = target.port;
    await newEngine().apply(plan(services(service('a', `127.0.0.1:${taken}`), service('b', '127.0.0.1:0'))));
    assert.equal(state('a').state, 'failed');
    assert.equal(state('a').error?.code, 'port_in_use');
    assert.equal(state('b').state, 'up');
  });

  test('tells who can reach a service without a password', async () => {
    const auth = ', auth: {username: u, password: p}';
    await newEngine().apply(
      plan(
        `${services(
          service('a', ':0'),
          service('b', '127.0.0.1:0'),
          service('c', ':0', auth),
          service('d', ':0').replace('name: d', 'name: d, admission: home'),
          service('e', ':0').replace('name: e', 'name: e, admission: not-these'),
        )}admissions:
  - {name: home, whitelist: true, matchers: [192.168.0.0/16]}
  - {name: not-these, matchers: [192.168.0.0/16]}
`,
      ),
      () => false,
    );
    assert.deepEqual(
      engine.states().map(({ exposed }) => exposed),
      [true, false, false, false, true],
    );
  });
});

describe('apply', () => {
  test('keeps connections of a service whose handler changes, and serves new clients by the new rules', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'))));
    const before = at('a');
    const old = await connectThrough(before, target);
    await engine.apply(plan(services(service('a', '127.0.0.1:0', ', auth: {username: u, password: p}'))));
    assert.deepEqual(at('a'), before, 'the port is the same one');
    await echoes(old, 'untouched');
    const fresh = await open(before);
    fresh.write(Buffer.from([5, 1, 0]));
    assert.deepEqual([...(await take(fresh, 2))], [5, 0xff]);
    fresh.destroy();
    old.destroy();
  });

  test('moves a service to another port without ending its connections', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'))));
    const before = at('a');
    const old = await connectThrough(before, target);
    await engine.apply(plan(services(service('a', '127.0.0.2:0'))));
    assert.equal(at('a').host, '127.0.0.2');
    await assert.rejects(open(before));
    await echoes(old, 'untouched');
    old.destroy();
  });

  test('undoes everything when a running service can not take its new form', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'), service('b', '127.0.0.1:0'))));
    const [a, b] = [at('a'), at('b')];
    const bad = services(service('a', '127.0.0.2:0'), service('b', `127.0.0.1:${target.port}`));
    await assert.rejects(engine.apply(plan(bad)), { code: 'port_in_use' });
    assert.deepEqual([at('a'), at('b')], [a, b]);
    const socket = await connectThrough(a, target);
    await echoes(socket, 'as before');
    socket.destroy();
  });

  test('ends the connections of a service that was removed', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'), service('b', '127.0.0.1:0'))));
    const socket = await connectThrough(at('a'), target);
    socket.on('error', () => undefined);
    const gone = closing(socket);
    socket.resume();
    await engine.apply(plan(services(service('b', '127.0.0.1:0'))));
    await gone;
    assert.deepEqual(
      engine.states().map(({ name }) => name),
      ['b'],
    );
  });
});

describe('rules', () => {
  test('a chain whose only proxy is gone refuses and never goes around it', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const dead = (closed.address() as AddressInfo).port;
    closed.close();
    let reached = 0;
    const count = (): void => void (reached += 1);
    echo.on('connection', count);
    const chain = `chains:\n- {name: c, hops: [{name: h, nodes: [{name: n, addr: "127.0.0.1:${dead}", connector: {type: socks5}, dialer: {type: tcp}}]}]}\n`;
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0', ', chain: c')) + chain));
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const socket = await open(at('a'));
      assert.notEqual((await ask(socket, 1, target)).rep, 0);
      socket.destroy();
    }
    echo.off('connection', count);
    assert.equal(reached, 0);
  });

  test('the control port can not be reached through our own services', async () => {
    await newEngine([target]).apply(plan(services(service('a', '127.0.0.1:0'))));
    for (const host of ['127.0.0.1', 'localhost', '::ffff:127.0.0.1']) {
      const socket = await open(at('a'));
      assert.equal((await ask(socket, 1, { host, port: target.port })).rep, 2, host);
      socket.destroy();
    }
  });

  test('a connection is closed by its id and says so', async () => {
    await newEngine().apply(plan(services(service('a', '127.0.0.1:0'))));
    const socket = await connectThrough(at('a'), target);
    socket.on('error', () => undefined);
    await echoes(socket, 'x');
    engine.stats.turn();
    const [connection] = engine.stats.since(null).upserts;
    assert.ok(connection !== undefined);
    const gone = closing(socket);
    socket.resume();
    assert.equal(engine.closeConnections([connection.id, 'nobody']), 1);
    await gone;
    const [record] = engine.stats.recent();
    assert.equal(record?.error?.code, 'closed_by_user');
    assert.deepEqual([record.up, record.down], [1, 1]);
  });
});
