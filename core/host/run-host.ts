/** `sockeye --ui` and `sockeye --quick`: the saved configuration, or the one on the command line, with a window in a browser if asked. */
import { printable, type Log } from '../log.ts';
import { formatAddress } from '../net/address.ts';
import { createApi } from './api.ts';
import type { RunArgs } from './args.ts';
import { composeHost } from './compose.ts';
import type { Storage } from './configuration.ts';
import { serveHeadless, type Headless } from './headless.ts';
import type { Host } from './host.ts';
import { openConfiguration } from './linked.ts';
import type { LogRing } from './logs.ts';
import { quickStart } from './quick-start.ts';
import { forgetful, openMemory } from './memory.ts';
import { openSources } from './source-storage.ts';
import { windowFolder } from './version.ts';

export interface RunningHost {
  /** Lines for the person who started it; the link in them is a secret. */
  readonly greeting: readonly string[];
  reload(): Promise<void>;
  close(drainMs: number): Promise<void>;
}

/** Starts everything that was asked for. Rejects when the window or the quick service can not be had; then nothing is left running. */
export async function runHost(args: RunArgs, dataDir: string, log: Log, logs: LogRing): Promise<RunningHost> {
  const saved = args.services.length + args.nodes.length + args.files.length === 0;
  let window: Headless | null = null;
  const host = composeHost({
    runtime: 'headless',
    dataDir,
    storage: await storageOf(args, dataDir, saved, log),
    memory: saved ? await openMemory(dataDir, log) : forgetful(),
    kept: saved,
    log,
    logs,
    forbidden: () => window?.own ?? [],
  });
  const close = async (drainMs: number): Promise<void> => {
    await Promise.all([window?.close(), host.close(drainMs)]);
  };
  try {
    // the window's port is known, and refused as a target, before any service can be used
    if (args.ui !== null)
      window = await serveHeadless({ address: args.ui, folder: windowFolder, api: createApi(host), log });
    await host.open();
    const quick = args.quick ? await startQuick(host) : null;
    const greeting = [
      ...(quick?.lines ?? []),
      ...others(host, quick?.service ?? null),
      ...(window === null ? [] : [`Window: ${window.link}`, 'The link works once; start again for another.']),
      'Ctrl-C ends Sockeye and its services.',
    ];
    return { greeting, close, reload: () => host.configuration.reload() };
  } catch (error) {
    await close(0);
    throw error;
  }
}

async function storageOf(args: RunArgs, dataDir: string, saved: boolean, log: Log): Promise<Storage> {
  if (saved) return openConfiguration(dataDir, log);
  return openSources(args, log);
}

/** The quick service and what there is to say about it. */
async function startQuick(host: Host): Promise<{ service: string; lines: string[] }> {
  const { service, address, taken, steps } = await quickStart(host, null);
  const lines = [`SOCKS5 proxy: ${formatAddress(address)}`];
  if (taken !== null) lines.push(`(port ${taken.port} is used by ${taken.owner ?? 'another program'})`);
  const failed = steps.find(({ ok }) => !ok);
  if (failed !== undefined) lines.push(`The self-test failed: ${failed.error?.message ?? failed.name}`);
  return { service, lines };
}

/** One line for each other service that runs or should. */
function others(host: Host, quick: string | null): string[] {
  return host.services().flatMap(({ name, state, bound: [bound], address, handler, error }) => {
    if (name === quick || state === 'stopped') return [];
    if (state === 'failed') return [`${printable(name)} does not run: ${error?.message ?? ''}`];
    return [`${printable(name)}: ${bound === undefined ? address : formatAddress(bound)} (${handler})`];
  });
}
