import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { memoryPair } from '../testing/pair.ts';
import { reset, wasReset } from './reset.ts';
import { openPort } from './serve.ts';

let resources: string[];
before(() => {
  resources = liveResources();
});
after(() => assertNoLeaks(resources));

async function pair(t: TestContext): Promise<[Socket, Socket]> {
  let arrived: (socket: Socket) => void = () => undefined;
  const arrival = new Promise<Socket>((resolve) => (arrived = resolve));
  const port = await openPort({ host: '127.0.0.1', port: 0 }, (socket) => arrived(socket));
  const near = connect({ ...port.local, allowHalfOpen: true });
  const far = await arrival;
  port.close();
  t.after(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}

/** How the stream ends for whoever reads it. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('end', () => resolve(wasReset(socket) ? 'ECONNRESET' : 'end'));
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.resume();
  });
}

test('an idle peer sees a reset and no end', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const [near, far] = await pair(t);
    const seen = ending(near);
    reset(far);
    assert.equal(await seen, 'ECONNRESET');
    assert.ok(far.destroyed);
  }
});

test('a peer that takes nothing does not hold the socket', async (t) => {
  const [near, far] = await pair(t);
  while (far.write(Buffer.alloc(1 << 20)));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(far.writableLength > 0);
  const closed = once(far, 'close');
  reset(far);
  await closed;
  assert.equal(await ending(near), 'ECONNRESET');
});

test('a side that has said its end can still be reset, and doing it twice is no harm', async (t) => {
  const [near, far] = await pair(t);
  far.end();
  await once(far, 'finish');
  near.on('error', () => undefined);
  reset(far);
  reset(far);
  assert.ok(far.destroyed);
  near.destroy();
});

test('a shut-down that is still under way is given up without leaking the socket', async (t) => {
  const [near, far] = await pair(t);
  near.pause();
  while (far.write(Buffer.alloc(1 << 20)));
  far.end();
  const closed = once(far, 'close');
  reset(far);
  await closed;
  near.destroy();
});

test('a proper end is no reset, whoever ended first', async (t) => {
  const [near, far] = await pair(t);
  far.end('bye');
  assert.equal(await ending(near), 'end');
  assert.equal(wasReset(near), false);
  near.end();
  assert.equal(await ending(far), 'end');
  assert.equal(wasReset(far), false);
});

test('a stream without resets is destroyed', () => {
  const [near] = memoryPair();
  reset(near);
  assert.ok(near.destroyed);
});
