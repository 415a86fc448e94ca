import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { afterLast } from './after-last.ts';

function stream(): Duplex {
  return new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
}

test('a slow reader gets everything before the stream closes', async () => {
  const conn = stream();
  conn.push('the last ');
  conn.push('words');
  conn.push(null);
  afterLast(conn);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(conn.destroyed, false);
  assert.equal(
    Buffer.concat(await conn.toArray({ signal: AbortSignal.timeout(5000) })).toString(),
    'the last words',
  );
});

test('a stream that was read to its end closes at once', async () => {
  const conn = stream();
  conn.push(null);
  await once(conn.resume(), 'end');
  afterLast(conn);
  assert.ok(conn.destroyed);
});
