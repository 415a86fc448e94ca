/**
 * What raw clients and GOST clients said to servers of GOST v3 and v2, said to ours. A SOCKS reply is compared by what it says: its address is
 * where we connect from, or a port that the system chose. TLS is compared by meaning, since its keys are gone: the recorded
 * ClientHello is answered, and what was said inside is said inside of TLS of our own. Where we answer differently on purpose the
 * table says what and why. vectors.test.ts has written out most of what raw clients said to GOST v3; that counts as played.
 * Long because it plays each kind of conversation that was recorded.
 */
import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpPort } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import * as z from 'zod';
import { userTable } from '../auth.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Credentials, Handler } from '../roles.ts';
import type { HandlerDeps } from '../registry.ts';
import { open, take } from '../testing/client.ts';
import type { Frame } from '../testing/conversations.ts';
import { smuxOf } from '../testing/captured.ts';
import { tcpEcho, tcpPeer, udpEcho, type Echo } from '../testing/echo.ts';
import { directRouter, front } from '../testing/front.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { assertComplete, recorded, restored, withPorts } from '../testing/recorded.ts';
import { rest } from '../testing/stream.ts';
import { httpHandler } from './http/index.ts';
import { socks4Handler } from './socks4.ts';
import { socks5Handler } from './socks5/index.ts';

const HERE = '127.0.0.1';
const USER = { username: 'user', password: 'pass' };
const SWITCHES = { udp: true, bind: true };

type Serve = (router?: HandlerDeps['router']) => Handler;

function deps(users: readonly Credentials[] | null, router = directRouter({ lookup })): HandlerDeps {
  const auth = users === null ? null : userTable(users);
  return { name: 'recorded', router, auth, tls: null, forwarder: null, state: null, log: silentLog };
}
function socks5(options: object = {}, users: readonly Credentials[] | null = null): Serve {
  const parsed = socks5Handler.options.parse({ ...SWITCHES, ...options });
  return (router) => socks5Handler.create(parsed, deps(users, router));
}
const PLAIN = socks5({ notls: true });
const TLS = socks5();
const TLS_USERS = socks5({}, [USER]);
const USERS = socks5({ notls: true }, [USER]);
const SOCKS4: Serve = () => socks4Handler.create(socks4Handler.options.parse({}), deps(null));
function http(users: readonly Credentials[] | null = null): Handler {
  return httpHandler.create(httpHandler.options.parse({ udp: true, proxyAgent: 'gost/3.0' }), deps(users));
}

/** No name server may be needed to replay what one answered once. */
function lookup(host: string): Promise<string[]> {
  if (host === 'localhost') return Promise.resolve([HERE]);
  if (/^[\d.:a-f]+$/.test(host)) return Promise.resolve([host]);
  return Promise.reject(new ProxyError('name_not_found', { host }));
}

let baseline: string[] = [];
let ports: Record<'echo' | 'closed' | 'udp' | 'udp6' | 'banner', number>;
let targets: Echo[] = [];
before(async () => {
  baseline = liveResources();
  const closed = await tcpEcho();
  await closed.close();
  targets = [
    await tcpEcho(),
    await udpEcho(),
    await udpEcho('::1'),
    await tcpPeer((socket) => void socket.write('BANNER\n')),
  ];
  const [echo = 0, udp = 0, udp6 = 0, banner = 0] = targets.map(({ address }) => address.port);
  ports = { echo, udp, udp6, banner, closed: closed.address.port };
});
after(async () => {
  for (const target of targets) await target.close();
  await assertNoLeaks(baseline);
});

async function withClient(serve: Serve, work: (socket: Socket) => Promise<void>): Promise<void> {
  const proxy = await front(serve());
  const socket = await open({ host: HERE, port: proxy.address.port });
  try {
    await work(socket);
  } finally {
    socket.destroy();
    await proxy.close();
  }
}

// ---- one answer

/** `reply N`: a SOCKS5 reply with this REP. `reply4 N`: one of SOCKS4. `end`: the connection ends. Else the bytes. */
type Answer = string;

