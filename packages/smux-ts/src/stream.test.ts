/** One stream as a Node Duplex and in direct mode, beyond what the compliance suite covers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { memoryPair } from '../test/pair.ts';
import { gone, random, readAll, readExactly, sessions, turns, until } from '../test/support.ts';
import { SmuxError } from './errors.ts';

const hasCode = (code: SmuxError['code']) => (error: unknown) =>
  error instanceof SmuxError && error.code === code;

test('exact paused reads and then direct reading see every byte once', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  const bytes = random(200_000);
  near.write(bytes.subarray(0, 10));
  near.write(bytes.subarray(10, 100_000));
  const far = await both.accepted();
  const pieces = [await readExactly(far, 3), await readExactly(far, 4)];
  far.unshift(Buffer.from('back'));
  near.end(bytes.subarray(100_000));
  const ended = once(far, 'end');
  far.onData((piece) => pieces.push(piece) > 0);
  await ended;
  const expected = Buffer.concat([bytes.subarray(0, 7), Buffer.from('back'), bytes.subarray(7)]);
  assert.deepEqual(Buffer.concat(pieces), expected);
  await both.close();
});

test('direct reading that starts after everything arrived still ends', async () => {
  const both = await sessions(memoryPair, { version: 2 });
  const near = both.open();
  near.end('all of it');
  const far = await both.accepted();
  await turns(20);
  const pieces: Buffer[] = [];
  far.onData((piece) => pieces.push(piece) > 0);
  await once(far, 'end');
  assert.equal(Buffer.concat(pieces).toString(), 'all of it');
  await both.close();
});

test('a sink that says false gets nothing until resumeData', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  const far = await both.accepted();
  const got: string[] = [];
  far.onData((piece) => {
    got.push(piece.toString());
    far.resumeData();
    return false;
  });
  near.write('one');
  await until(() => got.length === 1);
  near.write('two');
  near.end();
  await turns(50);
  assert.deepEqual(got, ['one']);
  const ended = once(far, 'end');
  far.resumeData();
  assert.deepEqual(got, ['one', 'two']);
  await ended;
  await both.close();
});

test('a stream has one reader', async () => {
  const both = await sessions(memoryPair);
  const direct = both.open();
  direct.onData(() => true);
  assert.throws(() => direct.onData(() => true), hasCode('reader_taken'));
  const flowing = both.open().resume();
  assert.throws(() => flowing.onData(() => true), hasCode('reader_taken'));
  await both.close();
});

test('a sink may destroy its stream', async () => {
  const both = await sessions(memoryPair, { version: 2 });
  const near = both.open();
  near.write('a');
  near.write('b');
  const far = await both.accepted();
  let calls = 0;
  far.onData(() => {
    calls++;
    far.destroy();
    return true;
  });
  await gone(far);
  assert.equal(calls, 1);
  assert.equal(both.server.streamCount, 0);
  await both.close();
});

test('direct writes keep their order with writes', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  near.write('1');
  near.writeDirect(Buffer.from('2'));
  near.write('3');
  near.writeDirect(Buffer.from('4'));
  near.end('5');
  assert.equal((await readAll(await both.accepted())).toString(), '12345');
  await both.close();
});

test('direct writing asks to wait and says when to go on', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  assert.equal(near.writeDirect(Buffer.alloc(65_535)), true);
  assert.equal(near.writeDirect(Buffer.alloc(1)), false);
  await once(near, 'drain');
  assert.equal(near.bytesWritten, 65_536);
  await both.close();
});

test('direct writing after the end is a mistake, after the death of the stream it is nothing', async () => {
  const both = await sessions(memoryPair);
  const ended = both.open();
  ended.end();
  assert.throws(() => ended.writeDirect(Buffer.from('x')), hasCode('write_after_end'));
  const dead = both.open();
  dead.destroy();
  assert.equal(dead.writeDirect(Buffer.from('x')), false);
  await both.close();
});

test('empty writes complete and send nothing', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  await new Promise((resolve) => near.write(Buffer.alloc(0), resolve));
  assert.equal(near.writeDirect(Buffer.alloc(0)), true);
  near.end();
  assert.equal((await readAll(await both.accepted())).length, 0);
  await both.close();
});

test('works with pipeline and backpressure of the destination', async () => {
  const both = await sessions(memoryPair, { version: 2 });
  const bytes = random(2_000_000);
  const near = both.open();
  const source = new PassThrough();
  source.end(bytes);
  const sending = pipeline(source, near);
  const sink = new PassThrough({ highWaterMark: 1_000 });
  const far = await both.accepted();
  far.end();
  near.resume();
  const receiving = pipeline(far, sink);
  const received = await readAll(sink);
  await Promise.all([sending, receiving]);
  assert.deepEqual(received, bytes);
  await both.close();
});

test('allowHalfOpen = false ends the writing side with the reading side', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  near.end('bye');
  const far = await both.accepted();
  far.allowHalfOpen = false;
  far.resume();
  near.resume();
  await Promise.all([gone(near), gone(far)]);
  assert.deepEqual([both.client.streamCount, both.server.streamCount], [0, 0]);
  await both.close();
});

test('a complete answer survives the end of the session, an open question does not', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  near.write('?');
  const far = await both.accepted();
  far.end('complete');
  await turns(20);
  both.server.close();
  assert.equal(await both.client.closed, null);
  assert.equal(near.destroyed, false);
  assert.equal((await readAll(near)).toString(), 'complete');
  await gone(near);
  await both.close();
});

test('writing after the end of the session fails', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  const far = await both.accepted();
  far.end('done');
  await turns(20);
  both.server.close();
  await both.client.closed;
  const failure = once(near, 'error');
  assert.equal(near.writeDirect(Buffer.from('too late')), false);
  assert.ok(hasCode('session_closed')((await failure)[0]));
  await both.close();
});

test('a reader that reads once per readable event gets everything', async () => {
  const both = await sessions(memoryPair, { version: 2 });
  const bytes = random(500_000);
  const near = both.open();
  near.end(bytes);
  const far = await both.accepted();
  const pieces: Buffer[] = [];
  far.on('readable', () => {
    const piece = far.read() as Buffer | null;
    if (piece !== null) pieces.push(piece);
  });
  await once(far, 'end');
  assert.deepEqual(Buffer.concat(pieces), bytes);
  await both.close();
});

test('a writer called back by the last flush may close the session again', async () => {
  const both = await sessions(memoryPair);
  const near = both.open();
  let ends = 0;
  both.transport.client.once('finish', () => ends++);
  const written = new Promise<void>((resolve) => {
    near.write('x', () => {
      both.client.close();
      resolve();
    });
  });
  both.client.close();
  await written;
  assert.equal(await both.client.closed, null);
  assert.equal((await both.accepted()).id, 3);
  await both.close();
  assert.equal(ends, 1);
  assert.equal(both.transport.client.listenerCount('error'), 1);
});
