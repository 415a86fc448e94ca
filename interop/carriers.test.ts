/**
 * Every protocol inside every carrier, Sockeye at either end or both, real GOST at the other: SOCKS5 as it is by default (negotiated TLS), with
 * a password and in clear text, SOCKS4a, HTTP and relay, inside TLS, WebSocket, HTTP/2, gRPC and smux. A column is a carrier; its
 * cell moves bytes in every way that a protocol or a carrier can break. Half-close, UDP and BIND have columns of their own
 * because some have none. Long because checks, programs and what each can not do are read together.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { bulkDigest, download, upload } from './peers/bulk.ts';
import { startGost2, startGost3, type Gost } from './peers/gost.ts';
import { newFolder, removeFolder } from './peers/process.ts';
import type { Peer } from './peers/ready.ts';
import { nextBytes, socksBind, socksTunnel, socksUdp } from './peers/socks-client.ts';
import { startSockeye } from './peers/sockeye.ts';
import { BANNER, digestLine } from './peers/targets.ts';
import { assertSame, LOGIN, newKeeper, startTargets, URL_LOGIN, type Keeper, type Targets } from './stage.ts';

const CARRIERS = ['tcp', 'tls', 'mtls', 'mtcp', 'ws', 'wss', 'mws', 'mwss', 'h2', 'h2c', 'grpc'] as const;
type Carrier = (typeof CARRIERS)[number];
const KINDS = ['', ' half-close', ' UDP', ' BIND'] as const;
type Kind = (typeof KINDS)[number];
type Column = `${Carrier}${Kind}`;

const BULK_BYTES = 1 << 20;
const PARALLEL = 100;
const STEP_MS = 12_000;
/** The last needs more than one packet on a real network; GOST v3 cuts at 4,096 bytes unless told otherwise. */
const DATAGRAMS = [Buffer.from('1'), randomBytes(64), randomBytes(1400), randomBytes(4000)];
/** 65,507 less the header in front of an IPv4 address. */
const LARGEST = randomBytes(65_497);

interface Protocol {
  readonly name: string;
  readonly scheme: 'socks5' | 'socks4a' | 'http' | 'relay';
  readonly login: boolean;
  /** What a server and a client have in their URLs. */
  readonly serve: string;
  readonly use: string;
  /** Metadata of the connector for `use`. */
  readonly metadata: object;
}

const SOCKS5 = {
  scheme: 'socks5',
  login: false,
  serve: 'udp=true&bind=true',
  use: '',
  metadata: {},
} as const;
const PROTOCOLS: readonly Protocol[] = [
  { ...SOCKS5, name: 'socks5' },
  { ...SOCKS5, name: 'socks5 with password', login: true },
  {
    ...SOCKS5,
    name: 'socks5 notls',
    serve: `${SOCKS5.serve}&notls=true`,
    use: 'notls=true',
    metadata: { notls: true },
  },
  { name: 'socks4a', scheme: 'socks4a', login: false, serve: '', use: '', metadata: {} },
  { name: 'http', scheme: 'http', login: false, serve: 'udp=true', use: '', metadata: {} },
  {
    name: 'relay',
    scheme: 'relay',
    login: false,
    serve: 'nodelay=true&bind=true',
    use: 'nodelay=true',
    metadata: {},
  },
];

/** Where a row's programs are entered: a SOCKS5 port in front of the carrier. */
interface Stage extends Setup {
  readonly targets: Targets;
  readonly entrance: (carrier: Carrier) => Promise<Pick<Peer, 'host' | 'port'>>;
}

/** What a protocol or a program leaves out of a cell. */
interface Can {
  readonly v6: boolean;
  readonly serverFirst: boolean;
  /** The largest datagram that fits behind a SOCKS5 header; what GOST does with it, and everybody with empty ones, is in forward.test.ts. */
  readonly largest: boolean;
}

// ---- the checks

async function works({ targets, entrance }: Stage, carrier: Carrier, can: Can): Promise<void> {
  const proxy = await entrance(carrier);
  const tunnel = (port: number, host = '127.0.0.1'): Promise<Socket> =>
    socksTunnel({ kind: 5, proxy, host, port });
  await step('IPv4', () => echo(tunnel(targets.echo.port)));
  if (can.v6) await step('IPv6', () => echo(tunnel(targets.echo.port, '::1')));
  await step('name', () => echo(tunnel(targets.echo.port, 'localhost')));
  if (can.serverFirst) {
    await step('server speaks first', async () => {
      const socket = await tunnel(targets.banner.port);
      assert.equal((await nextBytes(socket)).toString(), BANNER);
      socket.destroy();
    });
  }
  await step('download', async () => {
    assert.equal(await download(await tunnel(targets.bulk.port), BULK_BYTES), bulkDigest(BULK_BYTES));
  });
  await step('upload', async () => {
    assert.equal(await upload(await tunnel(targets.bulk.port), BULK_BYTES), bulkDigest(BULK_BYTES));
  });
  await step(`${PARALLEL} at once`, () =>
    Promise.all(Array.from({ length: PARALLEL }, () => echo(tunnel(targets.echo.port)))),
  );
}