function answerIn({ hex, note }: Frame, map: Readonly<Record<string, number>>): Answer | null {
  if (hex === '') return note.includes('FIN') ? 'end' : null;
  if (/^05..00(01|03|04)/.test(hex) && hex.length >= 20) return `reply ${parseInt(hex.slice(2, 4), 16)}`;
  if (/^005[abcd]/.test(hex) && hex.length === 16) return `reply4 ${hex.slice(2, 4)}`;
  return withPorts(hex, map);
}

/** Reads what `answer` says; the port that a reply names. */
async function hears(socket: Socket, answer: Answer): Promise<number> {
  const [kind, value = ''] = answer.split(' ');
  switch (kind) {
    case 'end':
      assert.deepEqual((await rest(socket)).bytes, Buffer.alloc(0));
      return 0;
    case 'reply': {
      const head = await take(socket, 4);
      assert.deepEqual([head[0], head[1], head[2]], [5, Number(value), 0]);
      const tail = await take(socket, head[3] === 4 ? 18 : 6);
      return tail.readUInt16BE(tail.length - 2);
    }
    case 'reply4': {
      const reply = await take(socket, 8);
      assert.equal(reply.toString('hex', 0, 2), `00${value}`);
      return reply.readUInt16BE(2);
    }
    default:
      assert.equal((await take(socket, answer.length / 2)).toString('hex'), answer);
      return 0;
  }
}

// ---- questions and answers

interface Difference {
  readonly why: string;
  readonly answers: readonly Answer[];
}

interface Play {
  readonly name: string;
  readonly serve: Serve;
  /** What the recorded ports stand for; default: `9…` and the like are the echo. */
  readonly to?: keyof typeof ports;
  /** What we answer instead, from the first answer on; the conversation is over after the last. */
  readonly differs?: Difference;
}

const differs = (why: string, ...answers: Answer[]): Difference => ({ why, answers });
const NOT_OFFERED = 'a method that was not offered is never named';
const both = (versions: readonly string[], suffix: string): string[] =>
  versions.map((one) => `${one}_${suffix}`);
const CLIENTS = ['gost3_client', 'gost2_client'] as const;

