/** Resolvers against name servers of our own on loopback, over every transport and through a chain. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { decode, encode, RECURSION_DESIRED, TRUNCATED_RESPONSE, type Answer, type Packet } from 'dns-packet';
import { ProxyError } from '../errors.ts';
import type { Conn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { Reader } from '../net/reader.ts';
import type { NameserverPlan } from '../plan.ts';
import type { Route } from '../roles.ts';
import { tcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { nameServer } from '../testing/nameserver.ts';
import { exchangeFor } from './dns-exchange.ts';
import { createResolver, type Resolver } from './resolver.ts';
import { rerouted } from './route.ts';

const { signal } = new AbortController();
let baseline: string[] = [];
const open: { close(): unknown }[] = [];
before(() => (baseline = liveResources()));
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
after(() => assertNoLeaks(baseline));

function keep<T extends { close(): unknown }>(each: T): T {
  open.push(each);
  return each;
}

function server(addr: string, about: Partial<NameserverPlan> = {}): NameserverPlan {
  return {
    protocol: 'udp',
    addr,
    hostname: null,
    prefer: null,
    only: null,
    clientIp: null,
    chain: null,
    ttlMs: null,
    timeoutMs: 2000,
    ...about,
  };
}

function resolverOf(
  nameservers: readonly NameserverPlan[],
  clock?: { now: number },
  direct: Route = directRoute(),
): Resolver {
  return keep(
    createResolver(
      { name: 'r', nameservers },
      {
        route: () => () => Promise.resolve(direct),
        ...(clock === undefined ? {} : { now: () => clock.now }),
      },
    ),
  );
}

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ProxyError ? error.code : String(error)),
  );
}

/** A response to a query with one A record, or whatever `about` says. */
function answered(query: Buffer, about: Partial<Packet> = {}): Buffer {
  const { id, questions = [] } = decode(query);
  const [question] = questions;
  const answers: Answer[] =
    question?.type === 'A' ? [{ type: 'A', name: question.name, ttl: 60, data: '192.0.2.7' }] : [];
  return encode({ type: 'response', id: id ?? 0, flags: RECURSION_DESIRED, questions, answers, ...about });
}

