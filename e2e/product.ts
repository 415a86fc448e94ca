/** Starts the built product as a person would, in a data folder of its own, and stops it again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 15_000;
const STOP_MS = 5_000;
/** Characters of the product's last words. */
const TAIL = 4000;

export interface Running {
  /** What the pattern found. */
  readonly found: string;
  readonly child: ChildProcess;
  readonly stop: () => Promise<void>;
}

/** Runs dist/headless.js and resolves once its output matches; rejects with the output when it ends or stays silent. */
export async function run(args: readonly string[], pattern: RegExp): Promise<Running> {
  const child = spawn(process.execPath, ['dist/headless.js', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const found = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`sockeye ${args.join(' ')} ${why}:\n${output}`));
    const timer = setTimeout(() => fail('did not start in time'), START_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const match = pattern.exec(output);
      if (match === null) return;
      clearTimeout(timer);
      resolve(match[1] ?? match[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? 'a signal'}`);
    });
  });
  // a product that ends by itself in the middle of a test must say why: the test only sees a window that lost it
  const onEnd = (code: number | null, signal: string | null): void =>
    console.error(`sockeye ${args.join(' ')} ended with ${code ?? signal ?? '?'}:\n${output.slice(-TAIL)}`);
  child.once('exit', onEnd);
  return {
    found,
    child,
    stop: () => {
      child.off('exit', onEnd);
      return stop(child);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

export async function dataFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sockeye-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
