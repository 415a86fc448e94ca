/**
 * Port forwarding with real GOST: local ports (tcp, udp) and ports at the far end of a chain (rtcp, rudp), Sockeye at either
 * end, over relay and SOCKS5. One hop serves a row; each cell starts its own forwarder in front of it. What GOST can not do was
 * tried with GOST at both ends, or says where in its source it stands. Long because the rows are read beside what each can not do.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { cellsOf, defineTable, type Row, type Setup } from './matrix.ts';
import { echoed, echoedDatagrams, untilAnswered } from './peers/exchange.ts';
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
  'empty datagram',
  '65,507 bytes',
  '3 answers to 1 datagram',
  'two targets in turn',
  'port range',
  'rtcp',
  'rtcp, 10 at once',
  'rudp',
  'rtcp, hop restarted',
  'rudp, hop restarted',
] as const;
type Column = (typeof COLUMNS)[number];

const ANSWERS = 3;
const WAIT_MS = 10_000;
const DATAGRAMS = [Buffer.from('1'), randomBytes(64), randomBytes(512), randomBytes(1400)];
const LARGEST = randomBytes(65_507);

type Start = (args: readonly string[]) => Promise<Peer & { readonly services: readonly Peerlike[] }>;
type Peerlike = Pick<Peer, 'host' | 'port'>;

interface Stage extends Setup {
  readonly targets: Targets;
  readonly keeper: Keeper;
  /** Starts a forwarder with this `-L`; its services. */
  readonly forward: (...listen: readonly string[]) => Promise<readonly Peerlike[]>;
  /** Ends the hop and starts it again on the same port. */
  readonly restartHop: () => Promise<void>;
  /** Starts a UDP forwarder to `port`. */
  readonly forwardUdp: (port: number) => Promise<Peerlike>;
  /**
   * What becomes of an empty datagram. UDP inside a stream has no form for it that GOST can read: Sockeye sends none, but
   * carries on one that a GOST client sent, whose empty answer is then dropped.
   */
  readonly empty: 'carried' | 'dropped' | 'carried one way';
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
  udp: async ({ targets, forwardUdp }) => {
    assertSame(await echoedDatagrams(await forwardUdp(targets.udp.port), DATAGRAMS), DATAGRAMS);
  },
  'empty datagram': async ({ targets, forwardUdp, empty }) => {
    const port = await forwardUdp(targets.udp.port);
    await echoedDatagrams(port, DATAGRAMS); // the flow stands: what follows meets no queue
    const before = targets.udp.accepted();
    const answers = await answersTo(port, [Buffer.alloc(0), Buffer.from('after')], 'after');
    assert.deepEqual(answers, empty === 'carried' ? ['', 'after'] : ['after']);
    assert.equal(targets.udp.accepted() - before, empty === 'dropped' ? 1 : 2);
  },
  '65,507 bytes': async ({ targets, forwardUdp }) => {
    assertSame(await echoedDatagrams(await forwardUdp(targets.udp.port), [LARGEST]), [LARGEST]);
  },
  '3 answers to 1 datagram': async ({ keeper, forwardUdp }) => {
    const target = await keeper.keep(startRepeater());
    const answers = await answersTo(await forwardUdp(target.port), [Buffer.from('?')], String(ANSWERS - 1));
    assert.deepEqual(answers, ['0', '1', '2']);
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
    for (let peer = 0; peer < 3; peer += 1)
      assertSame([await echoed({ host: '127.0.0.1', port }, sent, { waitUntilOpen: true })], [sent]);
  },
  'rtcp, 10 at once': async ({ targets, forward }) => {
    const port = await freePort();
    await forward(`rtcp://127.0.0.1:${port}/127.0.0.1:${targets.echo.port}`);
    const sent = randomBytes(200_000);
    const far = { host: '127.0.0.1', port };
    await echoed(far, sent, { waitUntilOpen: true });
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
  'rtcp, hop restarted': async ({ targets, forward, restartHop }) => {
    const far = { host: '127.0.0.1', port: await freePort() };
    await forward(`rtcp://127.0.0.1:${far.port}/127.0.0.1:${targets.echo.port}`);
    const sent = randomBytes(1000);
    await echoed(far, sent, { waitUntilOpen: true });
    await restartHop();
    assertSame([await echoed(far, sent, { waitUntilOpen: true })], [sent]);
  },
  'rudp, hop restarted': async ({ targets, forward, restartHop }) => {
    const far = { host: '127.0.0.1', port: await freePort() };
    await forward(`rudp://127.0.0.1:${far.port}/127.0.0.1:${targets.udp.port}`);
    await untilAnswered(far);
    await restartHop();
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

/** Sends datagrams one behind the other and returns the answers up to `last`. Loopback keeps their order. */
async function answersTo(
  { host, port }: Peerlike,
  sent: readonly Buffer[],
  last: string,
): Promise<readonly string[]> {
  const socket = createSocket('udp4');
  const over = AbortSignal.timeout(WAIT_MS);
  const answers: string[] = [];
  try {
    const all = new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => {
        answers.push(data.toString());
        if (answers.at(-1) === last) resolve();
      });
      over.addEventListener('abort', () =>
        reject(new Error(`the last answer did not come: ${answers.join()}`)),
      );
    });
    for (const data of sent) socket.send(data, port, host);
    await all;
  } finally {
    socket.close();
  }
  return answers;
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
  readonly empty: Stage['empty'];
}
const RELAY: Way = {
  name: 'relay',
  serve: 'relay://127.0.0.1:0?bind=true&nodelay=true&udpBufferSize=65535',
  // GOST needs it for servers that speak first; Sockeye finds out what the server does (relay.test.ts has each combination)
  use: (address, { name }) => `relay://${address}${name === 'gost3' ? '?nodelay=true' : ''}`,
  empty: 'carried',
};
const RELAY_NODELAY: Way = {
  ...RELAY,
  name: 'relay with nodelay',
  use: (address) => `relay://${address}?nodelay=true`,
};
const RELAY_WITHOUT_BIND: Way = {
  ...RELAY,
  name: 'relay without bind',
  serve: 'relay://127.0.0.1:0?udpBufferSize=65535',
};
const SOCKS5: Way = {
  name: 'socks5',
  serve: 'socks5://127.0.0.1:0?notls=true&udp=true&bind=true&udpBufferSize=65535',
  use: (address) => `socks5://${address}?notls=true`,
  empty: 'dropped',
};
/** Remote ports as GOST v2 knows them: many peers on one port, without a word on who they are. */
const SOCKS5_COMP: Way = {
  ...SOCKS5,
  name: 'socks5 with comp',
  serve: `${SOCKS5.serve}&comp=true`,
  use: (address, { name }) =>
    `socks5://${address}?notls=true&${name === 'gost2' ? 'mbind=true' : 'comp=true'}`,
};
const SOCKS5_UDP: Way = {
  ...SOCKS5,
  name: 'socks5 with relay=udp',
  use: (address) => `socks5://${address}?notls=true&relay=udp&udpBufferSize=65535`,
  empty: 'carried',
};

