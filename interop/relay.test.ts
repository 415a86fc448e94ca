/**
 * The relay protocol with `nodelay` on and off at each end. GOST sends its request, and a GOST server its answer, only
 * together with the first bytes of the application unless told otherwise; Sockeye has to get on with every combination at either end.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { cellsOf, defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { echoed, echoedDatagrams } from './peers/exchange.ts';
import { startGost2, startGost3 } from './peers/gost.ts';
import type { Peer } from './peers/ready.ts';
import { nextBytes } from './peers/socks-client.ts';
import { startSockeye } from './peers/sockeye.ts';
import { BANNER } from './peers/targets.ts';
import { assertSame, newKeeper, startTargets } from './stage.ts';

const COLUMNS = ['client speaks first', 'server speaks first', 'UDP'] as const;
type Column = (typeof COLUMNS)[number];

interface Stage extends Setup {
  readonly echo: Pick<Peer, 'host' | 'port'>;
  readonly banner: Pick<Peer, 'host' | 'port'>;
  readonly udp: Pick<Peer, 'host' | 'port'>;
}

const CHECKS: Readonly<Record<Column, Cell<Stage>>> = {
  'client speaks first': async ({ echo }) => {
    const sent = randomBytes(100_000);
    assertSame([await echoed(echo, sent)], [sent]);
  },
  'server speaks first': async ({ banner }) => {
    const socket = connect(banner.port, banner.host);
    try {
      assert.equal((await nextBytes(socket)).toString(), BANNER);
    } finally {
      socket.destroy();
    }
  },
  UDP: async ({ udp }) => {
    const sent = [Buffer.from('1'), randomBytes(512), randomBytes(1400)];
    assertSame(await echoedDatagrams(udp, sent), sent);
  },
};

type Name = 'sockeye' | 'gost3' | 'gost2';
const START = { sockeye: startSockeye, gost3: startGost3, gost2: startGost2 } as const;

function row(client: Name, server: Name, clientNodelay: boolean, serverNodelay: boolean): Row<Stage> {
  const query = (nodelay: boolean): string => `nodelay=${String(nodelay)}`;
  const cannot: Partial<Record<Column, string>> = {
    ...(client !== 'sockeye' && !clientNodelay
      ? { 'server speaks first': 'the client holds its request until it has bytes to send' }
      : {}),
    // relayConn.Write of v2: behind a request that was sent by itself, the first datagram has no length
    ...(client === 'gost2' && clientNodelay ? { UDP: 'its first datagram goes out without its length' } : {}),
  };
  return {
    title: `${client} ${query(clientNodelay)} -> ${server} ${query(serverNodelay)}`,
    command: `${client} -L tcp://… -F relay://HOP?${query(clientNodelay)}`,
    needs: [client, server].flatMap((name) => (name === 'sockeye' ? [] : [name])),
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const hop = await keeper.keep(START[server](['-L', `relay://127.0.0.1:0?${query(serverNodelay)}`]));
      const forward = async (scheme: 'tcp' | 'udp', port: number): Promise<Peer> =>
        keeper.keep(
          START[client]([
            '-L',
            `${scheme}://127.0.0.1:0/127.0.0.1:${port}${scheme === 'udp' ? '?keepalive=true' : ''}`,
            '-F',
            `relay://${hop.address}?${query(clientNodelay)}`,
          ]),
        );
      return {
        echo: await forward('tcp', targets.echo.port),
        banner: await forward('tcp', targets.banner.port),
        udp: await forward('udp', targets.udp.port),
        stop: keeper.stop,
      };
    },
    cells: cellsOf(CHECKS, COLUMNS, cannot),
  };
}

const BOTH = [false, true] as const;

defineTable({
  title: 'Relay with and without nodelay',
  columns: COLUMNS,
  rows: [
    ...BOTH.flatMap((client) => BOTH.map((server) => row('gost3', 'sockeye', client, server))),
    ...BOTH.flatMap((client) => BOTH.map((server) => row('sockeye', 'gost3', client, server))),
    ...BOTH.map((client) => row('gost2', 'sockeye', client, true)),
    // v2 has no such option as a server: it always answers with the first bytes
    ...BOTH.map((client) => row('sockeye', 'gost2', client, false)),
    row('sockeye', 'sockeye', true, true),
  ],
});
