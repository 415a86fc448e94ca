import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { after, before, test, type TestContext } from 'node:test';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { adopt, adoptTrial } from './adopt.ts';
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
  const client = connect({ ...port.local, allowHalfOpen: true });
  const accepted = await arrival;
  port.close();
  t.after(() => {
    client.destroy();
    accepted.destroy();
  });
  return [client, accepted];
}

async function digest(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  socket.on('data', (chunk) => void hash.update(chunk));
  socket.resume();
  await once(socket, 'end');
  return hash.digest('hex');
}

test('works on this Node', async () => {
  assert.equal(await adoptTrial(), true);
});

for (const [what, bytes, ended] of [
  ['nothing unread', 0, false],
  ['bytes unread', 40_000, false],
  ['bytes unread and more in the system', 900_000, false],
  ['bytes unread and the end behind them', 40_000, true],
  ['few bytes unread and the end read already', 4_000, true],
] as const) {
  test(`a socket with ${what} goes on as if nothing had happened`, async (t) => {
    const [client, accepted] = await pair(t);
    const sent = randomBytes(bytes + 100_000);
    client.write(sent.subarray(0, bytes));
    if (ended) client.end();
    accepted.read(0);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (bytes > 0) assert.ok(accepted.readableLength > 0);
    // an end that Node has read already stays with the socket that read it
    const fresh = adopt(accepted) ?? (ended ? accepted : null);
    assert.ok(fresh !== null);
    t.after(() => fresh.destroy());
    if (!ended) client.end(sent.subarray(bytes));
    const expected = createHash('sha256').update(ended ? sent.subarray(0, bytes) : sent);
    assert.equal(await digest(fresh), expected.digest('hex'));
    const answer = digest(client);
    fresh.end('answer');
    assert.equal(await answer, createHash('sha256').update('answer').digest('hex'));
  });
}

test('a socket that has ended, or has something unsent, is left alone', async (t) => {
  const [, half] = await pair(t);
  half.end();
  assert.equal(adopt(half), null);
  const [, full] = await pair(t);
  while (full.write(Buffer.alloc(1 << 20)));
  assert.equal(adopt(full), null);
  const [, gone] = await pair(t);
  gone.destroy();
  assert.equal(adopt(gone), null);
});
