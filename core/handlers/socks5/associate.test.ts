import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpPort } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from '../../errors.ts';
import type { Address, PacketConn, PacketSink } from '../../net/conn.ts';
import type { Router } from '../../roles.ts';
import { field, open, take } from '../../testing/client.ts';
import { hex } from '../../testing/decoding.ts';
import { udpEcho, type Echo } from '../../testing/echo.ts';
import {
  directRouter,
  front,
  routerOver,
  type AssociationReport,
  type Front,
  type Report,
} from '../../testing/front.ts';
import { OwnTime } from '../../testing/own-time.ts';
import { socks5Service } from '../../testing/proxies.ts';
import { gone, rest } from '../../testing/stream.ts';

const UNDECLARED = { host: '0.0.0.0', port: 0 };

function serving(router: Router, settings: Record<string, unknown> = {}, host?: string): Promise<Front> {
  return front(socks5Service({ udp: true, ...settings }, { router }), host);
}

interface Opened {
  readonly control: Socket;
  readonly relay: Address;
  readonly report: Report;
  readonly association: AssociationReport;
}

async function associate(proxy: Front, declared: Address = UNDECLARED): Promise<Opened> {
  const reporting = proxy.next();
  const control = await open(proxy.address);
  control.write(Buffer.concat([hex('05 01 00 05 03 00'), field(declared)]));
  const answer = await take(control, 6);
  assert.deepEqual(answer.subarray(0, 5), hex('05 00 05 00 00'));
  const six = answer[5] === 4;
  const host = six ? '::1' : [...(await take(control, 4))].join('.');
  if (six) assert.deepEqual(await take(control, 16), hex('00000000000000000000000000000001'));
  const relay = { host, port: (await take(control, 2)).readUInt16BE(0) };
  const report = await reporting;
  const [association] = report.associations;
  assert.ok(association !== undefined);
  return { control, relay, report, association };
}

async function udpPort(host = '127.0.0.1', port = 0): Promise<UdpPort> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(port, host);
  await once(socket, 'listening');
  return socket;
}

async function received(socket: UdpPort): Promise<Buffer> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data;
}

function datagram(to: Address, payload: Buffer | string, frag = 0): Buffer {
  return Buffer.concat([Buffer.of(0, 0, frag), field(to), Buffer.from(payload)]);
}

/** Sends and waits for the answer, which proves that everything sent before was looked at. */
async function roundTrip(socket: UdpPort, relay: Address, bytes: Buffer): Promise<Buffer> {
  const answer = received(socket);
  socket.send(bytes, relay.port, relay.host);
  return answer;
}