async function halfCloses({ targets, entrance }: Stage, carrier: Carrier): Promise<void> {
  const sent = randomBytes(200_000);
  const socket = await socksTunnel({
    kind: 5,
    proxy: await entrance(carrier),
    host: '127.0.0.1',
    port: targets.digest.port,
  });
  socket.end(sent);
  const answer = await step('answer after the end', () => socket.toArray());
  assert.equal(Buffer.concat(answer).toString(), digestLine(sent));
}

async function carriesDatagrams({ targets, entrance }: Stage, carrier: Carrier, can: Can): Promise<void> {
  const proxy = await entrance(carrier);
  if (can.largest) {
    const all = [...DATAGRAMS, LARGEST];
    assertSame(await socksUdp({ kind: 5, proxy, host: '127.0.0.1', port: targets.udp.port }, all), all);
  }
  for (const host of ['127.0.0.1', 'localhost'])
    assertSame(await socksUdp({ kind: 5, proxy, host, port: targets.udp.port }, DATAGRAMS), DATAGRAMS);
}

async function binds({ entrance }: Stage, carrier: Carrier): Promise<void> {
  const { bound, accepted } = await socksBind({
    kind: 5,
    proxy: await entrance(carrier),
    host: '127.0.0.1',
    port: 0,
  });
  const peer = connect(bound.port, '127.0.0.1');
  const socket = await step('the peer comes', () => accepted);
  peer.write('from the peer');
  assert.equal((await nextBytes(socket)).toString(), 'from the peer');
  socket.write('to the peer');
  assert.equal((await nextBytes(peer)).toString(), 'to the peer');
  socket.destroy();
  peer.destroy();
}

async function echo(opening: Promise<Socket>): Promise<void> {
  const socket = await opening;
  const sent = randomBytes(10_000);
  socket.write(sent);
  let received = Buffer.alloc(0);
  while (received.length < sent.length) received = Buffer.concat([received, await nextBytes(socket)]);
  socket.destroy();
  assertSame([received], [sent]);
}

/** Runs one part of a cell; says which part it was when it fails or hangs. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${STEP_MS} ms`)), STEP_MS);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

// ---- the programs

type Role = 'client' | 'server';

interface GostVersion {
  readonly name: 'gost3' | 'gost2';
  readonly start: (args: readonly string[]) => Promise<Gost>;
  /** Why it has no such carrier at all. */
  readonly lacks: Partial<Record<Carrier, string>>;
  /** Why it can not do one of the kinds. GOST against itself fails the same cells. */
  readonly cannot: (kind: Kind, role: Role, protocol: Protocol, carrier: Carrier) => string | undefined;
}

const SMUX: readonly Carrier[] = ['mtls', 'mtcp', 'mws', 'mwss'];
const HTTP2: readonly Carrier[] = ['h2', 'h2c', 'grpc'];
const TLS_IN_SMUX = 'the first TLS inside its smux that closes breaks the session';
const SOCKS5_SERVERS_ONLY = 'only SOCKS5 and relay of GOST open ports';

const GOSTS: readonly GostVersion[] = [
  {
    name: 'gost3',
    start: startGost3,
    lacks: {},
    cannot: (kind, role, { scheme, use }, carrier) => {
      // its tls.Conn sets a deadline on the stream when it closes, which its smux puts on the connection that all streams share
      if (scheme === 'socks5' && use === '' && SMUX.includes(carrier)) return TLS_IN_SMUX;
      if (kind === ' UDP' && scheme === 'socks4a') return 'SOCKS4 has no UDP';
      if (kind === ' BIND' && scheme !== 'socks5' && scheme !== 'relay') return SOCKS5_SERVERS_ONLY;
      if (kind === ' BIND' && role === 'client')
        return 'GOST v3 binds on its own machine, whatever its chain';
      if (kind !== ' half-close') return undefined;
      if (SMUX.includes(carrier)) return 'its smux ends both directions at the first end';
      if (role === 'server') return undefined;
      if (scheme !== 'relay') return 'its SOCKS and HTTP clients end both directions at the first end';
      return HTTP2.includes(carrier) ? 'its HTTP/2 client ends both directions at the first end' : undefined;
    },
  },
  {
    name: 'gost2',
    start: startGost2,
    lacks: { mtcp: 'GOST v2 has no mtcp', grpc: 'GOST v2 has no grpc' },
    cannot: (kind, role, { scheme, use }, carrier) => {
      if (role === 'client' && scheme === 'socks5' && use === '' && SMUX.includes(carrier))
        return TLS_IN_SMUX;
      // socks5Handler.handleBind
      if (kind === ' BIND' && role === 'client') return 'sends BIND into its chain without a greeting';
      if (kind === ' half-close') return 'ends both directions at the first end';
      if (kind === ' UDP' && scheme === 'socks4a') return 'SOCKS4 has no UDP';
      if (kind === ' UDP' && scheme !== 'socks5') return 'GOST v2 associates through SOCKS5 only';
      if (kind === ' BIND' && scheme !== 'socks5') return 'GOST v2 opens ports over SOCKS5 only';
      return undefined;
    },
  },
];

