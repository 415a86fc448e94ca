/**
 * What GOST servers said to GOST clients, said to ours: relay, UDP inside and beside the stream, ports for peers, first bytes.
 * What we say back must be what the GOST client of the recording said, up to FRAG and the differences that are named here.
 * Long because it plays each kind of conversation that was recorded.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Address, Conn, PacketConn } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import type { Connector, Credentials } from '../roles.ts';
import { CAPTURED, captured, smuxOf, withoutFrag } from '../testing/captured.ts';
import { take } from '../testing/client.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { hears, says, saysApart, withServer } from '../testing/server-side.ts';
import { httpConnector } from './http.ts';
import { relayConnector } from './relay.ts';
import { socks4Connector } from './socks4.ts';
import { socks5Connector } from './socks5.ts';

const HERE = '127.0.0.1';
const { signal } = new AbortController();
const redial = (): Promise<never> => Promise.reject(new Error('nothing is refused here'));

function connector(
  kind: 'socks5' | 'relay' | 'socks4' | 'http',
  options: object = {},
  auth: Credentials | null = null,
): Connector {
  const deps = { node: 'hop', addr: { host: HERE, port: 1 }, auth, tls: null, state: null, log: silentLog };
  switch (kind) {
    case 'socks5':
      return socks5Connector.create(socks5Connector.options.parse({ notls: true, ...options }), deps);
    case 'relay':
      return relayConnector.create(relayConnector.options.parse(options), deps);
    case 'socks4':
      return socks4Connector.create(socks4Connector.options.parse(options), deps);
    case 'http':
      return httpConnector.create(httpConnector.options.parse(options), deps);
  }
}

let baseline: string[] = [];
before(() => (baseline = liveResources()));
after(() => assertNoLeaks(baseline));

function framesOf(name: string, from: 'client' | 'server', skip: number): string[] {
  return captured(name)
    .frames.filter((frame) => frame.from === from)
    .slice(skip)
    .map(({ hex }) => hex);
}

function portOf(name: string): number {
  return parseInt(captured(name).port, 16);
}

// ---- relay, one target

const RELAY = [
  ['relay_connect_v3', null],
  ['relay_connect_auth_v3', { username: 'user', password: 'pass' }],
  ['relay_connect_domain_nodelay_v3', null],
  ['relay_v2client_v3server', null],
  ['relay_v3client_v2server', null],
  ['relay_udp_v3', null],
] as const;
const HELLO = '68656c6c6f';

/** v2 says 0 for CONNECT; and v2 servers refuse the network feature, which the flag makes needless. */
function asOurs(request: string): string {
  return request.replace(/^0100/, '0101').replace(/^0181000f0400020001/, '0181000a');
}

describe('relay', () => {
  for (const [name, auth] of RELAY) {
    test(name, () =>
      withServer(async (conn, server) => {
        const udp = name === 'relay_udp_v3';
        const dst = { host: name.includes('domain') ? 'localhost' : HERE, port: portOf(name) };
        const relay = connector('relay', {}, auth);
        const said = asOurs(captured(name).client);
        const hearing = hears(server, said);
        if (udp) {
          const packets = await relay.associate?.(conn, dst, directRoute(), signal, redial, dst);
          assert.ok(packets !== undefined);
          const answer = received(packets);
          packets.send(Buffer.from(HELLO, 'hex'), dst);
          await hearing;
          says(server, captured(name).server);
          assert.deepEqual(await answer, { hex: HELLO, from: dst });
          packets.close();
        } else {
          const stream = await relay.connect(conn, dst, signal);
          stream.write(Buffer.from(HELLO, 'hex'));
          await hearing;
          says(server, captured(name).server);
          assert.equal(await next(stream, HELLO.length / 2), HELLO);
          stream.destroy();
        }
      }),
    );
  }

  for (const [name, code, auth] of [
    ['relay_auth_wrong_v3', 'hop_auth', { username: 'user', password: 'bad' }],
    ['relay_refused_v3', 'net_unreachable', null],
  ] as const) {
    test(`${name}: the refusal that comes late ends the stream`, () =>
      withServer(async (conn, server) => {
        const stream = await connector('relay', {}, auth).connect(
          conn,
          { host: HERE, port: portOf(name) },
          signal,
        );
        const failed = once(stream, 'error');
        stream.write(Buffer.from(HELLO, 'hex'));
        await hears(server, captured(name).client);
        says(server, captured(name).server);
        const [error] = (await failed) as [unknown];
        assert.ok(error instanceof ProxyError);
        assert.equal(error.code, code);
      }));
  }
});

