import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSocket, type Socket } from 'node:dgram';
import { after, before, describe, test, type TestContext } from 'node:test';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import type { PacketFlow } from './conn.ts';
import { sortFlows, type FlowLimits } from './flows.ts';
import { bindUdp, type UdpSocket } from './udp.ts';

const LIMITS: FlowLimits = { ttlMs: 60_000, queue: 4, backlog: 2 };

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

interface Sorted {
  readonly port: UdpSocket;
  readonly flows: PacketFlow[];
  /** Resolves with the next new flow. */
  readonly next: () => Promise<PacketFlow>;
  readonly end: () => void;
}

async function sorted(t: TestContext, limits: Partial<FlowLimits> = {}, admits = true): Promise<Sorted> {
  const port = await bindUdp({ host: '127.0.0.1', port: 0 });
  const flows: PacketFlow[] = [];
  let tell: (flow: PacketFlow) => void = () => undefined;
  const end = sortFlows(
    port,
    { ...LIMITS, ...limits },
    () => admits,
    (flow) => {
      flows.push(flow);
      tell(flow);
    },
  );
  t.after(async () => {
    end();
    await port.closed;
  });
  return { port, flows, next: () => new Promise((resolve) => (tell = resolve)), end };
}

async function client(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket;
}

describe('clients of a datagram port', () => {
  test('are told apart by their address and keep their flow', async (t) => {
    const { port, flows, next } = await sorted(t);
    const [one, two] = [await client(t), await client(t)];
    const heard: string[] = [];
    for (const socket of [one, two]) {
      const coming = next();
      socket.send('first', port.local.port, '127.0.0.1');
      const flow = await coming;
      assert.deepEqual(flow.client, { host: '127.0.0.1', port: socket.address().port });
      flow.receive((data) => {
        heard.push(`${flow.client.port} ${String(data)}`);
        flow.send(data);
      });
    }
    const answered = once(one, 'message');
    one.send('second', port.local.port, '127.0.0.1');
    await answered;
    while (heard.length < 3) await once(one, 'message');
    assert.equal(flows.length, 2);
    assert.deepEqual(heard, [
      `${one.address().port} first`,
      `${two.address().port} first`,
      `${one.address().port} second`,
    ]);
  });

  test('get every answer, however many there are', async (t) => {
    const { port, next } = await sorted(t);
    const socket = await client(t);
    const coming = next();
    socket.send('?', port.local.port, '127.0.0.1');
    const flow = await coming;
    const answers: string[] = [];
    const all = new Promise<void>((resolve) =>
      socket.on('message', (data) => {
        if (answers.push(String(data)) === 3) resolve();
      }),
    );
    for (const answer of ['1', '2', '3']) assert.equal(flow.send(Buffer.from(answer)), null);
    await all;
    assert.deepEqual(answers, ['1', '2', '3']);
  });

  test('wait in a queue until their way out is made, which drops what is too much', async (t) => {
    const { port, next } = await sorted(t, { queue: 2 });
    const socket = await client(t);
    const marker = await client(t);
    const coming = next();
    for (const data of ['1', '2', '3']) socket.send(data, port.local.port, '127.0.0.1');
    const flow = await coming;
    const seen = next();
    marker.send('all before this one has arrived', port.local.port, '127.0.0.1');
    await seen;
    const heard: string[] = [];
    flow.receive((data) => heard.push(String(data)));
    assert.deepEqual(heard, ['1', '2']);
  });

  test('over the backlog, and those that are not admitted, are not served', async (t) => {
    const { port, flows, next } = await sorted(t, { backlog: 1 });
    const [one, two] = [await client(t), await client(t)];
    const coming = next();
    one.send('x', port.local.port, '127.0.0.1');
    const flow = await coming;
    await new Promise((resolve) => two.send('dropped', port.local.port, '127.0.0.1', resolve));
    // sent means that it waits at the port, which is read before the next two turns are over
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const echoed = new Promise<void>((resolve) =>
      flow.receive((data) => {
        if (String(data) === 'behind it') resolve();
      }),
    );
    one.send('behind it', port.local.port, '127.0.0.1');
    await echoed;
    const served = next();
    two.send('now there is room', port.local.port, '127.0.0.1');
    assert.equal((await served).client.port, two.address().port);
    assert.equal(flows.length, 2);

    const closed = await sorted(t, {}, false);
    one.send('x', closed.port.local.port, '127.0.0.1');
    one.send('x', port.local.port, '127.0.0.1');
    await new Promise<void>((resolve) => flow.receive(() => resolve()));
    assert.equal(closed.flows.length, 0);
  });

  test('that are silent are forgotten, and begin anew when they come back', async (t) => {
    const { port, next } = await sorted(t, { ttlMs: 100 });
    const socket = await client(t);
    let coming = next();
    socket.send('x', port.local.port, '127.0.0.1');
    const flow = await coming;
    assert.equal(flow.idleMs, 100);
    await flow.closed;
    assert.equal(flow.send(Buffer.from('late')), 'closing');
    coming = next();
    socket.send('again', port.local.port, '127.0.0.1');
    assert.notEqual(await coming, flow);
  });

  test('all end with the port', async (t) => {
    const { port, next, end } = await sorted(t);
    const socket = await client(t);
    const coming = next();
    socket.send('x', port.local.port, '127.0.0.1');
    const flow = await coming;
    end();
    await flow.closed;
    await port.closed;
  });
});
