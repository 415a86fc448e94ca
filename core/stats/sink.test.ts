import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatsFrame } from '../contract/stats.ts';
import { COUNTER_STRIDE } from '../contract/stats.ts';
import { ProxyError } from '../errors.ts';
import type { ChainNode, ConnStats } from '../roles.ts';
import { OwnTime } from '../testing/own-time.ts';
import { Stats } from './sink.ts';

const CLIENT = { host: '127.0.0.1', port: 4000 };
const PEER = { host: '192.0.2.1', port: 53 };
const TARGET = { host: 'example.com', port: 443 };

function open(stats: Stats, service = 'proxy'): ConnStats {
  return stats.open({ service, client: CLIENT, close: () => undefined });
}

function routed(stats: Stats, path: readonly string[] = [], chain: string | null = null): ConnStats {
  const connection = open(stats);
  connection.request({ protocol: 'socks5', command: 'connect', target: TARGET, user: null });
  connection.routed({ path, chain });
  return connection;
}

function turn(stats: Stats, known: number | null): { frame: StatsFrame; now: number } {
  const now = stats.turn();
  return { frame: stats.since(known), now };
}

function rows({ counters }: StatsFrame): Map<number, [number, number]> {
  const found = new Map<number, [number, number]>();
  for (let at = 0; at < counters.length; at += COUNTER_STRIDE) {
    found.set(counters[at] ?? -1, [counters[at + 1] ?? -1, counters[at + 2] ?? -1]);
  }
  return found;
}

test('the first frame begins anew and the next ones carry only changes', () => {
  const stats = new Stats();
  const a = routed(stats);
  const b = routed(stats);
  const first = turn(stats, null);
  assert.equal(first.frame.reset, true);
  assert.deepEqual(
    first.frame.upserts.map(({ id }) => id),
    [a.id, b.id],
  );
  const [infoA] = first.frame.upserts;
  assert.ok(infoA !== undefined);
  assert.deepEqual(infoA.target, TARGET);
  assert.equal(typeof infoA.setupMs, 'number');

  a.up += 100;
  a.down += 2000;
  const second = turn(stats, first.now);
  assert.equal(second.frame.reset, false);
  assert.deepEqual(second.frame.upserts, []);
  assert.deepEqual([...rows(second.frame)], [[infoA.slot, [100, 2000]]]);
  const third = turn(stats, second.now);
  assert.deepEqual(third.frame.counters, []);
  assert.deepEqual(third.frame.services, []);
});

test('a subscriber that skipped frames gets the union of what it missed', () => {
  const stats = new Stats();
  const { now } = turn(stats, null);
  const a = routed(stats);
  stats.turn();
  a.up += 5;
  stats.turn();
  const b = routed(stats);
  b.close(null);
  a.up += 5;
  const { frame } = turn(stats, now);
  assert.deepEqual(
    frame.upserts.map(({ id }) => id),
    [a.id],
  );
  assert.deepEqual([...rows(frame).values()], [[10, 0]]);
  assert.deepEqual(
    frame.closed.map(({ id }) => id),
    [b.id],
  );
});

test('too many ends since the last frame begin anew instead of losing some', () => {
  const stats = new Stats();
  const { now } = turn(stats, null);
  for (let i = 0; i < 1000; i += 1) routed(stats).close(null);
  assert.equal(turn(stats, now).frame.reset, false);
  const kept = routed(stats);
  routed(stats).close(null);
  const { frame } = turn(stats, now);
  assert.equal(frame.reset, true);
  assert.deepEqual(
    frame.upserts.map(({ id }) => id),
    [kept.id],
  );
  assert.equal(stats.recent().length, 1000);
});

test('a slot is used again only after its connection ended', () => {
  const stats = new Stats();
  const a = routed(stats);
  const { frame, now } = turn(stats, null);
  a.close(null);
  routed(stats);
  const next = turn(stats, now).frame;
  assert.equal(next.closed[0]?.slot, frame.upserts[0]?.slot);
  assert.equal(next.upserts[0]?.slot, frame.upserts[0]?.slot);
  assert.notEqual(next.upserts[0]?.id, next.closed[0]?.id);
});

