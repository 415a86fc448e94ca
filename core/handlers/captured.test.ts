/**
 * What GOST clients said to GOST servers, said to ours: relay, UDP inside the stream, ports for peers, first bytes. The answers
 * must be what the GOST server of the recording answered, up to ports, FRAG and the differences that are named here.
 * Long because it plays each kind of conversation that was recorded.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { userTable } from '../auth.ts';
import { silentLog } from '../log.ts';
import type { HandlerDeps } from '../registry.ts';
import type { Handler } from '../roles.ts';
import { CAPTURED, captured, smuxOf, withoutFrag, withPort } from '../testing/captured.ts';
import { open, take } from '../testing/client.ts';
import { tcpEcho, tcpPeer, udpEcho, type Echo } from '../testing/echo.ts';
import { directRouter, front } from '../testing/front.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { rest } from '../testing/stream.ts';
import { httpHandler } from './http/index.ts';
import { relayHandler } from './relay.ts';
import { socks4Handler } from './socks4.ts';
import { socks5Handler } from './socks5/index.ts';

const BANNER = '42414e4e45520a';
const USERS = [{ username: 'user', password: 'pass' }];

type Target = 'echo' | 'udp' | 'banner' | 'smtp' | 'closed';
/** How an entry is played. `differs`: what we answer instead, with the reason. */
interface Play {
  readonly name: string;
  readonly handler: Handler;
  readonly target: Target;
  readonly differs?: { readonly why: string; readonly server: string };
}

const deps: HandlerDeps = {
  name: 'captured',
  router: directRouter(),
  auth: null,
  tls: null,
  forwarder: null,
  state: null,
  log: silentLog,
};
const relay = relayHandler.create(relayHandler.options.parse({ bind: true }), deps);
const relayUsers = relayHandler.create(relayHandler.options.parse({}), { ...deps, auth: userTable(USERS) });
const socks5 = (options: object = {}): Handler =>
  socks5Handler.create(socks5Handler.options.parse({ notls: true, udp: true, bind: true, ...options }), deps);
const http = httpHandler.create(httpHandler.options.parse({ udp: true }), deps);
const socks4 = socks4Handler.create(socks4Handler.options.parse({}), deps);

const EXCHANGES: readonly Play[] = [
  { name: 'relay_connect_v3', handler: relay, target: 'echo' },
  { name: 'relay_connect_auth_v3', handler: relayUsers, target: 'echo' },
  { name: 'relay_connect_domain_nodelay_v3', handler: relay, target: 'echo' },
  { name: 'relay_udp_v3', handler: relay, target: 'udp' },
  { name: 'relay_auth_wrong_v3', handler: relayUsers, target: 'echo' },
  {
    name: 'relay_refused_v3',
    handler: relay,
    target: 'closed',
    differs: { why: 'refused is "host unreachable"; GOST says 7 to everything', server: '01060000' },
  },
  { name: 'relay_v2client_v3server', handler: relay, target: 'echo' },
  { name: 'relay_v3client_v2server', handler: relay, target: 'echo' },
  { name: 'relay_server_first_nodelay', handler: relay, target: 'smtp' },
];

/** UDP inside the stream: the reply names an address of ours where GOST says 0.0.0.0, so it is looked at apart. */
const TUNNELS = [
  ['udp_forward_udptun_clientv3_serverv3', socks5(), '050100', 10],
  ['udp_forward_udptun_clientv2_serverv3', socks5(), '05020002', 10],
  ['udp_forward_udptun_clientv3_serverv2', socks5(), '050100', 10],
  ['udp_forward_udptun_clientv2_serverv2', socks5(), '05020002', 10],
  ['v3_chain_socks5_udptun', socks5(), '050100', 10],
  ['v2_chain_socks5', socks5(), '0503000280', 10],
  ['v3_chain_relay', relay, null, 26],
] as const;

/** UDP beside the stream: only the control connection was recorded. */
const BESIDE = ['udp_forward_relay_udp', 'udp_forward_relay_udp_keepalive', 'v3_chain_socks5_relayudp'];

/** Ports for peers: a TCP peer, or a UDP peer, connects from outside. */
const TCP_PORTS = [
  ['rtcp_clientv3_serverv3', socks5()],
  ['rtcp_clientv2_serverv3', socks5()],
  ['rtcp_clientv3_serverv2', socks5({ comp: true })],
  ['rtcp_clientv3_serverv3comp', socks5({ comp: true })],
  ['rtcp_clientv2_serverv3comp', socks5({ comp: true })],
  ['relay_rtcp', relay],
] as const;
const UDP_PORTS = [
  ['rudp_clientv3_serverv3', socks5()],
  ['rudp_clientv2_serverv3', socks5()],
  ['rudp_clientv3_serverv2', socks5()],
  ['rudp_clientv2_serverv2', socks5()],
  ['rudp_clientv3_serverv3comp', socks5()],
  ['rudp_clientv2_serverv3comp', socks5()],
  ['relay_rudp', relay],
] as const;