function canOf({ name }: GostVersion, role: Role, { scheme }: Protocol): Can {
  return {
    v6: scheme !== 'socks4a',
    // a v2 relay client sends its request with the first bytes of the application, so that a server can not speak first
    serverFirst: !(name === 'gost2' && role === 'client' && scheme === 'relay'),
    largest: false,
  };
}

function schemeOf({ scheme }: Protocol, carrier: Carrier): string {
  return carrier === 'tcp' ? scheme : `${scheme}+${carrier}`;
}

function urlOf(protocol: Protocol, carrier: Carrier, address: string, query: string): string {
  const login = protocol.login ? `${URL_LOGIN}@` : '';
  return `${schemeOf(protocol, carrier)}://${login}${address}${query === '' ? '' : `?${query}`}`;
}

function servingUrls(protocol: Protocol, carriers: readonly Carrier[]): string[] {
  return carriers.flatMap((carrier) => ['-L', urlOf(protocol, carrier, '127.0.0.1:0', protocol.serve)]);
}

/** Sockeye in front: one process with a service and a chain per carrier. */
async function startInFront(
  keeper: Keeper,
  protocol: Protocol,
  addresses: ReadonlyMap<Carrier, string>,
): Promise<Stage['entrance']> {
  const folder = await newFolder('carriers');
  await keeper.keep(Promise.resolve({ stop: () => removeFolder(folder) }));
  const file = join(folder, 'gost.json');
  await writeFile(file, JSON.stringify(configurationOf(protocol, addresses)));
  const sockeye = await keeper.keep(startSockeye(['-C', file], { services: addresses.size }));
  return (carrier) => {
    const service = sockeye.services.find(({ name }) => name === carrier);
    if (service === undefined) throw new Error(`Sockeye has no service ${carrier}`);
    return Promise.resolve(service);
  };
}

function configurationOf(protocol: Protocol, addresses: ReadonlyMap<Carrier, string>): object {
  const carriers = [...addresses];
  const auth = protocol.login ? { auth: { username: LOGIN.user, password: LOGIN.password } } : {};
  return {
    services: carriers.map(([carrier]) => ({
      name: carrier,
      addr: '127.0.0.1:0',
      handler: { type: 'socks5', chain: `to-${carrier}`, metadata: { notls: true, udp: true, bind: true } },
      listener: { type: 'tcp' },
    })),
    chains: carriers.map(([carrier, addr]) => ({
      name: `to-${carrier}`,
      hops: [
        {
          name: `hop-${carrier}`,
          nodes: [
            {
              name: `node-${carrier}`,
              addr,
              connector: { type: protocol.scheme, metadata: protocol.metadata, ...auth },
              dialer: { type: carrier, tls: { secure: false } },
            },
          ],
        },
      ],
    })),
  };
}

// ---- the rows

function serverRow(gost: GostVersion, protocol: Protocol): Row<Stage> {
  const carriers = CARRIERS.filter((carrier) => gost.lacks[carrier] === undefined);
  return {
    title: `Sockeye -> ${gost.name}, ${protocol.name}`,
    command: `sockeye -L socks5://127.0.0.1:0?notls=true -F ${urlOf(protocol, 'tls', 'HOP', ['secure=false', protocol.use].filter(Boolean).join('&')).replace('tls', 'CARRIER')}`,
    needs: [gost.name],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const server = await keeper.keep(gost.start(servingUrls(protocol, carriers)));
      const addresses = new Map(
        carriers.map((carrier, index) => [carrier, addressOf(gost, server, protocol, carrier, index)]),
      );
      return { targets, entrance: await startInFront(keeper, protocol, addresses), stop: keeper.stop };
    },
    cells: cellsOf(gost, 'server', protocol),
  };
}