test('sums of services, chains and nodes are the bytes carried, whenever they are asked for', () => {
  const stats = new Stats();
  const direct = routed(stats);
  const chained = routed(stats, ['a', 'b'], 'office');
  direct.up = 10;
  chained.up = 100;
  chained.down = 1000;
  stats.turn();
  chained.up = 101;
  chained.close(new ProxyError('reset', { side: 'The target' }));
  direct.down = 7;
  const { frame } = turn(stats, null);
  assert.deepEqual(frame.totals, {
    up: 111,
    down: 1007,
    open: 1,
    associations: 0,
    packetsUp: 0,
    packetsDown: 0,
  });
  assert.deepEqual(frame.services, [
    { name: 'proxy', up: 111, down: 1007, open: 1, opened: 2, failed: 1, packetsUp: 0, packetsDown: 0 },
  ]);
  const office = { up: 101, down: 1000, open: 0, opened: 1, failed: 1, packetsUp: 0, packetsDown: 0 };
  assert.deepEqual(frame.chains, [
    { name: '', up: 10, down: 7, open: 1, opened: 1, failed: 0, packetsUp: 0, packetsDown: 0 },
    { name: 'office', ...office },
  ]);
  assert.deepEqual(frame.nodes, [
    { name: 'a', ...office },
    { name: 'b', ...office },
  ]);
  assert.equal(stats.recent()[0]?.error?.code, 'reset');
});

test('an end that a person asked for is no failure, and ending twice counts once', () => {
  const stats = new Stats();
  const connection = routed(stats);
  connection.close(new ProxyError('closed_by_user'));
  connection.close(new ProxyError('reset'));
  const { frame } = turn(stats, null);
  assert.deepEqual([frame.services[0]?.failed, frame.totals.open], [0, 0]);
  assert.equal(stats.recent().length, 1);
});

test('a connection is ended from outside by its id', () => {
  const stats = new Stats();
  const reasons: ProxyError[] = [];
  const { id } = stats.open({ service: 's', client: CLIENT, close: (reason) => void reasons.push(reason) });
  const reason = new ProxyError('closed_by_user');
  assert.equal(stats.close(id, reason), true);
  assert.equal(stats.close('c0', reason), false);
  assert.deepEqual(reasons, [reason]);
});

test('established is called once, at the first way out', () => {
  const stats = new Stats();
  let calls = 0;
  const connection = stats.open({
    service: 's',
    client: CLIENT,
    close: () => undefined,
    established: () => (calls += 1),
  });
  connection.request({ protocol: 'socks5', command: 'associate', target: null, user: null });
  assert.equal(calls, 0);
  connection.routed({ path: [], chain: null });
  connection.association({ relay: CLIENT, carrier: 'udp', path: [], chain: null });
  assert.equal(calls, 1);
});

test('the detail of a connection outlives it as long as the connection is remembered, and no longer', () => {
  const stats = new Stats();
  const connection = open(stats);
  connection.request({ protocol: 'socks5', command: 'connect', target: TARGET, user: null });
  connection.trace.attempt();
  connection.trace.named('system', '192.0.2.7');
  connection.routed({ path: [], chain: null });
  connection.firstByte();
  connection.firstByte();
  const open_ = stats.detail(connection.id);
  assert.deepEqual(
    [open_?.name?.by, open_?.name?.address, open_?.attempts.length],
    ['system', '192.0.2.7', 1],
  );
  assert.equal(turn(stats, null).frame.upserts[0]?.resolved, '192.0.2.7');
  connection.close(null);
  assert.deepEqual(stats.detail(connection.id), open_);
  for (let i = 0; i < 1000; i += 1) routed(stats).close(null);
  assert.equal(stats.detail(connection.id), null);
});

