// What is remembered of a connection or an association that ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProxyError } from '../errors.ts';
import type { ConnStats } from '../roles.ts';
import { Stats } from './sink.ts';

const CLIENT = { host: '127.0.0.1', port: 4000 };
const TARGET = { host: 'example.com', port: 443 };

function open(stats: Stats): ConnStats {
  return stats.open({ service: 'proxy', client: CLIENT, close: () => undefined });
}

function routed(stats: Stats): ConnStats {
  const connection = open(stats);
  connection.request({ protocol: 'socks5', command: 'connect', target: TARGET, user: null });
  connection.routed({ path: [], chain: null });
  return connection;
}

test('a flood of refused clients leaves room for the others among the last closed', () => {
  const stats = new Stats();
  routed(stats).close(null);
  const refuse = (): void => open(stats).close(new ProxyError('not_admitted', { client: '127.0.0.1' }));
  for (let count = 0; count < 5_000; count += 1) refuse();
  assert.equal(stats.recent().filter(({ error }) => error?.code === 'not_admitted').length, 100);
  assert.equal(stats.recent().at(-1)?.target?.host, TARGET.host);
  assert.equal(everything(stats).services[0]?.failed, 5_000);
  // those that were forgotten make room for new ones
  for (let count = 0; count < 1_000; count += 1) routed(stats).close(null);
  refuse();
  assert.equal(stats.recent()[0]?.error?.code, 'not_admitted');
});

test('who ended a connection: the side that the splice names, or whoever the error says', () => {
  const stats = new Stats();
  const ended = (by: 'client' | 'target' | null, error: ProxyError | null): unknown => {
    const connection = routed(stats);
    connection.endedBy = by;
    connection.close(error);
    return stats.recent()[0]?.endedBy;
  };
  assert.equal(ended('target', null), 'target');
  assert.equal(ended('client', new ProxyError('reset', { side: 'The client' })), 'client');
  assert.equal(ended('client', new ProxyError('closed_by_user')), 'us');
  assert.equal(ended(null, new ProxyError('client_gone')), 'client');
  assert.equal(ended(null, new ProxyError('refused', { target: 'a' })), null);
});

test('an association says how each hop carries it, and how large what did not fit was', () => {
  const stats = new Stats();
  const way = { relay: CLIENT, path: ['a', 'b', 'c'], chain: 'work' };
  const datagrams = open(stats).association({
    ...way,
    carrier: 'udp-tun',
    hops: ['udp-tun', 'udp'],
    idleMs: 60_000,
  });
  datagrams.drop('too_big', 65_510, 65_507);
  datagrams.drop('too_big', 65_508, 65_507);
  datagrams.drop('queue', 70_000, 1);
  const [info] = everything(stats).associations;
  assert.deepEqual(info?.carriers, ['tcp', 'udp-tun', 'udp']);
  assert.deepEqual(info.tooBig, { size: 65_510, limit: 65_507 });
  assert.equal(info.idleMs, 60_000);
  const plain = open(stats).association({ ...way, path: [], carrier: 'udp' });
  plain.drop('too_big');
  const last = everything(stats).associations.at(-1);
  assert.deepEqual([last?.carriers, last?.tooBig, last?.idleMs], [[], null, null]);
});

function everything(stats: Stats): ReturnType<Stats['since']> {
  stats.turn();
  return stats.since(null);
}
