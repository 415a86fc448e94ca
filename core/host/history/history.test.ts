// What is counted where and when, over the real statistics and a clock that the test turns. Long because each rule is told over some days.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrafficKind } from '../../contract/traffic.ts';
import { ProxyError } from '../../errors.ts';
import { silentLog } from '../../log.ts';
import { Stats } from '../../stats/sink.ts';
import { DAY_MS, daysBefore, HOUR_MS, MINUTE_MS, sliceOf } from './buckets.ts';
import { History } from './history.ts';
import { MemoryHistory } from './memory.ts';
import type { HistoryStore } from './store.ts';

const NOON = new Date(2026, 2, 3, 12, 0, 0).getTime();

function setUp(limits = { days: 30, mb: 200 }, store?: HistoryStore) {
  const clock = { now: NOON, steadyNow: 1000, wall: () => clock.now, steady: () => clock.steadyNow };
  const pass = (ms: number): void => {
    clock.now += ms;
    clock.steadyNow += ms;
  };
  const stats = new Stats();
  const kept = store ?? new MemoryHistory(clock.now);
  const history = new History({
    stats,
    store: kept,
    why: store === undefined ? 'runtime' : null,
    limits,
    log: silentLog,
    clock,
  });
  const open = (host: string, chain: string | null = null, path: readonly string[] = []) => {
    const connection = stats.open({
      service: 'local',
      client: { host: '127.0.0.1', port: 1 },
      close: () => undefined,
    });
    connection.request({ protocol: 'socks5', command: 'connect', target: { host, port: 443 }, user: null });
    connection.routed({ path, chain });
    return connection;
  };
  const sums = (
    kind: TrafficKind,
    period: 'today' | '7d' | 'reset' = 'reset',
  ): Record<string, [number, number]> =>
    Object.fromEntries(history.totals(period, kind).rows.map(({ name, up, down }) => [name, [up, down]]));
  return { clock, pass, stats, store: kept, history, open, sums };
}

test('every kind gets each byte once, when it was carried', () => {
  const { pass, history, open, sums } = setUp();
  const direct = open('Example.com');
  const chained = open('example.com', 'work', ['a', 'b']);
  direct.up = 10;
  chained.down = 100;
  history.fold();
  pass(MINUTE_MS);
  direct.down = 5;
  direct.close(null);
  chained.up = 1;
  history.fold();
  assert.deepEqual(sums('all'), { '': [11, 105] });
  assert.deepEqual(sums('service'), { local: [11, 105] });
  assert.deepEqual(sums('chain'), { '': [10, 5], work: [1, 100] });
  assert.deepEqual(sums('node'), { a: [1, 100], b: [1, 100] });
  assert.deepEqual(sums('host'), { 'example.com': [11, 105] });
  const { times, all, lines, stepMs } = history.history('1h', 'chain');
  assert.equal(stepMs, MINUTE_MS);
  assert.deepEqual([times.length, times.at(-1)], [60, NOON + MINUTE_MS]);
  assert.deepEqual(
    [all.up.slice(-2), all.down.slice(-2), all.open.slice(-2)],
    [
      [10, 1],
      [100, 5],
      [2, 1],
    ],
  );
  assert.deepEqual(
    lines.map(({ name, down }) => [name, down.slice(-2)]),
    [
      ['work', [100, 0]],
      ['', [0, 5]],
    ],
  );
  assert.equal(all.up[0], null, 'before counting began nothing is known');
});

test('a thousand connections that come and go between two folds are all there, and their hosts are let go', () => {
  const { stats, history, open, sums } = setUp();
  for (let at = 0; at < 1000; at += 1) {
    const connection = open(`h${at % 10}`);
    connection.up = at;
    connection.close(at % 4 === 0 ? new ProxyError('refused', { target: 'x' }) : null);
  }
  history.fold();
  assert.equal(
    Object.values(sums('host')).reduce((sum, [up]) => sum + up, 0),
    499_500,
  );
  const [all] = history.totals('reset', 'all').rows;
  assert.deepEqual([all?.opened, all?.failed, all?.up], [1000, 250, 499_500]);
  const hosts = stats.take().find(({ kind }) => kind === 'host')?.rows;
  assert.deepEqual(hosts, []);
});

