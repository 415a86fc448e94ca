import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { ProxyError } from '../errors.ts';
import { everySplit, writePieces } from '../testing/chunks.ts';
import { memoryPair } from '../testing/pair.ts';
import { Reader } from './reader.ts';

const MESSAGE = Buffer.from('\x05\x02abhost.example\nrest');

test('reads a message in any split and leaves what lies behind it', async () => {
  for (const pieces of everySplit(MESSAGE)) {
    const [near, far] = memoryPair();
    const writing = writePieces(far, pieces);
    const reader = new Reader(near);
    assert.equal(await reader.readByte(), 5);
    const count = await reader.readByte();
    assert.deepEqual(await reader.read(count), Buffer.from('ab'));
    assert.equal(String(await reader.readUntil(10, 64)), 'host.example');
    reader.release();
    await writing;
    far.end();
    near.resume();
    const rest: Buffer[] = [];
    near.on('data', (chunk: Buffer) => rest.push(chunk));
    await once(near, 'end');
    assert.equal(String(Buffer.concat(rest)), 'rest');
    near.end();
  }
});

test('looks ahead without taking', async () => {
  const [near, far] = memoryPair();
  far.write('GET /');
  const reader = new Reader(near);
  assert.equal(String(await reader.peek(3)), 'GET');
  assert.equal(String(await reader.peek(1)), 'G');
  assert.equal(String(await reader.read(5)), 'GET /');
  near.destroy();
});

test('a line may be exactly as long as allowed and no longer', async () => {
  for (const [line, ok] of [
    ['12345\n', true],
    ['123456\n', false],
    ['1234567890', false],
  ] as const) {
    const [near, far] = memoryPair();
    far.write(line);
    const reading = new Reader(near, { detail: { protocol: 'HTTP' } }).readUntil(10, 5);
    if (ok) assert.equal(String(await reading), '12345');
    else
      await assert.rejects(reading, {
        code: 'malformed',
        message: 'The client sent bytes that are not HTTP.',
      });
    near.destroy();
  }
});

test('an end in the middle of a message is client_gone, or what the reader was told', async () => {
  const [near, far] = memoryPair();
  far.end('ab');
  await assert.rejects(new Reader(near).read(3), { code: 'client_gone' });
  await assert.rejects(new Reader(near, { gone: 'hop_unreachable' }).read(1), { code: 'hop_unreachable' });
});

test('a stream that is destroyed ends a pending read and keeps its cause', async () => {
  const [near] = memoryPair();
  const reading = new Reader(near).read(1);
  const cause = new Error('cut');
  near.destroy(cause);
  await assert.rejects(
    reading,
    (error) => error instanceof ProxyError && error.code === 'client_gone' && error.cause === cause,
  );
});

test('reads the last bytes of a stream that has ended', async () => {
  const [near, far] = memoryPair();
  far.end('abc');
  await once(far, 'finish');
  const reader = new Reader(near);
  assert.equal(String(await reader.read(1)), 'a');
  assert.equal(String(await reader.read(2)), 'bc');
  assert.equal((await reader.read(0)).length, 0);
});

test('leaves no listener behind', async () => {
  const [near, far] = memoryPair();
  const events = (): number => near.eventNames().reduce((sum, name) => sum + near.listenerCount(name), 0);
  const before = events();
  const reader = new Reader(near);
  const reading = reader.read(2);
  far.write('ab');
  await reading;
  reader.release();
  assert.equal(events(), before);
  near.destroy();
});