const PLAYS: readonly Play[] = [
  // ---- servers of v2
  { name: 'v2_methodsel_noauth_offer_00', serve: TLS },
  { name: 'v2_methodsel_noauth_offer_00_80', serve: TLS },
  ...['02_only', '01', '82_only'].map((offer) => ({
    name: `v2_methodsel_noauth_offer_${offer}`,
    serve: TLS,
    differs: differs(NOT_OFFERED, '05ff', 'end'),
  })),
  { name: 'v2_methodsel_auth_offer_00', serve: TLS_USERS, differs: differs(NOT_OFFERED, '05ff', 'end') },
  { name: 'v2_methodsel_auth_offer_00_02', serve: TLS_USERS },
  { name: 'v2_methodsel_auth_offer_00_80', serve: TLS_USERS, differs: differs(NOT_OFFERED, '05ff', 'end') },
  { name: 'v2_methodsel_auth_offer_82', serve: TLS_USERS, differs: differs('v2 does not know it', '0582') },
  { name: 'v2_userpass_wrong', serve: USERS },
  { name: 'v2_connect_ok', serve: PLAIN },
  {
    name: 'v2_refused',
    serve: PLAIN,
    to: 'closed',
    differs: differs('refused is 5', '0500', 'reply 5', 'end'),
  },
  {
    name: 'v2_badcmd',
    serve: PLAIN,
    differs: differs('an unknown command is answered', '0500', 'reply 7', 'end'),
  },
  {
    name: 'v2_early_data_same_segment',
    serve: PLAIN,
    differs: differs(
      'bytes behind the request belong to the target',
      '0500',
      'reply 0',
      '4541524c59',
      '6c617465',
    ),
  },
  { name: 'v2_udptun', serve: PLAIN },
  // ---- clients
  ...both(CLIENTS, 'offer_notls').map((name) => ({ name, serve: PLAIN })),
  ...both(CLIENTS, 'offer_auth_notls').map((name) => ({ name, serve: USERS })),
  ...both(CLIENTS, 'auth_fail').map((name) => ({
    name,
    serve: socks5({ notls: true }, [{ ...USER, password: 'other' }]),
  })),
  ...both(CLIENTS, 'coalesced_reply_payload').map((name): Play => ({
    name,
    serve: PLAIN,
    to: 'banner',
    // the bytes are read one after the other here; that they come in a segment of their own is looked at in captured.test.ts
    differs: differs(
      'the first bytes of the target come behind the reply',
      '0500',
      'reply 0',
      '42414e4e45520a',
    ),
  })),
  { name: 'gost3_client_offer_plain', serve: USERS },
  {
    name: 'gost2_client_offer_plain',
    serve: USERS,
    differs: differs('v2 lists 02 without a password, so it is asked for one', '0502'),
  },
  { name: 'gost3_client_offer_auth', serve: TLS_USERS, differs: differs('we have a method for it', '0582') },
  {
    name: 'gost2_client_offer_auth',
    serve: TLS_USERS,
    differs: differs('no password of a v2 client is taken readable: it understands 0x82', '0582'),
  },
  { name: 'tls_auth_client_answered_00', serve: PLAIN },
  { name: 'tls_auth_client_answered_02', serve: USERS },
  {
    name: 'noauth_client_answered_02_not_offered',
    serve: USERS,
    differs: differs(NOT_OFFERED, '05ff', 'end'),
  },
  { name: 'notls_client_answered_82_not_offered', serve: TLS_USERS, differs: differs(NOT_OFFERED, '0502') },
  // ---- SOCKS4
  ...['connect_ok', 'connect_userid', '4a_connect', '4a_userid_ipstring', '4a_nxdomain'].map((what) => ({
    name: `socks4_server_v2_${what}`,
    serve: SOCKS4,
  })),
  { name: 'socks4_server_v2_refused', serve: SOCKS4, to: 'closed' },
  {
    name: 'socks4_server_v2_bind',
    serve: SOCKS4,
    differs: differs('5c speaks of identd, which plays no part', 'reply4 5b', 'end'),
  },
  {
    name: 'socks4_server_v2_badcmd',
    serve: SOCKS4,
    differs: differs('an unknown command is answered', 'reply4 5b', 'end'),
  },
  {
    name: 'socks4_server_v2_connect_early',
    serve: SOCKS4,
    differs: differs('bytes behind the request belong to the target', 'reply4 5a', '4541524c59'),
  },
  ...['v3', 'v2'].flatMap((version) =>
    ['socks4', 'socks4a'].flatMap((scheme) =>
      ['noauth', 'auth'].flatMap((auth) =>
        [HERE, 'localhost'].map((host) => ({
          name: `socks4_client_${version}_${scheme}_${auth}_${host}`,
          serve: SOCKS4,
        })),
      ),
    ),
  ),
  // ---- UDP inside the stream
  { name: 'socks5_udptun_case_ipv6_target_on_v6_tunnel', serve: PLAIN, to: 'udp' },
  {
    name: 'socks5_udptun_case_ipv4_target_on_v6_tunnel',
    serve: PLAIN,
    to: 'udp',
    differs: differs(
      'a tunnel serves both families',
      '0500',
      'reply 0',
      '000600017f000001{udp}74756e2d7634',
      '000600017f000001{udp}74756e2d7634',
    ),
  },
  ...(
    [
      ['socks5_udptun_case_zero_len_payload', ['000600017f000001{udp}616c6976653f']],
      [
        'socks5_udptun_case_zero_len_then_frame',
        ['000200017f000001{udp}7878', '000600017f000001{udp}616c6976653f'],
      ],
    ] as const
  ).map(([name, answers]) => ({
    name,
    serve: PLAIN,
    to: 'udp' as const,
    differs: differs('an empty datagram costs nobody its place in the stream', '0500', 'reply 0', ...answers),
  })),
];

/** Recorded ports that are looked up, by what they stood for. */
function portsOf({ to = 'echo' }: Pick<Play, 'to'>): Record<string, number> {
  const there = ports[to];
  const all = ['90c5', '982b', '812d', 'a101', '8413', '9a59', '8184', '8865', '879d', '0009'];
  return { ...Object.fromEntries(all.map((port) => [port, there])), a369: ports.udp6, '0009': ports.closed };
}