test('the program of a client is asked for once and then part of its row', () => {
  const stats = new Stats();
  const known = open(stats);
  const unknown = open(stats);
  const { now } = turn(stats, null);
  assert.deepEqual(
    stats.ownerless(10).map(({ id }) => id),
    [known.id, unknown.id],
  );
  assert.equal(stats.ownerless(1).length, 1);
  for (const each of stats.ownerless(10)) each.own(each.id === known.id ? { pid: 7, name: 'curl' } : null);
  assert.deepEqual(stats.ownerless(10), []);
  const { frame } = turn(stats, now);
  assert.deepEqual(
    frame.upserts.map(({ id, owner }) => [id, owner]),
    [[known.id, { pid: 7, name: 'curl' }]],
  );
});

test('an association counts peers, packets, bytes and drops, in itself and in its connection', () => {
  const stats = new Stats();
  const connection = open(stats);
  const datagrams = connection.association({ relay: CLIENT, carrier: 'udp', path: ['n'], chain: 'c' });
  datagrams.up(PEER, 10);
  datagrams.up({ ...PEER }, 20);
  datagrams.down(PEER, 300);
  datagrams.up({ host: '192.0.2.2', port: 53 }, 1);
  datagrams.drop('fragment');
  datagrams.drop('fragment');
  const first = turn(stats, null);
  const [info] = first.frame.associations;
  assert.ok(info !== undefined);
  assert.equal(info.peerCount, 2);
  assert.deepEqual(
    stats
      .detail(info.id)
      ?.peers.map(({ peer, packetsUp, packetsDown, up, down, largest }) => [
        peer.host,
        packetsUp,
        packetsDown,
        up,
        down,
        largest,
      ]),
    [
      ['192.0.2.1', 2, 1, 30, 300, 300],
      ['192.0.2.2', 1, 0, 1, 0, 1],
    ],
  );
  assert.deepEqual([info.asked, info.unanswered], [2, 1]);
  assert.notEqual(stats.detail(info.id)?.firstByteMs, null);
  assert.deepEqual(info.dropped, { fragment: 2 });
  assert.deepEqual([...rows(first.frame).values()], [[31, 300]]);
  assert.deepEqual(first.frame.totals, {
    up: 31,
    down: 300,
    open: 1,
    associations: 1,
    packetsUp: 3,
    packetsDown: 1,
  });
  assert.equal(first.frame.nodes[0]?.packetsUp, 3);

  assert.deepEqual(turn(stats, first.now).frame.associations, []);
  datagrams.drop('stranger');
  assert.equal(turn(stats, first.now + 1).frame.associations.length, 1);
  datagrams.close();
  connection.close(null);
  const last = turn(stats, first.now + 2).frame;
  assert.equal(last.associations.length, 1);
  assert.ok(last.associations[0]?.endedAt !== null);
  assert.equal(last.totals.associations, 0);
});

test('an association remembers a bounded number of peers and shows the busiest 64', () => {
  const stats = new Stats();
  const datagrams = open(stats).association({ relay: CLIENT, carrier: 'udp', path: [], chain: null });
  for (let port = 1; port <= 10_000; port += 1) datagrams.up({ host: '192.0.2.1', port }, 1);
  for (let i = 0; i < 5; i += 1) datagrams.up({ host: '192.0.2.9', port: 9 }, 1);
  const [info] = turn(stats, null).frame.associations;
  assert.ok(info !== undefined);
  const peers = stats.detail(info.id)?.peers ?? [];
  assert.equal(peers.length, 64);
  assert.equal(peers[0]?.peer.host, '192.0.2.9');
  assert.equal(info.peerCount, 10_001);
  assert.equal(info.packetsUp, 10_005);
});

test('a frame over ten thousand connections of which 500 changed takes less than 10 ms', () => {
  const stats = new Stats();
  const connections = Array.from({ length: 10_000 }, () => routed(stats, ['a', 'b'], 'c'));
  let { now } = turn(stats, null);
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    for (let i = 0; i < 500; i += 1) {
      const connection = connections[(round * 500 + i) % connections.length];
      if (connection !== undefined) connection.down += 1;
    }
    const time = new OwnTime();
    const next = turn(stats, now);
    times.push(time.elapsed);
    now = next.now;
    assert.equal(next.frame.counters.length, 500 * COUNTER_STRIDE);
  }
  times.sort((a, b) => a - b);
  assert.ok((times[4] ?? 99) < 10, `median ${String(times[4])} ms`);
});