function received(packets: PacketConn): Promise<{ hex: string; from: Address }> {
  return new Promise((resolve) =>
    packets.receive((data, from) => resolve({ hex: data.toString('hex'), from })),
  );
}

async function next(stream: Conn, length: number): Promise<string> {
  return (await take(stream, length)).toString('hex');
}

// ---- UDP inside the stream

/** GOST asks with 0.0.0.0, which gives one family only; we ask with an empty name. */
const OURS = '05f30003000000';
const TUNNELS = [
  'udp_forward_udptun_clientv3_serverv3',
  'udp_forward_udptun_clientv2_serverv3',
  'udp_forward_udptun_clientv3_serverv2',
  'udp_forward_udptun_clientv2_serverv2',
  'v3_chain_socks5_udptun',
  'v2_chain_socks5',
] as const;

/** Frames taken apart: address and payload. */
function datagramsOf(hex: string): { to: Address; data: Buffer; frame: string }[] {
  return [...withoutFrag(hex).matchAll(/(?:0003|0007)00(?:(017f000001)|03096c6f63616c686f7374)(....)/g)].map(
    (match) => {
      const size = parseInt(match[0].slice(0, 4), 16) * 2;
      const start = match.index + match[0].length;
      const data = withoutFrag(hex).slice(start, start + size);
      const to = { host: match[1] === undefined ? 'localhost' : HERE, port: parseInt(match[2] ?? '', 16) };
      return { to, data: Buffer.from(data, 'hex'), frame: match[0] + data };
    },
  );
}

describe('UDP inside the stream', () => {
  for (const name of [...TUNNELS, 'v3_chain_relay'] as const) {
    const relay = name === 'v3_chain_relay';
    test(name, () =>
      withServer(async (conn, server) => {
        const opening = connector(relay ? 'relay' : 'socks5').associate?.(
          conn,
          { host: HERE, port: 1 },
          directRoute(),
          signal,
          redial,
        );
        const replies = framesOf(name, 'server', 0);
        if (!relay) {
          await hears(server, '050100');
          says(server, '0500');
          await hears(server, OURS);
        } else await hears(server, framesOf(name, 'client', 0)[0] ?? '');
        says(server, replies[relay ? 0 : 1] ?? '');
        const packets = await opening;
        assert.ok(packets !== undefined);
        const heard: string[] = [];
        packets.receive((data, from) => heard.push(`${from.host}:${from.port} ${data.toString('hex')}`));
        const sent = datagramsOf(framesOf(name, 'client', relay ? 1 : 2).join(''));
        assert.ok(sent.length > 0);
        for (const { to, data, frame } of sent) {
          assert.equal(packets.send(data, to), null);
          await hears(server, frame);
        }
        const answers = framesOf(name, 'server', relay ? 1 : 2);
        await saysApart(server, answers);
        const expected = datagramsOf(answers.join('')).map(
          ({ to, data }) => `${to.host}:${to.port} ${data.toString('hex')}`,
        );
        assert.ok(expected.length > 0);
        while (heard.length < expected.length) await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual(heard, expected);
        packets.close();
      }),
    );
  }
});

test('v3_chain_http (differs: an address that can not be connected to stands where GOST names nothing)', () =>
  withServer(async (conn, server) => {
    const opening = connector('http').associate?.(
      conn,
      { host: HERE, port: 1 },
      directRoute(),
      signal,
      redial,
    );
    const [head = ''] = framesOf('v3_chain_http', 'client', 0);
    const fieldsOf = (text: string): string[] =>
      text
        .trim()
        .split('\r\n')
        .filter((line) => !line.startsWith('User-Agent'))
        .map((line) => line.trim())
        .toSorted();
    const theirs = Buffer.from(head, 'hex').toString('latin1');
    let said = '';
    while (!said.endsWith('\r\n\r\n')) said += (await take(server, 1)).toString('latin1');
    assert.deepEqual(
      fieldsOf(said.replaceAll('0.0.0.0:0', '')).map((line) => line.replace(/ +/g, ' ')),
      fieldsOf(theirs).map((line) => line.replace(/ +/g, ' ')),
    );
    const [first = '', second = '', ...answers] = framesOf('v3_chain_http', 'server', 0);
    await saysApart(server, [first, second]);
    const packets = await opening;
    assert.ok(packets !== undefined);
    const heard: string[] = [];
    packets.receive((data) => heard.push(data.toString()));
    for (const { to, data, frame } of datagramsOf(framesOf('v3_chain_http', 'client', 1).join(''))) {
      assert.equal(packets.send(data, to), null);
      await hears(server, frame);
    }
    await saysApart(server, answers);
    while (heard.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, ['one', 'two']);
    packets.close();
  }));