describe('questions and answers', () => {
  for (const play of PLAYS) {
    const { name, serve, differs: instead } = play;
    test(name + (instead === undefined ? '' : ` (differs: ${instead.why})`), { timeout: 10_000 }, () =>
      withClient(serve, async (socket) => {
        const map = portsOf(play);
        const frames = recorded(name).frames;
        const own = instead?.answers.map((one) =>
          one.replace('{udp}', ports.udp.toString(16).padStart(4, '0')),
        );
        const wanted =
          own ?? frames.flatMap((frame) => (frame.dir === 's2c' ? (answerIn(frame, map) ?? []) : []));
        // the server's turn comes where it came in the recording; what it says beyond that is read at the end
        let at = 0;
        for (const frame of frames) {
          if (at >= wanted.length) break;
          if (frame.dir === 'c2s' && frame.hex !== '')
            socket.write(Buffer.from(withPorts(frame.hex, map), 'hex'));
          if (frame.dir === 'c2s' && frame.hex === '' && frame.note.includes('FIN')) socket.end();
          if (frame.dir !== 's2c') continue;
          const says = answerIn(frame, map);
          if (says === null) continue;
          await hears(socket, asSent(wanted[at] ?? 'end'));
          at += 1;
          if (wanted[at - 1] === 'end') return;
        }
        for (const answer of wanted.slice(at)) await hears(socket, asSent(answer));
      }),
    );
  }
});

/** Frames of UDP-TUN as we write them, with FRAG 0. */
function asSent(answer: Answer): Answer {
  return answer.replace(/^([0-9a-f]{4})ff(?=01|04)/, '$100');
}

// ---- TLS

const HELLOS = [
  ['gost3_client_tls80', TLS],
  ['gost3_client_tls82', TLS_USERS],
  ['gost2_client_tls80', TLS],
  ['gost2_client_tls82', TLS_USERS],
] as const;
/** Only their first 200 bytes were kept; the conversation inside is that of the ones above. */
const CUT = [
  ['clientv3_serverv2_noauth', TLS, '0580'],
  ['clientv3_serverv2_auth', TLS_USERS, '0582'],
] as const;

describe('TLS', () => {
  for (const [name, serve] of HELLOS) {
    const { frames } = recorded(name);
    const [greeting, method, hello] = frames.map(({ hex }) => hex);
    test(`${name}: the recorded ClientHello is answered`, () =>
      withClient(serve, async (socket) => {
        socket.write(Buffer.from(greeting ?? '', 'hex'));
        await hears(socket, method ?? '');
        socket.write(Buffer.from(hello ?? '', 'hex'));
        const record = await take(socket, 6);
        assert.deepEqual([record[0], record[1], record[5]], [0x16, 3, 2], 'a ServerHello');
      }));
    test(`${name}: what was said inside`, () =>
      withClient(serve, async (socket) => {
        socket.write(Buffer.from(greeting ?? '', 'hex'));
        await hears(socket, method ?? '');
        const secure = connectTls({ socket, rejectUnauthorized: false });
        await once(secure, 'secureConnect');
        const map = portsOf({});
        for (const frame of frames.filter(({ tls }) => tls)) {
          if (frame.dir === 'c2s') secure.write(Buffer.from(withPorts(frame.hex, map), 'hex'));
          else await hears(secure, answerIn(frame, map) ?? 'end');
        }
        const payload = frames.at(-1)?.hex ?? '';
        await hears(secure, payload); // the echo
        secure.destroy();
      }));
  }

  for (const [name, serve, method] of CUT) {
    test(`${name}: the same method is chosen`, () =>
      withClient(serve, async (socket) => {
        socket.write(Buffer.from(recorded(name).frames[0]?.hex ?? '', 'hex'));
        await hears(socket, method);
      }));
  }
});

// ---- ports for peers

const BINDS = [
  'socks5_bind_zero',
  'socks5_bind_loopback_fixed',
  'socks5_bind_v6zero',
  'socks5_bind_domain',
  'v2_bind',
  'v2_bind_0',
] as const;
const IN_USE = ['socks5_mbind_in_use', 'socks5_udptun_bind_in_use'] as const;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HERE);
  await once(server, 'listening');
  const at = server.address();
  server.close();
  await once(server, 'close');
  return typeof at === 'object' ? (at?.port ?? 0) : 0;
}

