/**
 * Real proxy servers as hops behind Sockeye: alone, first, middle and last of a chain. The other hops are a second Sockeye,
 * so that a chain is Sockeye (client) -> hops -> target. A program reaches the chain over SOCKS5 like any other would.
 */
import type { PeerName } from '../scripts/peers/list.mjs';
import { cellsOf, defineTable, type Row } from './matrix.ts';
import { startDanted } from './peers/danted.ts';
import { startGost2, startGost3 } from './peers/gost.ts';
import { startMicrosocks } from './peers/microsocks.ts';
import type { Peer } from './peers/ready.ts';
import { startSockeye } from './peers/sockeye.ts';
import { startSshDynamic } from './peers/ssh.ts';
import { LOGIN, newKeeper, startTargets, URL_LOGIN } from './stage.ts';
import { CHECKS, type Through } from './through.ts';

const COLUMNS = [
  'IPv4',
  'IPv6',
  'name',
  'server speaks first',
  'half-close',
  '1 MiB each way',
  '32 at once',
  'refused',
  'UDP',
] as const;
type Column = (typeof COLUMNS)[number];

const POSITIONS = ['only', 'first', 'middle', 'last'] as const;
type Position = (typeof POSITIONS)[number];

// ---- the servers

interface HopServer {
  readonly title: string;
  readonly needs: readonly PeerName[];
  readonly start: () => Promise<Peer>;
  /** URL of the hop for `-F`. */
  readonly url: (peer: Peer) => string;
  /** Why it can not do something, in any position or where it speaks to the target itself (only, last). */
  readonly cannot?: Partial<Record<Column, string>>;
  readonly cannotAtEnd?: Partial<Record<Column, string>>;
}

const NO_UDP = 'relays TCP only';
const ENDS_BOTH = 'ends both directions at the first end';
const SOCKS4_ENDS = { IPv6: 'SOCKS4 has no IPv6' } as const;

const socks5 = ({ address }: Peer): string => `socks5://${address}?notls=true&relay=udp`;
const socks5Login = ({ address }: Peer): string => `socks5://${URL_LOGIN}@${address}?notls=true&relay=udp`;
const socks4a = ({ address }: Peer): string => `socks4a://${address}`;

const danted = { needs: ['danted'], start: () => startDanted() } as const;
const ssh = {
  needs: ['sshd', 'ssh', 'ssh-keygen'],
  start: () => startSshDynamic(),
  cannot: { UDP: NO_UDP },
  cannotAtEnd: { refused: 'answers success before it has connected' },
} as const;

/** One version of GOST serving each of the protocols that the main job speaks. */
function gostServers(
  name: 'gost3' | 'gost2',
  start: (args: readonly string[]) => Promise<Peer>,
  limits: Partial<Record<Column, string>>,
): HopServer[] {
  const serving = (url: string) => (): Promise<Peer> => start(['-L', url]);
  const tcpOnly = { ...limits, UDP: NO_UDP };
  const http = name === 'gost3' ? limits : tcpOnly;
  const needs = [name];
  return [
    {
      title: `${name} SOCKS5`,
      needs,
      start: serving('socks5://127.0.0.1:0?notls=true&udp=true'),
      url: socks5,
      cannot: limits,
    },
    {
      title: `${name} SOCKS5 with password`,
      needs,
      start: serving(`socks5://${URL_LOGIN}@127.0.0.1:0?notls=true&udp=true`),
      url: socks5Login,
      cannot: limits,
    },
    {
      title: `${name} SOCKS4a`,
      needs,
      start: serving('socks4a://127.0.0.1:0'),
      url: socks4a,
      cannot: tcpOnly,
      cannotAtEnd: SOCKS4_ENDS,
    },
    {
      title: `${name} HTTP`,
      needs,
      start: serving('http://127.0.0.1:0?udp=true'),
      url: ({ address }) => `http://${address}`,
      cannot: http,
    },
    {
      title: `${name} HTTP with password`,
      needs,
      start: serving(`http://${URL_LOGIN}@127.0.0.1:0?udp=true`),
      url: ({ address }) => `http://${URL_LOGIN}@${address}`,
      cannot: http,
    },
  ];
}

const SERVERS: readonly HopServer[] = [
  { title: 'danted SOCKS5', ...danted, url: socks5 },
  {
    title: 'danted SOCKS4',
    ...danted,
    url: ({ address }) => `socks4://${address}`,
    cannot: { UDP: 'SOCKS4 has no UDP' },
    cannotAtEnd: { ...SOCKS4_ENDS, name: 'dante refuses SOCKS4a' },
  },
  {
    title: 'microsocks',
    needs: ['microsocks'],
    start: () => startMicrosocks(),
    url: socks5,
    cannot: { UDP: NO_UDP, 'half-close': ENDS_BOTH },
  },
  {
    title: 'microsocks with password',
    needs: ['microsocks'],
    start: () => startMicrosocks(LOGIN),
    url: socks5Login,
    cannot: { UDP: NO_UDP, 'half-close': ENDS_BOTH },
  },
  { title: 'ssh -D SOCKS5', ...ssh, url: socks5 },
  { title: 'ssh -D SOCKS4a', ...ssh, url: socks4a, cannotAtEnd: { ...ssh.cannotAtEnd, ...SOCKS4_ENDS } },
  ...gostServers('gost3', startGost3, {}),
  ...gostServers('gost2', startGost2, { 'half-close': ENDS_BOTH }),
];

// ---- the rows

function hopRow(server: HopServer, position: Position): Row<Through> {
  const cannot = {
    ...server.cannot,
    ...(position === 'only' || position === 'last' ? server.cannotAtEnd : {}),
  };
  return {
    title: `${server.title}, ${position}`,
    command: `sockeye -L socks5://127.0.0.1:0?udp=true ${inPlace('HOP', position, 'SOCKEYE')
      .map((url) => `-F ${url}`)
      .join(' ')}`,
    needs: server.needs,
    start: () => startChain(server, position),
    cells: cellsOf(CHECKS, COLUMNS, cannot),
  };
}

async function startChain(server: HopServer, position: Position): Promise<Through> {
  const keeper = newKeeper();
  const targets = await startTargets(keeper);
  const peer = await keeper.keep(server.start());
  const other = await keeper.keep(startSockeye(['-L', 'socks5://127.0.0.1:0?notls=true&udp=true']));
  const hops = inPlace(server.url(peer), position, socks5(other)).flatMap((url) => ['-F', url]);
  const proxy = await keeper.keep(startSockeye(['-L', 'socks5://127.0.0.1:0?notls=true&udp=true', ...hops]));
  return { targets, proxy, stop: keeper.stop };
}

function inPlace(hop: string, position: Position, other: string): string[] {
  switch (position) {
    case 'only':
      return [hop];
    case 'first':
      return [hop, other];
    case 'middle':
      return [other, hop, other];
    case 'last':
      return [other, hop];
  }
}

defineTable({
  title: 'Servers as hops behind Sockeye',
  columns: COLUMNS,
  rows: SERVERS.flatMap((server) => POSITIONS.map((position) => hopRow(server, position))),
});
