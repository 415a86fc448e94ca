/** GOST's UDP inside the stream and ports for many peers: our connector against our handler, and raw bytes where it matters. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { socks5Connector } from '../../connectors/socks5.ts';
import { ProxyError } from '../../errors.ts';
import { silentLog } from '../../log.ts';
import type { Acceptor, Address, Conn, PacketConn } from '../../net/conn.ts';
import { directRoute } from '../../net/direct.ts';
import { through } from '../../chains/route.ts';
import { tcpDialer } from '../../dialers/tcp.ts';
import type { Route } from '../../roles.ts';
import { field, open, take } from '../../testing/client.ts';
import { hex } from '../../testing/decoding.ts';
import { tcpPeer, udpEcho, type Echo } from '../../testing/echo.ts';
import { front, type Front } from '../../testing/front.ts';
import { assertNoLeaks, liveResources } from '../../testing/leaks.ts';
import { socks5Proxy, socks5Service } from '../../testing/proxies.ts';
import { rest } from '../../testing/stream.ts';

const { signal } = new AbortController();
const HERE: Address = { host: '127.0.0.1', port: 0 };

function route(addr: Address, options: object = {}, via: Route = directRoute()): Route {
  const deps = { node: 'hop', auth: null, tls: null, state: null, log: silentLog };
  const connector = socks5Connector.create(socks5Connector.options.parse(options), { ...deps, addr });
  const dialer = tcpDialer.create(tcpDialer.options.parse({}), deps);
  return through({ name: 'hop', addr, dialer, connector }, via);
}

/** Sends one datagram and resolves with what comes back. */
function ask(packets: PacketConn, data: Buffer, to: Address): Promise<{ data: Buffer; from: Address }> {
  return new Promise((resolve, reject) => {
    packets.receive(
      (answer, from) => resolve({ data: Buffer.from(answer), from }),
      (reason) => reject(new Error(reason)),
    );
    const dropped = packets.send(data, to);
    if (dropped !== null) reject(new Error(dropped));
  });
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

let baseline: string[] = [];
let echo: Echo;
let echo6: Echo;
before(async () => {
  baseline = liveResources();
  [echo, echo6] = await Promise.all([udpEcho(), udpEcho('::1')]);
});
after(async () => {
  await Promise.all([echo.close(), echo6.close()]);
  await assertNoLeaks(baseline);
});

describe('UDP inside the stream', () => {
  let proxy: Front;
  before(async () => {
    proxy = await front(socks5Service({ udp: true, bind: true }));
  });
  after(() => proxy.close());

  for (const notls of [false, true]) {
    test(`reaches both families and names, up to the largest datagram (notls: ${notls})`, async () => {
      const packets = await route(proxy.address, { notls }).associate(signal);
      assert.equal(packets.carrier, 'udp-tun');
      const small = Buffer.from('four');
      assert.deepEqual(await ask(packets, small, echo.address), { data: small, from: echo.address });
      assert.deepEqual(await ask(packets, small, echo6.address), { data: small, from: echo6.address });
      const named = { host: 'localhost', port: echo.address.port };
      assert.deepEqual((await ask(packets, small, named)).data, small);
      const most = Buffer.alloc(65_507, 7);
      assert.deepEqual((await ask(packets, most, echo.address)).data, most);
      const association = proxy.reports.at(-1)?.associations[0];
      assert.deepEqual([association?.up, association?.down], [65_519, 65_519]);
      packets.close();
      await packets.closed;
      assert.equal(await proxy.reports.at(-1)?.ended, null);
      assert.equal(association?.closed, true);
    });
  }

  test('carries on after frames with a target that makes no sense, and after empty ones', async () => {
    const reporting = proxy.next();
    const socket = await open(proxy.address);
    socket.write(hex('05 01 00 05 f3 00 03 00 0000'));
    assert.deepEqual(await take(socket, 2), hex('05 00'));
    const reply = await take(socket, 10);
    assert.deepEqual(reply.subarray(0, 8), hex('05 00 00 01 7f000001'));
    const frame = (target: Buffer, text: string): Buffer =>
      Buffer.concat([Buffer.of(0, text.length, 0xff), target, Buffer.from(text)]);
    const at = field(echo.address);
    socket.write(
      Buffer.concat([
        frame(hex('01 7f000001 0000'), 'port 0'),
        frame(hex('01 e0000001 0009'), 'a group'),
        frame(hex('03 03 612062 0009'), 'no name'),
        frame(at, ''),
        frame(at, 'good'),
      ]),
    );
    const answer = await take(socket, 3 + at.length + 4);
    assert.deepEqual(answer, Buffer.concat([hex('0004 00'), at, Buffer.from('good')]));
    const report = await reporting;
    assert.deepEqual(report.associations[0]?.drops.toSorted(), [
      'empty',
      'name',
      'not_allowed',
      'unreachable',
    ]);
    socket.destroy();
    assert.equal(await report.ended, null);
  });

  test('a frame that can not be read ends its own stream only', async () => {
    const other = await route(proxy.address).associate(signal);
    const socket = await open(proxy.address);
    socket.write(hex('05 01 00 05 f3 00 01 00000000 0000'));
    await take(socket, 12);
    socket.write(hex('0003 ff 09 7f000001 8865 616263'));
    await rest(socket);
    socket.destroy();
    assert.equal((await ask(other, Buffer.from('x'), echo.address)).data.toString(), 'x');
    other.close();
  });

  test('a port here for datagrams: the first frame is from its peer, answers go back to it', async () => {
    const address = { host: '127.0.0.1', port: await freeUdpPort() };
    const packets = await route(proxy.address).listenPackets(address, signal);
    assert.deepEqual(packets.local, address);
    packets.receive((data, from) => void packets.send(Buffer.from(`re: ${data.toString()}`), from));
    const peer = createSocket('udp4');
    peer.send('hello', address.port, address.host);
    const [answer] = (await once(peer, 'message')) as [Buffer];
    assert.equal(answer.toString(), 're: hello');
    peer.close();
    packets.close();
    await packets.closed;
  });

  test('a tunnel that the proxy closes is opened again, unless that is in vain', async () => {
    const far = await front(socks5Service({ udp: true }));
    const packets = await route(far.address).associate(signal);
    const end = async (at: number): Promise<void> => {
      far.reports[at]?.abort(new ProxyError('closed_by_user'));
      await far.reports[at]?.ended;
    };
    const x = Buffer.from('x');
    assert.deepEqual((await ask(packets, x, echo.address)).data, x);
    let opened = far.next();
    await end(0);
    await opened;
    while (packets.send(x, echo.address) !== null) await new Promise(setImmediate);
    assert.deepEqual((await ask(packets, x, echo.address)).data, x);
    for (let at = 1; at <= 3; at += 1) {
      opened = far.next();
      await end(at);
      await opened;
      // the new tunnel stands as soon as it takes datagrams
      while (packets.send(Buffer.from('z'), { host: '127.0.0.1', port: 9 }) !== null)
        await new Promise(setImmediate);
    }
    await end(4);
    await packets.closed;
    assert.equal(far.reports.length, 5);
    assert.equal(packets.send(x, echo.address), 'closing');
    await far.close();
  });

  test('travels inside hops that only connect', async () => {
    const hop = await socks5Proxy();
    const packets = await route(proxy.address, {}, route(hop.address)).associate(signal);
    assert.equal((await ask(packets, Buffer.from('far'), echo.address)).data.toString(), 'far');
    packets.close();
    await packets.closed;
    await hop.close();
  });

  for (const [refusal, options] of [
    ['05 07 00 01 00000000 0000', 'answers 7'],
    ['05 01 00 01 00000000 0000', 'answers 1'],
    ['05 02 00 01 00000000 0000', 'answers 2'],
    ['', 'hangs up'],
  ] as const) {
    test(`a proxy that ${options} gets UDP ASSOCIATE`, async () => {
      const asked: number[] = [];
      const old = await tcpPeer((client) => {
        client.once('data', () => {
          client.write(hex('05 00'));
          client.once('data', (request: Buffer) => {
            asked.push(request.readUInt8(1));
            if (request[1] === 0xf3) client.end(hex(refusal));
            else relayTo(client, request);
          });
        });
      });
      const relayTo = (client: Socket, request: Buffer): void => {
        const upstream = connect(proxy.address);
        client.once('close', () => upstream.destroy());
        upstream.write(Buffer.concat([hex('05 01 00'), request]));
        upstream.once('data', (method: Buffer) => {
          client.write(method.subarray(2)); // the request travelled with the greeting, so the reply may with the method
          upstream.pipe(client);
        });
      };
      const way = route(old.address);
      for (const expected of [[0xf3, 3], options === 'answers 7' ? [0xf3, 3, 3] : [0xf3, 3, 0xf3, 3]]) {
        const packets = await way.associate(signal);
        assert.equal(packets.carrier, 'udp');
        assert.deepEqual(packets.hops, ['udp']); // what the statistics say of this hop
        assert.equal((await ask(packets, Buffer.from('x'), echo.address)).data.toString(), 'x');
        assert.deepEqual(asked, expected);
        packets.close();
        await packets.closed;
      }
      await old.close();
    });
  }

  test('where UDP is off, both ways are refused and the error says so', async () => {
    const off = await front(socks5Service());
    await assert.rejects(route(off.address).associate(signal), { code: 'hop_no_udp' });
    const socket = await open(off.address);
    socket.write(hex('05 01 00 05 f3 00 01 7f000001 8865'));
    assert.deepEqual((await rest(socket)).bytes, hex('05 00 05 07 00 01 00000000 0000'));
    socket.destroy();
    await off.close();
  });
});

describe('a port for many peers', () => {
  /** Connects to the port, says `text`, resolves with everything that comes back. */
  async function visit(port: Address, text: string): Promise<string> {
    const socket = await open(port);
    socket.end(text);
    const { bytes } = await rest(socket);
    socket.destroy();
    return bytes.toString();
  }

  /** Answers every peer with its own words and where it came from. */
  function answering(port: Acceptor): Address[] {
    const peers: Address[] = [];
    port.accept((peer: Conn, from) => {
      peers.push(from);
      peer.on('error', () => undefined);
      peer.pipe(peer);
    });
    return peers;
  }

  for (const options of [{}, { comp: true }, { notls: true, 'mux.version': 2 }]) {
    test(`carries peers side by side (${JSON.stringify(options)})`, async () => {
      const proxy = await front(socks5Service({ bind: true, ...options }));
      const port = await route(proxy.address, options).listen(HERE, signal);
      assert.notEqual(port.local.port, 0);
      const peers = answering(port);
      const texts = ['one', 'two', 'x'.repeat(100_000)];
      assert.deepEqual(await Promise.all(texts.map((text) => visit(port.local, text))), texts);
      const hosts = new Set(peers.map(({ host }) => host));
      assert.deepEqual([...hosts], ['comp' in options ? '0.0.0.0' : '127.0.0.1']);
      port.close();
      assert.equal(await port.closed, null);
      await proxy.reports[0]?.ended;
      await assert.rejects(open(port.local), { code: 'ECONNREFUSED' });
      await proxy.close();
    });
  }

  test('a port that is taken and a service without bind are whole replies', async () => {
    const taken = await tcpPeer(() => undefined);
    const proxy = await front(socks5Service({ bind: true }));
    await assert.rejects(route(proxy.address).listen(taken.address, signal), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, 'hop_refused');
      return true;
    });
    await proxy.close();
    await taken.close();
    const off = await front(socks5Service());
    const socket = await open(off.address);
    socket.write(hex('05 01 00 05 f2 00 01 7f000001 0000'));
    assert.deepEqual((await rest(socket)).bytes, hex('05 00 05 07 00 01 00000000 0000'));
    socket.destroy();
    await off.close();
  });

  test('a proxy without MBIND gets BIND again and again on the same port', async () => {
    const proxy = await front(socks5Service({ bind: true }));
    const asked: number[] = [];
    let again: () => void = () => undefined;
    const boundAgain = new Promise<void>((resolve) => (again = resolve));
    const old = await tcpPeer((client) => {
      client.once('data', () => {
        client.write(hex('05 00'));
        client.once('data', (request: Buffer) => {
          asked.push(request.readUInt8(1));
          if (asked.length === 3) again();
          if (request[1] !== 2) return void client.end(hex('05 07 00 01 00000000 0000'));
          const upstream = connect({ ...proxy.address, allowHalfOpen: true });
          client.once('close', () => upstream.destroy());
          upstream.write(Buffer.concat([hex('05 01 00'), request]));
          upstream.once('data', (method: Buffer) => {
            client.write(method.subarray(2));
            upstream.pipe(client).pipe(upstream);
          });
        });
      });
    });
    const port = await route(old.address).listen(HERE, signal);
    const peers = answering(port);
    assert.equal(await visit(port.local, 'first'), 'first');
    await boundAgain;
    port.close();
    assert.equal(await port.closed, null);
    assert.deepEqual(asked.slice(0, 3), [0xf2, 2, 2]);
    assert.equal(peers[0]?.host, '127.0.0.1');
    await old.close();
    await proxy.close();
  });
});
