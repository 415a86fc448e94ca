/**
 * Runs the command line in a process of its own, for tests that measure a whole process: descriptors, memory, signals.
 * It runs as it is shipped, bundled: a loader for TypeScript would bring a compiler with pipes and threads of its own.
 * Linux tells both through /proc; elsewhere the measuring tests are skipped with that reason.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Address } from '../net/conn.ts';

const BUILD = new URL('../../scripts/build.mjs', import.meta.url).pathname;

export const measurable = process.platform === 'linux';

export interface Product {
  readonly pid: number;
  /** Bound address of each service, in the order they came up. */
  readonly addresses: readonly Address[];
  /** Every JSON log line so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Open descriptors of the process, all of them. */
  descriptors(): number;
  /** Resident memory in bytes. */
  memory(): number;
  /** SIGTERM, then the exit code. */
  stop(): Promise<number | null>;
}

/** Starts `sockeye` with these arguments and resolves when as many services listen as there are -L arguments. */
export async function startProduct(
  args: readonly string[],
  options: { descriptors?: number } = {},
): Promise<Product> {
  const node = [process.execPath, command(), ...args];
  const limited =
    options.descriptors === undefined
      ? node
      : ['sh', '-c', `ulimit -n ${options.descriptors}; exec "$@"`, 'sh', ...node];
  const [program = '', ...rest] = limited;
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent' },
  });
  const wanted = args.filter((arg) => arg === '-L').length;
  const log: Record<string, unknown>[] = [];
  const addresses: Address[] = [];
  const output: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      output.push(line);
      if (!line.startsWith('{')) return;
      const entry: unknown = JSON.parse(line);
      if (typeof entry !== 'object' || entry === null) return;
      const fields = Object.fromEntries(Object.entries(entry));
      log.push(fields);
      if (fields['event'] === 'listening' && typeof fields['address'] === 'string')
        addresses.push(split(fields['address']));
      if (addresses.length >= wanted) resolve();
    });
    void exited.then((code) =>
      reject(
        new Error(`sockeye exited with ${String(code)} before it listened:\n${output.slice(-20).join('\n')}`),
      ),
    );
  });
  const pid = pidOf(child);
  return {
    pid,
    addresses,
    log,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

let built: string | null = null;

/** The bundled command; made at the first call, removed when this process ends. */
function command(): string {
  if (built !== null) return built;
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-product-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  built = join(folder, 'headless.mjs');
  execFileSync(process.execPath, [BUILD, 'headless', built], { stdio: ['ignore', 'ignore', 'inherit'] });
  return built;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process did not start');
  return child.pid;
}

function split(text: string): Address {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}
