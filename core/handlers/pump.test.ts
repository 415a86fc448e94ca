// What the statistics are told of the two ends of an association; that it carries datagrams is tested where handlers use it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PacketConn } from '../net/conn.ts';
import { carriedBy } from './pump.ts';

const end = (more: Partial<PacketConn>): PacketConn => ({
  carrier: 'udp',
  local: { host: '127.0.0.1', port: 1 },
  closed: Promise.resolve(),
  receive: () => undefined,
  send: () => null,
  close: () => undefined,
  ...more,
});

test('the end that bears less silence is the one whose limit holds', () => {
  assert.deepEqual(carriedBy(end({})), { carrier: 'udp', hops: [] });
  assert.deepEqual(carriedBy(end({ carrier: 'udp-tun', hops: ['udp-tun'], idleMs: 60_000 })), {
    carrier: 'udp-tun',
    hops: ['udp-tun'],
    idleMs: 60_000,
  });
  assert.equal(carriedBy(end({ idleMs: 60_000 }), end({ idleMs: 5_000 })).idleMs, 5_000);
  // 0 is no limit, not the least
  assert.equal(carriedBy(end({ idleMs: 0 }), end({ idleMs: 5_000 })).idleMs, 5_000);
  assert.equal(carriedBy(end({ idleMs: 0 })).idleMs, undefined);
});
