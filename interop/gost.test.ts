/**
 * SOCKS5 as GOST extends it, Sockeye at one end and real GOST v3 or v2 at the other: negotiated TLS, connections, UDP inside
 * the stream and beside it, remote TCP and UDP ports. A tap between both ends shows which sign-in method was agreed on.
 */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { echoed, echoedDatagrams } from './peers/exchange.ts';
import { startGost2, startGost3 } from './peers/gost.ts';
import { freePort, portOf, type Peer } from './peers/ready.ts';
import { startSockeye } from './peers/sockeye.ts';
import { startTcpEcho, startUdpEcho, type Target } from './peers/targets.ts';
import { newKeeper, URL_LOGIN, type Keeper } from './stage.ts';
import { requirePeer } from './skip.ts';

type Kind = 'sockeye' | 'gost3' | 'gost2';
type Mode = 'open' | 'user' | 'notls' | 'user, notls';

/** A running program and the ports of its services in the order of their URLs. */
interface Running extends Peer {
  readonly ports: readonly number[];
}

const ANSWER_MS = 10_000;
const PROBE_MS = 20;
const SIZES = [1, 64, 512, 1400];
const PAYLOADS = SIZES.map((size, at) => Buffer.alloc(size, at + 1));
/** What both ends agree on. GOST v2 has no notls as a server, and its clients do not offer 0x82 but understand it. */
const METHODS: Readonly<Record<Mode, number>> = { open: 0x80, user: 0x82, notls: 0, 'user, notls': 2 };

async function start(kind: Kind, args: readonly string[]): Promise<Running> {
  if (kind === 'sockeye') {
    const peer = await startSockeye(args);
    return { ...peer, ports: peer.services.map(({ port }) => port) };
  }
  const peer = await (kind === 'gost3' ? startGost3(args) : startGost2(args));
  return { ...peer, ports: peer.services.map(({ port }) => port) };
}

/** GOST does not say when a remote UDP port is open, so asking is all there is. */
async function untilAnswered(port: number): Promise<void> {
  const socket = createSocket('udp4');
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
  const asking = setInterval(() => socket.send('open?', port, '127.0.0.1'), PROBE_MS);
  try {
    await answered;
  } finally {
    clearInterval(asking);
    socket.close();
  }
}

/** Passes connections on to `port` and remembers the method each of them was answered with. */
async function startTap(
  port: number,
): Promise<{ port: number; methods: Set<number>; stop: () => Promise<void> }> {
  const methods = new Set<number>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    upstream.once('data', (first: Buffer) => methods.add(first[1] ?? -1));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => undefined);
      one.once('close', () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.close();
    await once(server, 'close');
  };
  return { port: portOf(server), methods, stop };
}

for (const [client, server] of [
  ['sockeye', 'gost3'],
  ['sockeye', 'gost2'],
  ['gost3', 'sockeye'],
  ['gost2', 'sockeye'],
] as const) {
  const gost = client === 'sockeye' ? server : client;
  const old = gost === 'gost2';
  describe(`${client} to ${server}`, () => {
    let targets: Keeper;
    let echo: Target;
    let udp: Target;
    before(async () => {
      targets = newKeeper();
      echo = await targets.keep(startTcpEcho());
      udp = await targets.keep(startUdpEcho());
    });
    after(() => targets.stop());

    const modes: readonly Mode[] = old ? ['open', 'user'] : ['open', 'user', 'notls', 'user, notls'];
    for (const mode of modes) {
      test(mode, async (t) => {
        if (!requirePeer(t, gost)) return;
        const keeper = newKeeper();
        try {
          const login = mode.startsWith('user') ? `${URL_LOGIN}@` : '';
          const notls = mode.endsWith('notls') ? 'notls=true' : 'notls=false';
          // a v2 program does not say who connected to a remote port, and expects nobody to
          const comp = old ? '&comp=true' : '';
          const far = await keeper.keep(
            start(server, ['-L', `socks5://${login}127.0.0.1:0?udp=true&bind=true&${notls}${comp}`]),
          );
          const tap = await keeper.keep(startTap(far.port));
          const remote = await freePort();
          const remoteUdp = await freePort();
          const node = (extra: string): string =>
            `socks5://${login}127.0.0.1:${tap.port}?${notls}${client === 'sockeye' ? comp : ''}${extra}`;
          const mbind = client === 'gost2' ? '&mbind=true' : '';
          const near = async (url: string, extra = ''): Promise<number> => {
            const running = await keeper.keep(start(client, ['-L', url, '-F', node(extra)]));
            return running.port;
          };
          const here = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });
          const bytes = Buffer.alloc(300_000, 'connect');

          const tcp = await near(`tcp://127.0.0.1:0/127.0.0.1:${echo.port}`);
          assert.ok((await echoed(here(tcp), bytes)).equals(bytes), 'CONNECT');

          const forward = `udp://127.0.0.1:0/127.0.0.1:${udp.port}?keepalive=true&ttl=30s`;
          assert.deepEqual(
            await echoedDatagrams(here(await near(forward)), PAYLOADS),
            PAYLOADS,
            'UDP inside',
          );
          if (client !== 'gost2')
            assert.deepEqual(
              await echoedDatagrams(here(await near(forward, '&relay=udp')), PAYLOADS),
              PAYLOADS,
              'UDP beside',
            );

          await near(`rtcp://127.0.0.1:${remote}/127.0.0.1:${echo.port}`, mbind);
          for (let peer = 0; peer < 3; peer += 1) {
            const answer = await echoed(here(remote), bytes, { waitUntilOpen: true });
            assert.ok(answer.equals(bytes), `rtcp, peer ${peer}`);
          }

          await near(`rudp://127.0.0.1:${remoteUdp}/127.0.0.1:${udp.port}?ttl=30s`, mbind);
          await untilAnswered(remoteUdp);
          assert.deepEqual(await echoedDatagrams(here(remoteUdp), PAYLOADS), PAYLOADS, 'rudp');

          assert.deepEqual([...tap.methods], [METHODS[mode]]);
        } finally {
          await keeper.stop();
        }
      });
    }
  });
}
