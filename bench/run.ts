/**
 * npm run bench: Sockeye beside microsocks, Dante and real GOST v3 on this machine, interleaved, so that what the machine
 * does meanwhile hits all alike. Every figure is a ratio to GOST of the same round; the table and the raw rounds are written
 * to bench/results/. The load comes from interop/go/traffic (both ends in one program, bounded in time and count).
 *
 *   npm run bench -- [--rounds 5] [--only bulk,cps] [--seconds 1]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runTraffic, startPeers, type Sample } from './peers.ts';

interface Cell {
  readonly name: string;
  readonly group: string;
  readonly args: readonly string[];
  /** Smaller is better (memory). */
  readonly less?: boolean;
  readonly needsUdp?: boolean;
}

const CELLS: readonly Cell[] = [
  ...[1, 8, 64].flatMap((streams): Cell[] => [
    {
      name: `bulk download, ${streams}`,
      group: 'bulk',
      args: ['-mode', 'bulk', '-dir', 'down', '-streams', String(streams)],
    },
    {
      name: `bulk upload, ${streams}`,
      group: 'bulk',
      args: ['-mode', 'bulk', '-dir', 'up', '-streams', String(streams)],
    },
  ]),
  { name: 'new connections, 1 at a time', group: 'cps', args: ['-mode', 'cps', '-streams', '1'] },
  { name: 'new connections, 64 at a time', group: 'cps', args: ['-mode', 'cps', '-streams', '64'] },
  { name: '1 KiB round trips, 1 connection', group: 'rr', args: ['-mode', 'rr', '-streams', '1'] },
  { name: '1 KiB round trips, 64 connections', group: 'rr', args: ['-mode', 'rr', '-streams', '64'] },
  {
    name: 'UDP 64 B, 64 in flight',
    group: 'udp',
    args: ['-mode', 'udp', '-size', '64', '-streams', '64'],
    needsUdp: true,
  },
  {
    name: 'UDP 1,400 B, 64 in flight',
    group: 'udp',
    args: ['-mode', 'udp', '-size', '1400', '-streams', '64'],
    needsUdp: true,
  },
  {
    name: 'memory per idle connection, 2,000',
    group: 'memory',
    args: ['-mode', 'idle', '-streams', '2000', '-seconds', '1'],
    less: true,
  },
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

const samples: Sample[] = [];
for (let round = 0; round < rounds; round += 1) {
  for (const cell of cells) {
    // fresh processes for memory, and once per round for the rest: nobody profits from a warmer heap than the others
    const peers = await startPeers();
    const order = peers
      .map((_, index) => peers[(index + round) % peers.length])
      .filter((peer) => peer !== undefined);
    for (const peer of order) {
      if (cell.needsUdp === true && !peer.udp) continue;
      const args = cell.group === 'memory' ? cell.args : [...cell.args, '-seconds', values.seconds];
      samples.push({ round, cell: cell.name, peer: peer.name, ...runTraffic(peer, args) });
    }
    await Promise.all(peers.map((peer) => peer.stop()));
  }
  console.log(`round ${round + 1} of ${rounds} done`);
}

const names = [...new Set(samples.map(({ peer }) => peer))];
const table = [
  `| | ${names.join(' | ')} |`,
  `| --- |${' ---: |'.repeat(names.length)}`,
  ...cells.map(
    (cell) =>
      `| ${cell.name}${cell.less === true ? ' (less is better)' : ''} | ${names.map((peer) => show(cell, peer)).join(' | ')} |`,
  ),
].join('\n');
const about = {
  command: `npm run bench -- --rounds ${rounds}${values.only === '' ? '' : ` --only ${values.only}`} --seconds ${values.seconds}`,
  date: new Date().toISOString(),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  node: process.version,
  cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
};
console.log(
  `\nRatio to GOST v3 of the same round: median (lowest–highest); behind it the median CPU time per unit, also as a ratio.\n\n${table}`,
);
mkdirSync('bench/results', { recursive: true });
const file = `bench/results/${about.date.slice(0, 10)}-relay.json`;
writeFileSync(file, `${JSON.stringify({ ...about, table: table.split('\n'), samples }, null, 1)}\n`);
console.log(`\nwritten to ${file}`);

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