type Limits = Partial<Record<Column, string>>;
const NO_ROOM: Limits = { '65,507 bytes': 'no room is left for the header of SOCKS5' };

function emptyThrough(
  front: Program,
  hop: { readonly program: Program; readonly way: Way } | null,
): Stage['empty'] {
  const beside = hop === null || hop.way.empty === 'carried';
  if (front.name === 'gost2' || (hop?.program.name === 'gost2' && beside)) return 'dropped'; // it reads nothing out of length 0
  if (beside) return 'carried';
  return front.name === 'sockeye' ? 'dropped' : 'carried one way';
}

/** A row with `columns`, less what GOST can not do. */
function row(
  front: Program,
  hop: { readonly program: Program; readonly way: Way } | null,
  columns: readonly Column[],
  cannot: Limits = {},
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
      // a port of its own, so that it can be started again on the same one
      const address = `127.0.0.1:${await freePort()}`;
      const startHop = async (): Promise<Peer | null> =>
        hop && (await keeper.keep(hop.program.start(['-L', hop.way.serve.replace('127.0.0.1:0', address)])));
      let peer = await startHop();
      const chain = hop === null ? [] : ['-F', hop.way.use(address, front)];
      const forward: Stage['forward'] = async (...listen) =>
        (await keeper.keep(front.start([...listen.flatMap((url) => ['-L', url]), ...chain]))).services;
      return {
        targets,
        keeper,
        forward,
        restartHop: async () => {
          await peer?.stop();
          peer = await startHop();
        },
        // without keepalive GOST v3 forgets a client after the first answer; Sockeye never does
        forwardUdp: async (port) => {
          const query = front.name === 'sockeye' ? '' : '?keepalive=true&readBufferSize=65535';
          return only((await forward(`udp://127.0.0.1:0/127.0.0.1:${port}${query}`))[0]);
        },
        empty: emptyThrough(front, hop),
        stop: keeper.stop,
      };
    },
    cells: cellsOf(
      CHECKS,
      [...columns, ...COLUMNS.filter((column) => column in cannot && !columns.includes(column))],
      cannot,
    ),
  };
}

