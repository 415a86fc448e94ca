/**
 * Probe resistance as GOST has it: who does not know the password meets something that is no proxy, unless the request names a `knock`
 * host. What a decoy shows is said in the configuration of the service; it is fetched by this computer itself, past every chain.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { get as httpGet, STATUS_CODES, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { Readable } from 'node:stream';
import { ProxyError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { parseAddress } from '../../net/address.ts';
import type { Address } from '../../net/conn.ts';
import { endToEnd } from './message.ts';

const FETCH_MS = 15_000;
const UNAVAILABLE = 503;

export type Decoy =
  | { readonly kind: 'code'; readonly status: number }
  | { readonly kind: 'web'; readonly url: URL }
  | { readonly kind: 'file'; readonly path: string }
  /** Another server answers, to this request and to all that follow on the connection. */
  | { readonly kind: 'host'; readonly target: Address };

/** What a decoy answers instead of us. */
export interface Prop {
  readonly status: number;
  readonly message: string;
  readonly fields: readonly string[];
  readonly body: Readable | null;
}

/** Reads `code:404`, `web:example.com`, `host:192.168.1.1:80` or `file:/var/www/index.html`; null when it is none of them. */
export function parseDecoy(text: string): Decoy | null {
  const [, kind, value = ''] = /^(code|web|host|file):(.+)$/s.exec(text.trim()) ?? [];
  switch (kind) {
    case 'code':
      return /^[2-5]\d\d$/.test(value) ? { kind, status: Number(value) } : null;
    case 'web': {
      const url = /^https?:/i.test(value) ? value : `http://${value}`;
      return URL.canParse(url) ? { kind, url: new URL(url) } : null;
    }
    case 'host': {
      const target = parseAddress(value);
      return target === null || target.host === '' || target.port === 0 ? null : { kind, target };
    }
    case 'file':
      return { kind, path: value };
    case undefined:
    default:
      return null;
  }
}

/** Whether the host a request names is one of the comma separated `knock` hosts. */
export function knocks(knock: string, host: string | null): boolean {
  if (knock === '' || host === null) return false;
  return knock.split(',').some((name) => name.trim().toLowerCase() === host.toLowerCase());
}

/** The answer of a decoy. Never rejects: what can not be had is a 503, and a line in the log. */
export async function propOf(
  decoy: Exclude<Decoy, { kind: 'host' }>,
  signal: AbortSignal,
  log: Log,
): Promise<Prop> {
  try {
    switch (decoy.kind) {
      case 'code':
        return bare(decoy.status);
      case 'file': {
        const found = await stat(decoy.path);
        if (!found.isFile()) throw new ProxyError('config', { where: decoy.path, message: 'it is no file' });
        const fields = ['Content-Type', 'text/html', 'Content-Length', String(found.size)];
        const body = found.size === 0 ? null : createReadStream(decoy.path, { end: found.size - 1 });
        return { status: 200, message: 'OK', fields, body };
      }
      case 'web': {
        const page = await fetchPage(decoy.url, signal);
        return {
          status: page.statusCode ?? UNAVAILABLE,
          message: page.statusMessage ?? '',
          fields: endToEnd(page),
          body: page,
        };
      }
    }
  } catch (error) {
    log.warn('decoy_missing', { error });
    return bare(UNAVAILABLE);
  }
}

/** An answer without a word of ours. */
export function bare(status: number): Prop {
  return { status, message: STATUS_CODES[status] ?? '', fields: ['Content-Length', '0'], body: null };
}

function fetchPage(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? httpsGet : httpGet;
    const request = get(url, { signal, timeout: FETCH_MS, agent: false }, resolve);
    request.on('error', reject);
    request.on('timeout', () =>
      request.destroy(new ProxyError('timed_out', { target: url.host, seconds: FETCH_MS / 1000 })),
    );
  });
}