describe('ports for peers', () => {
  for (const name of BINDS) {
    test(name, { timeout: 10_000 }, () =>
      withClient(PLAIN, async (socket) => {
        const asked = await freePort();
        const [greeting, , request, , ...later] = recorded(name).frames.filter(({ dir }) => dir !== 'note');
        socket.write(Buffer.from(greeting?.hex ?? '', 'hex'));
        await hears(socket, '0500');
        socket.write(Buffer.from(withPorts(request?.hex ?? '', { b3c7: asked }), 'hex'));
        const bound = await hears(socket, 'reply 0');
        if (name === 'socks5_bind_loopback_fixed') assert.equal(bound, asked);
        const peer = await open({ host: name === 'socks5_bind_v6zero' ? '::1' : HERE, port: bound });
        assert.equal(await hears(socket, 'reply 0'), peer.localPort);
        for (const { dir, hex } of later.filter(({ hex: bytes }) => bytes !== '').slice(1)) {
          const [from, to] = dir === 's2c' ? [peer, socket] : [socket, peer];
          from.write(Buffer.from(hex, 'hex'));
          assert.equal((await take(to, hex.length / 2)).toString('hex'), hex);
        }
        peer.end();
        await hears(socket, 'end');
        peer.destroy();
      }),
    );
  }

  for (const name of IN_USE) {
    test(name, () =>
      withClient(PLAIN, async (socket) => {
        const udp = createSocket('udp4').bind(0, HERE);
        await once(udp, 'listening');
        const taken = name === 'socks5_udptun_bind_in_use' ? udp.address().port : ports.echo;
        for (const frame of recorded(name).frames) {
          if (frame.dir === 'c2s') socket.write(Buffer.from(withPorts(frame.hex, { b111: taken }), 'hex'));
          else await hears(socket, answerIn(frame, {}) ?? 'end');
        }
        udp.close();
      }),
    );
  }

  test('socks5_bind_in_use (differs: the port of the request is a wish, and another one is told)', () =>
    withClient(PLAIN, async (socket) => {
      const [greeting, , request] = recorded('socks5_bind_in_use').frames.map(({ hex }) => hex);
      socket.write(Buffer.from(greeting ?? '', 'hex'));
      await hears(socket, '0500');
      socket.write(Buffer.from(withPorts(request ?? '', { b111: ports.echo }), 'hex'));
      assert.notEqual(await hears(socket, 'reply 0'), ports.echo);
    }));

  test('socks5_udptun_bind', () =>
    withClient(PLAIN, async (socket) => {
      const { frames } = recorded('socks5_udptun_bind');
      const [, , request, , , arrives, answer] = frames.map(({ hex }) => hex);
      const asked = await freePort();
      socket.write(Buffer.from('050100', 'hex'));
      await hears(socket, '0500');
      socket.write(Buffer.from(withPorts(request ?? '', { '92ee': asked }), 'hex'));
      assert.equal(await hears(socket, 'reply 0'), asked);
      const peer = createSocket('udp4').bind(0, HERE);
      await once(peer, 'listening');
      const map = { d0b9: peer.address().port };
      peer.send('remote-in', asked, HERE);
      await hears(socket, asSent(withPorts(arrives ?? '', map)));
      const arriving = once(peer, 'message');
      socket.write(Buffer.from(withPorts(answer ?? '', map), 'hex'));
      assert.equal(String((await arriving)[0]), 'reply-out');
      peer.close();
    }));

  test('socks5_mbind: two peers, their names first, and both ends', { timeout: 10_000 }, () =>
    withClient(PLAIN, async (socket) => {
      const asked = await freePort();
      socket.write(Buffer.from('050100', 'hex'));
      await hears(socket, '0500');
      const [, , request, , , , , answer] = recorded('socks5_mbind').frames.map(({ hex }) => hex);
      socket.write(Buffer.from(withPorts(request ?? '', { a8eb: asked }), 'hex'));
      assert.equal(await hears(socket, 'reply 0'), asked);
      let heard = '';
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString('hex')));
      const until = async (...wanted: string[]): Promise<void> => {
        while (!wanted.every((one) => smuxOf(heard).includes(one))) await once(socket, 'data');
      };
      const prefaceOf = (peer: Socket): string =>
        `050000017f000001${(peer.localPort ?? 0).toString(16).padStart(4, '0')}`;
      const first = await open({ host: HERE, port: asked });
      first.write('hello-from-peer');
      const hello = Buffer.from('hello-from-peer').toString('hex');
      await until('SYN 3', `PSH 3 ${prefaceOf(first)}${hello}`);
      socket.write(Buffer.from(answer ?? '', 'hex'));
      assert.equal((await take(first, 7)).toString(), 'hi-peer');
      socket.write(Buffer.from('0103000003000000', 'hex')); // NOP
      const second = await open({ host: HERE, port: asked });
      await until('SYN 5', `PSH 5 ${prefaceOf(second)}`);
      first.end();
      await until('FIN 3');
      socket.write(Buffer.from('0101000003000000', 'hex'));
      second.end();
      await until('FIN 5');
      for (const peer of [first, second]) peer.destroy();
    }),
  );
});

