import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test, type TestContext } from 'node:test';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import type { Address } from './conn.ts';
import { bindUdp, type UdpSocket } from './udp.ts';

const LARGE = 32 * 1024;
/** Linux's default; the system doubles it for its own bookkeeping, which six datagrams of 32 KiB then fill. */
const SMALL_BUFFER = 106_496;
let resources: string[];

before(() => {
  resources = liveResources();
});
after(() => assertNoLeaks(resources));

async function receiver(t: TestContext): Promise<{ socket: Socket; address: Address }> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: SMALL_BUFFER });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { socket, address: { host: '127.0.0.1', port: socket.address().port } };
}

async function sender(t: TestContext): Promise<UdpSocket> {
  const socket = await bindUdp({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    socket.close();
    await socket.closed;
  });
  return socket;
}

/** First bytes of the next `count` datagrams. */
function numbers(socket: Socket, count: number): Promise<number[]> {
  const seen: number[] = [];
  return new Promise((resolve) =>
    socket.on('message', (data) => {
      seen.push(data.readUInt8(0));
      if (seen.length === count) resolve(seen);
    }),
  );
}

test('a burst of large datagrams reaches a receiver with a small buffer whole and in order', async (t) => {
  const { socket, address } = await receiver(t);
  const from = await sender(t);
  const sent = Array.from({ length: 30 }, (_, number) => number);
  const arrived = numbers(socket, sent.length);
  for (const number of sent) assert.equal(from.send(Buffer.alloc(LARGE, number), address), null);
  assert.deepEqual(await arrived, sent);
});

test('a small datagram does not overtake large ones that wait', async (t) => {
  const { socket, address } = await receiver(t);
  const from = await sender(t);
  const sent = Array.from({ length: 12 }, (_, number) => number);
  const arrived = numbers(socket, sent.length);
  for (const number of sent) from.send(Buffer.alloc(number === 11 ? 1 : LARGE, number), address);
  assert.deepEqual(await arrived, sent);
});

test('the sender may change its buffer while the datagram waits', async (t) => {
  const { socket, address } = await receiver(t);
  const from = await sender(t);
  const buffer = Buffer.alloc(LARGE);
  const arrived = numbers(socket, 10);
  for (let number = 0; number < 10; number += 1) from.send(buffer.fill(number), address);
  assert.deepEqual((await arrived).slice(3), [3, 4, 5, 6, 7, 8, 9]);
});

test('drops what exceeds the queue and forgets it with the socket', async (t) => {
  const { address } = await receiver(t);
  const from = await sender(t);
  const outcomes = Array.from({ length: 200 }, () => from.send(Buffer.alloc(LARGE), address));
  assert.equal(outcomes[0], null);
  assert.equal(outcomes.at(-1), 'queue');
});
