/** PySocks as a client: one TCP exchange or several UDP datagrams through a proxy, by pysocks.py. */
import { fileURLToPath } from 'node:url';
import { run } from './process.ts';
import type { Peer } from './ready.ts';

const SCRIPT = fileURLToPath(new URL('pysocks.py', import.meta.url));
const TIMEOUT_S = 10;

export interface PysocksOptions {
  readonly mode: 'tcp' | 'udp';
  readonly kind: 'SOCKS4' | 'SOCKS5' | 'HTTP';
  readonly proxy: Pick<Peer, 'host' | 'port'>;
  readonly user?: string;
  readonly password?: string;
  /** Names go to the proxy as names (SOCKS4a, SOCKS5 by name) instead of being resolved here. Default true. */
  readonly remoteNames?: boolean;
  readonly host: string;
  readonly port: number;
  readonly payloads: readonly Uint8Array[];
}

/**
 * Talks to an echo and returns what came back: for TCP one buffer as long as all payloads, for UDP one per datagram. Rejects with PySocks' own words when the proxy or the target refuses.
 */
export async function pysocks(options: PysocksOptions): Promise<Buffer[]> {
  const ask = {
    mode: options.mode,
    kind: options.kind,
    proxy: [options.proxy.host, options.proxy.port],
    user: options.user ?? null,
    password: options.password ?? null,
    remoteNames: options.remoteNames ?? true,
    target: [options.host, options.port],
    payloads: options.payloads.map((payload) => Buffer.from(payload).toString('base64')),
    timeout: TIMEOUT_S,
  };
  const { code, stdout, stderr } = await run('pysocks', [SCRIPT, JSON.stringify(ask)]);
  if (code !== 0) throw new Error(`pysocks.py ended with ${String(code)}: ${stderr}`);
  const answer: unknown = JSON.parse(stdout.toString());
  if (typeof answer === 'object' && answer !== null) {
    if ('replies' in answer && Array.isArray(answer.replies))
      return answer.replies.map((text) => Buffer.from(String(text), 'base64'));
    if ('error' in answer) throw new Error(`PySocks: ${String(answer.error)}`);
  }
  throw new Error(`pysocks.py printed ${stdout.toString()}`);
}