// ---- UDP beside the stream

const BESIDE = [
  'relay_udp_client_bnd_127.0.0.1',
  'relay_udp_client_bnd_0.0.0.0',
  'relay_udp_client_bnd_domain',
] as const;

describe('UDP beside the stream', () => {
  for (const name of BESIDE) {
    test(name, () =>
      withServer(async (conn, server) => {
        const relay = createSocket('udp4').bind(0, HERE);
        await once(relay, 'listening');
        const port = relay.address().port.toString(16).padStart(4, '0');
        const { frames, datagrams } = captured(name);
        const reply = frames.at(-1)?.hex ?? '';
        const opening = connector('socks5', { relay: 'udp' }).associate?.(
          conn,
          { host: HERE, port: 1 },
          directRoute(),
          signal,
          redial,
        );
        await hears(server, '050100');
        says(server, '0500');
        await hears(server, '05030001000000000000');
        says(server, reply.slice(0, -4) + port);
        const packets = await opening;
        assert.ok(packets !== undefined);
        const [question, answer] = datagrams;
        const asked = once(relay, 'message');
        const target = { host: HERE, port: 0x14e9 };
        const answered = received(packets);
        packets.send(Buffer.from(question?.hex.slice(20) ?? '', 'hex'), target);
        const [data, from] = (await asked) as [Buffer, { port: number; address: string }];
        assert.equal(data.toString('hex'), question?.hex);
        relay.send(Buffer.from(answer?.hex ?? '', 'hex'), from.port, from.address);
        assert.deepEqual(await answered, { hex: answer?.hex.slice(20), from: target });
        packets.close();
        relay.close();
        await packets.closed;
      }),
    );
  }
});

// ---- ports for peers

const TCP_PORTS = [
  ['rtcp_clientv3_serverv3', 'socks5', {}],
  ['rtcp_clientv2_serverv3', 'socks5', {}],
  ['rtcp_clientv3_serverv2', 'socks5', { comp: true }],
  ['rtcp_clientv3_serverv3comp', 'socks5', { comp: true }],
  ['rtcp_clientv2_serverv3comp', 'socks5', { comp: true }],
  ['relay_rtcp', 'relay', {}],
] as const;
const UDP_PORTS = [
  ['rudp_clientv3_serverv3', 'socks5'],
  ['rudp_clientv2_serverv3', 'socks5'],
  ['rudp_clientv3_serverv2', 'socks5'],
  ['rudp_clientv2_serverv2', 'socks5'],
  ['rudp_clientv3_serverv3comp', 'socks5'],
  ['rudp_clientv2_serverv3comp', 'socks5'],
  ['relay_rudp', 'relay'],
] as const;
const PLAIN_BIND = 'v2_rtcp_plain_bind_v3server';

/** Plays the server until the port is granted; the frames of the server that came later. */
async function grants(server: Socket, name: string): Promise<readonly string[]> {
  const { frames, port } = captured(name);
  const request = frames.findIndex(({ from, hex }) => from === 'client' && hex.endsWith(port));
  if (request > 0) {
    await hears(server, '050100');
    says(server, '0500');
  }
  await hears(server, frames[request]?.hex ?? '');
  const later = frames.slice(request + 1).filter(({ from }) => from === 'server');
  says(server, later[0]?.hex ?? '');
  return later.slice(1).map(({ hex }) => hex);
}

