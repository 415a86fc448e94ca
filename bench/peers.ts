/** The programs of the bench, each started fresh on a loopback port, and the load generator run against one of them. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { node24 } from '../scripts/node24.mjs';

const TRAFFIC = '.cache/peers/traffic';

export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly udp: boolean;
  /** Processes whose CPU and memory count. */
  pids(): string;
  stop(): Promise<void>;
}

export interface Sample {
  readonly round: number;
  readonly cell: string;
  readonly peer: string;
  readonly rate: number;
  readonly unit: string;
  readonly cpuSeconds: number;
  readonly fairness: number | null;
  readonly p99us: number | null;
  readonly errors: number;
}

/** One program of a peer and the port it listens on. */
interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
}

interface Lineup {
  readonly name: string;
  readonly udp: boolean;
  /** The first is the proxy that is loaded. */
  readonly programs: readonly Program[];
}

/** The Node that Electron has inside is what people run; the floor we support is measured beside it. */
const RUNTIMES = runtimes();
const GOST3 = '.cache/peers/gost3';

/** Proxies that go straight to the target. Those that are not installed are named and left out. */
export async function startPeers(): Promise<Peer[]> {
  const [second = 0, third = 0, fourth = 0, ...own] = await freePorts(3 + RUNTIMES.length);
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-bench-'));
  const dante = join(folder, 'danted.conf');
  writeFileSync(
    dante,
    [
      'logoutput: /dev/null',
      `internal: 127.0.0.1 port = ${third}`,
      'external: 127.0.0.1',
      'socksmethod: none',
      'clientmethod: none',
      'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
      'socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }',
      '',
    ].join('\n'),
  );
  const gost = gostWith(second, ['-L', `socks5://127.0.0.1:${second}?udp=true&notls=true`]);
  const danted = { command: '/usr/sbin/danted', args: ['-f', dante], port: third };
  const microsocks = {
    command: '/usr/bin/microsocks',
    args: ['-i', '127.0.0.1', '-p', String(fourth)],
    port: fourth,
  };
  const peers = await startAll([
    ...RUNTIMES.map(({ name, node }, index) => {
      const port = own[index] ?? 0;
      const args = ['-L', `socks5://127.0.0.1:${port}?udp=true`];
      return { name, udp: true, programs: [sockeyeWith(node, port, args)] };
    }),
    { name: 'gost3', udp: true, programs: [gost] },
    { name: 'danted', udp: true, programs: [danted] },
    { name: 'microsocks', udp: false, programs: [microsocks] },
  ]);
  rmSync(folder, { recursive: true });
  return peers;
}

/** A SOCKS5 port, the carrier, and the relay at its far end, all of it once of us and once of GOST. */
export async function startCarrier(carrier: string): Promise<Peer[]> {
  const [gostNear = 0, gostFar = 0, ...own] = await freePorts(2 + 2 * RUNTIMES.length);
  // GOST's relay hangs on a target that speaks first unless both ends are told not to wait
  const relay = (port: number): string => `relay+${carrier}://127.0.0.1:${port}?nodelay=true`;
  const client = (entrance: number, exit: number): string[] => [
    '-L',
    `socks5://127.0.0.1:${entrance}`,
    '-F',
    `${relay(exit)}&secure=false`,
  ];
  return startAll([
    ...RUNTIMES.map(({ name, node }, index) => {
      const [near = 0, far = 0] = own.slice(2 * index, 2 * index + 2);
      const programs = [
        sockeyeWith(node, near, client(near, far)),
        sockeyeWith(node, far, ['-L', relay(far)]),
      ];
      return { name, udp: false, programs };
    }),
    {
      name: 'gost3',
      udp: false,
      programs: [gostWith(gostNear, client(gostNear, gostFar)), gostWith(gostFar, ['-L', relay(gostFar)])],
    },
  ]);
}

function sockeyeWith(node: string, port: number, args: readonly string[]): Program {
  return { command: node, args: ['dist/headless.js', ...args], port };
}

function runtimes(): { readonly name: string; readonly node: string }[] {
  const here = { name: `sockeye, Node ${process.versions.node.split('.')[0] ?? ''}`, node: process.execPath };
  try {
    const node = node24();
    return node === process.execPath ? [here] : [{ name: 'sockeye, Node 24', node }, here];
  } catch (error) {
    console.log(`left out: ${error instanceof Error ? error.message : String(error)}`);
    return [here];
  }
}

function gostWith(port: number, args: readonly string[]): Program {
  return { command: GOST3, args, port };
}

async function startAll(lineups: readonly Lineup[]): Promise<Peer[]> {
  if (!existsSync(TRAFFIC)) throw new Error('the load generator is missing: node scripts/peers.mjs install');
  const peers = await Promise.all(
    lineups.map(async ({ name, udp, programs }): Promise<Peer | null> => {
      const absent = programs.find(({ command }) => !existsSync(command));
      if (absent !== undefined) {
        console.log(`not installed, left out: ${name}`);
        return null;
      }
      const children = await Promise.all(programs.map(start));
      return {
        name,
        port: programs[0]?.port ?? 0,
        udp,
        pids: () => children.flatMap((child) => family(child.pid ?? 0)).join(','),
        stop: async () => {
          await Promise.all(children.map(end));
        },
      };
    }),
  );
  return peers.filter((peer) => peer !== null);
}

async function start({ command, args, port }: Program): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: 'ignore' });
  await untilListening(port, child);
  return child;
}

/** One measurement; a run that fails counts as rate 0 with an error, never as missing. */
export function runTraffic(peer: Peer, args: readonly string[]): Omit<Sample, 'round' | 'cell' | 'peer'> {
  try {
    const output = execFileSync(TRAFFIC, ['-proxy', `127.0.0.1:${peer.port}`, '-pid', peer.pids(), ...args], {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result: unknown = JSON.parse(output);
    if (typeof result !== 'object' || result === null) throw new Error('no result');
    const number = (key: string): number | null => {
      const value: unknown = Reflect.get(result, key);
      return typeof value === 'number' ? value : null;
    };
    const unit: unknown = Reflect.get(result, 'unit');
    return {
      rate: number('rate') ?? 0,
      unit: typeof unit === 'string' ? unit : '',
      cpuSeconds: number('cpuSeconds') ?? 0,
      fairness: number('fairness'),
      p99us: number('p99us'),
      errors: number('errors') ?? 0,
    };
  } catch (error) {
    console.log(
      `${peer.name} ${args.join(' ')}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
    );
    return { rate: 0, unit: '', cpuSeconds: 0, fairness: null, p99us: null, errors: 1 };
  }
}

/** A process and its descendants: Dante works in children. */
function family(pid: number): number[] {
  const below = (parent: number): number[] => {
    try {
      return execFileSync('pgrep', ['-P', String(parent)], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map(Number);
    } catch {
      return [];
    }
  };
  return [pid, ...below(pid).flatMap(family)];
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    if (child.exitCode !== null)
      throw new Error(`${child.spawnargs.join(' ')} exited with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    for (const pid of family(child.pid ?? 0).reverse()) {
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // it ended by itself in between
      }
    }
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const at = server.address();
    return typeof at === 'object' && at !== null ? at.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
