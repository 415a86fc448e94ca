/** `sockeye --ui` and `sockeye --quick`: the saved configuration, or the one on the command line, with a window in a browser if asked. */
import { join } from 'node:path';
import { printConfig } from '../config/print.ts';
import type { Log } from '../log.ts';
import { formatAddress } from '../net/address.ts';
import { createApi } from './api.ts';
import type { RunArgs } from './args.ts';
import { composeHost } from './compose.ts';
import type { Storage } from './configuration.ts';
import { serveHeadless, type Headless } from './headless.ts';
import type { LogRing } from './logs.ts';
import { quickStart } from './quick-start.ts';
import { forgetful, openMemory } from './memory.ts';
import { CONFIG_NAME, openSaved } from './saved.ts';
import { readSources } from './sources.ts';
import { TransientStorage } from './transient.ts';
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
    const greeting = [
      ...(args.quick ? await startQuick(host) : []),
      ...(window === null ? [] : [`Window: ${window.link}`, 'The link works once; start again for another.']),
    ];
    return { greeting, close, reload: () => host.configuration.reload() };
  } catch (error) {
    await close(0);
    throw error;
  }
}

async function storageOf(args: RunArgs, dataDir: string, saved: boolean, log: Log): Promise<Storage> {
  if (saved) return openSaved(join(dataDir, CONFIG_NAME), log);
  const { config } = await readSources(args);
  return new TransientStorage('the command line', printConfig(config, 'yaml'), [
    'Sockeye was started with a configuration on the command line. What is changed here is kept until it ends.',
  ]);
}

async function startQuick(host: Parameters<typeof quickStart>[0]): Promise<string[]> {
  const { address, taken, steps } = await quickStart(host, null);
  const lines = [`SOCKS5 proxy: ${formatAddress(address)}`];
  if (taken !== null) lines.push(`(port ${taken.port} is used by ${taken.owner ?? 'another program'})`);
  const failed = steps.find(({ ok }) => !ok);
  if (failed !== undefined) lines.push(`The self-test failed: ${failed.error?.message ?? failed.name}`);
  return lines;
}