test('datagrams count at the host of their peer, also when the session has ended', () => {
  const { stats, history, sums } = setUp();
  const connection = stats.open({
    service: 'local',
    client: { host: '127.0.0.1', port: 1 },
    close: () => undefined,
  });
  connection.request({
    protocol: 'socks5',
    command: 'associate',
    target: { host: '0.0.0.0', port: 0 },
    user: null,
  });
  const session = connection.association({
    relay: { host: '127.0.0.1', port: 2 },
    carrier: 'udp',
    path: [],
    chain: null,
  });
  session.up({ host: 'dns.example', port: 53 }, 40);
  history.fold();
  session.down({ host: 'dns.example', port: 53 }, 60);
  session.up({ host: 'ntp.example', port: 123 }, 48);
  connection.close(null);
  history.fold();
  assert.deepEqual(sums('host'), { 'dns.example': [40, 60], 'ntp.example': [48, 0] });
  assert.deepEqual(sums('all'), { '': [88, 60] });
  const [all] = history.totals('reset', 'all').rows;
  assert.deepEqual([all?.packetsUp, all?.packetsDown], [2, 1]);
});

test('a forwarded datagram session is not counted at its target and at its peer both', () => {
  const { stats, history, sums } = setUp();
  const connection = stats.open({
    service: 'local',
    client: { host: '127.0.0.1', port: 1 },
    close: () => undefined,
  });
  const target = { host: 'dns.example', port: 53 };
  connection.request({ protocol: 'forward', command: 'forward', target, user: null });
  const session = connection.association({ relay: target, carrier: 'udp', path: [], chain: null });
  session.up(target, 40);
  connection.close(null);
  history.fold();
  assert.deepEqual(sums('host'), { 'dns.example': [40, 0] });
});

test('a program gets what its connection carried before anybody knew it; what nobody knew is a row of its own', () => {
  const { stats, history, open, sums } = setUp();
  const known = open('a');
  const unknown = open('b');
  known.up = 10;
  history.fold();
  for (const one of stats.ownerless(10)) if (one.id === known.id) one.own({ pid: 7, name: 'curl' });
  known.up = 15;
  unknown.down = 3;
  unknown.close(null);
  history.fold();
  known.down = 1;
  known.close(null);
  history.fold();
  assert.deepEqual(sums('process'), { curl: [15, 1], '': [0, 3] });
  assert.deepEqual(
    history.totals('reset', 'process').rows.map(({ name, opened }) => [name, opened]),
    [
      ['curl', 1],
      ['', 1],
    ],
  );
});

test('today begins at midnight of the local clock', () => {
  const { clock, pass, history, open, sums } = setUp();
  const connection = open('a');
  connection.up = 1;
  history.fold();
  pass(DAY_MS);
  connection.up = 3;
  history.fold();
  assert.deepEqual([sums('all', 'today'), sums('all', '7d')], [{ '': [2, 0] }, { '': [3, 0] }]);
  pass(7 * DAY_MS);
  assert.deepEqual([sums('all', 'today'), sums('all', '7d'), sums('all')], [{}, {}, { '': [3, 0] }]);
  assert.equal(sliceOf('day', clock.now), daysBefore(clock.now, 0));
});

