/**
 * Client programs that go through a proxy: curl, OpenBSD nc, proxychains4 and iperf3. Each runs to its end and returns what
 * it printed; the caller judges. Nothing of the user's own configuration reaches them.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  newFolder,
  pathOf,
  removeFolder,
  run,
  start,
  type Command,
  type Finished,
  type RunOptions,
} from './process.ts';
import { freePort, settle, type Peer, addressOf } from './ready.ts';

const CURL_LIMIT_S = '20';

/** Runs curl quietly with errors shown, no ~/.curlrc and no proxy of the environment. */
export function curl(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run('curl', ['-q', '-sS', '--max-time', CURL_LIMIT_S, '--noproxy', '', ...args], options);
}

export interface NcOptions {
  /** 4 and 5 are SOCKS (4 takes IPv4 literals only), connect is HTTP CONNECT; nc has no passwords without a terminal. */
  readonly kind: '4' | '5' | 'connect';
  readonly proxy: string;
  readonly host: string;
  readonly port: number;
  readonly input: string | Uint8Array;
  /** End the sending side once the input is sent (`-N`). Otherwise nc waits for the target to end. */
  readonly halfClose?: boolean;
}

/** Sends `input` through nc and returns all that comes back until the target ends. */
export function nc({ kind, proxy, host, port, input, halfClose = false }: NcOptions): Promise<Finished> {
  return run('nc', [...(halfClose ? ['-N'] : []), '-X', kind, '-x', proxy, host, String(port)], { input });
}

/** One line of proxychains' list. */
/** Asks a SOCKS5 proxy for a name, or with `-x` for the name of an address. */
export function torResolve(args: readonly string[]): Promise<Finished> {
  return run('tor-resolve', args);
}

export interface ChainedProxy {
  readonly kind: 'socks4' | 'socks5' | 'http';
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

/** Runs a program with its connections forced through the proxies, in order; names are resolved by the last one. */
export async function proxychains(
  proxies: readonly ChainedProxy[],
  command: Command,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const folder = await newFolder('proxychains');
  try {
    const file = join(folder, 'proxychains.conf');
    const list = proxies.map(({ kind, host, port, user = '', password = '' }) =>
      `${kind} ${host} ${port} ${user} ${password}`.trim(),
    );
    await writeFile(
      file,
      ['strict_chain', 'proxy_dns', 'remote_dns_subnet 224', '[ProxyList]', ...list, ''].join('\n'),
    );
    return await run('proxychains4', ['-q', '-f', file, pathOf(command), ...args], { ...options, folder });
  } finally {
    await removeFolder(folder);
  }
}

/** Starts an iperf3 server that serves any number of tests, one at a time. */
export async function startIperf3Server(host = '127.0.0.1'): Promise<Peer> {
  const port = await freePort(host);
  // not probed by connecting: iperf3 takes a bare connection for a broken test and logs an error
  let listening = (): void => undefined;
  const said = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const program = await start('iperf3', ['-s', '-B', host, '-p', String(port), '--forceflush'], {
    onLine: (line) => {
      if (line.includes('Server listening')) listening();
    },
  });
  await settle(program, () => said);
  return { name: 'iperf3', host, port, address: addressOf(host, port), log: program.log, stop: program.stop };
}

/** Runs an iperf3 client and returns its JSON report. */
export async function iperf3(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const { code, stdout, stderr } = await run('iperf3', ['-J', ...args], options);
  const text = stdout.toString();
  if (code !== 0) throw new Error(`iperf3 ended with ${String(code)}: ${stderr}${text.slice(-500)}`);
  return JSON.parse(text);
}