/** What a v2 `rtcp://` without mbind does. */
const PLAIN_BIND = 'v2_rtcp_plain_bind_v3server';

/** The server speaks first; what matters is that its bytes do not travel with the reply, where GOST clients lose them. */
const FIRST_BYTES = ['socks5', 'socks4', 'relay'].flatMap((protocol) =>
  ['v3', 'v2'].flatMap((version) =>
    ['coalesced', 'split'].map((how) => ({ protocol, name: `${version}_client_${protocol}_${how}` })),
  ),
);

const NOT_PLAYED: Readonly<Record<string, string>> = {
  relay_server_first: 'the client sent nothing: it holds its request until it has bytes',
  rtcp_clientv2_serverv2: 'inside TLS, whose keys are gone; the same exchange is rtcp_clientv2_serverv3comp',
  'relay_udp_client_bnd_127.0.0.1': 'a scripted server; the client side is replayed',
  'relay_udp_client_bnd_0.0.0.0': 'a scripted server; the client side is replayed',
  relay_udp_client_bnd_domain: 'a scripted server; the client side is replayed',
  v3_client_http_coalesced: 'the HTTP handler is replayed in vectors.test.ts',
  v3_client_http_split: 'the HTTP handler is replayed in vectors.test.ts',
  v2_client_http_coalesced: 'the HTTP handler is replayed in vectors.test.ts',
  v2_client_http_split: 'the HTTP handler is replayed in vectors.test.ts',
};

let baseline: string[] = [];
let targets: Readonly<Record<Target, Echo>>;
before(async () => {
  baseline = liveResources();
  const closed = await tcpEcho();
  await closed.close();
  targets = {
    echo: await tcpEcho(),
    udp: await udpEcho(),
    banner: await tcpPeer((socket) => void socket.write(Buffer.from(BANNER, 'hex'))),
    smtp: await tcpPeer((socket) => void socket.write('220 hi\r\n')),
    closed,
  };
});
after(async () => {
  for (const target of ['echo', 'udp', 'banner', 'smtp'] as const) await targets[target].close();
  await assertNoLeaks(baseline);
});

/** Serves one client; whatever happens, everything is closed afterwards. */
async function withClient(handler: Handler, work: (socket: Socket) => Promise<void>): Promise<void> {
  const proxy = await front(handler);
  const socket = await open(proxy.address);
  try {
    await work(socket);
  } finally {
    socket.destroy();
    await proxy.close();
  }
}

/** Says every frame of the client, and reads as many bytes as the server said, each before the frame that followed it. */
async function play(socket: Socket, name: string, port: number): Promise<string> {
  const { frames, port: recorded } = captured(name);
  let heard = '';
  for (const { from, hex } of frames) {
    if (from === 'client') socket.write(Buffer.from(withPort(hex, recorded, port), 'hex'));
    else heard += (await take(socket, hex.length / 2)).toString('hex');
  }
  return heard;
}

describe('exchanges', () => {
  for (const { name, handler, target, differs } of EXCHANGES) {
    test(name + (differs === undefined ? '' : ` (differs: ${differs.why})`), () =>
      withClient(handler, async (socket) => {
        const { port } = targets[target].address;
        assert.equal(await play(socket, name, port), differs?.server ?? captured(name).server);
        if (captured(name).server.length === 8) assert.equal((await rest(socket)).bytes.length, 0);
      }),
    );
  }
});

describe('UDP inside the stream', () => {
  for (const [name, handler, greeting, replyBytes] of TUNNELS) {
    test(name, () =>
      withClient(handler, async (socket) => {
        const { client, server, port: recorded } = captured(name);
        const { port } = targets.udp.address;
        const said = withPort(client, recorded, port);
        if (greeting !== null) {
          assert.ok(said.startsWith(greeting));
          socket.write(Buffer.from(greeting, 'hex'));
          assert.equal((await take(socket, 2)).toString('hex'), '0500');
        }
        const request = said.slice(greeting?.length ?? 0);
        // the request ends where the first frame begins: behind its address, which is 0.0.0.0:0
        const size = greeting === null ? 19 : 10;
        socket.write(Buffer.from(request.slice(0, size * 2), 'hex'));
        const reply = await take(socket, 4);
        if (greeting === null) {
          assert.deepEqual(reply.subarray(0, 2), Buffer.from([1, 0]));
          await take(socket, reply.readUInt16BE(2));
        } else {
          assert.deepEqual(reply.subarray(0, 3), Buffer.from([5, 0, 0]));
          await take(socket, reply[3] === 4 ? 18 : 6);
        }
        socket.write(Buffer.from(request.slice(size * 2), 'hex'));
        const skip = replyOf(server, greeting !== null, replyBytes);
        const answers = withoutFrag(withPort(server.slice(skip), recorded, port));
        const heard = (await take(socket, answers.length / 2)).toString('hex');
        assert.equal(inOrder(heard), inOrder(answers));
      }),
    );
  }
});

