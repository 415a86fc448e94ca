/**
 * Carriers against real GOST: the same SOCKS5 or relay session inside TLS, WebSocket, HTTP/2, gRPC and smux, with Sockeye at
 * either end. A column is a carrier; its cell moves bytes in every way that a carrier can break. Half-close has columns of its
 * own because some carriers of GOST have none.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { bulkDigest, download, upload } from './peers/bulk.ts';
import { startGost2, startGost3, type Gost } from './peers/gost.ts';
import { newFolder, removeFolder } from './peers/process.ts';
import type { Peer } from './peers/ready.ts';
import { nextBytes, socksTunnel } from './peers/socks-client.ts';
import { startSockeye } from './peers/sockeye.ts';
import { BANNER, digestLine } from './peers/targets.ts';
import { assertSame, newKeeper, startTargets, type Keeper, type Targets } from './stage.ts';

const CARRIERS = ['tls', 'mtls', 'mtcp', 'ws', 'wss', 'mws', 'mwss', 'h2', 'h2c', 'grpc'] as const;
type Carrier = (typeof CARRIERS)[number];
type Column = Carrier | `${Carrier} half-close`;

const PROTOCOLS = ['socks5', 'relay'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const BULK_BYTES = 1 << 20;
const PARALLEL = 20;
const STEP_MS = 12_000;

/** Where a row's programs are entered: a SOCKS5 port in front of the carrier. */
interface Stage extends Setup {
  readonly targets: Targets;
  readonly entrance: (carrier: Carrier) => Promise<Pick<Peer, 'host' | 'port'>>;
}

// ---- the checks

async function works({ targets, entrance }: Stage, carrier: Carrier, speaksFirst: boolean): Promise<void> {
  const proxy = await entrance(carrier);
  const tunnel = (port: number): Promise<Socket> => socksTunnel({ kind: 5, proxy, host: '127.0.0.1', port });
  await step('echo', () => echo(tunnel(targets.echo.port)));
  if (speaksFirst) {
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

interface GostVersion {
  readonly name: 'gost3' | 'gost2';
  readonly start: (args: readonly string[]) => Promise<Gost>;
  /** Why it has no such carrier at all. */
  readonly lacks: Partial<Record<Carrier, string>>;
  /** Why nothing can half-close through it. GOST against itself fails the same cells. */
  readonly noHalfClose: (
    role: 'client' | 'server',
    protocol: Protocol,
    carrier: Carrier,
  ) => string | undefined;
}

const SMUX: readonly Carrier[] = ['mtls', 'mtcp', 'mws', 'mwss'];
const HTTP2: readonly Carrier[] = ['h2', 'h2c', 'grpc'];

const GOSTS: readonly GostVersion[] = [
  {
    name: 'gost3',
    start: startGost3,
    lacks: {},
    noHalfClose: (role, protocol, carrier) => {
      if (SMUX.includes(carrier)) return 'its smux ends both directions at the first end';
      if (role === 'server') return undefined;
      if (protocol === 'socks5') return 'its SOCKS5 client ends both directions at the first end';
      return HTTP2.includes(carrier) ? 'its HTTP/2 client ends both directions at the first end' : undefined;
    },
  },
  {
    name: 'gost2',
    start: startGost2,
    lacks: { mtcp: 'GOST v2 has no mtcp', grpc: 'GOST v2 has no grpc' },
    noHalfClose: () => 'ends both directions at the first end',
  },
];

const QUERY = { socks5: 'notls=true', relay: 'nodelay=true' } as const;

function urlOf(protocol: Protocol, carrier: Carrier, address: string): string {
  return `${protocol}+${carrier}://${address}?${QUERY[protocol]}`;
}

function servingUrls(protocol: Protocol, carriers: readonly Carrier[]): string[] {
  return carriers.flatMap((carrier) => ['-L', urlOf(protocol, carrier, '127.0.0.1:0')]);
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
  return {
    services: carriers.map(([carrier]) => ({
      name: carrier,
      addr: '127.0.0.1:0',
      handler: { type: 'socks5', chain: `to-${carrier}`, metadata: { notls: true } },
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
              connector: { type: protocol, metadata: protocol === 'socks5' ? { notls: true } : {} },
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
    title: `Sockeye -> ${gost.name}, ${protocol}`,
    command: `sockeye -L socks5://127.0.0.1:0?notls=true -F ${protocol}+CARRIER://HOP?secure=false`,
    needs: [gost.name],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const server = await keeper.keep(gost.start(servingUrls(protocol, carriers)));
      const addresses = new Map(
        carriers.map((carrier, index) => [carrier, addressOf(gost, server, carrier, index)]),
      );
      return { targets, entrance: await startInFront(keeper, protocol, addresses), stop: keeper.stop };
    },
    cells: cellsOf(gost, 'server', protocol),
  };
}

function clientRow(gost: GostVersion, protocol: Protocol): Row<Stage> {
  return {
    title: `${gost.name} -> Sockeye, ${protocol}`,
    command: `sockeye -L ${urlOf(protocol, 'tls', ':0').replace('tls', 'CARRIER')}`,
    needs: [gost.name],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const { services } = await keeper.keep(startSockeye(servingUrls(protocol, CARRIERS)));
      const fronts = new Map<Carrier, Promise<Gost>>();
      const entrance: Stage['entrance'] = (carrier) => {
        const front =
          fronts.get(carrier) ??
          keeper.keep(
            gost.start([
              '-L',
              'socks5://127.0.0.1:0?notls=true',
              '-F',
              urlOf(protocol, carrier, services[CARRIERS.indexOf(carrier)]?.address ?? ''),
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
function addressOf({ name }: GostVersion, server: Gost, carrier: Carrier, index: number): string {
  const service =
    name === 'gost3'
      ? server.services[index]
      : server.services.find((one) => one.name.includes(`+${carrier}://`));
  if (service === undefined) throw new Error(`${name} has no service for ${carrier}`);
  return service.address;
}

function cellsOf(gost: GostVersion, role: 'client' | 'server', protocol: Protocol): Row<Stage>['cells'] {
  // a v2 relay client sends its request with the first bytes of the application, so that a server can not speak first
  const speaksFirst = !(gost.name === 'gost2' && role === 'client' && protocol === 'relay');
  const cellOf = (cannot: string | undefined, run: (stage: Stage) => Promise<void>): Cell<Stage> =>
    cannot === undefined ? run : { cannot };
  return Object.fromEntries(
    CARRIERS.flatMap((carrier): [Column, Cell<Stage>][] => {
      const lacks = gost.lacks[carrier];
      return [
        [carrier, cellOf(lacks, (stage) => works(stage, carrier, speaksFirst))],
        [
          `${carrier} half-close`,
          cellOf(lacks ?? gost.noHalfClose(role, protocol, carrier), (stage) => halfCloses(stage, carrier)),
        ],
      ];
    }),
  );
}

defineTable({
  title: 'Carriers',
  columns: CARRIERS.flatMap((carrier): Column[] => [carrier, `${carrier} half-close`]),
  rows: GOSTS.flatMap((gost) =>
    PROTOCOLS.flatMap((protocol) => [serverRow(gost, protocol), clientRow(gost, protocol)]),
  ),
});
