/**
 * npm run bench: Sockeye beside microsocks, Dante and real GOST v3 on this machine, interleaved, so that what the machine
 * does meanwhile hits all alike. Every figure is a ratio to GOST of the same round, of rate and of CPU time per unit of work;
 * the table and the raw rounds are written to bench/results/. The load comes from interop/go/traffic (both ends in one program,
 * bounded in time and count), which first lets every program do the cell's work for a while without measuring.
 *
 *   npm run bench -- [--rounds 5] [--only bulk,cps,rr,udp,memory,carriers] [--seconds 1]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runTraffic, startCarrier, startPeers, type Peer, type Sample } from './peers.ts';

interface Cell {
  readonly name: string;
  readonly group: string;
  readonly args: readonly string[];
  /** Both ends of this carrier with the load through it; absent: straight to the target. */
  readonly carrier?: string;
  /** Smaller is better (memory). */
  readonly less?: boolean;
  readonly needsUdp?: boolean;
}

const CELLS: readonly Cell[] = [
  ...[1, 8, 64].flatMap((streams): Cell[] => [
    {
      name: `bulk download, ${streams}`,
      group: 'bulk',
      args: ['-mode', 'bulk', '-warm', '256', '-dir', 'down', '-streams', String(streams)],
    },
    {
      name: `bulk upload, ${streams}`,
      group: 'bulk',
      args: ['-mode', 'bulk', '-warm', '256', '-dir', 'up', '-streams', String(streams)],
    },
  ]),
  ...[1, 64].map((streams): Cell => ({
    name: `new connections, ${streams} at a time`,
    group: 'cps',
    args: ['-mode', 'cps', '-warm', streams === 1 ? '6000' : '20000', '-streams', String(streams)],
  })),
  ...[1, 64].map((streams): Cell => ({
    name: `1 KiB round trips, ${streams} connections`,
    group: 'rr',
    args: ['-mode', 'rr', '-warm', '20000', '-streams', String(streams)],
  })),
  ...[64, 1400].map((size): Cell => ({
    name: `UDP ${size} B, 64 in flight`,
    group: 'udp',
    args: ['-mode', 'udp', '-warm', '20000', '-size', String(size), '-streams', '64'],
    needsUdp: true,
  })),
  {
    name: 'memory per idle connection, 9,500',
    group: 'memory',
    args: ['-mode', 'idle', '-streams', '9500', '-seconds', '2'],
    less: true,
  },
  ...['tls', 'mtls', 'mtcp', 'ws', 'wss', 'mws', 'mwss', 'h2', 'h2c', 'grpc'].flatMap((carrier) => [
    {
      name: `${carrier}: download, 1`,
      group: 'carriers',
      carrier,
      args: ['-mode', 'bulk', '-warm', '128', '-dir', 'down', '-streams', '1'],
    },
    {
      name: `${carrier}: download, 8`,
      group: 'carriers',
      carrier,
      args: ['-mode', 'bulk', '-warm', '128', '-dir', 'down', '-streams', '8'],
    },
    {
      name: `${carrier}: 1 KiB round trips, 8`,
      group: 'carriers',
      carrier,
      args: ['-mode', 'rr', '-warm', '5000', '-streams', '8'],
    },
  ]),
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const groups = values.only === '' ? null : values.only.split(',');
const cells = CELLS.filter(({ group }) => groups === null || groups.includes(group));
if (!existsSync('dist/headless.js'))
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });

const loadBefore = loadavg()[0];
const samples: Sample[] = [];
/** Whoever stands in the table, and how to start them. Cells of one line-up use the same processes through all rounds. */
const lineups = new Map<string, Peer[]>();
/** Everything that has been started and not been stopped. */
const running = new Set<Peer>();
const breakOff = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => breakOff.abort());

for (let round = 0; round < rounds; round += 1) {
  for (const cell of cells) {
    const peers = await peersFor(cell);
    for (const [index] of peers.entries()) {
      const peer = peers[(index + round) % peers.length]; // who comes first changes
      await new Promise((resolve) => setImmediate(resolve)); // a signal that came meanwhile is heard here
      if (breakOff.signal.aborted) await leave();
      if (peer === undefined || (cell.needsUdp === true && !peer.udp)) continue;
      const args = cell.group === 'memory' ? cell.args : [...cell.args, '-seconds', values.seconds];
      samples.push({ round, cell: cell.name, peer: peer.name, ...runTraffic(peer, args) });
    }
    if (cell.group === 'memory') await stop(peers);
  }
  const file = save(round + 1);
  console.log(`round ${round + 1} of ${rounds} is in ${file}`);
}
await stop([...running]);
console.log(
  `\nRatio to GOST v3 of the same round: median (lowest–highest); behind it the median CPU time per unit, also as a ratio.\n\n${table()}`,
);

/** Memory is measured on fresh processes, which have nothing to give back. */
async function peersFor({ group, carrier = '' }: Cell): Promise<Peer[]> {
  const known = group === 'memory' ? undefined : lineups.get(carrier);
  if (known !== undefined) return known;
  const peers = carrier === '' ? await startPeers() : await startCarrier(carrier);
  for (const peer of peers) running.add(peer);
  if (group !== 'memory') lineups.set(carrier, peers);
  return peers;
}

/** Ends what runs. The round that was broken off is not written. */
async function leave(): Promise<never> {
  await stop([...running]);
  console.log('broken off; finished rounds are kept');
  process.exit(1);
}

async function stop(peers: readonly Peer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer.stop()));
  for (const peer of peers) running.delete(peer);
}

/** Written after every round, so that a run that is broken off is not lost. */
function save(done: number): string {
  const only = values.only === '' ? '' : ` --only ${values.only}`;
  const about = {
    command: `npm run bench -- --rounds ${rounds}${only} --seconds ${values.seconds}`,
    rounds: done,
    date: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    node: process.version,
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    /** Processes that wanted a processor, before and after: far above the number of processors, rates say little. */
    load: [loadBefore, loadavg()[0]],
  };
  mkdirSync('bench/results', { recursive: true });
  const name = values.only === '' ? 'all' : values.only.replaceAll(',', '-');
  const file = `bench/results/${about.date.slice(0, 10)}-${name}.json`;
  writeFileSync(file, `${JSON.stringify({ ...about, table: table().split('\n'), samples }, null, 1)}\n`);
  return file;
}

function table(): string {
  const names = [...new Set(samples.map(({ peer }) => peer))];
  const rows = cells.map((cell) => {
    const name = `${cell.name}${cell.less === true ? ' (less is better)' : ''}`;
    return `| ${name} | ${names.map((peer) => show(cell, peer)).join(' | ')} |`;
  });
  return [`| | ${names.join(' | ')} |`, `| --- |${' ---: |'.repeat(names.length)}`, ...rows].join('\n');
}

/** Median and range of the ratios to gost3 within each round, and of the CPU spent per unit of work. */
function show(cell: Cell, peer: string): string {
  const ratios: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const of = (name: string): Sample | undefined =>
      samples.find((sample) => sample.round === round && sample.cell === cell.name && sample.peer === name);
    const mine = of(peer);
    const base = of('gost3');
    if (mine === undefined || base === undefined || base.rate === 0) continue;
    ratios.push(mine.rate / base.rate);
    if (mine.rate > 0 && base.cpuSeconds > 0)
      costs.push(mine.cpuSeconds / mine.rate / (base.cpuSeconds / base.rate));
  }
  if (ratios.length === 0) return '–';
  const cost = costs.length === 0 || cell.less === true ? '' : `, CPU ${median(costs).toFixed(2)}`;
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})${cost}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
