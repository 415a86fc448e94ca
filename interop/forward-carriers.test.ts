/**
 * Datagrams forwarded from a local port, and TCP and UDP ports at the far end (rtcp, rudp), through a hop over every carrier: relay and SOCKS5, and
 * HTTP for datagrams, Sockeye at either end or both. One process serves a row on all carriers; each cell starts its own forwarder
 * in front of it. forward.test.ts has what forwarders do beyond that, over TCP. What GOST can not do was tried with GOST at both ends.
 */
import { randomBytes } from 'node:crypto';
import { defineTable, type Cell, type Row, type Setup } from './matrix.ts';
import { echoed, echoedDatagrams, untilAnswered } from './peers/exchange.ts';
import { startGost2, startGost3 } from './peers/gost.ts';
import { freePort, type Peer } from './peers/ready.ts';
import { startSockeye } from './peers/sockeye.ts';
import { assertSame, newKeeper, startTargets, type Targets } from './stage.ts';

const CARRIERS = ['tcp', 'tls', 'mtls', 'mtcp', 'ws', 'wss', 'mws', 'mwss', 'h2', 'h2c', 'grpc'] as const;
type Carrier = (typeof CARRIERS)[number];
const KINDS = ['udp', 'rtcp', 'rudp'] as const;
type Kind = (typeof KINDS)[number];
type Column = `${Carrier} ${Kind}`;

/** The last needs more than one packet on a real network; GOST v3 cuts at 4,096 bytes unless told otherwise. */
const DATAGRAMS = [Buffer.from('1'), randomBytes(64), randomBytes(1400), randomBytes(4000)];
const LARGEST = randomBytes(65_507);

type Name = 'sockeye' | 'gost3' | 'gost2';
const START = { sockeye: startSockeye, gost3: startGost3, gost2: startGost2 } as const;

interface Protocol {
  readonly name: string;
  readonly scheme: 'relay' | 'socks5' | 'http';
  readonly kinds: readonly Kind[];
  readonly serve: string;
  readonly use: string;
}
const RELAY: Protocol = {
  name: 'relay',
  scheme: 'relay',
  kinds: KINDS,
  serve: 'bind=true&nodelay=true',
  use: 'nodelay=true',
};
const SOCKS5: Protocol = {
  name: 'socks5',
  scheme: 'socks5',
  kinds: KINDS,
  serve: 'notls=true&udp=true&bind=true',
  use: 'notls=true',
};
/** Remote ports as GOST v2 knows them. */
const COMP_SERVED: Protocol = {
  ...SOCKS5,
  serve: `${SOCKS5.serve}&comp=true`,
  use: `${SOCKS5.use}&mbind=true`,
};
const COMP_USED: Protocol = { ...SOCKS5, use: `${SOCKS5.use}&comp=true` };
const HTTP: Protocol = { name: 'http', scheme: 'http', kinds: ['udp'], serve: 'udp=true', use: '' };

interface Stage extends Setup {
  readonly targets: Targets;
  /** Starts a forwarder with this `-L` through the hop over a carrier; where its first port is. */
  readonly forward: (carrier: Carrier, listen: string) => Promise<Pick<Peer, 'host' | 'port'>>;
  /** What GOST needs at a local UDP port to hand on every answer. */
  readonly udpQuery: string;
  /** The largest datagram there is only between two Sockeyes; what GOST cuts is in forward.test.ts. */
  readonly datagrams: readonly Buffer[];
}

// ---- the checks

const CHECKS: Readonly<Record<Kind, (stage: Stage, carrier: Carrier) => Promise<void>>> = {
  udp: async ({ targets, forward, udpQuery, datagrams }, carrier) => {
    const port = await forward(carrier, `udp://127.0.0.1:0/127.0.0.1:${targets.udp.port}${udpQuery}`);
    assertSame(await echoedDatagrams(port, datagrams), datagrams);
  },
  rtcp: async ({ targets, forward }, carrier) => {
    const far = { host: '127.0.0.1', port: await freePort() };
    await forward(carrier, `rtcp://127.0.0.1:${far.port}/127.0.0.1:${targets.echo.port}`);
    const sent = randomBytes(200_000);
    for (let peer = 0; peer < 2; peer += 1)
      assertSame([await echoed(far, sent, { waitUntilOpen: true })], [sent]);
  },
  rudp: async ({ targets, forward, datagrams }, carrier) => {
    const far = { host: '127.0.0.1', port: await freePort() };
    await forward(carrier, `rudp://127.0.0.1:${far.port}/127.0.0.1:${targets.udp.port}`);
    await untilAnswered(far);
    assertSame(await echoedDatagrams(far, datagrams), datagrams);
  },
};