// ---- UDP beside the stream

/** Asks for an association; where the relay is. */
async function associated(socket: Socket, request: string): Promise<number> {
  socket.write(Buffer.from('050100', 'hex'));
  await hears(socket, '0500');
  socket.write(Buffer.from(request, 'hex'));
  return hears(socket, 'reply 0');
}

async function udpPort(): Promise<UdpPort> {
  const socket = createSocket('udp4').bind(0, HERE);
  await once(socket, 'listening');
  return socket;
}

const UNANSWERED = { frag: /FRAG/, second: /second local source port/, short: /short packet/ };
const BESIDE = ['socks5_udp_associate_zero', 'socks5_udp_associate_declared_client', 'v2_udp'] as const;
const BAD = [
  'short',
  'bad_atyp',
  'unresolvable',
  'port0',
  'v6_literal_unreachable',
  'frag1',
  'empty',
] as const;
const CRASHES = ['v2_udp_truncated_addr', 'v2_udp_empty', 'v2_udp_1byte'] as const;

describe('UDP beside the stream', () => {
  for (const name of BESIDE) {
    test(`${name} (differs: no fragments, no second port, nothing is cut, a bad datagram costs only itself)`, () =>
      withClient(PLAIN, async (socket) => {
        const client = await udpPort();
        const map = { ...portsOf({ to: 'udp' }), 1234: client.address().port };
        const { frames } = recorded(name);
        const request = frames.find(({ hex }) => hex.startsWith('0503'))?.hex ?? '';
        const relay = await associated(socket, withPorts(request, map));
        const datagrams = frames.filter(({ dir }) => dir === 'udp c2s');
        assert.ok(datagrams.length >= 2);
        for (const { hex, note } of datagrams) {
          const bytes = Buffer.from(withPorts(hex, map), 'hex');
          const sender = UNANSWERED.second.test(note) ? await udpPort() : client;
          sender.send(bytes, relay, HERE);
          if (sender !== client) sender.close();
          if (UNANSWERED.short.test(note) || sender !== client || bytes[2] !== 0) continue;
          const [answer] = (await once(client, 'message')) as [Buffer];
          const payload = (text: string): string =>
            text.slice(text.startsWith('00000003') ? 32 : text.startsWith('00000004') ? 44 : 20);
          const target = hex.startsWith('00000004') ? hex.slice(8, 40) : '7f000001';
          assert.equal(payload(answer.toString('hex')), payload(bytes.toString('hex')));
          assert.equal(
            answer.toString('hex').slice(0, 8 + target.length),
            `0000000${target.length > 8 ? 4 : 1}${target}`,
          );
        }
        client.close();
      }));
  }

  for (const name of BAD) {
    test(`v2_${name}: the association survives it`, () => survives(recorded(`v2_${name}`).frames));
  }
  for (const name of CRASHES) {
    const good = recorded('v3_short').frames.filter(({ dir, hex }) => dir === 'udp c2s' && hex.length > 20);
    test(`${name}: so does the process`, () => survives([...recorded(name).frames, ...good.slice(-1)]));
  }

  function survives(frames: readonly Frame[]): Promise<void> {
    return withClient(PLAIN, async (socket) => {
      const relay = await associated(socket, '05030001000000000000');
      const client = await udpPort();
      const map = portsOf({ to: 'udp' });
      for (const { dir, hex } of frames) {
        const bytes = Buffer.from(withPorts(hex, map), 'hex');
        if (dir === 'udp c2s') client.send(bytes, relay, HERE);
        else if (dir === 'udp s2c') await once(client, 'message');
      }
      const [answer] = (await once(client, 'message')) as [Buffer]; // to the last, which is good
      assert.equal(answer.toString('hex'), withPorts(frames.at(-1)?.hex ?? '', map));
      client.close();
    });
  }

  test('socks5_udptun_case_big_frame_5000 (differs: nothing is cut)', () =>
    withClient(PLAIN, async (socket) => {
      const [, , request, , big, , small] = recorded('socks5_udptun_case_big_frame_5000').frames.map(
        ({ hex }) => hex,
      );
      const map = portsOf({ to: 'udp' });
      await associated(socket, request ?? '');
      const frame = withPorts(restored(big ?? '', 10 + 5000), map);
      socket.write(Buffer.from(frame, 'hex'));
      await hears(socket, asSent(frame));
      socket.write(Buffer.from(withPorts(small ?? '', map), 'hex'));
      await hears(socket, asSent(withPorts(small ?? '', map)));
    }));
});