describe('ports for peers', () => {
  for (const [name, kind, options] of TCP_PORTS) {
    test(name, () =>
      withServer(async (conn, server) => {
        const at = { host: HERE, port: portOf(name) };
        const listening = connector(kind, options).listen?.(conn, at, signal, redial);
        const later = await grants(server, name);
        const port = await listening;
        assert.ok(port !== undefined);
        assert.deepEqual(port.local, at);
        const peer = new Promise<{ stream: Conn; from: Address }>((resolve) =>
          port.accept((stream, from) => resolve({ stream, from })),
        );
        await saysApart(
          server,
          later.filter((hex) => !hex.startsWith('0101')),
        );
        const { stream, from } = await peer;
        const told = smuxOf(later.join('')).find((one) => one.startsWith('PSH')) ?? '';
        const payload = name === 'relay_rtcp' ? '686579' : '68656c6c6f2d62696e64';
        assert.ok(told.endsWith(payload));
        const [, named] = /017f000001(....)/.exec(told) ?? [];
        assert.deepEqual(
          from,
          named === undefined ? { host: '0.0.0.0', port: 0 } : { host: HERE, port: parseInt(named, 16) },
        );
        assert.equal(await next(stream, payload.length / 2), payload);
        stream.end(Buffer.from(payload, 'hex'));
        let heard = '';
        while (!smuxOf(heard).includes('FIN 3')) heard += (await take(server, 1)).toString('hex');
        assert.deepEqual(smuxOf(heard), [`PSH 3 ${payload}`, 'FIN 3']);
        stream.destroy();
        port.close();
        await port.closed;
      }),
    );
  }

  for (const [name, kind] of UDP_PORTS) {
    test(name, () =>
      withServer(async (conn, server) => {
        const at = { host: HERE, port: portOf(name) };
        const listening = connector(kind).listenPackets?.(conn, at, signal);
        const later = await grants(server, name);
        const port = await listening;
        assert.ok(port !== undefined);
        assert.deepEqual(port.local, at);
        const said = withoutFrag(later.join(''));
        port.receive((data, from) => assert.equal(port.send(Buffer.from(data), from), null)); // the same goes back
        await saysApart(server, later);
        await hears(server, said);
        port.close();
        await port.closed;
      }),
    );
  }

  test(PLAIN_BIND, () =>
    withServer(async (conn, server) => {
      const at = { host: HERE, port: portOf(PLAIN_BIND) };
      const binding = connector('socks5').bind?.(conn, at, signal);
      const [second = '', payload = ''] = await grants(server, PLAIN_BIND);
      const port = await binding;
      assert.ok(port !== undefined);
      assert.deepEqual(port.local, at);
      const accepting = port.accept(signal);
      says(server, second);
      const { conn: stream, peer } = await accepting;
      port.close(); // the port is gone, the stream of its peer is not
      assert.deepEqual(peer, { host: HERE, port: parseInt(second.slice(-4), 16) });
      says(server, payload);
      assert.equal(await next(stream, payload.length / 2), payload);
    }),
  );
});

// ---- first bytes

const FIRST_BYTES = CAPTURED.filter(({ name }) => /^v[23]_client_/.test(name)).map(({ name }) => name);

describe('the server speaks first', () => {
  for (const name of FIRST_BYTES) {
    const [, , kind = ''] = name.split('_');
    test(name, () =>
      withServer(async (conn, server) => {
        assert.ok(kind === 'socks5' || kind === 'socks4' || kind === 'http' || kind === 'relay');
        const opening = connector(kind).connect(conn, { host: HERE, port: 9 }, signal);
        const [first = '', ...more] = framesOf(name, 'server', 0);
        if (kind === 'socks5') {
          await hears(server, '050100');
          says(server, first);
        }
        if (!server.readable || server.readableLength === 0) await once(server, 'readable');
        await saysApart(server, kind === 'socks5' ? more : [first, ...more]);
        const stream = await opening;
        const expected = Buffer.from('BANNER\nLATER\n').toString('hex');
        assert.equal(await next(stream, expected.length / 2), expected);
        stream.destroy();
      }),
    );
  }
});

const NOT_PLAYED: Readonly<Record<string, string>> = {
  relay_server_first: 'the server said nothing',
  relay_server_first_nodelay: 'its bytes are those of v3_client_relay_coalesced',
  rtcp_clientv2_serverv2: 'inside TLS, whose keys are gone; the same exchange is rtcp_clientv2_serverv3comp',
  udp_forward_relay_udp:
    'only the control connection was recorded, which relay_udp_client_bnd_127.0.0.1 has as well',
  udp_forward_relay_udp_keepalive: 'only the control connection was recorded',
  v3_chain_socks5_relayudp: 'only the control connection was recorded',
};

test('every entry is played or says why not', () => {
  const played = new Set<string>([
    ...RELAY.map(([name]) => name),
    'relay_auth_wrong_v3',
    'relay_refused_v3',
    ...TUNNELS,
    'v3_chain_relay',
    'v3_chain_http',
    ...BESIDE,
    ...TCP_PORTS.map(([name]) => name),
    ...UDP_PORTS.map(([name]) => name),
    PLAIN_BIND,
    ...FIRST_BYTES,
  ]);
  for (const { name } of CAPTURED) assert.ok(played.has(name) !== name in NOT_PLAYED, name);
});
