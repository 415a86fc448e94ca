/**
 * Exchanges recorded from real GOST v3 servers, replayed against our handlers. Where we answer differently on purpose, the
 * table below says what and why; everything else must be the same, byte for byte.
 */
import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpPort } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import * as z from 'zod';
import { userTable } from '../auth.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import type { Handler } from '../roles.ts';
import { open, take } from '../testing/client.ts';
import { hex } from '../testing/decoding.ts';
import { tcpEcho, udpEcho, type Echo, type TcpPeer } from '../testing/echo.ts';
import { directRouter, front } from '../testing/front.ts';
import { rest } from '../testing/stream.ts';
import type { HandlerDeps } from '../registry.ts';
import { autoHandler } from './auto.ts';
import { httpHandler } from './http/index.ts';
import { socks4Handler } from './socks4.ts';
import { socks5Handler } from './socks5/index.ts';

const Frame = z.tuple([
  z.enum(['send', 'expect', 'end', 'text', 'status', 'datagram', 'answer', 'tls', 'frame']),
  z.string(),
]);
const Vector = z.object({
  name: z.string(),
  handler: z.enum(['socks5', 'socks4', 'http', 'auto']),
  users: z.array(z.tuple([z.string(), z.string()])).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  frames: z.array(Frame),
});
type Frame = z.output<typeof Frame>;
type Vector = z.output<typeof Vector>;

const file = new URL('../testing/vectors/gost3.json', import.meta.url);
const { vectors } = z.object({ vectors: z.array(Vector) }).parse(JSON.parse(readFileSync(file, 'utf8')));

interface Difference {
  readonly why: string;
  /** Frames from this one on are replaced. */
  readonly at: number;
  readonly frames: readonly Frame[];
}

const failed5 = (rep: number): readonly Frame[] => [
  ['expect', `050${rep}0001000000000000`],
  ['end', ''],
];
const failed4: readonly Frame[] = [
  ['expect', '005b000000000000'],
  ['end', ''],
];
const disabled = {
  why: 'what is switched off is "not supported" (7), not "forbidden" (2)',
  at: 3,
  frames: failed5(7),
};
const alive = (at: number): Difference => ({
  why: 'a bad datagram costs only itself; GOST stops relaying',
  at,
  frames: [
    ['datagram', '000000017f000001{udp}6f6b'],
    ['answer', '000000017f000001{udp}6f6b'],
  ],
});

const REACHABLE = '050000017f000001....';
/** A tunnel names an address its client can reach where GOST says 0.0.0.0, and a bad frame costs only itself. */
const tunnel = (...frames: readonly Frame[]): Difference => ({
  why: 'a tunnel names an address of ours, serves both families and outlives bad frames',
  at: 3,
  frames: [['expect', REACHABLE], ...frames],
});
const outlives = (bad: string): Difference =>
  tunnel(
    ['send', bad],
    ['send', '0006ff017f000001{udp}616c6976653f'],
    ['frame', '0006ff017f000001{udp}616c6976653f'],
  );

