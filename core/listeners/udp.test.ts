/** The options of datagram ports, here and at a far end; what the sorting of clients does with them is in net/flows.test.ts. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { PacketFlow } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { silentLog } from '../log.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { rudpListener, udpListener } from './udp.ts';

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

for (const definition of [udpListener, rudpListener]) {
  test(`${definition.type}: ttl, backlog, readQueueSize and a datagram larger than readBufferSize`, async () => {
    const flows: PacketFlow[] = [];
    let tell: (flow: PacketFlow) => void = () => undefined;
    const coming = (): Promise<PacketFlow> => new Promise((resolve) => (tell = resolve));
    const options = definition.options.parse({
      ttl: 150,
      backlog: 1,
      readQueueSize: 2,
      readBufferSize: 1024,
    });
    const listener = definition.create(options, {
      name: 's',
      address: { host: '127.0.0.1', port: 0 },
      tls: null,
      route: () => Promise.resolve(directRoute()),
      state: null,
      log: silentLog,
    });
    const stop = new AbortController();
    const sink = {
      admits: () => true,
      conn: () => undefined,
      packets: (flow: PacketFlow) => {
        flows.push(flow);
        tell(flow);
      },
    };
    const bound = await listener.listen(sink, stop.signal);
    const port = bound.addresses[0]?.port ?? 0;
    const [one, two] = [await client(), await client()];
    const large = Buffer.alloc(60_000, 'x');

    let next = coming();
    one.send('1', port, '127.0.0.1');
    const flow = await next;
    assert.equal(flow.idleMs, 150);
    // the backlog is full of the first client, its queue of its first two datagrams
    two.send('over the backlog', port, '127.0.0.1');
    for (const data of ['2', '3']) one.send(data, port, '127.0.0.1');
    await turns();
    const heard: string[] = [];
    let last: (data: Buffer) => void = () => undefined;
    flow.receive((data) => {
      heard.push(String(data));
      last(data);
    });
    assert.deepEqual(heard, ['1', '2']);
    assert.equal(flows.length, 1);
    const whole = new Promise<Buffer>((resolve) => (last = resolve));
    one.send(large, port, '127.0.0.1');
    assert.ok((await whole).equals(large));

    next = coming();
    two.send('now there is room', port, '127.0.0.1');
    await next;
    await Promise.all(flows.map(({ closed }) => closed)); // both were silent for the ttl
    stop.abort();
    await bound.closed;
    for (const socket of [one, two]) socket.close();
  });
}

async function client(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** What was sent waits at the port, which is read before a few turns are over. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}