// ---- chains: what came to the first hop, said to two of ours

const CHAINS = [
  ['http_then_socks5_domain', 'echo'],
  ['socks5_then_socks5_ip', 'echo'],
  ['socks5_then_socks5_udp', 'udp'],
  ['socks5_then_socks5_relayudp', 'udp'],
  ['socks5_udp_domain_target', 'udp'],
] as const;

describe('chains', () => {
  for (const [name, to] of CHAINS) {
    test(name, { timeout: 10_000 }, async () => {
      const second = await front(PLAIN());
      const frames = recorded(name).frames.filter(({ hop, hex }) => hop === 1 && hex !== '');
      const hop2 = second.address.port;
      await withClient(name.startsWith('http') ? () => http() : PLAIN, async (socket) => {
        const asked = frames.map(({ hex }) => /096c6f63616c686f7374(....)/.exec(hex)?.[1]).find(Boolean);
        const map = { ...portsOf({ to }), [asked ?? '']: hop2, '90c5': ports[to] };
        for (const { dir, hex } of frames) {
          const text = Buffer.from(hex, 'hex').toString('latin1');
          const isHead = /^(CONNECT|HTTP)/.test(text);
          if (dir === 'c2s' && isHead) socket.write(text.replaceAll(/localhost:\d+/g, `localhost:${hop2}`));
          else if (dir === 'c2s') socket.write(Buffer.from(withPorts(hex, map), 'hex'));
          else if (isHead) assert.equal((await take(socket, text.length)).toString('latin1'), text);
          else
            await hears(
              socket,
              asSent(answerIn({ dir: 's2c', hex, note: '', tls: false, hop: 1, conn: 1 }, map) ?? 'end'),
            );
        }
      });
      await second.close();
    });
  }
});

// ---- HTTP

const HTTP = [
  ['http_connect_v3', null, null],
  ['http_connect_auth_v3', [USER], null],
  ['http_connect_v2client', null, null],
  ['http_udp_v3', null, null],
  ['http_connect_auth_wrong_v3', [USER], 'HTTP/1.1 407 '],
  ['http_forward_origin_form', null, 'HTTP/1.1 400 '],
  ['http_forward_origin_localhost', null, 'HTTP/1.1 400 '],
] as const;

