/** What is tried through a SOCKS5 port with hops behind it, for the tables about hops: every check opens its own tunnels to the targets. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Setup } from './matrix.ts';
import { bulkDigest, download, upload } from './peers/bulk.ts';
import { freePort, type Peer } from './peers/ready.ts';
import { nextBytes, socksTunnel, socksUdp } from './peers/socks-client.ts';
import { BANNER, digestLine } from './peers/targets.ts';
import { assertSame, type Targets } from './stage.ts';

/** What a row has started: the targets, and the port through which they are reached. */
export interface Through extends Setup {
  readonly targets: Targets;
  readonly proxy: Pick<Peer, 'host' | 'port'>;
}
type Check = (stage: Through) => Promise<void>;

const MIB = 1 << 20;
const DATAGRAMS = [Buffer.from('1'), randomBytes(64), randomBytes(512), randomBytes(1400)];

/** By column. */
export const CHECKS = {
  IPv4: (stage) => echo(stage, '127.0.0.1'),
  IPv6: (stage) => echo(stage, '::1'),
  name: (stage) => echo(stage, 'localhost'),
  'server speaks first': async (stage) => {
    const tunnel = await tunnelTo(stage, stage.targets.banner.port);
    assert.equal((await nextBytes(tunnel)).toString(), BANNER);
    tunnel.destroy();
  },
  'half-close': async (stage) => {
    const sent = randomBytes(200_000);
    const tunnel = await tunnelTo(stage, stage.targets.digest.port);
    tunnel.end(sent);
    assert.equal(Buffer.concat(await tunnel.toArray()).toString(), digestLine(sent));
  },
  '1 MiB each way': (stage) => bulk(stage, MIB),
  '256 MiB each way': (stage) => bulk(stage, 256 * MIB),
  '32 at once': (stage) => atOnce(stage, 32),
  '100 at once': (stage) => atOnce(stage, 100),
  refused: async (stage) => {
    await assert.rejects(tunnelTo(stage, await freePort()));
    await echo(stage, '127.0.0.1');
  },
  UDP: async ({ proxy, targets }) => {
    const target = { kind: 5, proxy, host: '127.0.0.1', port: targets.udp.port } as const;
    assertSame(await socksUdp(target, DATAGRAMS), DATAGRAMS);
  },
} as const satisfies Record<string, Check>;

function tunnelTo({ proxy }: Through, port: number, host = '127.0.0.1'): Promise<Socket> {
  return socksTunnel({ kind: 5, proxy, host, port });
}

async function echo(stage: Through, host: string): Promise<void> {
  const tunnel = await tunnelTo(stage, stage.targets.echo.port, host);
  const sent = randomBytes(10_000);
  tunnel.write(sent);
  let received = Buffer.alloc(0);
  while (received.length < sent.length) received = Buffer.concat([received, await nextBytes(tunnel)]);
  tunnel.destroy();
  assertSame([received], [sent]);
}

async function atOnce(stage: Through, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => echo(stage, '127.0.0.1')));
}

async function bulk(stage: Through, bytes: number): Promise<void> {
  const { port } = stage.targets.bulk;
  assert.equal(await download(await tunnelTo(stage, port), bytes), bulkDigest(bytes));
  assert.equal(await upload(await tunnelTo(stage, port), bytes), bulkDigest(bytes));
}
