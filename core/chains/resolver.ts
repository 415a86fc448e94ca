/**
 * Names to addresses by the name servers of a configuration (GOST resolvers), each over its own chain if it names one.
 * Servers are asked in order until one answers; both families are asked for at once; answers are kept for their TTL, and
 * everybody who asks for the same name at the same time waits for the same question.
 */
import { randomInt } from 'node:crypto';
import { decode, encode, RECURSION_DESIRED, type OptAnswer, type Packet } from 'dns-packet';
import { ProxyError, toProxyError } from '../errors.ts';
import { familyOf } from '../net/address.ts';
import type { Lookup } from '../net/lookup.ts';
import { orAbort, within } from '../net/within.ts';
import type { NameserverPlan, ResolverPlan } from '../plan.ts';
import type { Route } from '../roles.ts';
import { exchangeFor, type Exchange } from './dns-exchange.ts';

export interface Resolver {
  readonly lookup: Lookup;
  /** Ends questions that are still open. */
  close(): void;
}

export interface ResolverDeps {
  /** The way to a name server: a chain by its name, or Direct. */
  readonly route: (chain: string | null) => (signal: AbortSignal) => Promise<Route>;
  readonly now?: () => number;
}

type Family = 'A' | 'AAAA';

/** What one server says about one name. */
interface Answer {
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

interface Server {
  readonly plan: NameserverPlan;
  readonly exchange: Exchange;
  readonly route: (signal: AbortSignal) => Promise<Route>;
}

const MAX_CACHED = 4096;
/** Names being asked for at once; more are refused instead of queued. */
const MAX_PENDING = 256;
/** Time that "does not exist" is believed. */
const MISSING_MS = 5000;
const UDP_PAYLOAD_BYTES = 1232;
/** EDNS option code, RFC 7871. */
const CLIENT_SUBNET = 8;

/** Throws `config` for an address of a name server that can not be read. */
export function createResolver(plan: ResolverPlan, deps: ResolverDeps): Resolver {
  const now = deps.now ?? Date.now;
  const servers = plan.nameservers.map((server): Server => ({
    plan: server,
    exchange: exchangeFor(server),
    route: deps.route(server.chain),
  }));
  const cache = new Map<string, { readonly addresses: string[]; readonly until: number }>();
  const pending = new Map<string, Promise<string[]>>();
  const ending = new AbortController();

  const ask = async (name: string): Promise<string[]> => {
    let failure: unknown = new ProxyError('name_not_found', { host: name });
    for (const server of servers) {
      try {
        const { addresses, ttlMs } = await askServer(server, name, ending.signal);
        if (ttlMs > 0) remember(name, [...addresses], now() + ttlMs);
        return [...addresses];
      } catch (error) {
        failure = error;
        if (ending.signal.aborted) break;
      }
    }
    throw failure;
  };
  const remember = (name: string, addresses: string[], until: number): void => {
    const oldest = cache.keys().next();
    if (cache.size >= MAX_CACHED && oldest.done !== true) cache.delete(oldest.value);
    cache.set(name, { addresses, until });
  };

  return {
    close: () => ending.abort(new ProxyError('stopping')),
    lookup: async (host, signal) => {
      if (familyOf(host) !== 0) return [host];
      const name = host.toLowerCase().replace(/\.$/, '');
      const known = cache.get(name);
      const fresh = known !== undefined && known.until > now();
      let answer = fresh ? Promise.resolve(known.addresses) : pending.get(name);
      if (answer === undefined) {
        if (pending.size >= MAX_PENDING) throw new ProxyError('name_timeout', { host, seconds: 0 });
        answer = ask(name).finally(() => pending.delete(name));
        answer.catch(() => undefined); // everybody who waited may have gone by then
        pending.set(name, answer);
      }
      const addresses = await orAbort(signal, answer);
      if (addresses.length === 0) throw new ProxyError('name_not_found', { host });
      return addresses;
    },
  };
}

/** Both families of one name from one server, the preferred first. Rejects when it does not answer properly in time. */
async function askServer(
  { plan, exchange, route }: Server,
  name: string,
  signal: AbortSignal,
): Promise<Answer> {
  const first: Family = (plan.only ?? plan.prefer) === 'ipv6' ? 'AAAA' : 'A';
  const families: Family[] = plan.only === null ? [first, first === 'A' ? 'AAAA' : 'A'] : [first];
  const late = (): ProxyError =>
    new ProxyError('name_timeout', { host: name, seconds: plan.timeoutMs / 1000 });
  return within(
    signal,
    plan.timeoutMs,
    async (inner) => {
      const way = await route(inner);
      const answers = await Promise.allSettled(
        families.map(async (family) =>
          read(await exchange(question(name, family, plan), way, inner), name, family),
        ),
      );
      const good = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      const failed = answers.find((answer) => answer.status === 'rejected');
      const addresses = good.flatMap((answer) => answer.addresses);
      // one family failed and the other has nothing: that is no proof that the name does not exist
      if (addresses.length === 0 && failed !== undefined) throw toProxyError(failed.reason, { host: name });
      const told = good.filter((answer) => answer.addresses.length > 0).map((answer) => answer.ttlMs);
      return {
        addresses,
        ttlMs: addresses.length === 0 ? kept(plan, MISSING_MS) : kept(plan, Math.min(...told)),
      };
    },
    late,
  );
}

/** How long an answer is believed by this server's settings. */
function kept({ ttlMs }: NameserverPlan, toldMs: number): number {
  return ttlMs === null || ttlMs === 0 ? toldMs : ttlMs;
}

function question(name: string, type: Family, { clientIp }: NameserverPlan): Buffer {
  const packet: Packet = {
    type: 'query',
    id: randomInt(0x10000),
    flags: RECURSION_DESIRED,
    questions: [{ type, name, class: 'IN' }],
    additionals: [edns(clientIp)],
  };
  return encode(packet);
}

/** EDNS (RFC 6891), with the client's network (RFC 7871, cut to /24 and /56) when one is configured. */
function edns(clientIp: string | null): OptAnswer {
  const base = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: UDP_PAYLOAD_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
  } as const;
  const family = familyOf(clientIp ?? '');
  if (clientIp === null || family === 0) return { ...base, options: [] };
  const subnet = {
    code: CLIENT_SUBNET,
    family: family === 4 ? 1 : 2,
    sourcePrefixLength: family === 4 ? 24 : 56,
    scopePrefixLength: 0,
    ip: clientIp,
  } as const;
  return { ...base, options: [subnet] };
}

/** The addresses in a response. Rejects unless the server says that it knows (NOERROR) or that there is none (NXDOMAIN). */
function read(bytes: Buffer, host: string, family: Family): Answer {
  let packet: ReturnType<typeof decode>;
  try {
    packet = decode(bytes);
  } catch (error) {
    throw new ProxyError('name_timeout', { host, seconds: 0 }, { cause: error });
  }
  const code = 'rcode' in packet ? String(packet.rcode) : '';
  if (packet.type !== 'response' || (code !== 'NOERROR' && code !== 'NXDOMAIN')) {
    throw new ProxyError(
      'name_timeout',
      { host, seconds: 0 },
      { cause: new Error(`the name server said ${code}`) },
    );
  }
  const addresses: string[] = [];
  let ttl = Number.MAX_SAFE_INTEGER;
  for (const answer of packet.answers ?? []) {
    if (answer.type !== family || familyOf(answer.data) === 0) continue;
    addresses.push(answer.data);
    ttl = Math.min(ttl, answer.ttl ?? 0);
  }
  return { addresses, ttlMs: addresses.length === 0 ? MISSING_MS : ttl * 1000 };
}
