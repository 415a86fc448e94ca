/**
 * Port forwarding with real GOST: local ports (tcp, udp) and ports at the far end of a chain (rtcp, rudp), Sockeye at either
 * end, over relay and SOCKS5. One hop serves a row; each cell starts its own forwarder in front of it.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { echoed, echoedDatagrams } from './peers/exchange.ts';
import { startGost2, startGost3 } from './peers/gost.ts';
import { freePort, type Peer } from './peers/ready.ts';
import { nextBytes } from './peers/socks-client.ts';
import { startSockeye } from './peers/sockeye.ts';
import { BANNER, startTcpEcho } from './peers/targets.ts';
import { assertSame, newKeeper, startTargets, type Keeper, type Targets } from './stage.ts';

const COLUMNS = [
  'tcp',
  'server speaks first',
  'udp',
  '3 answers to 1 datagram',
  'two targets in turn',
  'port range',
  'rtcp',
  'rudp',
] as const;
type Column = (typeof COLUMNS)[number];

const ANSWERS = 3;
const WAIT_MS = 10_000;
const PROBE_MS = 50;
const DATAGRAMS = [Buffer.from('1'), randomBytes(512), randomBytes(1400)];

type Start = (args: readonly string[]) => Promise<Peer & { readonly services: readonly Peerlike[] }>;
type Peerlike = Pick<Peer, 'host' | 'port'>;

interface Stage extends Setup {
  readonly targets: Targets;
  readonly keeper: Keeper;
  /** Starts a forwarder with this `-L`; its services. */
  readonly forward: (...listen: readonly string[]) => Promise<readonly Peerlike[]>;
}

// ---- the checks

const CHECKS: Readonly<Record<Column, (stage: Stage) => Promise<void>>> = {
  tcp: async ({ targets, forward }) => {
    const [port] = await forward(`tcp://127.0.0.1:0/127.0.0.1:${targets.echo.port}`);
    const sent = randomBytes(200_000);
    assertSame([await echoed(only(port), sent)], [sent]);
  },
  'server speaks first': async ({ targets, forward }) => {
    const [port] = await forward(`tcp://127.0.0.1:0/127.0.0.1:${targets.banner.port}`);
    const socket = connect(only(port).port, only(port).host);
    assert.equal((await nextBytes(socket)).toString(), BANNER);
    socket.destroy();
  },
  udp: async ({ targets, forward }) => {
    const [port] = await forward(`udp://127.0.0.1:0/127.0.0.1:${targets.udp.port}?keepalive=true`);
    assertSame(await echoedDatagrams(only(port), DATAGRAMS), DATAGRAMS);
  },
  '3 answers to 1 datagram': async ({ keeper, forward }) => {
    const target = await keeper.keep(startRepeater());
    const [port] = await forward(`udp://127.0.0.1:0/127.0.0.1:${target.port}`);
    assert.deepEqual(await answersTo(only(port)), ['0', '1', '2']);
  },
  'two targets in turn': async ({ keeper, forward }) => {
    const targets = [await keeper.keep(startTcpEcho()), await keeper.keep(startTcpEcho())];
    const list = targets.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const [port] = await forward(`tcp://127.0.0.1:0/${list}`);
    for (let count = 0; count < 4; count += 1) await echoed(only(port), Buffer.from('x'));
    assert.deepEqual(
      targets.map((target) => target.accepted()),
      [2, 2],
    );
  },
  'port range': async ({ targets, forward }) => {
    const from = await freePort();
    const pair = `${targets.echo.port}-${targets.echo.port}`;
    const [port] = await forward(`tcp://127.0.0.1:${from}-${from}/127.0.0.1:${pair}`);
    assert.equal(only(port).port, from);
    const sent = randomBytes(1000);
    assertSame([await echoed(only(port), sent)], [sent]);
  },
  rtcp: async ({ targets, forward }) => {
    const port = await freePort();
    await forward(`rtcp://127.0.0.1:${port}/127.0.0.1:${targets.echo.port}`);
    const sent = randomBytes(200_000);
    const far = { host: '127.0.0.1', port };
    assertSame([await echoed(far, sent, { waitUntilOpen: true })], [sent]);
    const many = await Promise.all(Array.from({ length: 10 }, () => echoed(far, sent)));
    assertSame(
      many,
      many.map(() => sent),
    );
  },
  rudp: async ({ targets, forward }) => {
    const port = await freePort();
    await forward(`rudp://127.0.0.1:${port}/127.0.0.1:${targets.udp.port}`);
    const far = { host: '127.0.0.1', port };
    await untilAnswered(far);
    assertSame(await echoedDatagrams(far, DATAGRAMS), DATAGRAMS);
  },
};

function only(port: Peerlike | undefined): Peerlike {
  if (port === undefined) throw new Error('the forwarder has no service');
  return port;
}