test('age is counted in days, but not by a clock that has just jumped', () => {
  const { clock, pass, store, history, open } = setUp({ days: 2, mb: 200 });
  const connection = open('a');
  connection.up = 1;
  history.fold();
  clock.now += 400 * DAY_MS; // somebody set the clock; no time has passed
  history.fold();
  pass(HOUR_MS + 1);
  // folds go on every few seconds in between
  for (let at = 0; at < 3; at += 1) history.fold();
  assert.ok(store.slices('day', 'all', 0).length >= 1);
  clock.now -= 400 * DAY_MS;
  connection.up = 2;
  history.fold();
  assert.deepEqual(
    store
      .slices('day', 'all', 0)
      .filter(({ at }) => at === sliceOf('day', NOON))
      .map(({ up }) => up),
    [2],
    'the clock was put right and nothing was lost',
  );
});

test('what is too old goes once the clock has been steady for an hour', () => {
  const { pass, store, history, open } = setUp({ days: 2, mb: 200 });
  const connection = open('a');
  for (let hour = 0; hour < 24 * 4; hour += 1) {
    connection.up += 1;
    history.fold();
    pass(HOUR_MS);
  }
  const days = store.slices('day', 'all', 0);
  assert.ok(days.length <= 3 && days.length >= 2, `${days.length} days`);
  assert.equal(history.totals('reset', 'all').rows[0]?.up, 96);
});

test('space is bounded: hosts of old days go first, sums since the reset stay exact', () => {
  const { pass, history, open } = setUp({ days: 30, mb: 1 });
  let carried = 0;
  for (let day = 0; day < 6; day += 1) {
    for (let at = 0; at < 2000; at += 1) {
      const connection = open(`d${day}-h${at}.example`);
      connection.down = 7;
      carried += 7;
      connection.close(null);
    }
    history.fold();
    pass(DAY_MS);
  }
  history.limits({ days: 30, mb: 1 });
  assert.ok(history.state().bytes <= 1_000_000, `${history.state().bytes}`);
  assert.equal(
    history.totals('reset', 'host').rows.reduce((sum, { down }) => sum + down, 0),
    carried,
  );
});

test('a disk that fails ends nothing: counting goes on in memory and says so', () => {
  let failing = false;
  class Failing extends MemoryHistory {
    override add(...args: Parameters<MemoryHistory['add']>): void {
      if (failing) throw new Error('disk full');
      super.add(...args);
    }
  }
  const { history, open, sums } = setUp(undefined, new Failing(NOON));
  const connection = open('a');
  connection.up = 1;
  history.fold();
  assert.equal(history.state().history, 'disk');
  failing = true;
  connection.up = 3;
  history.fold();
  assert.deepEqual([history.state().history, history.state().why], ['memory', 'failed']);
  assert.deepEqual(sums('all'), { '': [2, 0] });
});

test('the last five minutes are there at once, in steps of five seconds', () => {
  const { pass, history, open } = setUp();
  const connection = open('a', 'work', ['n']);
  for (let at = 0; at < 10; at += 1) {
    pass(5000);
    connection.down += 500;
    history.fold();
  }
  const { times, all, lines, stepMs } = history.history('5min', 'chain');
  assert.equal(stepMs, 5000);
  assert.equal(times.length, 60);
  assert.equal(
    all.down.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    5000,
  );
  assert.deepEqual(new Set(all.down.slice(-10, -1)), new Set([500]));
  assert.deepEqual(
    lines.map(({ name }) => name),
    ['work'],
  );
});

test('clearing forgets everything and counts from now', () => {
  const { pass, history, open, sums } = setUp();
  const connection = open('a');
  connection.up = 5;
  history.fold();
  pass(1000);
  history.clear();
  connection.up = 6;
  assert.deepEqual(sums('all'), { '': [1, 0] });
  assert.equal(history.totals('reset', 'all').from, NOON + 1000);
});

test('closing writes what was not folded yet, once', () => {
  const { stats, store, history, open } = setUp();
  open('a').up = 5;
  history.close();
  history.close();
  assert.deepEqual(
    store.sums('all', null).map(({ up }) => up),
    [5],
  );
  assert.deepEqual(
    stats
      .take()
      .find(({ kind }) => kind === 'all')
      ?.rows.map(({ up }) => up),
    [0],
  );
});
