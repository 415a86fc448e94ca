/**
 * Real GOST, v3 (our main around its modules, interop/go/gost3) and v2 (its own command), with its own arguments. Port 0 is
 * fine: the addresses come from what it prints.
 */
import { start, type StartOptions } from './process.ts';
import { addressOf, settle, type Peer } from './ready.ts';

/** One service of a running GOST. `bound` is false for rudp, of which GOST does not tell when and where it listens. */
export interface GostService {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly address: string;
  readonly bound: boolean;
}

/** A running GOST; host, port and address are those of its first service. */
export interface Gost extends Peer {
  readonly services: readonly GostService[];
}

export interface GostOptions extends StartOptions {
  /** Log level of v3: trace, debug, info, warn, error. v2 logs debug lines when `-D` is among the arguments. */
  readonly level?: string;
}

/** Starts GOST v3; resolves when every service accepts (for rtcp: when the far end has bound). */
export async function startGost3(args: readonly string[], options: GostOptions = {}): Promise<Gost> {
  const report = newReport();
  const env = { GOST_LOGGER_LEVEL: options.level ?? 'info', ...options.env };
  const onLine = (line: string, stream: 'stdout' | 'stderr'): void => {
    if (stream === 'stdout') readGost3Line(line, report);
    options.onLine?.(line, stream);
  };
  return whenReady('gost3', args, { ...options, env, onLine }, report);
}

/**
 * Starts GOST v2; resolves when each `-L` has said that it listens. A service is named by its URL up to the port and the
 * services come in no fixed order, so several on port 0 must differ in scheme or host.
 */
export async function startGost2(args: readonly string[], options: GostOptions = {}): Promise<Gost> {
  const report = newReport();
  report.expect(args.filter((arg) => arg === '-L' || arg.startsWith('-L=')).length);
  const onLine = (line: string, stream: 'stdout' | 'stderr'): void => {
    const [, url, address] = / (\S+:\/\/\S*) on (\S+:\d+)$/.exec(line) ?? [];
    if (url !== undefined && address !== undefined) report.add(serviceAt(url, address, true));
    options.onLine?.(line, stream);
  };
  return whenReady('gost2', args, { ...options, onLine }, report);
}

async function whenReady(
  name: 'gost3' | 'gost2',
  args: readonly string[],
  options: StartOptions,
  report: Report,
): Promise<Gost> {
  const program = await start(name, args, options);
  await settle(program, () => report.complete);
  const services = report
    .services()
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const [first] = services;
  if (first === undefined) throw new Error(`${name} has no service`);
  const { host, port, address } = first;
  return { name, host, port, address, services, log: program.log, stop: program.stop };
}

/** Collects services until as many as expected are there. */
interface Report {
  readonly complete: Promise<void>;
  expect(count: number): void;
  add(service: GostService): void;
  services(): readonly GostService[];
}

function newReport(): Report {
  const found: GostService[] = [];
  let expected = Infinity;
  let resolve = (): void => undefined;
  const complete = new Promise<void>((done) => {
    resolve = done;
  });
  const check = (): void => {
    if (found.length >= expected) resolve();
  };
  return {
    complete,
    expect: (count) => {
      expected = count;
      check();
    },
    add: (service) => {
      found.push(service);
      check();
    },
    services: () => found,
  };
}

function readGost3Line(line: string, report: Report): void {
  const said: unknown = JSON.parse(line);
  if (typeof said !== 'object' || said === null) return;
  if ('starting' in said && typeof said.starting === 'number') report.expect(said.starting);
  if ('service' in said && 'address' in said && 'bound' in said) {
    report.add(serviceAt(String(said.service), String(said.address), said.bound === true));
  }
}

/** GOST prints wildcard listeners as [::]:port; a test reaches them on 127.0.0.1. */
function serviceAt(name: string, printed: string, bound: boolean): GostService {
  const cut = printed.lastIndexOf(':');
  const said = printed.slice(0, cut).replace(/^\[|\]$/g, '');
  const host = said === '::' || said === '0.0.0.0' || said === '' ? '127.0.0.1' : said;
  const port = Number(printed.slice(cut + 1));
  return { name, host, port, address: addressOf(host, port), bound };
}