/** Sends one datagram back as many times as ANSWERS says. */
async function startRepeater(): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const socket = createSocket('udp4');
  socket.on('message', (_data, { port, address }) => {
    for (let number = 0; number < ANSWERS; number += 1) socket.send(String(number), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    stop: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function answersTo({ host, port }: Peerlike): Promise<string[]> {
  const socket = createSocket('udp4');
  const over = AbortSignal.timeout(WAIT_MS);
  const answers: string[] = [];
  try {
    const all = new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => {
        answers.push(data.toString());
        if (answers.length === ANSWERS) resolve();
      });
      over.addEventListener('abort', () => reject(new Error(`${answers.length} of ${ANSWERS} answers came`)));
    });
    socket.send('?', port, host);
    await all;
  } finally {
    socket.close();
  }
  return answers.toSorted();
}

/** GOST does not say when a port at the far end is open, so asking is all there is. */
async function untilAnswered({ host, port }: Peerlike): Promise<void> {
  const socket = createSocket('udp4');
  const ask = setInterval(() => socket.send('?', port, host), PROBE_MS);
  try {
    await once(socket, 'message', { signal: AbortSignal.timeout(WAIT_MS) });
  } finally {
    clearInterval(ask);
    socket.close();
  }
}

// ---- the rows

interface Program {
  readonly name: 'sockeye' | 'gost3' | 'gost2';
  readonly start: Start;
}
const SOCKEYE: Program = { name: 'sockeye', start: startSockeye };
const GOST3: Program = { name: 'gost3', start: startGost3 };
const GOST2: Program = { name: 'gost2', start: startGost2 };

/** How a hop is asked for and used: `-L` has what opens every feature. */
interface Way {
  readonly name: string;
  readonly serve: string;
  readonly use: (address: string, front: Program) => string;
}
const RELAY: Way = {
  name: 'relay',
  serve: 'relay://127.0.0.1:0?bind=true&nodelay=true',
  // GOST needs it for servers that speak first; Sockeye finds out what the server does (relay.test.ts has each combination)
  use: (address, { name }) => `relay://${address}${name === 'gost3' ? '?nodelay=true' : ''}`,
};
const SOCKS5: Way = {
  name: 'socks5',
  serve: 'socks5://127.0.0.1:0?notls=true&udp=true&bind=true&udpBufferSize=65535',
  use: (address) => `socks5://${address}?notls=true`,
};
const SOCKS5_UDP: Way = {
  ...SOCKS5,
  name: 'socks5 with relay=udp',
  use: (address) => `socks5://${address}?notls=true&relay=udp&udpBufferSize=65535`,
};

function row(
  front: Program,
  hop: { readonly program: Program; readonly way: Way } | null,
  columns: readonly Column[],
): Row<Stage> {
  const needs = [front, ...(hop === null ? [] : [hop.program])].flatMap(({ name }) =>
    name === 'sockeye' ? [] : [name],
  );
  const behind = hop === null ? '' : ` -> ${hop.program.name}, ${hop.way.name}`;
  return {
    title: `${front.name}${behind}`,
    command: `${front.name} -L URL${hop === null ? '' : ` -F ${hop.way.use('HOP', front)}`}`,
    needs,
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const peer = hop === null ? null : await keeper.keep(hop.program.start(['-L', hop.way.serve]));
      const chain = hop === null || peer === null ? [] : ['-F', hop.way.use(peer.address, front)];
      const forward: Stage['forward'] = async (...listen) =>
        (await keeper.keep(front.start([...listen.flatMap((url) => ['-L', url]), ...chain]))).services;
      return { targets, keeper, forward, stop: keeper.stop };
    },
    cells: Object.fromEntries(columns.map((column): [Column, Cell<Stage>] => [column, CHECKS[column]])),
  };
}

const LOCAL: readonly Column[] = COLUMNS.slice(0, 6);
const CHAINED = COLUMNS.filter((column) => column !== 'port range');
defineTable({
  title: 'Port forwarding',
  columns: COLUMNS,
  rows: [
    row(SOCKEYE, null, LOCAL),
    row(SOCKEYE, { program: SOCKEYE, way: RELAY }, CHAINED),
    row(SOCKEYE, { program: SOCKEYE, way: SOCKS5 }, CHAINED),
    row(SOCKEYE, { program: GOST3, way: RELAY }, CHAINED),
    row(SOCKEYE, { program: GOST3, way: SOCKS5 }, CHAINED),
    row(SOCKEYE, { program: GOST2, way: RELAY }, ['tcp', 'server speaks first', 'two targets in turn']),
    row(
      SOCKEYE,
      { program: GOST2, way: SOCKS5 },
      CHAINED.filter((column) => column !== 'rtcp'),
    ),
    row(SOCKEYE, { program: GOST3, way: SOCKS5_UDP }, ['udp', '3 answers to 1 datagram']),
    row(SOCKEYE, { program: SOCKEYE, way: SOCKS5_UDP }, ['udp', '3 answers to 1 datagram']),
  ],
});
