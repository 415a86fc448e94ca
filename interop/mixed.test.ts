/**
 * Chains of two to four hops in which Sockeye, GOST v3 and GOST v2 take turns at every place, each of them in front once: what a
 * hop of one program asks of the next one, of another program, over another protocol and carrier each time. The last hop is
 * SOCKS5, so that UDP travels inside the stream through hops that only connect. And bulk: 256 MiB each way.
 */
import { cellsOf, defineTable, type Row } from './matrix.ts';
import { startGost2, startGost3 } from './peers/gost.ts';
import type { Peer } from './peers/ready.ts';
import { startSockeye } from './peers/sockeye.ts';
import { newKeeper, startTargets } from './stage.ts';
import { CHECKS, type Through } from './through.ts';

const COLUMNS = [
  'IPv4',
  'IPv6',
  'name',
  'server speaks first',
  'half-close',
  '1 MiB each way',
  '100 at once',
  'UDP',
  '256 MiB each way',
] as const;
type Column = (typeof COLUMNS)[number];

type Name = 'sockeye' | 'gost3' | 'gost2';
const START = { sockeye: startSockeye, gost3: startGost3, gost2: startGost2 } as const;
const NAMES: readonly Name[] = ['sockeye', 'gost3', 'gost2'];

/**
 * How a hop is reached, by its distance from the last one. A relay of GOST v2 answers only when the next hop has spoken, and TLS inside
 * the smux of GOST breaks its session (carriers.test.ts), so neither is asked for.
 */
const LAST = { serve: 'socks5://127.0.0.1:0?udp=true', use: 'socks5://HOP' } as const;
const HTTP_WS = { serve: 'http+ws://127.0.0.1:0', use: 'http+ws://HOP' } as const;
const EARLIER = [
  { serve: 'relay+ws://127.0.0.1:0?nodelay=true', use: 'relay+ws://HOP?nodelay=true' },
  { serve: 'http+tls://127.0.0.1:0', use: 'http+tls://HOP?secure=false' },
  { serve: 'socks5+wss://127.0.0.1:0?notls=true', use: 'socks5+wss://HOP?notls=true&secure=false' },
] as const;

// ---- the rows

/** `columns` through `hops` behind `front`; the last hop is SOCKS5, those before it take what EARLIER has for their distance. */
function row(front: Name, hops: readonly Name[], columns: readonly Column[]): Row<Through> {
  const programs = [front, ...hops];
  const ends = programs.includes('gost2')
    ? 'GOST v2 ends both directions at the first end'
    : 'a SOCKS5 or HTTP client of GOST v3 ends both directions at the first end';
  const cannot: Partial<Record<Column, string>> = programs.some((name) => name !== 'sockeye')
    ? { 'half-close': ends }
    : {};
  return {
    title: programs.join(' -> '),
    command: `-L socks5://127.0.0.1:0?notls=true&udp=true ${hops.map((name, at) => `-F ${wayOf(name, hops.length - 1 - at).use}`).join(' ')}`,
    needs: [...new Set(programs.flatMap((name) => (name === 'sockeye' ? [] : [name])))],
    start: async () => {
      const keeper = newKeeper();
      const targets = await startTargets(keeper);
      const chain: string[] = [];
      for (const [at, name] of hops.entries()) {
        const { serve, use } = wayOf(name, hops.length - 1 - at);
        const peer: Peer = await keeper.keep(START[name](['-L', serve]));
        chain.push('-F', use.replace('HOP', peer.address));
      }
      const proxy = await keeper.keep(
        START[front](['-L', 'socks5://127.0.0.1:0?notls=true&udp=true', ...chain]),
      );
      return { targets, proxy, stop: keeper.stop };
    },
    cells: cellsOf(CHECKS, columns, cannot),
  };
}

function wayOf(name: Name, fromLast: number): { readonly serve: string; readonly use: string } {
  if (fromLast === 1 && name === 'gost2') return HTTP_WS;
  return fromLast === 0 ? LAST : (EARLIER[fromLast - 1] ?? LAST);
}

/** `length` programs in turn, from number `first` on. */
function turns(first: number, length: number): Name[] {
  return Array.from({ length }, (_, at) => NAMES[(first + at) % NAMES.length] ?? 'sockeye');
}

const SMALL = COLUMNS.slice(0, -1);
defineTable({
  title: 'Mixed chains',
  columns: COLUMNS,
  sliceStep: 7,
  rows: [
    ...NAMES.flatMap((front) =>
      [2, 3, 4].flatMap((length) => NAMES.map((_, first) => row(front, turns(first, length), SMALL))),
    ),
    row('sockeye', ['sockeye'], ['half-close', '256 MiB each way']),
    row('sockeye', ['gost3'], ['256 MiB each way']),
    row('sockeye', ['gost2'], ['256 MiB each way']),
    row('gost3', ['sockeye'], ['256 MiB each way']),
    row('gost2', ['sockeye'], ['256 MiB each way']),
  ],
});
