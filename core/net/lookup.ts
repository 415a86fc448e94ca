/**
 * Names to addresses without the thread pool: `dns.lookup` shares four threads with files and crypto, so that one silent
 * server would hold up everybody (promise 31). In this order, the first that knows wins:
 *
 * literal → localhost (RFC 6761) → hosts file → remembered answer → the system's name servers, asked over our own sockets
 * → the system itself for names only it may know (without a dot, .local, search domains), two at a time.
 */
import { lookup as askOperatingSystem, promises as dns, type RecordWithTtl } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { ProxyError, errnoOf } from '../errors.ts';
import { familyOf, isLocalName, isPrivate } from './address.ts';
import { HOSTS_FILE, hostsFile } from './hosts-file.ts';
import { inTime } from './within.ts';

/**
 * Addresses of a host, the preferred first, never none. Literals return themselves at once. Rejects with name_not_found,
 * name_timeout, or the reason of the signal.
 */
export type Lookup = (host: string, signal: AbortSignal) => Promise<string[]>;

export interface LookupOptions {
  /** Name servers instead of the system's; the system itself is not asked then. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 5000;
const TRY_MS = 1500;
const TRIES = 3;
/** When one family has answered, the other gets this much longer (RFC 8305). */
const SECOND_FAMILY_MS = 50;
/** Names asked for at once; one more is refused instead of waiting. */
const MAX_ASKED = 512;
const MAX_SYSTEM_CALLS = 2;
const MAX_REMEMBERED = 1024;
const MAX_REMEMBERED_MS = 60_000;
/** Name servers and interfaces are read again after this long: laptops travel. */
const SETTINGS_MS = 30_000;

interface Answer {
  readonly addresses: string[];
  readonly ttlMs: number;
}

/** A lookup with its own memory. Everybody who asks for the same name at the same time shares one question. */
export function createLookup(options: LookupOptions = {}): Lookup {
  const { deadlineMs = DEADLINE_MS } = options;
  const hosts = hostsFile(options.hostsFile ?? HOSTS_FILE);
  const settings = systemSettings(options.servers);
  const remembered = new Map<string, { readonly addresses: string[]; readonly until: number }>();
  const asked = new Map<string, Promise<string[]>>();

  const ask = async (name: string): Promise<string[]> => {
    try {
      const { addresses, ttlMs } = await askFor(name, settings(), options.servers === undefined);
      const [oldest] = remembered.keys();
      if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      remembered.delete(name);
      remembered.set(name, { addresses, until: Date.now() + Math.min(ttlMs, MAX_REMEMBERED_MS) });
      return addresses;
    } finally {
      asked.delete(name);
    }
  };

  return async (host, signal) => {
    if (familyOf(host) !== 0) return [host];
    const name = host.toLowerCase().replace(/\.$/, '');
    if (isLocalName(name)) return ['127.0.0.1', '::1'];
    const known = hosts(name);
    if (known !== null) return known;
    const before = remembered.get(name);
    if (before !== undefined && before.until > Date.now()) return before.addresses;
    const late = (): ProxyError => new ProxyError('name_timeout', { host, seconds: deadlineMs / 1000 });
    let answer = asked.get(name);
    if (answer === undefined) {
      if (asked.size >= MAX_ASKED) throw late();
      answer = ask(name);
      answer.catch(() => undefined); // whoever asked may have given up by then
      asked.set(name, answer);
    }
    const shared = answer;
    return inTime(signal, deadlineMs, () => shared, late);
  };
}

/** The lookup of this computer; one memory for the whole process. */
export const systemLookup: Lookup = createLookup();

interface Settings {
  readonly resolver: dns.Resolver;
  readonly preferred: 4 | 6;
}

function systemSettings(servers: readonly string[] | undefined): () => Settings {
  let settings: Settings | null = null;
  let readAt = 0;
  return () => {
    const now = performance.now();
    if (settings === null || (servers === undefined && now - readAt > SETTINGS_MS)) {
      const resolver = new dns.Resolver({ timeout: TRY_MS, tries: TRIES });
      if (servers !== undefined) resolver.setServers(servers);
      settings = { resolver, preferred: hasGlobalIPv6() ? 6 : 4 };
      readAt = now;
    }
    return settings;
  };
}

async function askFor(name: string, settings: Settings, maySystem: boolean): Promise<Answer> {
  const onlySystem = maySystem && (!name.includes('.') || name.endsWith('.local'));
  if (onlySystem) return askSystem(name);
  try {
    return await askServers(name, settings);
  } catch (error) {
    const noAnswer = error instanceof ProxyError && error.code === 'name_not_found';
    const noServer = errnoOf(error instanceof Error ? error.cause : null) === 'ECONNREFUSED';
    if (maySystem && (noAnswer || noServer)) return askSystem(name);
    throw error;
  }
}

/** Both families at once. One that has addresses does not wait long for a server that is silent about the other. */
async function askServers(name: string, { resolver, preferred }: Settings): Promise<Answer> {
  const four = resolver.resolve4(name, { ttl: true });
  const six = resolver.resolve6(name, { ttl: true });
  const records: RecordWithTtl[] = [];
  let failure: unknown = null;
  const collect = (query: Promise<RecordWithTtl[]>): Promise<void> =>
    query.then(
      (found) => void records.push(...found),
      (error: unknown) => {
        failure ??= error;
      },
    );
  const both = [collect(four), collect(six)];
  await Promise.race(both);
  if (records.length === 0) await Promise.all(both);
  else await Promise.race([Promise.all(both), pause(SECOND_FAMILY_MS)]);
  if (records.length === 0) throw failed(name, failure);
  const addresses = records.map(({ address }) => address);
  const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1000;
  return { addresses: preferredFirst(addresses, preferred), ttlMs };
}

let systemCalls = 0;
const systemQueue: (() => void)[] = [];

/** `getaddrinfo` can not be called off, so only two threads are ever given to it; the rest waits, bounded by MAX_ASKED. */
async function askSystem(name: string): Promise<Answer> {
  if (systemCalls >= MAX_SYSTEM_CALLS) await new Promise<void>((resolve) => systemQueue.push(resolve));
  systemCalls += 1;
  return new Promise((resolve, reject) => {
    askOperatingSystem(name, { all: true, verbatim: true }, (error, found) => {
      systemCalls -= 1;
      systemQueue.shift()?.();
      if (error !== null) reject(failed(name, error));
      else resolve({ addresses: found.map(({ address }) => address), ttlMs: 5000 });
    });
  });
}

function failed(host: string, cause: unknown): ProxyError {
  switch (errnoOf(cause)) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EBADNAME':
    case 'EBADQUERY':
      return new ProxyError('name_not_found', { host }, { cause });
    default:
      return new ProxyError('name_timeout', { host, seconds: DEADLINE_MS / 1000 }, { cause });
  }
}

function preferredFirst(addresses: readonly string[], preferred: 4 | 6): string[] {
  const first = addresses.filter((address) => familyOf(address) === preferred);
  return [...first, ...addresses.filter((address) => familyOf(address) !== preferred)];
}

function hasGlobalIPv6(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some(({ family, internal, address }) => family === 'IPv6' && !internal && !isPrivate(address));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