// ---- the rows

/** Why a program can not do a cell: GOST against itself fails the same. */
function cannotOf(
  client: Name,
  server: Name,
  { scheme }: Protocol,
  carrier: Carrier,
  kind: Kind,
): string | undefined {
  if (client !== 'gost2' && server !== 'gost2') return undefined;
  if (carrier === 'mtcp' || carrier === 'grpc') return `GOST v2 has no ${carrier}`;
  if (scheme === 'relay' && kind !== 'udp') return 'GOST v2 opens remote ports over SOCKS5 only';
  return undefined;
}

function urlOf({ scheme }: Protocol, carrier: Carrier, address: string, query: string): string {
  const whole = carrier === 'tcp' ? scheme : `${scheme}+${carrier}`;
  return `${whole}://${address}${query === '' ? '' : `?${query}`}`;
}

function row(client: Name, server: Name, protocol: Protocol): Row<Stage> {
  const lacks = (carrier: Carrier): boolean =>
    server === 'gost2' && (carrier === 'mtcp' || carrier === 'grpc');
  const served = CARRIERS.filter((carrier) => !lacks(carrier));
  const use = [protocol.use, client === 'sockeye' ? 'secure=false' : ''].filter(Boolean).join('&');
  return {
    title: `${client} -> ${server}, ${protocol.name}`,
    command: `${client} -L URL -F ${urlOf(protocol, 'tls', 'HOP', use).replace('+tls', '+CARRIER')}`,
    needs: [...new Set([client, server].flatMap((name) => (name === 'sockeye' ? [] : [name])))],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const hop = await keeper.keep(
        START[server](
          served.flatMap((carrier) => ['-L', urlOf(protocol, carrier, '127.0.0.1:0', protocol.serve)]),
        ),
      );
      // GOST v2 names services by URL and in no order, the others by number
      const addressOf = (carrier: Carrier): string => {
        const prefix = urlOf(protocol, carrier, '', '');
        const found =
          server === 'gost2'
            ? hop.services.find(({ name }) => name.startsWith(prefix))
            : hop.services[served.indexOf(carrier)];
        if (found === undefined) throw new Error(`${server} has no service for ${carrier}`);
        return found.address;
      };
      return {
        targets,
        forward: async (carrier, listen) =>
          keeper.keep(START[client](['-L', listen, '-F', urlOf(protocol, carrier, addressOf(carrier), use)])),
        udpQuery: client === 'sockeye' ? '' : '?keepalive=true',
        datagrams: client === 'sockeye' && server === 'sockeye' ? [...DATAGRAMS, LARGEST] : DATAGRAMS,
        stop: keeper.stop,
      };
    },
    cells: Object.fromEntries(
      CARRIERS.flatMap((carrier) =>
        protocol.kinds.map((kind): [Column, Cell<Stage>] => {
          const cannot = cannotOf(client, server, protocol, carrier, kind);
          const check = CHECKS[kind];
          return [`${carrier} ${kind}`, cannot === undefined ? (stage) => check(stage, carrier) : { cannot }];
        }),
      ),
    ),
  };
}

defineTable({
  title: 'Forwarding over carriers',
  columns: CARRIERS.flatMap((carrier) => KINDS.map((kind): Column => `${carrier} ${kind}`)),
  // of 13 rows with up to 33 cells each, a slice takes every eleventh cell and one of each column
  sliceStep: 11,
  rows: [
    ...[RELAY, SOCKS5, HTTP].flatMap((protocol) => [
      row('sockeye', 'sockeye', protocol),
      row('sockeye', 'gost3', protocol),
      row('gost3', 'sockeye', protocol),
    ]),
    row('sockeye', 'gost2', RELAY),
    row('sockeye', 'gost2', COMP_USED),
    row('gost2', 'sockeye', RELAY),
    row('gost2', 'sockeye', COMP_SERVED),
  ],
});