test('an exempt client is counted nowhere, and only while it is exempt', () => {
  const stats = new Stats();
  const record = stats.exempt(CLIENT);
  let ended: ProxyError | null = null;
  let established = 0;
  const hidden = stats.open({
    service: 'proxy',
    client: { ...CLIENT },
    close: (error) => (ended = error),
    established: () => (established += 1),
  });
  const datagrams = hidden.association({ relay: CLIENT, carrier: 'udp', path: ['n'], chain: 'c' });
  datagrams.up(PEER, 10);
  hidden.up += 5;
  const { frame } = turn(stats, null);
  assert.deepEqual(
    [frame.upserts, frame.counters, frame.associations, frame.services, frame.chains, frame.nodes],
    [[], [], [], [], [], []],
  );
  assert.equal(established, 1, 'the limits still see it as a client');
  assert.equal(stats.close(hidden.id, new ProxyError('closed_by_user')), false);
  assert.equal(ended, null);
  hidden.close(null);
  assert.deepEqual(stats.recent(), []);
  const other = stats.open({ service: 'proxy', client: { ...CLIENT, port: 1 }, close: () => undefined });
  record();
  const later = open(stats);
  assert.deepEqual(
    turn(stats, null).frame.upserts.map(({ id }) => id),
    [other.id, later.id],
  );
});

test('counts who names targets of a chain by name and who by address', () => {
  const stats = new Stats();
  const connect = (host: string, path: readonly string[], program: string | null): void => {
    const connection = open(stats);
    connection.request({ protocol: 'socks5', command: 'connect', target: { host, port: 443 }, user: null });
    connection.routed({ path, chain: path.length === 0 ? null : 'chain' });
    for (const one of stats.ownerless(10)) one.own(program === null ? null : { pid: 1, name: program });
    connection.close(null);
  };
  for (const host of ['example.com', '203.0.113.5', '2001:db8::1', '::ffff:203.0.113.6'])
    connect(host, ['hop'], 'curl');
  connect('example.com', ['hop'], null);
  connect('192.168.1.7', ['hop'], 'curl'); // nobody has to look that up
  connect('203.0.113.5', [], 'curl'); // Direct hides nothing
  assert.deepEqual(stats.naming.of('proxy'), [
    { client: 'curl', named: 1, literal: 3 },
    { client: '127.0.0.1', named: 1, literal: 0 },
  ]);
  assert.deepEqual(stats.naming.of('other'), []);
});

test('clients that are too many are counted together', () => {
  const stats = new Stats();
  for (let at = 0; at < 200; at += 1) stats.naming.count('proxy', `program-${at}`, true);
  const counts = stats.naming.of('proxy');
  assert.equal(counts.length, 65);
  assert.deepEqual(counts[0], { client: '', named: 0, literal: 136 });
});

test('a connection that never came through shows the nodes it was tried over, not Direct', () => {
  const stats = new Stats();
  const connection = open(stats);
  connection.request({ protocol: 'socks5', command: 'connect', target: TARGET, user: null });
  const unused = (): Promise<never> => Promise.reject(new Error('only its name and address are looked at'));
  const node = (name: string): ChainNode => ({
    name,
    addr: CLIENT,
    dialer: { dial: unused },
    connector: { connect: unused },
  });
  connection.trace.attempt();
  for (const name of ['last', 'middle', 'first']) connection.trace.dialling(node(name));
  const { chain, path } = connection.summary();
  assert.deepEqual([chain, path], [undefined, ['first', 'middle', 'last']]);
  connection.close(new ProxyError('hop_unreachable', { hop: 'first', reason: 'it refused.' }));
  const [closed] = stats.recent();
  assert.deepEqual([closed?.path, closed?.chain, closed?.setupMs], [['first', 'middle', 'last'], null, null]);
});