test('v3_chain_http: a CONNECT that names no target', () =>
  withClient(http, async (socket) => {
    const { frames, port: recorded } = captured('v3_chain_http');
    const [head, ...sent] = frames.filter(({ from }) => from === 'client').map(({ hex }) => hex);
    socket.write(Buffer.from(head ?? '', 'hex'));
    let answer = '';
    while (!answer.endsWith('\r\n\r\n')) answer += (await take(socket, 1)).toString('latin1');
    assert.match(answer, /^HTTP\/1\.1 200 /);
    const { port } = targets.udp.address;
    for (const hex of sent) {
      const frame = withPort(hex, recorded, port);
      socket.write(Buffer.from(frame, 'hex'));
      const echo = withoutFrag(frame).replace('03096c6f63616c686f7374', '017f000001');
      assert.equal((await take(socket, echo.length / 2)).toString('hex'), echo);
    }
  }));

/** Hex digits of what the recorded server said before its first frame. */
function replyOf(server: string, greeted: boolean, replyBytes: number): number {
  if (!greeted) return replyBytes * 2;
  return 4 + (server.slice(10, 12) === '04' ? 22 : replyBytes) * 2;
}

/** Two datagrams that were sent at once may come back either way round. */
function inOrder(frames: string): string {
  return frames
    .split(/(?=000[0-9a-f]00017f000001)/)
    .toSorted()
    .join(' ');
}

