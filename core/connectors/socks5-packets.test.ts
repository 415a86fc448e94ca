/** Datagrams through a SOCKS5 relay: a small relay of our own on loopback stands in for the proxy. */
import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { silentLog } from '../log.ts';
import type { Address, PacketConn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { tcpPeer } from '../testing/echo.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { socks5Connector } from './socks5.ts';

const TARGET: Address = { host: 'echo.example', port: 7 };
const TARGET_HEADER = Buffer.from('000000030c6563686f2e6578616d706c650007', 'hex');
const SOURCE_HEADER = Buffer.from('000000010a0000010007', 'hex');

interface Relay {
  readonly control: Socket;
  readonly socket: UdpSocket;
  readonly packets: PacketConn;
  /** The association's own port, known once it has sent something. */
  client: Address | null;
  close(): Promise<void>;
}

/** An association whose proxy says that datagrams go to `bound` (null: the relay's real address), given as hex. */
async function associate(bound: string | null, options: object = {}): Promise<Relay> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const port = socket.address().port.toString(16).padStart(4, '0');
  const controls: Socket[] = [];
  const server = await tcpPeer((control) => {
    controls.push(control);
    control.once('data', () => {
      control.write(Buffer.from('0500', 'hex'));
      control.once('data', () => control.write(Buffer.from(`050000${bound ?? '017f000001'}${port}`, 'hex')));
    });
  });
  const conn = connect({ ...server.address, allowHalfOpen: true });
  await once(conn, 'connect');
  const connector = socks5Connector.create(socks5Connector.options.parse({ relay: 'udp', ...options }), {
    node: 'hop-a',
    addr: server.address,
    auth: null,
    tls: null,
    state: null,
    log: silentLog,
  });
  const packets = await connector.associate?.(
    conn,
    server.address,
    directRoute(),
    new AbortController().signal,
    () => Promise.reject(new Error('nothing is refused here')),
  );
  const [control] = controls;
  assert.ok(packets && control);
  return {
    control,
    socket,
    packets,
    client: null,
    close: async () => {
      packets.close();
      await packets.closed;
      socket.close();
      await server.close();
    },
  };
}

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

/** Sends one datagram through and tells the relay where it came from. */
async function reach(relay: Relay, data = 'ping'): Promise<Buffer> {
  const heard = once(relay.socket, 'message');
  assert.equal(relay.packets.send(Buffer.from(data), TARGET), null);
  const [bytes, from] = (await heard) as [Buffer, { address: string; port: number }];
  relay.client = { host: from.address, port: from.port };
  return bytes;
}

function arriving(packets: PacketConn): Promise<{ data: string; from: Address }> {
  return new Promise((resolve) => packets.receive((data, from) => resolve({ data: data.toString(), from })));
}

for (const [name, bound] of [
  ['its own address', null],
  ['0.0.0.0, which means the proxy itself', '0100000000'],
  [':: which means the proxy itself', '0400000000000000000000000000000000'],
  ['a name', '03096c6f63616c686f7374'],
] as const) {
  test(`carries datagrams both ways when the relay is ${name}`, async () => {
    const relay = await associate(bound);
    assert.deepEqual(await reach(relay), Buffer.concat([TARGET_HEADER, Buffer.from('ping')]));
    const answer = arriving(relay.packets);
    relay.socket.send(
      Buffer.concat([SOURCE_HEADER, Buffer.from('pong')]),
      relay.client?.port ?? 0,
      '127.0.0.1',
    );
    assert.deepEqual(await answer, { data: 'pong', from: { host: '10.0.0.1', port: 7 } });
    await relay.close();
  });
}

test('drops what does not come from the relay, fragments and damaged headers', async () => {
  const relay = await associate(null);
  await reach(relay);
  const port = relay.client?.port ?? 0;
  const got: string[] = [];
  const last = new Promise<void>((resolve) => {
    relay.packets.receive((data) => {
      got.push(data.toString());
      if (data.toString() === 'last') resolve();
    });
  });
  const stranger = createSocket('udp4');
  const say = (socket: UdpSocket, header: string, text: string): Promise<unknown> =>
    new Promise((resolve) =>
      socket.send(Buffer.concat([Buffer.from(header, 'hex'), Buffer.from(text)]), port, '127.0.0.1', resolve),
    );
  await say(stranger, '000000010a0000010007', 'stranger');
  await say(relay.socket, '000001010a0000010007', 'fragment');
  await say(relay.socket, '0000', '');
  await say(relay.socket, '000000090a0000010007', 'bad type');
  await say(relay.socket, '000000030a61', '');
  await say(relay.socket, '0000ff010a0000010007', 'gost');
  await say(relay.socket, '000000010a0000010007', 'last');
  await last;
  assert.deepEqual(got, ['gost', 'last']);
  stranger.close();
  await relay.close();
});

test('carries empty and large datagrams whole, and says why it can not carry others', async () => {
  const relay = await associate(null);
  assert.deepEqual(await reach(relay, ''), TARGET_HEADER);
  const most = 65_507 - TARGET_HEADER.length;
  assert.equal((await reach(relay, 'x'.repeat(most))).length, 65_507);
  assert.equal(relay.packets.send(Buffer.alloc(most + 1), TARGET), 'too_big');
  assert.equal(relay.packets.send(Buffer.alloc(1), { host: '10.0.0.1', port: 0 }), 'unreachable');
  assert.equal(relay.packets.send(Buffer.alloc(1), { host: 'a'.repeat(256), port: 7 }), 'name');
  await relay.close();
  assert.equal(relay.packets.send(Buffer.alloc(1), TARGET), 'closing');
});

for (const how of ['end', 'resetAndDestroy'] as const) {
  test(`ends when the control stream ends (${how})`, async () => {
    const relay = await associate(null);
    relay.control[how]();
    await relay.packets.closed;
    await relay.close();
  });
}

test('closing it ends the control stream', async () => {
  const relay = await associate(null);
  relay.control.resume();
  relay.packets.close();
  await once(relay.control, 'end');
  await relay.close();
});

test('ends after udp.timeout without datagrams', async () => {
  const relay = await associate(null, { 'udp.timeout': 20 });
  await relay.packets.closed;
  await relay.close();
});
