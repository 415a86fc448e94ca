/**
 * The `sockeye` command: the drop-in of `gost` for scripts and servers, and the headless host of the window. Log lines go to stderr as
 * JSON, what a person asked for goes to stdout. Entry of dist/headless.js.
 */
import { printConfig } from '../config/print.ts';
import type { Finding } from '../contract/config.ts';
import { toProxyError } from '../errors.ts';
import { Pins } from '../transports/pins.ts';
import {
  createLog,
  formatLine,
  masked,
  printable,
  passes,
  type Level,
  type Log,
  type LogSink,
} from '../log.ts';
import { parseArgs, USAGE, type RunArgs } from './args.ts';
import { guardProcess } from './crash.ts';
import { defaultDataFolder } from './data-folder.ts';
import { limitFlood } from './log-flood.ts';
import { LogRing } from './logs.ts';
import { stateFolder } from './compose.ts';
import { placeOf, runEngine } from './run-engine.ts';
import { runHost } from './run-host.ts';
import { obeySignals } from './signals.ts';
import { readSources } from './sources.ts';
import { version } from './version.ts';

/** Connections that are open at the end get this long to finish. */
const DRAIN_MS = 2000;

const toStderr: LogSink = (entry) => void process.stderr.write(`${formatLine(entry)}\n`);

async function main(): Promise<void> {
  const args = parseArgs(process.argv.slice(2));
  switch (args.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return;
    case 'version':
      process.stdout.write(
        `sockeye ${version} (node ${process.versions.node}, ${process.platform}/${process.arch})\n`,
      );
      return;
    case 'error':
      process.stderr.write(`sockeye: ${masked(args.message)}\n\n${USAGE}`);
      process.exitCode = 2;
      return;
    case 'check':
      return check(args.file);
    case 'pins':
      return pins(args.forget, new Pins({ path: stateFolder(args.data ?? defaultDataFolder()) }));
    case 'run':
      return args.ui === null && !args.quick ? run(args) : show(args);
  }
}

/** Prints the findings of a file; 1 when any of them blocks. */
async function check(file: string): Promise<void> {
  const { findings, plan } = await readSources({ services: [], nodes: [], files: [file] });
  for (const finding of findings) process.stdout.write(lineOf(finding));
  const blocking = findings.filter(({ grade }) => grade === 'blocks').length;
  process.stdout.write(
    `${plan.services.length} services can run; ${findings.length} findings, ${blocking} block\n`,
  );
  if (blocking > 0) process.exitCode = 1;
}

function lineOf({ grade, message, code, ...place }: Finding): string {
  return masked(`${placeOf(place)}: ${grade}: ${message} [${code}]`) + '\n';
}

/** Lists the certificates that were trusted on first use, or forgets one; 1 when there is none of that name. */
async function pins(forget: string | null, known: Pins): Promise<void> {
  if (forget !== null) {
    const forgotten = await known.forget(forget);
    process.stdout.write(
      forgotten
        ? `The certificate of ${printable(forget)} is forgotten; the next one it shows is trusted.\n`
        : `No certificate is known of "${printable(forget)}". "sockeye pins" lists those that are.\n`,
    );
    if (!forgotten) process.exitCode = 1;
    return;
  }
  const all = await known.list();
  if (all.length === 0) process.stdout.write('No certificate has been trusted on first use.\n');
  for (const { peer, sha256, since } of all) {
    const when = since === null ? '' : ` since ${new Date(since).toISOString()}`;
    process.stdout.write(`"${printable(peer)}" SHA-256 ${sha256}${when}\n`);
  }
}

/** The engine alone. */
async function run(args: RunArgs): Promise<void> {
  const loaded = await readSources(args);
  if (args.print !== null) {
    process.stdout.write(printConfig(loaded.config, args.print));
    // what GOST would make of it is printed; what Sockeye thinks of that is beside it
    for (const finding of loaded.findings) process.stderr.write(lineOf(finding));
    return;
  }
  const sink: LogSink = loaded.log.output === 'none' ? () => undefined : toStderr;
  const { log, started } = begin(args.level ?? loaded.log.level ?? 'info', sink);
  started(await runEngine(args, loaded, dataFolder(args), log));
}

/** The host, with its window in a browser or with none. */
async function show(args: RunArgs): Promise<void> {
  const logs = new LogRing();
  const level = args.level ?? 'info';
  const { log, started } = begin(
    () => logs.level(level),
    (entry) => {
      if (passes(entry.level, level)) toStderr(entry);
      logs.add(entry);
    },
  );
  const running = await runHost(args, dataFolder(args), log, logs);
  started(running);
  for (const line of running.greeting) process.stdout.write(`${line}\n`);
}

/** What signals and crashes act upon. */
interface Running {
  reload(): Promise<void>;
  close(drainMs: number): Promise<void>;
}

/** The log and the process's manners, from before anything is opened: a signal during the start must not be lost or kill. */
function begin(
  level: Level | (() => Level),
  sink: LogSink,
): { log: Log; started: (running: Running) => void } {
  const log = createLog(level, limitFlood(sink));
  let running: Running | null = null;
  let outdated = false;
  const reload = (): void => {
    outdated = running === null;
    void running?.reload();
  };
  guardProcess(log, async () => running?.close(0));
  obeySignals(log, { end: async () => running?.close(DRAIN_MS), reload });
  if (process.getuid?.() === 0)
    log.warn('running_as_root', { hint: 'Sockeye needs no administrator rights for ports from 1024 on.' });
  return {
    log,
    started: (what) => {
      running = what;
      if (outdated) reload();
    },
  };
}

function dataFolder(args: RunArgs): string {
  return args.data ?? defaultDataFolder();
}

main().catch((error: unknown) => {
  const { message, code, cause } = toProxyError(error);
  process.stderr.write(`sockeye: ${masked(message)}\n`);
  if (code === 'bug' && cause instanceof Error) process.stderr.write(`${cause.stack ?? cause.message}\n`);
  process.exit(1);
});