const LOCAL: readonly Column[] = COLUMNS.filter((column) => !column.startsWith('r'));
const RESTARTED: readonly Column[] = ['rtcp, hop restarted', 'rudp, hop restarted'];
const CHAINED = COLUMNS.filter((column) => column !== 'port range' && !RESTARTED.includes(column));
const UDP: readonly Column[] = ['udp', 'empty datagram', '65,507 bytes', '3 answers to 1 datagram'];
const RTCP: readonly Column[] = ['rtcp', 'rtcp, 10 at once'];

const GOST3_CUTS: Limits = { '65,507 bytes': 'GOST v3 cuts datagrams at 32,768 bytes' };
const GOST2_CUTS: Limits = { '65,507 bytes': 'GOST v2 cuts datagrams at 8,192 bytes' };
const ENDS_GOST2: Limits = { '65,507 bytes': 'a frame of over 16,384 bytes ends the process of GOST v2' };
const RELAY2_NO_BIND: Limits = Object.fromEntries(
  [...RTCP, 'rudp'].map((column) => [column, 'GOST v2 opens remote ports over SOCKS5 only']),
);
const SAYS_NOT_WHO: Limits = Object.fromEntries(
  RTCP.map((column) => [column, 'GOST v2 does not say who connected: comp=true, in the next row']),
);
const HOLDS = { 'server speaks first': 'the client holds its request until it has bytes to send' };
const ONE_AT_A_TIME = { 'rtcp, 10 at once': 'GOST v2 opens the port again after each peer' };

defineTable({
  title: 'Port forwarding',
  columns: COLUMNS,
  rows: [
    row(SOCKEYE, null, LOCAL),
    row(SOCKEYE, { program: SOCKEYE, way: RELAY }, [...CHAINED, ...RESTARTED]),
    row(SOCKEYE, { program: SOCKEYE, way: SOCKS5 }, [...CHAINED, ...RESTARTED]),
    row(SOCKEYE, { program: SOCKEYE, way: SOCKS5_UDP }, UDP, NO_ROOM),
    row(SOCKEYE, { program: GOST3, way: RELAY }, [...CHAINED, ...RESTARTED], GOST3_CUTS),
    row(SOCKEYE, { program: GOST3, way: RELAY_WITHOUT_BIND }, ['tcp', ...UDP], GOST3_CUTS),
    row(SOCKEYE, { program: GOST3, way: SOCKS5 }, [...CHAINED, ...RESTARTED]),
    row(SOCKEYE, { program: GOST3, way: SOCKS5_UDP }, UDP, NO_ROOM),
    row(SOCKEYE, { program: GOST2, way: RELAY }, CHAINED, { ...RELAY2_NO_BIND, ...GOST2_CUTS }),
    row(SOCKEYE, { program: GOST2, way: SOCKS5 }, CHAINED, { ...ENDS_GOST2, ...SAYS_NOT_WHO }),
    row(SOCKEYE, { program: GOST2, way: SOCKS5_COMP }, RTCP),
    row(GOST3, { program: SOCKEYE, way: RELAY }, [...LOCAL, ...RTCP, 'rudp'], GOST3_CUTS),
    row(GOST3, { program: SOCKEYE, way: SOCKS5 }, [...LOCAL, ...RTCP, 'rudp'], GOST3_CUTS),
    row(GOST3, { program: SOCKEYE, way: SOCKS5_UDP }, UDP, NO_ROOM),
    row(GOST2, { program: SOCKEYE, way: RELAY }, CHAINED, { ...HOLDS, ...RELAY2_NO_BIND, ...GOST2_CUTS }),
    row(GOST2, { program: SOCKEYE, way: RELAY_NODELAY }, ['tcp', 'server speaks first']),
    row(GOST2, { program: SOCKEYE, way: SOCKS5 }, CHAINED, { ...ONE_AT_A_TIME, ...GOST2_CUTS }),
    row(GOST2, { program: SOCKEYE, way: SOCKS5_COMP }, RTCP),
  ],
});
