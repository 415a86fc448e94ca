import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connection, frame } from '../dev/samples.ts';
import { factsOf } from './facts.ts';
import { Live } from './live.ts';

test('values come by frequency, and the same ones do for the next key strokes', () => {
  const live = new Live();
  const to = (slot: number, host: string): ReturnType<typeof connection> =>
    connection(slot, `c${slot}`, { target: { host, port: 443 }, path: ['berlin'] });
  live.apply(frame({ at: 10_000, upserts: [to(0, 'a'), to(1, 'b'), to(2, 'b')] }));
  const facts = factsOf(live);
  assert.deepEqual(facts['host:'], ['b', 'a']);
  assert.deepEqual(facts['port:'], ['443']);
  assert.deepEqual(facts['hop:'], ['berlin']);
  assert.equal(facts['user:'], undefined);
  live.apply(frame({ at: 11_000, upserts: [to(3, 'c')] }));
  assert.equal(factsOf(live), facts);
  live.apply(frame({ at: 13_000 }));
  assert.deepEqual(factsOf(live)['host:'], ['b', 'a', 'c']);
});
