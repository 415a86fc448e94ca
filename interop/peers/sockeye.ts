/**
 * Our own product as a peer: the command line started as a separate process, as a person would. Contract: `-L`/`-F`/`-C` as
 * GOST has them, one JSON line per event on stderr, `{"event":"listening","service":…,"address":"127.0.0.1:1080"}` per service.
 */
import { resolve } from 'node:path';
import { ROOT } from '../../scripts/peers/list.mjs';
import { start, type StartOptions } from './process.ts';
import { addressOf, settle, type Peer } from './ready.ts';

/** What is started: the sources unless SOCKEYE_ENTRY names a build, such as dist/headless.js (starts faster). */
const ENTRY = process.env['SOCKEYE_ENTRY'] ?? 'core/host/cli.ts';

/** One listening service of a running Sockeye. */
export interface SockeyeService {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** A running Sockeye; host, port and address are those of its first service. Services are in the order of the arguments. */
export interface Sockeye extends Peer {
  readonly services: readonly SockeyeService[];
}

export interface SockeyeOptions extends StartOptions {
  /** How many services to wait for; default one per `-L`. */
  readonly services?: number;
}

/** Starts Sockeye with the given arguments; resolves when every service listens, rejects with its log when it ends before. */
export async function startSockeye(args: readonly string[], options: SockeyeOptions = {}): Promise<Sockeye> {
  const expected = options.services ?? args.filter((arg) => arg === '-L').length;
  const found: SockeyeService[] = [];
  let allListen = (): void => undefined;
  const listening = new Promise<void>((done) => {
    allListen = done;
  });
  const onLine = (line: string, stream: 'stdout' | 'stderr'): void => {
    const service = stream === 'stderr' ? listeningService(line) : null;
    if (service !== null) found.push(service);
    if (found.length >= expected) allListen();
    options.onLine?.(line, stream);
  };
  const program = await start('node', commandLine(args), { ...options, onLine });
  await settle(program, () => listening);
  const services = found.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const [first] = services;
  if (first === undefined) throw new Error('Sockeye was started without a service');
  const { host, port, address } = first;
  return { name: 'sockeye', host, port, address, services, log: program.log, stop: program.stop };
}

/** Arguments for Node: sources need tsx, a build does not. */
export function commandLine(args: readonly string[]): string[] {
  const entry = resolve(ROOT, ENTRY);
  return ENTRY.endsWith('.ts') ? ['--import', 'tsx', entry, ...args] : [entry, ...args];
}

function listeningService(line: string): SockeyeService | null {
  if (!line.startsWith('{')) return null;
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return null; // a warning of Node may start with a brace; the log keeps it
  }
  if (typeof said !== 'object' || said === null) return null;
  if (!('event' in said) || said.event !== 'listening' || !('service' in said) || !('address' in said))
    return null;
  const printed = String(said.address);
  const cut = printed.lastIndexOf(':');
  const host = printed.slice(0, cut).replace(/^\[|\]$/g, '');
  const port = Number(printed.slice(cut + 1));
  return { name: String(said.service), host, port, address: addressOf(host, port) };
}
