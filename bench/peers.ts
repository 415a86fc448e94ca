/** The programs of the bench, each started fresh on a loopback port, and the load generator run against one of them. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Starts every peer that is installed; says which are not. */
export async function startPeers(): Promise<Peer[]> {
  if (!existsSync(TRAFFIC)) throw new Error('the load generator is missing: node scripts/peers.mjs install');
  const port = await freePorts(4);
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-bench-'));
  const dante = join(folder, 'danted.conf');
  writeFileSync(
    dante,
    [
      'logoutput: /dev/null',
      `internal: 127.0.0.1 port = ${port[2]}`,
      'external: 127.0.0.1',
      'socksmethod: none',
      'clientmethod: none',
      'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
      'socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }',
      '',
    ].join('\n'),
  );
  const wanted: { name: string; command: string; args: string[]; port: number; udp: boolean }[] = [
    {
      name: 'sockeye',
      command: process.execPath,
      args: ['dist/headless.js', '-L', `socks5://127.0.0.1:${port[0]}?udp=true`],
      port: port[0] ?? 0,
      udp: true,
    },
    {
      name: 'gost3',
      command: '.cache/peers/gost3',
      args: ['-L', `socks5://127.0.0.1:${port[1]}?udp=true&notls=true`],
      port: port[1] ?? 0,
      udp: true,
    },
    { name: 'danted', command: '/usr/sbin/danted', args: ['-f', dante], port: port[2] ?? 0, udp: true },
    {
      name: 'microsocks',
      command: '/usr/bin/microsocks',
      args: ['-i', '127.0.0.1', '-p', String(port[3])],
      port: port[3] ?? 0,
      udp: false,
    },
  ];
  const peers = await Promise.all(
    wanted.map(async (peer): Promise<Peer | null> => {
      if (!existsSync(peer.command)) {
        console.log(`not installed, left out: ${peer.name}`);
        return null;
      }
      const child = spawn(peer.command, peer.args, { stdio: 'ignore' });
      await untilListening(peer.port, child);
      return {
        name: peer.name,
        port: peer.port,
        udp: peer.udp,
        pids: () => family(child.pid ?? 0).join(','),
        stop: () => end(child),
      };
    }),
  );
  rmSync(folder, { recursive: true });
  return peers.filter((peer) => peer !== null);
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
