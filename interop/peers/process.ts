/**
 * Programs as test peers: start one and keep it until `stop`, or run one to its end. Every program gets its own temporary
 * folder as HOME and working directory (removed with it), a bare environment, and its own process group, so that what it
 * forks ends with it. Output is kept as a tail for error messages. Nothing here knows what a proxy is.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locate, remedy, ROOT, type PeerName } from '../../scripts/peers/list.mjs';

const TAIL_CHARACTERS = 8192;
const STOP_MS = 3000;
const RUN_MS = 30_000;

/** How a process ended: an exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program. `log` is the end of what it wrote; `stop` ends it with its children and removes its folder. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  readonly folder: string;
  readonly exited: Promise<Exit>;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** A program that ran to its end. stdout is bytes because clients print what they fetched. */
export interface Finished extends Exit {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What to run: a peer of scripts/peers, or this Node. */
export type Command = PeerName | 'node';

export interface StartOptions {
  /** Added to the bare environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** An existing folder to work in; the caller keeps it. Otherwise a new one is made and removed. */
  readonly folder?: string;
  /** Called for every whole line on either stream. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface RunOptions extends StartOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** Path of the program behind a command. Throws a sentence with the remedy when this machine does not have it. */
export function pathOf(command: Command): string {
  if (command === 'node') return process.execPath;
  const path = locate(command);
  if (path === null) throw new Error(`${command} is not on this machine; get it with: ${remedy(command)}`);
  return path;
}

/** A new temporary folder for a peer. */
export function newFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `sockeye-${name}-`));
}

/** Removes a folder that `newFolder` made. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Starts a program. Resolves when it is spawned, not when it is ready: see ready.ts. */
export async function start(
  command: Command,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Program> {
  const { child, folder, tail, exited } = await launch(command, args, options);
  const { pid } = child;
  child.stdin.end();
  if (pid === undefined) {
    await exited; // rejects with the reason
    throw new Error(`${command} did not start`);
  }
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    signalGroup(pid, 'SIGTERM');
    const late = setTimeout(() => signalGroup(pid, 'SIGKILL'), STOP_MS);
    await exited.catch(() => undefined);
    clearTimeout(late);
    signalGroup(pid, 'SIGKILL'); // children that outlived the first process of the group
    if (options.folder === undefined) await removeFolder(folder);
  };
  return { name: command, pid, folder, exited, log: tail.text, stop: () => (stopping ??= stop()) };
}

/** Runs a program to its end and returns what it printed; a time over `timeoutMs` kills it and rejects. */
export async function run(
  command: Command,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { child, folder, tail, exited } = await launch(command, args, options);
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined); // a client may end before it has read its input
  child.stdin.end(options.input ?? '');
  const limitMs = options.timeoutMs ?? RUN_MS;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      reject(new Error(`${command} ${args.join(' ')} was not done after ${limitMs} ms:\n${tail.text()}`));
    }, limitMs);
  });
  try {
    const exit = await Promise.race([exited, late]);
    return { ...exit, stdout: Buffer.concat(stdout), stderr };
  } finally {
    clearTimeout(timer);
    if (options.folder === undefined) await removeFolder(folder);
  }
}

interface Launched {
  readonly child: ChildProcessWithoutNullStreams;
  readonly folder: string;
  readonly tail: Tail;
  readonly exited: Promise<Exit>;
}

async function launch(command: Command, args: readonly string[], options: StartOptions): Promise<Launched> {
  const path = pathOf(command);
  const folder = options.folder ?? (await newFolder(command));
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, LC_ALL: 'C', ...options.env };
  const child = spawn(path, args, {
    cwd: command === 'node' ? ROOT : folder,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const tail = newTail();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', tail.add);
    if (options.onLine !== undefined) eachLine(child[stream], (line) => options.onLine?.(line, stream));
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  exited.catch(() => undefined); // whoever waits sees it; nobody waiting is not a crash
  if (child.pid !== undefined) endWithUs(child.pid, exited);
  return { child, folder, tail, exited };
}

interface Tail {
  readonly add: (chunk: Buffer) => void;
  readonly text: () => string;
}

function newTail(): Tail {
  let kept = '';
  return {
    add: (chunk) => {
      kept = (kept + chunk.toString()).slice(-TAIL_CHARACTERS);
    },
    text: () => kept.trim(),
  };
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // the whole group has ended
  }
}

/** Groups still running when this process ends: a test run that is interrupted leaves nothing behind. */
const alive = new Set<number>();
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function endWithUs(pid: number, exited: Promise<Exit>): void {
  if (alive.size === 0) {
    process.once('exit', endAll);
    for (const signal of INTERRUPTIONS) process.once(signal, endInterrupted);
  }
  alive.add(pid);
  const forget = (): void => {
    alive.delete(pid);
    if (alive.size > 0) return;
    process.off('exit', endAll);
    for (const signal of INTERRUPTIONS) process.off(signal, endInterrupted);
  };
  exited.then(forget, forget);
}

function endInterrupted(signal: NodeJS.Signals): void {
  endAll();
  for (const one of INTERRUPTIONS) process.off(one, endInterrupted);
  process.kill(process.pid, signal);
}

function endAll(): void {
  for (const pid of alive) signalGroup(pid, 'SIGKILL');
}