describe('HTTP', () => {
  for (const [name, users, refusal] of HTTP) {
    const answers400 = refusal?.includes('400') === true;
    test(name + (answers400 ? ' (differs: a request for nobody is the fault of the client)' : ''), () =>
      withClient(
        () => http(users),
        async (socket) => {
          const udp = name === 'http_udp_v3';
          const port = udp ? ports.udp : ports.echo;
          const [head, ...later] = recorded(name).frames.filter(({ hex }) => hex !== '');
          const text = Buffer.from(head?.hex ?? '', 'hex').toString('latin1');
          socket.write(text.replaceAll('45297', String(port)), 'latin1');
          if (refusal !== null) {
            assert.equal((await take(socket, refusal.length)).toString(), refusal);
            return;
          }
          let answer = '';
          while (!answer.endsWith('\r\n\r\n')) answer += (await take(socket, 1)).toString('latin1');
          const recordedHead = Buffer.from(later[0]?.hex ?? '', 'hex').toString('latin1');
          // v3 says "OK" and a length to a request for UDP; a client looks at the status only
          if (udp) assert.match(answer, /^HTTP\/1\.1 200 /);
          else assert.equal(answer, recordedHead);
          const said = later.filter(({ dir }) => dir === 'c2s').map(({ hex }) => hex);
          const map = { b0f1: port };
          for (const hex of said) socket.write(Buffer.from(withPorts(hex, map), 'hex'));
          await hears(socket, asSent(withPorts(said.join(''), map))); // the echo, framed or not
        },
      ),
    );
  }

  test('http_forward_absolute (differs: fields for this hop stay here)', async () => {
    let upstream = '';
    const origin = await tcpPeer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        upstream += chunk.toString('latin1');
        if (upstream.endsWith('\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    const { frames, upstream_text: theirs } = recorded('http_forward_absolute');
    const request = Buffer.from(frames[0]?.hex ?? '', 'hex').toString('latin1');
    await withClient(
      () => http(),
      async (socket) => {
        socket.write(request.replaceAll('54233', String(origin.address.port)), 'latin1');
        let answer = '';
        while (!answer.endsWith('\r\n\r\nok')) answer += (await take(socket, 1)).toString('latin1');
        assert.match(answer, /^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\n/);
      },
    );
    await origin.close();
    const linesOf = (text: string): string[] =>
      text
        .trim()
        .split('\r\n')
        .map((line) => line.replace(/:\d+$/, ''));
    const gost = theirs.join('');
    const hopByHop = /^(Connection: X-Hop|X-Hop: 1)$/;
    assert.deepEqual(
      linesOf(upstream).toSorted(),
      linesOf(gost)
        .filter((line) => !hopByHop.test(line))
        .toSorted(),
    );
  });
});

// ---- the end of one direction

describe('half-close', () => {
  for (const name of ['v3_half_close', 'v2_half_close']) {
    test(`${name} (differs: the other direction goes on)`, async () => {
      const target = await tcpPeer((socket) => {
        socket.once('end', () => {
          for (let count = 0; count < 14; count += 1) socket.write('0123456789');
          socket.end();
        });
        socket.resume();
      });
      await withClient(PLAIN, async (socket) => {
        socket.write(Buffer.from('050100', 'hex'));
        await hears(socket, '0500');
        const port = target.address.port.toString(16).padStart(4, '0');
        socket.write(Buffer.from(`050100017f000001${port}`, 'hex'));
        await hears(socket, 'reply 0');
        socket.end();
        assert.equal((await rest(socket)).bytes.length, 140);
      });
      await target.close();
    });
  }
});

// ---- the account

const file = new URL('../testing/vectors/gost3.json', import.meta.url);
/** Written out in gost3.json, which vectors.test.ts plays whole. */
const WRITTEN_OUT = z
  .object({ vectors: z.array(z.object({ name: z.string() })) })
  .parse(JSON.parse(readFileSync(file, 'utf8')))
  .vectors.map(({ name }) => name.replace(/^udp_/, 'v3_'));

const NOT_PLAYED: Readonly<Record<string, string>> = {
  v3_all_nodes_failed: 'no bytes were kept; chains/router.test.ts has what becomes of a chain without a node',
  v2_all_nodes_failed: 'the same',
};

test('every conversation is played or says why not', () => {
  const played = new Set<string>([
    ...PLAYS.map(({ name }) => name),
    ...HELLOS.map(([name]) => name),
    ...CUT.map(([name]) => name),
    ...BINDS,
    ...IN_USE,
    'socks5_bind_in_use',
    'socks5_udptun_bind',
    'socks5_mbind',
    ...BESIDE,
    ...BAD.map((name) => `v2_${name}`),
    ...CRASHES,
    'socks5_udptun_case_big_frame_5000',
    ...CHAINS.map(([name]) => name),
    ...HTTP.map(([name]) => name),
    'http_forward_absolute',
    'v3_half_close',
    'v2_half_close',
  ]);
  const twice = WRITTEN_OUT.filter((name) => played.has(name));
  assert.deepEqual(twice, []);
  assertComplete(new Set([...played, ...WRITTEN_OUT]), NOT_PLAYED);
});