describe('UDP beside the stream', () => {
  for (const name of BESIDE) {
    test(name, () =>
      withClient(socks5(), async (socket) => {
        const heard = await play(socket, name, targets.udp.address.port);
        assert.match(heard, /^0500050000017f000001....$/);
        assert.equal(heard.length, captured(name).server.length);
      }),
    );
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  server.close();
  await once(server, 'close');
  return bound.port;
}

/** Says what the client said before it got the port; returns what is left of its bytes. */
async function openPort(
  socket: Socket,
  name: string,
  port: number,
): Promise<{ rest: string; peerAt: string }> {
  const { frames, port: recorded } = captured(name);
  const granted = frames.findLastIndex(
    ({ from, hex }) => from === 'server' && hex.includes(`017f000001${recorded}`),
  );
  for (const { from, hex } of frames.slice(0, granted + 1)) {
    const bytes = withPort(hex, recorded, port);
    if (from === 'client') socket.write(Buffer.from(bytes, 'hex'));
    else assert.equal((await take(socket, bytes.length / 2)).toString('hex'), bytes);
  }
  const later = (side: 'client' | 'server'): string =>
    frames
      .slice(granted + 1)
      .filter(({ from }) => from === side)
      .map(({ hex }) => hex)
      .join('');
  return { rest: later('client'), peerAt: later('server') };
}

describe('ports for TCP peers', () => {
  for (const [name, handler] of TCP_PORTS) {
    test(name, () =>
      withClient(handler, async (socket) => {
        const port = await freePort();
        const { rest: answers, peerAt } = await openPort(socket, name, port);
        const peer = await open({ host: '127.0.0.1', port });
        const expected = smuxOf(peerAt);
        const said = expected.find((told) => told.startsWith('PSH')) ?? '';
        const payload = said.slice(-(said.endsWith('686579') ? 6 : 20));
        peer.write(Buffer.from(payload, 'hex'));
        const local = (peer.localPort ?? 0).toString(16).padStart(4, '0');
        // all but the end of the stream, which comes when the peer ends
        const wanted = expected
          .filter((told) => !told.startsWith('FIN'))
          .map((told) => told.replace(/(017f000001)....(?=.+$)/, `$1${local}`));
        await told(socket, wanted);
        // what the client answered on the stream reaches the peer
        const reply = smuxOf(answers)
          .filter((one) => one.startsWith('PSH'))
          .map((one) => one.split(' ')[2])
          .join('');
        socket.write(Buffer.from(answers, 'hex'));
        assert.equal((await take(peer, reply.length / 2)).toString('hex'), reply);
        peer.destroy();
      }),
    );
  }
});

/** Reads until smux told all of this, and nothing else. */
async function told(socket: Socket, wanted: readonly string[]): Promise<void> {
  let heard = '';
  for (;;) {
    const seen = smuxOf(heard);
    if (seen.join('\n') === wanted.join('\n')) return;
    assert.ok(
      wanted.join('\n').startsWith(seen.join('\n')),
      `${seen.join(', ')} instead of ${wanted.join(', ')}`,
    );
    heard += (await take(socket, 1)).toString('hex');
    const left: unknown = socket.read();
    if (Buffer.isBuffer(left)) heard += left.toString('hex');
  }
}

describe('ports for UDP peers', () => {
  for (const [name, handler] of UDP_PORTS) {
    test(name, () =>
      withClient(handler, async (socket) => {
        const port = await freePort();
        const { rest: answers, peerAt } = await openPort(socket, name, port);
        const peer = createSocket('udp4').bind(0, '127.0.0.1');
        await once(peer, 'listening');
        const local = peer.address().port.toString(16).padStart(4, '0');
        const frames =
          withoutFrag(peerAt).match(/(?:0003|0005)00017f000001....(?:686579|7275642d3[12])/g) ?? [];
        const replies =
          withoutFrag(answers).match(/(?:0003|0005)00017f000001....(?:686579|7275642d3[12])/g) ?? [];
        assert.ok(frames.length > 0 && replies.length === frames.length);
        for (const [at, frame] of frames.entries()) {
          peer.send(Buffer.from(frame.slice(20), 'hex'), port, '127.0.0.1');
          const heard = (await take(socket, frame.length / 2)).toString('hex');
          assert.equal(heard, frame.replace(/(017f000001)..../, `$1${local}`));
          const reply = replies[at] ?? '';
          const arriving = once(peer, 'message');
          socket.write(Buffer.from(reply.replace(/(017f000001)..../, `$1${local}`), 'hex'));
          const [answer] = (await arriving) as [Buffer];
          assert.equal(answer.toString('hex'), reply.slice(20));
        }
        peer.close();
      }),
    );
  }

  test(`${PLAIN_BIND}: one peer, by BIND`, () =>
    withClient(socks5(), async (socket) => {
      const port = await freePort();
      const { rest: answer, peerAt } = await openPort(socket, PLAIN_BIND, port);
      const peer = await open({ host: '127.0.0.1', port });
      const local = (peer.localPort ?? 0).toString(16).padStart(4, '0');
      const [second, payload] = [peerAt.slice(0, 20), peerAt.slice(20)];
      assert.equal((await take(socket, 10)).toString('hex'), second.replace(/....$/, local));
      peer.write(Buffer.from(payload, 'hex'));
      assert.equal((await take(socket, payload.length / 2)).toString('hex'), payload);
      socket.write(Buffer.from(answer, 'hex'));
      assert.equal((await take(peer, answer.length / 2)).toString('hex'), answer);
      peer.destroy();
    }));
});

describe('the server speaks first', () => {
  for (const { protocol, name } of FIRST_BYTES) {
    test(name, () =>
      withClient(protocol === 'relay' ? relay : protocol === 'socks4' ? socks4 : socks5(), async (socket) => {
        const { frames, port: recorded } = captured(name);
        const { port } = targets.banner.address;
        const chunks: string[] = [];
        const said = frames.filter(({ from }) => from === 'client').map(({ hex }) => hex);
        if (protocol === 'socks5') {
          socket.write(Buffer.from(said.shift() ?? '', 'hex'));
          assert.equal((await take(socket, 2)).toString('hex'), '0500');
        }
        socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString('hex')));
        for (const hex of said) {
          const said4 = hex.replace(/^0401..../, `0401${port.toString(16).padStart(4, '0')}`);
          socket.write(Buffer.from(protocol === 'socks4' ? said4 : withPort(hex, recorded, port), 'hex'));
        }
        while (!chunks.join('').endsWith(BANNER)) await once(socket, 'data');
        if (protocol === 'socks5') assert.equal(chunks.at(-1), BANNER, 'the reply comes alone');
      }),
    );
  }
});

test('every entry is played or says why not', () => {
  const played = new Set([
    ...EXCHANGES.map(({ name }) => name),
    ...TUNNELS.map(([name]) => name),
    ...BESIDE,
    ...TCP_PORTS.map(([name]) => name),
    ...UDP_PORTS.map(([name]) => name),
    ...FIRST_BYTES.map(({ name }) => name),
    PLAIN_BIND,
    'v3_chain_http',
  ]);
  for (const { name } of CAPTURED) assert.ok(played.has(name) !== name in NOT_PLAYED, name);
});