const DIFFERENCES: Readonly<Record<string, Difference>> = {
  socks5_noauth_connect_refused: {
    why: 'refused is 5; GOST says 3 to everything',
    at: 3,
    frames: failed5(5),
  },
  socks5_noauth_connect_nxdomain: {
    why: 'an unknown name is 4; GOST says 3 to everything',
    at: 3,
    frames: failed5(4),
  },
  socks5_noauth_connect_bad_atyp: {
    why: 'an unknown address kind is answered with 8',
    at: 3,
    frames: failed5(8),
  },
  socks5_methodsel_noauth_offer_zero_methods: {
    why: 'no method in common is always answered',
    at: 1,
    frames: [
      ['expect', '05ff'],
      ['end', ''],
    ],
  },
  socks5_disabled_BIND: disabled,
  socks5_disabled_UDP: disabled,
  socks5_disabled_MBIND: disabled,
  socks5_disabled_UDPTUN: disabled,
  socks5_disabled_UDPTUN_bindport: disabled,
  socks5_early_data_same_segment: {
    why: 'bytes behind the request belong to the target; GOST loses them',
    at: 4,
    frames: [
      ['expect', '4541524c59'],
      ['send', '6c617465'],
      ['expect', '6c617465'],
    ],
  },
  socks5_nopass_configured_client_any: {
    why: 'a user without password may not use any password',
    at: 3,
    frames: [
      ['expect', '0101'],
      ['end', ''],
    ],
  },
  socks4_server_v3_bind: { why: 'BIND that is switched off is answered', at: 1, frames: failed4 },
  socks4_server_v3_badcmd: { why: 'an unknown command is answered', at: 1, frames: failed4 },
  udp_short: alive(7),
  udp_bad_atyp: alive(7),
  udp_unresolvable: alive(7),
  udp_port0: alive(7),
  udp_v6_literal_unreachable: alive(7),
  udp_frag1: alive(7),
  udp_truncated_addr: alive(7),
  udp_empty: alive(7),
  clientv2_serverv3_auth: {
    why: 'the password of a v2 client is not taken readable: it understands 0x82',
    at: 1,
    frames: [['expect', '0582']],
  },
  socks5_udptun_associate: tunnel(
    ['send', '0007ff017f000001{udp}74756e2d6f6e65'],
    ['frame', '0007ff017f000001{udp}74756e2d6f6e65'],
    ['send', '0007ff03096c6f63616c686f7374{udp}74756e2d646f6d'],
    ['frame', '0007ff017f000001{udp}74756e2d646f6d'],
  ),
  socks5_udptun_case_ipv6_target_on_domain_tunnel: tunnel(
    ['send', '0006ff0400000000000000000000000000000001{udp6}74756e2d7636'],
    ['frame', '0006ff0400000000000000000000000000000001{udp6}74756e2d7636'],
  ),
  socks5_udptun_case_ipv6_target_on_v4_tunnel: tunnel(
    ['send', '0006ff0400000000000000000000000000000001{udp6}74756e2d7636'],
    ['frame', '0006ff0400000000000000000000000000000001{udp6}74756e2d7636'],
  ),
  socks5_udptun_case_bad_atyp_frame: tunnel(['send', '0003ff097f000001{udp}616263'], ['end', '']),
  socks5_udptun_case_unresolvable_domain: outlives('0001ff030a6e782e696e76616c6964003571'),
  socks5_udptun_case_port0_target: outlives('0001ff017f00000100005a'),
  auto_http_connect_refused: {
    why: 'a target that can not be reached is 502',
    at: 1,
    frames: [['status', '502']],
  },
  auto_http_origin_form: {
    why: 'a request for nobody is the fault of the client',
    at: 1,
    frames: [['status', '400']],
  },
};

