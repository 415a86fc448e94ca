/**
 * Throughput beside the Go library: sender and receiver are two processes of one kind on loopback TCP; Go and TypeScript
 * take turns within each round, so that noise of the machine hits both. Prints a table of medians to stderr and one JSON
 * line to stdout, which is also saved under results/.
 *
 *     node --import tsx bench/throughput.ts [--rounds 5] [--measure 1000] [--versions 1,2] [--save]
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPeer } from '../interop/build.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    measure: { type: 'string', default: '1000' },
    versions: { type: 'string', default: '1,2' },
    save: { type: 'boolean', default: false },
  },
});

type Program = 'go' | 'ts' | 'ts-duplex';
interface Sample {
  readonly rate: number;
  /** Slowest stream over the mean of all. */
  readonly fairness: number;
  /** CPU seconds of both processes per GB moved; NaN where the system does not tell. */
  readonly cpuPerGb: number;
}
interface Row {
  readonly version: string;
  readonly load: string;
  readonly goal: number;
  readonly samples: Record<Program, Sample[]>;
}

const PROGRAMS: readonly Program[] = ['go', 'ts', 'ts-duplex'];
const GOALS = { bulk1: 1.2, bulk8: 1, bulk64: 1, small1000: 0.6 } as const;

const goPeer = await buildPeer();
const rows: Row[] = [];
for (const version of values.versions.split(',')) {
  for (const [load, goal] of Object.entries(GOALS)) {
    rows.push({ version, load, goal, samples: { go: [], ts: [], 'ts-duplex': [] } });
  }
}
for (let round = 0; round < Number(values.rounds); round++) {
  for (const row of rows) {
    const shift = round % PROGRAMS.length;
    for (const program of [...PROGRAMS.slice(shift), ...PROGRAMS.slice(0, shift)]) {
      if (row.load === 'small1000' && program === 'ts-duplex') continue;
      row.samples[program].push(await measure(program, row));
    }
  }
}
report();

async function measure(program: Program, row: Row): Promise<Sample> {
  const bulk = row.load.startsWith('bulk');
  const streams = row.load.replace(/\D+/, '');
  const common = ['--version', row.version, '--streams', streams];
  const receiver = start(program, [
    bulk ? 'sink' : 'echo',
    ...common,
    '--warm',
    '300',
    '--measure',
    values.measure,
  ]);
  const receiverLines = lines(receiver);
  const port = (await nextLine(receiverLines)).split(' ')[1] ?? '';
  const sender = start(program, [
    bulk ? 'flood' : 'small',
    ...common,
    '--rounds',
    '5',
    '--dial',
    `127.0.0.1:${port}`,
  ]);
  if (bulk) await nextLine(receiverLines); // MEASURING
  const cpuBefore = cpuSeconds(receiver) + cpuSeconds(sender);
  const from = performance.now();
  const text = await nextLine(bulk ? receiverLines : lines(sender));
  const wallSeconds = (performance.now() - from) / 1_000;
  const cpu = cpuSeconds(receiver) + cpuSeconds(sender) - cpuBefore;
  const ended = [receiver, sender].map((child) => new Promise((resolve) => child.once('close', resolve)));
  sender.kill();
  receiver.kill();
  await Promise.all(ended);
  const rates = parseRates(text);
  if (!bulk) return { rate: median(rates), fairness: 1, cpuPerGb: Number.NaN };
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  const gigabytes = (total * wallSeconds) / 1e9;
  return { rate: total, fairness: Math.min(...rates) / (total / rates.length), cpuPerGb: cpu / gigabytes };
}