describe('SOCKS5 UDP ASSOCIATE', () => {
  let echo: Echo;
  let proxy: Front;
  before(async () => {
    echo = await udpEcho();
    proxy = await serving(directRouter());
  });
  after(async () => {
    await proxy.close();
    await echo.close();
  });

  test('relays datagrams both ways and counts their payload', async () => {
    const { control, relay, association, report } = await associate(proxy);
    assert.equal(relay.host, '127.0.0.1');
    const client = await udpPort();
    for (const payload of ['one', 'two', '']) {
      const answer = await roundTrip(client, relay, datagram(echo.address, payload));
      assert.deepEqual(answer, datagram(echo.address, payload));
    }
    const named = await roundTrip(
      client,
      relay,
      datagram({ host: 'localhost', port: echo.address.port }, 'name'),
    );
    assert.deepEqual(named, datagram(echo.address, 'name'), 'answers say the address, not the name');
    assert.deepEqual([association.up, association.down, association.drops], [10, 10, []]);
    control.destroy();
    assert.equal(await report.ended, null);
    client.close();
  });

  test('relays datagrams of any size whole', async () => {
    const { control, relay } = await associate(proxy);
    const client = await udpPort();
    for (const size of [4087, 8183, 16_385, 65_497]) {
      const bytes = datagram(echo.address, Buffer.alloc(size, size & 255));
      assert.deepEqual(await roundTrip(client, relay, bytes), bytes);
    }
    control.destroy();
    client.close();
  });

  test('an answer that does not fit with its header is dropped, not cut', async () => {
    const speaker = await udpPort();
    const { control, relay, association } = await associate(proxy);
    const client = await udpPort();
    const to = { host: '127.0.0.1', port: speaker.address().port };
    const asked = once(speaker, 'message') as Promise<[Buffer, { port: number; address: string }]>;
    client.send(datagram(to, 'ask'), relay.port, relay.host);
    const [, from] = await asked;
    const answer = received(client);
    speaker.send(Buffer.alloc(65_507), from.port, '127.0.0.1', () =>
      speaker.send(Buffer.from('small'), from.port, '127.0.0.1'),
    );
    assert.deepEqual(await answer, datagram(to, 'small'));
    assert.deepEqual(association.drops, ['too_big']);
    // the header of an IPv4 address takes 10 bytes
    assert.deepEqual(association.size, [65_517, 65_507]);
    for (const socket of [client, speaker]) socket.close();
    control.destroy();
  });

  const BAD: readonly (readonly [what: string, bytes: () => Buffer, reason: string])[] = [
    ['an empty one', () => Buffer.alloc(0), 'header'],
    ['a short one', () => hex('000000'), 'header'],
    ['a cut address', () => hex('000000 01 7f00'), 'header'],
    ['an unknown address kind', () => hex('000000 09 7f000001 0035 61'), 'header'],
    ['a fragment', () => datagram(echo.address, 'a', 1), 'fragment'],
    ['the end of a fragment sequence', () => datagram(echo.address, 'a', 0x81), 'fragment'],
    ['FRAG 255', () => datagram(echo.address, 'a', 0xff), 'fragment'],
    ['port 0', () => datagram({ host: '127.0.0.1', port: 0 }, 'a'), 'unreachable'],
    ['broadcast', () => datagram({ host: '255.255.255.255', port: 9 }, 'a'), 'not_allowed'],
    ['multicast', () => datagram({ host: '224.0.0.251', port: 5353 }, 'a'), 'not_allowed'],
    [
      'IPv6 multicast',
      () => Buffer.concat([hex('000000 04 ff020000000000000000000000000001 14e9'), Buffer.of(1)]),
      'not_allowed',
    ],
    ['an empty name', () => hex('000000 03 00 0035 61'), 'name'],
    ['a name with a NUL', () => datagram({ host: 'localhost\0.example', port: 53 }, 'a'), 'name'],
  ];
  for (const [what, bytes, reason] of BAD) {
    test(`drops ${what} and only that`, async () => {
      const { control, relay, association } = await associate(proxy);
      const client = await udpPort();
      const good = datagram(echo.address, 'ok');
      await roundTrip(client, relay, good);
      client.send(bytes(), relay.port, relay.host);
      assert.deepEqual(await roundTrip(client, relay, good), good);
      assert.deepEqual(association.drops, [reason]);
      control.destroy();
      client.close();
    });
  }

  test('hears only the client: another address and another port are strangers, before and after it spoke', async () => {
    const { control, relay, association } = await associate(proxy);
    const [client, thief, outsider] = await Promise.all([udpPort(), udpPort(), udpPort('127.0.0.2')]);
    let heard = 0;
    for (const socket of [thief, outsider]) socket.on('message', () => (heard += 1));
    const bytes = datagram(echo.address, 'x');
    outsider.send(bytes, relay.port, relay.host);
    outsider.send(hex('00'), relay.port, relay.host);
    // a damaged datagram does not make its sender the client
    thief.send(hex('00'), relay.port, relay.host);
    await roundTrip(client, relay, bytes);
    thief.send(bytes, relay.port, relay.host);
    outsider.send(bytes, relay.port, relay.host);
    await roundTrip(client, relay, bytes);
    assert.equal(heard, 0);
    assert.deepEqual(association.drops, ['stranger', 'stranger', 'header', 'stranger', 'stranger']);
    assert.deepEqual([association.up, association.down], [2, 2]);
    for (const socket of [client, thief, outsider]) socket.close();
    control.destroy();
  });

  test('believes a client that announced its port, and no other port of it', async () => {
    const [client, thief] = await Promise.all([udpPort(), udpPort()]);
    for (const host of ['127.0.0.1', '0.0.0.0']) {
      const { control, relay, association } = await associate(proxy, { host, port: client.address().port });
      const bytes = datagram(echo.address, 'x');
      thief.send(bytes, relay.port, relay.host);
      await roundTrip(client, relay, bytes);
      assert.deepEqual(association.drops, ['stranger']);
      control.destroy();
    }
    for (const socket of [client, thief]) socket.close();
  });

  test('does not believe an announced address that is not its own, such as one from behind a NAT', async () => {
    const { control, relay } = await associate(proxy, { host: '192.168.7.7', port: 9 });
    const client = await udpPort();
    const bytes = datagram(echo.address, 'x');
    assert.deepEqual(await roundTrip(client, relay, bytes), bytes);
    control.destroy();
    client.close();
  });

  for (const leave of ['end', 'resetAndDestroy'] as const) {
    test(`ends with the control connection by ${leave}`, async () => {
      const { control, relay, report, association } = await associate(proxy);
      control.write('bytes that mean nothing');
      const time = new OwnTime();
      control[leave]();
      assert.equal(await report.ended, null);
      assert.ok(time.elapsed < 1500);
      assert.equal(association.closed, true);
      const again = await udpPort(relay.host, relay.port);
      again.close();
      control.destroy();
    });
  }

  test('ends with the reason of the session, and with the way out', async () => {
    const { control, report } = await associate(proxy);
    report.abort(new ProxyError('closed_by_user'));
    assert.equal((await report.ended)?.code, 'closed_by_user');
    await gone(control);

    const out = new FakePackets();
    const chained = await serving(routerOver({ path: ['hop'], associate: () => Promise.resolve(out) }));
    const second = await associate(chained);
    out.close();
    assert.equal((await second.report.ended)?.code, 'reset');
    await gone(second.control);
    await chained.close();
  });

  test('sends names through a chain as names and keeps what a far end answers apart', async () => {
    const out = new FakePackets();
    const chained = await serving(routerOver({ path: ['hop'], associate: () => Promise.resolve(out) }));
    const { control, relay } = await associate(chained);
    const client = await udpPort();
    out.answer = (data, to) =>
      out.sink(data, to.host === 'a.example' ? { host: '2001:db8::1', port: 53 } : to);
    const answer = await roundTrip(client, relay, datagram({ host: 'a.example', port: 53 }, 'q'));
    assert.deepEqual(answer, hex('000000 04 20010db8000000000000000000000001 0035 71'));
    assert.deepEqual(out.sent, [{ to: { host: 'a.example', port: 53 }, text: 'q' }]);
    control.destroy();
    client.close();
    await chained.close();
  });

  test('opens the way out before it answers, and opens nothing when there is none', async () => {
    const none = await serving(routerOver({ associate: () => Promise.reject(new ProxyError('hop_no_udp')) }));
    const control = await open(none.address);
    control.end(Buffer.concat([hex('05 01 00 05 03 00'), field(UNDECLARED)]));
    assert.deepEqual((await rest(control)).bytes, hex('05 00 05 01 00 01 00000000 0000'));
    await none.close();
  });

  test('stays within the port range, tells the public address, and says when the range is full', async () => {
    const probe = await udpPort();
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    const range = { 'udp.bindRange.min': port, 'udp.bindRange.max': port, publicAddr: '203.0.113.5' };
    const ranged = await serving(directRouter(), range);
    const { control, relay } = await associate(ranged);
    assert.deepEqual(relay, { host: '203.0.113.5', port });
    const second = await open(ranged.address);
    second.end(Buffer.concat([hex('05 01 00 05 03 00'), field(UNDECLARED)]));
    assert.deepEqual((await rest(second)).bytes, hex('05 00 05 01 00 01 00000000 0000'));
    control.destroy();
    await ranged.close();
  });

  test('works over IPv6 and reaches both families', async () => {
    const [six, echoSix] = await Promise.all([serving(directRouter(), {}, '::1'), udpEcho('::1')]);
    const { control, relay } = await associate(six);
    assert.equal(relay.host, '::1');
    const client = await udpPort('::1');
    const four = datagram(echo.address, 'four');
    assert.deepEqual(await roundTrip(client, relay, four), four);
    const head = Buffer.concat([hex('000000 04 00000000000000000000000000000001'), Buffer.alloc(2)]);
    head.writeUInt16BE(echoSix.address.port, 20);
    const bytes = Buffer.concat([head, Buffer.from('six')]);
    assert.deepEqual(await roundTrip(client, relay, bytes), bytes);
    control.destroy();
    client.close();
    await six.close();
    await echoSix.close();
  });
});

/** A way out that keeps what was sent and answers what the test says. */
class FakePackets implements PacketConn {
  readonly local = { host: '127.0.0.1', port: 1 };
  readonly carrier = 'udp';
  readonly closed: Promise<void>;
  readonly sent: { to: Address; text: string }[] = [];
  answer: (data: Buffer, to: Address) => void = () => undefined;
  sink: PacketSink = () => undefined;
  close!: () => void;

  constructor() {
    this.closed = new Promise((resolve) => (this.close = resolve));
  }

  receive(sink: PacketSink): void {
    this.sink = sink;
  }

  send(data: Buffer, to: Address): null {
    this.sent.push({ to, text: data.toString() });
    this.answer(Buffer.from(data), to);
    return null;
  }
}