/** Sockeye at both ends: every cell that the protocol has. */
function ownRow(protocol: Protocol): Row<Stage> {
  const serve = protocol.scheme === 'socks4a' ? 'bind=true' : protocol.serve;
  const lacks: Partial<Record<Kind, string>> =
    protocol.scheme === 'socks4a'
      ? { ' UDP': 'SOCKS4 has no UDP' }
      : protocol.scheme === 'http'
        ? { ' BIND': 'HTTP has no BIND' }
        : {};
  return {
    title: `Sockeye -> Sockeye, ${protocol.name}`,
    command: `sockeye -L ${urlOf(protocol, 'tls', ':0', serve).replace('tls', 'CARRIER')}`,
    needs: [],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const { services } = await keeper.keep(startSockeye(servingUrls({ ...protocol, serve }, CARRIERS)));
      const addresses = new Map(CARRIERS.map((carrier, at) => [carrier, services[at]?.address ?? '']));
      return { targets, entrance: await startInFront(keeper, protocol, addresses), stop: keeper.stop };
    },
    cells: cellsFor((_carrier, kind) => lacks[kind], {
      v6: protocol.scheme !== 'socks4a',
      serverFirst: true,
      largest: true,
    }),
  };
}

function clientRow(gost: GostVersion, protocol: Protocol): Row<Stage> {
  return {
    title: `${gost.name} -> Sockeye, ${protocol.name}`,
    command: `sockeye -L ${urlOf(protocol, 'tls', ':0', protocol.serve).replace('tls', 'CARRIER')}`,
    needs: [gost.name],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const { services } = await keeper.keep(startSockeye(servingUrls(protocol, CARRIERS)));
      const fronts = new Map<Carrier, Promise<Gost>>();
      const entrance: Stage['entrance'] = (carrier) => {
        const address = services[CARRIERS.indexOf(carrier)]?.address ?? '';
        const front =
          fronts.get(carrier) ??
          keeper.keep(
            gost.start([
              '-L',
              'socks5://127.0.0.1:0?notls=true&udp=true&bind=true',
              '-F',
              urlOf(protocol, carrier, address, protocol.use),
            ]),
          );
        fronts.set(carrier, front);
        return front;
      };
      return { targets, entrance, stop: keeper.stop };
    },
    cells: cellsOf(gost, 'client', protocol),
  };
}

/** GOST v3 names services by number, v2 by URL. */
function addressOf(
  { name }: GostVersion,
  server: Gost,
  protocol: Protocol,
  carrier: Carrier,
  index: number,
): string {
  const service =
    name === 'gost3'
      ? server.services[index]
      : server.services.find((one) => one.name.startsWith(`${schemeOf(protocol, carrier)}://`));
  if (service === undefined) throw new Error(`${name} has no service for ${carrier}`);
  return service.address;
}

const CHECKS: Readonly<Record<Kind, (stage: Stage, carrier: Carrier, can: Can) => Promise<void>>> = {
  '': works,
  ' half-close': halfCloses,
  ' UDP': carriesDatagrams,
  ' BIND': binds,
};

function cellsOf(gost: GostVersion, role: Role, protocol: Protocol): Row<Stage>['cells'] {
  return cellsFor(
    (carrier, kind) => gost.lacks[carrier] ?? gost.cannot(kind, role, protocol, carrier),
    canOf(gost, role, protocol),
  );
}

function cellsFor(
  cannotOf: (carrier: Carrier, kind: Kind) => string | undefined,
  can: Can,
): Row<Stage>['cells'] {
  return Object.fromEntries(
    CARRIERS.flatMap((carrier) =>
      KINDS.map((kind): [Column, Cell<Stage>] => {
        const cannot = cannotOf(carrier, kind);
        const check = CHECKS[kind];
        return [
          `${carrier}${kind}`,
          cannot === undefined ? (stage) => check(stage, carrier, can) : { cannot },
        ];
      }),
    ),
  );
}

defineTable({
  title: 'Carriers',
  columns: CARRIERS.flatMap((carrier) => KINDS.map((kind): Column => `${carrier}${kind}`)),
  // of 30 rows with up to 44 cells each, a slice takes every ninth cell and one of each column
  sliceStep: 9,
  rows: [
    ...PROTOCOLS.map((protocol) => ownRow(protocol)),
    ...GOSTS.flatMap((gost) =>
      PROTOCOLS.flatMap((protocol) => [serverRow(gost, protocol), clientRow(gost, protocol)]),
    ),
  ],
});