/** User and system time of a process so far, by Linux's /proc in ticks of 10 ms. */
function cpuSeconds(child: ChildProcess): number {
  const stat = `/proc/${child.pid}/stat`;
  if (!existsSync(stat)) return Number.NaN;
  const fields = readFileSync(stat, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function parseRates(text: string): number[] {
  const result: unknown = JSON.parse(text);
  const rates: unknown = result !== null && typeof result === 'object' ? Object.values(result)[0] : undefined;
  if (!Array.isArray(rates)) throw new Error(`no rates in ${text}`);
  return rates.map(Number);
}

function start(program: Program, args: readonly string[]): ChildProcess {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  if (program === 'go')
    return spawn(
      goPeer,
      args.map((arg) => arg.replace('--', '-')),
      { stdio: [...stdio] },
    );
  const peer = fileURLToPath(new URL('peer.ts', import.meta.url));
  const mode = program === 'ts' ? 'direct' : 'duplex';
  return spawn(process.execPath, ['--import', 'tsx', peer, ...args, '--mode', mode], { stdio: [...stdio] });
}

function lines(child: ChildProcess): AsyncIterator<string> {
  if (child.stdout === null) throw new Error('the peer has no stdout');
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}

async function nextLine(from: AsyncIterator<string>): Promise<string> {
  const line = await from.next();
  if (line.done === true) throw new Error('a peer ended without a result');
  return line.value;
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function report(): void {
  const results = rows.map((row) => {
    const ratios = row.samples.ts.map((sample, i) => sample.rate / (row.samples.go[i]?.rate ?? Number.NaN));
    const rate = (program: Program): number => median(row.samples[program].map((sample) => sample.rate));
    const cpu = (program: Program): number | null => {
      const value = round2(median(row.samples[program].map((sample) => sample.cpuPerGb)));
      return Number.isNaN(value) ? null : value;
    };
    const fairness = (program: Program): number => median(row.samples[program].map((s) => s.fairness));
    return {
      version: Number(row.version),
      load: row.load,
      unit: row.load.startsWith('bulk') ? 'bytes/s' : 'streams/s',
      go: Math.round(rate('go')),
      ts: Math.round(rate('ts')),
      tsDuplex: Math.round(rate('ts-duplex')) || null,
      ratio: round2(median(ratios)),
      ratioLowest: round2(Math.min(...ratios)),
      ratioHighest: round2(Math.max(...ratios)),
      goal: row.goal,
      goCpuPerGb: cpu('go'),
      tsCpuPerGb: cpu('ts'),
      tsDuplexCpuPerGb: cpu('ts-duplex'),
      goFairness: round2(fairness('go')),
      tsFairness: round2(fairness('ts')),
    };
  });
  for (const r of results) {
    const met = r.ratio >= r.goal ? 'met' : 'MISSED';
    console.error(
      `v${r.version} ${r.load.padEnd(10)} go ${show(r.go, r.unit)}  ts ${show(r.ts, r.unit)}` +
        `  duplex ${r.tsDuplex === null ? '-' : show(r.tsDuplex, r.unit)}` +
        `  ratio ${r.ratio} (${r.ratioLowest}-${r.ratioHighest}) goal ${r.goal} ${met}` +
        `  min/mean go ${r.goFairness} ts ${r.tsFairness}` +
        `  CPU s/GB go ${r.goCpuPerGb} ts ${r.tsCpuPerGb} duplex ${r.tsDuplexCpuPerGb}`,
    );
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const cpu = os.cpus()[0]?.model ?? 'unknown';
  const line = JSON.stringify({
    bench: 'smux-ts throughput',
    date: new Date().toISOString(),
    commit,
    cpu,
    cores: os.cpus().length,
    loadAverage: round2(os.loadavg()[0] ?? 0),
    node: process.version,
    rounds: Number(values.rounds),
    results,
  });
  console.log(line);
  if (!values.save) return;
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${new Date().toISOString().slice(0, 10)}-${commit}.json`, folder), `${line}\n`);
}

function show(rate: number, unit: string): string {
  return unit === 'bytes/s' ? `${((rate * 8) / 1e9).toFixed(2)} Gbit/s` : `${rate}/s`;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