test('answers both families, the preferred first, or only one', async () => {
  const dns = keep(
    await nameServer({
      'both.example': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
      'six.example': { aaaa: ['2001:db8::2'] },
    }),
  );
  const ask = (about: Partial<NameserverPlan>, name = 'both.example'): Promise<string[]> =>
    resolverOf([server(dns.address, about)]).lookup(name, signal);
  assert.deepEqual(await ask({}), ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(await ask({ prefer: 'ipv6' }), ['2001:db8::1', '192.0.2.1']);
  assert.deepEqual(await ask({ only: 'ipv6' }), ['2001:db8::1']);
  assert.deepEqual(await ask({}, 'SIX.example.'), ['2001:db8::2']);
  assert.equal(await failure(ask({ only: 'ipv4' }, 'six.example')), 'name_not_found');
  assert.deepEqual(await ask({}, '192.0.2.9'), ['192.0.2.9'], 'literals answer themselves');
});

test('keeps answers for their TTL, for a fixed time, or not at all', async () => {
  const dns = keep(await nameServer({ 'a.example': { a: ['192.0.2.1'], ttl: 60 } }));
  const asked = async (ttlMs: number | null, waitMs: number): Promise<number> => {
    const clock = { now: 0 };
    const { lookup } = resolverOf([server(dns.address, { ttlMs, only: 'ipv4' })], clock);
    const start = dns.asked.length;
    await lookup('a.example', signal);
    clock.now = waitMs;
    await lookup('A.example', signal);
    return dns.asked.length - start;
  };
  assert.deepEqual([await asked(null, 59_999), await asked(null, 60_000)], [1, 2]);
  assert.deepEqual([await asked(5000, 4999), await asked(5000, 5000)], [1, 2]);
  assert.equal(await asked(-1, 0), 2);
});

test('many who ask at once share one question', async () => {
  const dns = keep(await nameServer({ 'a.example': { a: ['192.0.2.1'] } }));
  const { lookup } = resolverOf([server(dns.address, { only: 'ipv4' })]);
  const all = await Promise.all(Array.from({ length: 20 }, () => lookup('a.example', signal)));
  assert.ok(all.every(([first]) => first === '192.0.2.1'));
  assert.deepEqual(dns.asked, ['A a.example']);
});

test('asks the next server when one fails or is silent, but believes that a name does not exist', async () => {
  const bad = keep(await nameServer({ 'fails.example': 'fails', 'silent.example': 'silent' }));
  const good = keep(await nameServer({ '*.example': { a: ['192.0.2.1'] } }));
  const { lookup } = resolverOf([server(bad.address, { timeoutMs: 60 }), server(good.address)]);
  assert.deepEqual(await lookup('fails.example', signal), ['192.0.2.1']);
  assert.deepEqual(await lookup('silent.example', signal), ['192.0.2.1']);
  assert.equal(await failure(lookup('missing.example', signal)), 'name_not_found');
  assert.equal(
    await failure(resolverOf([server(bad.address, { timeoutMs: 30 })]).lookup('silent.example', signal)),
    'name_timeout',
  );
});

test('one silent family does not turn into "does not exist"', async () => {
  const dns = keep(
    await nameServer({
      'half.example': { a: [], aaaa: 'silent' },
      'four.example': { a: ['192.0.2.1'], aaaa: 'silent' },
    }),
  );
  const { lookup } = resolverOf([server(dns.address, { timeoutMs: 80 })]);
  assert.equal(await failure(lookup('half.example', signal)), 'name_timeout');
});

test('an abort or closing ends the wait', async () => {
  const dns = keep(await nameServer({ 'silent.example': 'silent' }));
  const resolver = resolverOf([server(dns.address)]);
  const controller = new AbortController();
  const first = failure(resolver.lookup('silent.example', controller.signal));
  const second = failure(resolver.lookup('silent.example', signal));
  controller.abort(new ProxyError('closed_by_user'));
  assert.equal(await first, 'closed_by_user');
  resolver.close();
  assert.equal(await second, 'stopping');
});

test('sends the client’s network when one is configured, cut to /24', async () => {
  let seen: unknown = null;
  const dns = keep(
    await tcpPeer((socket) => {
      void serveStream(socket, (query) => {
        seen = decode(query).additionals?.flatMap((each) => (each.type === 'OPT' ? each.options : []))[0];
        return answered(query);
      });
    }),
  );
  const { lookup } = resolverOf([
    server(`127.0.0.1:${dns.address.port}`, { protocol: 'tcp', clientIp: '198.51.100.77', only: 'ipv4' }),
  ]);
  assert.deepEqual(await lookup('a.example', signal), ['192.0.2.7']);
  assert.deepEqual(
    { ...(seen as object), data: null },
    {
      code: 8,
      type: 'CLIENT_SUBNET',
      data: null,
      family: 1,
      sourcePrefixLength: 24,
      scopePrefixLength: 0,
      ip: '198.51.100.0',
    },
  );
});

test('a cut answer over UDP is asked for again over TCP', async () => {
  const tcp = keep(await tcpPeer((socket) => void serveStream(socket, (query) => answered(query))));
  const direct = directRoute();
  const query = encode({
    type: 'query',
    id: 7,
    flags: RECURSION_DESIRED,
    questions: [{ type: 'A', name: 'a.example' }],
  });
  const exchange = exchangeFor(server(`127.0.0.1:${tcp.address.port}`));
  const route: Route = rerouted(direct, {
    associate: () => {
      let answer: (data: Buffer) => void = () => undefined;
      return Promise.resolve({
        local: tcp.address,
        carrier: 'udp',
        closed: new Promise<void>(() => undefined),
        receive: (sink) => (answer = (data) => sink(data, tcp.address)),
        send: (data) => {
          const forged = answered(data);
          forged.writeUInt16BE(8, 0);
          answer(forged);
          answer(answered(data, { questions: [{ type: 'A', name: 'b.example' }] }));
          answer(answered(data, { flags: TRUNCATED_RESPONSE, answers: [] }));
          return null;
        },
        close: () => undefined,
      });
    },
  });
  const packet = decode(await exchange(query, route, signal));
  assert.equal(packet.answers?.length, 1);
});

test('broken answers are errors, whatever the bytes', async () => {
  for (const bytes of ['00', '000500', '000cffffffffffffffffffffffff']) {
    const dns = keep(
      await tcpPeer((socket) => void socket.once('data', () => socket.end(Buffer.from(bytes, 'hex')))),
    );
    const { lookup } = resolverOf([
      server(`127.0.0.1:${dns.address.port}`, { protocol: 'tcp', timeoutMs: 500 }),
    ]);
    assert.notEqual(await failure(lookup('a.example', signal)), 'ok');
  }
});

test('addresses that can not be read are configuration errors', () => {
  for (const bad of [server('not an address'), server(':53'), server('x', { protocol: 'https' })]) {
    assert.throws(() => resolverOf([bad]), { code: 'config' });
  }
  for (const good of ['1.1.1.1', '1.1.1.1:53', '2606:4700::1111', '[2606:4700::1111]:53', 'dns.example']) {
    resolverOf([server(good)]);
  }
});

/** Answers the messages of one stream. */
async function serveStream(conn: Conn, answer: (query: Buffer) => Buffer): Promise<void> {
  const reader = new Reader(conn);
  const query = await reader.read((await reader.read(2)).readUInt16BE(0));
  reader.release();
  const reply = answer(query);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(reply.length);
  conn.write(length);
  conn.end(reply);
}
