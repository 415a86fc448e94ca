/**
 * Names to addresses without the system's thread pool: dns.lookup shares four threads with files and crypto, so one silent
 * server would hold up everybody. Literals and the hosts file answer at once; other names go to the system's name servers
 * through c-ares; names only the system knows (no dot, .local) fall back to dns.lookup, two at a time.
 */
import { lookup as systemCall, promises as dns } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { ProxyError, errnoOf } from '../errors.ts';
import { familyOf, isLoopback } from './address.ts';
import { within } from './within.ts';

/** Addresses of a host, the preferred first. Rejects with name_not_found or name_timeout. Literals return themselves. */
export type Lookup = (host: string, signal: AbortSignal) => Promise<string[]>;

const DEADLINE_MS = 5000;
/** Names being asked for at once; more are refused instead of queued. */
const MAX_PENDING = 512;
const MAX_SYSTEM = 2;
const CACHE_ENTRIES = 1024;
const CACHE_MS = 10_000;

interface Cached {
  readonly addresses: string[];
  readonly until: number;
}

/** A Lookup of its own; `servers` replaces the system's name servers. */
export function createLookup(options: { servers?: readonly string[]; hostsFile?: string } = {}): Lookup {
  const resolver = new dns.Resolver({ timeout: 1500, tries: 3 });
  if (options.servers !== undefined) resolver.setServers(options.servers);
  const hosts = hostsReader(
    options.hostsFile ??
      (process.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts'),
  );
  const cache = new Map<string, Cached>();
  const pending = new Map<string, Promise<string[]>>();

  const ask = async (name: string): Promise<string[]> => {
    try {
      return await query(resolver, name);
    } catch (error) {
      if (options.servers === undefined && (!name.includes('.') || name.endsWith('.local')))
        return askSystem(name);
      throw error;
    }
  };

  return async (host, signal) => {
    if (familyOf(host) !== 0) return [host];
    const name = host.replace(/\.$/, '').toLowerCase();
    const known = hosts(name);
    if (known !== null) return known;
    if (isLoopback(name)) return ['127.0.0.1', '::1'];
    const cached = cache.get(name);
    if (cached !== undefined && cached.until > Date.now()) return cached.addresses;
    let asking = pending.get(name);
    if (asking === undefined) {
      if (pending.size >= MAX_PENDING) throw new ProxyError('name_timeout', { host, seconds: 0 });
      asking = ask(name).finally(() => pending.delete(name));
      asking.catch(() => undefined); // every waiter may have gone by then
      pending.set(name, asking);
    }
    const answer = asking;
    const addresses = await within(
      signal,
      DEADLINE_MS,
      () => answer,
      () => new ProxyError('name_timeout', { host, seconds: DEADLINE_MS / 1000 }),
    );
    cache.delete(name);
    cache.set(name, { addresses, until: Date.now() + CACHE_MS });
    if (cache.size > CACHE_ENTRIES) cache.delete(cache.keys().next().value ?? '');
    return addresses;
  };
}

/** The lookup of the host machine; one per process. */
export const systemLookup: Lookup = createLookup();

async function query(resolver: dns.Resolver, name: string): Promise<string[]> {
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = [
    ...(four.status === 'fulfilled' ? four.value : []),
    ...(six.status === 'fulfilled' ? six.value : []),
  ];
  if (addresses.length > 0) return addresses;
  throw failure(name, four.status === 'rejected' ? four.reason : null);
}

function failure(host: string, reason: unknown): ProxyError {
  const errno = errnoOf(reason);
  const missing = errno === 'ENOTFOUND' || errno === 'ENODATA' || errno === 'EBADNAME' || reason === null;
  return missing
    ? new ProxyError('name_not_found', { host }, { cause: reason })
    : new ProxyError('name_timeout', { host, seconds: DEADLINE_MS / 1000 }, { cause: reason });
}

let systemCalls = 0;

function askSystem(name: string): Promise<string[]> {
  if (systemCalls >= MAX_SYSTEM)
    return Promise.reject(new ProxyError('name_timeout', { host: name, seconds: 0 }));
  systemCalls += 1;
  return new Promise((resolve, reject) => {
    systemCall(name, { all: true, verbatim: true }, (error, addresses) => {
      systemCalls -= 1;
      if (error === null) resolve(addresses.map(({ address }) => address));
      else reject(failure(name, error));
    });
  });
}

/** Looks names up in the hosts file, which is read again when it has changed. */
function hostsReader(path: string): (name: string) => string[] | null {
  let stamp = -1;
  let entries = new Map<string, string[]>();
  let checkedAt = 0;
  return (name) => {
    const now = Date.now();
    if (now - checkedAt > 1000) {
      checkedAt = now;
      const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (changed !== stamp) {
        stamp = changed;
        entries = changed === 0 ? new Map() : readHosts(path);
      }
    }
    return entries.get(name) ?? null;
  };
}

function readHosts(path: string): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return entries; // unreadable is the same as empty: the name servers are asked
  }
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || familyOf(address) === 0) continue;
    for (const name of names)
      entries.set(name.toLowerCase(), [...(entries.get(name.toLowerCase()) ?? []), address]);
  }
  return entries;
}