describe('exchanges recorded from GOST v3', () => {
  let echo: TcpPeer;
  let echo6: TcpPeer;
  let udp: Echo;
  let udp6: Echo;
  let ports: Readonly<Record<string, number>>;
  before(async () => {
    [echo, echo6, udp, udp6] = await Promise.all([tcpEcho(), tcpEcho('::1'), udpEcho(), udpEcho('::1')]);
    const closing = createServer().listen(0, '127.0.0.1');
    await once(closing, 'listening');
    ports = {
      echo: echo.address.port,
      echo6: echo6.address.port,
      udp: udp.address.port,
      udp6: udp6.address.port,
      closed: (closing.address() as AddressInfo).port,
    };
    closing.close();
    await once(closing, 'close');
  });
  after(() => Promise.all([echo.close(), echo6.close(), udp.close(), udp6.close()]));

  test('each intended difference belongs to a recorded exchange', () => {
    const names = new Set(vectors.map(({ name }) => name));
    for (const name of Object.keys(DIFFERENCES)) assert.ok(names.has(name), name);
    assert.equal(names.size, vectors.length);
  });

  for (const vector of vectors) {
    const difference = DIFFERENCES[vector.name];
    test(vector.name + (difference === undefined ? '' : ` (differs: ${difference.why})`), async () => {
      const { frames } = vector;
      await replay(
        vector,
        difference === undefined ? frames : [...frames.slice(0, difference.at), ...difference.frames],
      );
    });
  }

  async function replay(vector: Vector, frames: readonly Frame[]): Promise<void> {
    const proxy = await front(handlerFor(vector));
    const plain = await open(proxy.address);
    let socket = plain;
    const client = createSocket('udp4').bind(0, '127.0.0.1');
    await once(client, 'listening');
    const relay = { port: 0 };
    for (const [kind, text] of frames) {
      if (kind === 'tls') {
        socket = connectTls({ socket, rejectUnauthorized: false });
        await once(socket, 'secureConnect');
      } else await step(kind, text, socket, client, relay);
    }
    client.close();
    socket.destroy();
    plain.destroy();
    await proxy.close();
  }

  async function step(
    kind: Exclude<Frame[0], 'tls'>,
    text: string,
    socket: Socket,
    client: UdpPort,
    relay: { port: number },
  ): Promise<void> {
    const filled = text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const port = ports[name] ?? 0;
      return kind === 'text' ? String(port) : port.toString(16).padStart(4, '0');
    });
    switch (kind) {
      case 'send':
        return void socket.write(hex(filled));
      case 'text':
        return void socket.write(filled);
      case 'expect': {
        const bytes = await take(socket, filled.length / 2);
        // a SOCKS4 success says where we connect from; GOST leaves that zero
        const pattern = filled.startsWith('005a')
          ? filled.replace('005a000000000000', '005a............')
          : filled;
        assert.match(bytes.toString('hex'), new RegExp(`^${pattern}$`));
        if (bytes.length === 10 && bytes[0] === 5) relay.port = bytes.readUInt16BE(8);
        return;
      }
      case 'frame': {
        const bytes = await take(socket, filled.length / 2);
        bytes[2] = 0xff; // FRAG of a frame is nobody's business: v3 writes 255, v2 and we 0
        assert.equal(bytes.toString('hex'), filled);
        return;
      }
      case 'end':
        assert.deepEqual((await rest(socket)).bytes, Buffer.alloc(0));
        return;
      case 'status':
        assert.equal((await take(socket, 12)).toString(), `HTTP/1.1 ${filled}`);
        return;
      case 'datagram':
        client.send(hex(filled), relay.port, '127.0.0.1');
        return;
      case 'answer': {
        const [answer] = (await once(client, 'message')) as [Buffer];
        assert.equal(answer.toString('hex'), filled);
      }
    }
  }
});

function handlerFor({ handler, users, options = {} }: Vector): Handler {
  const deps: HandlerDeps = {
    name: 'vector',
    router: directRouter({ lookup: hostsOnly }),
    auth:
      users === undefined ? null : userTable(users.map(([username, password]) => ({ username, password }))),
    tls: null,
    forwarder: null,
    state: null,
    log: silentLog,
  };
  switch (handler) {
    case 'socks5':
      return socks5Handler.create(socks5Handler.options.parse(options), deps);
    case 'socks4':
      return socks4Handler.create(socks4Handler.options.parse(options), deps);
    case 'http':
      return httpHandler.create(httpHandler.options.parse(options), deps);
    case 'auto':
      return autoHandler.create(autoHandler.options.parse(options), deps);
  }
}

/** No name server may be needed to replay what one answered once. */
function hostsOnly(host: string): Promise<string[]> {
  if (host === 'localhost') return Promise.resolve(['127.0.0.1']);
  if (/^[\d.:a-f]+$/.test(host)) return Promise.resolve([host]);
  return Promise.reject(new ProxyError('name_not_found', { host }));
}
