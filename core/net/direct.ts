/**
 * The host machine itself as a route: the end of every chain. Names are resolved here, once, and the address that was checked
 * is the address that is dialled, so that a name can not mean one thing to a rule and another to the connection (promise 35).
 */
import { reverse } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { ProxyError } from '../errors.ts';
import type { Question, Route } from '../roles.ts';
import { familyOf, formatAddress, isLoopback, isUnspecified, unmap } from './address.ts';
import type { Acceptor, Address, Conn, Incoming, PacketConn } from './conn.ts';
import { dial } from './dial.ts';
import { systemLookup, type Lookup } from './lookup.ts';
import { openAcceptor, openIncoming } from './serve.ts';
import { beginStage } from './stages.ts';
import { bindUdp } from './udp.ts';
import { within } from './within.ts';

const DIAL_MS = 10_000;
const REVERSE_MS = 5000;
const NO_HOPS: readonly string[] = [];

export interface DirectOptions {
  /** Default: the names as this computer knows them. */
  readonly lookup?: Lookup;
  /** Judges a resolved address; only one that passed is dialled or sent to. */
  readonly allow?: (ip: string, port: number) => ProxyError | null;
  /**
   * From the first packet to the established connection, over all addresses of a name; default 10 s. Null: whoever calls has a
   * deadline of its own.
   */
  readonly dialTimeoutMs?: number | null;
  /** Where `bind` listens; default every interface. Give a loopback address for clients on this computer. */
  readonly bindHost?: () => string;
}

/**
 * Connects, associates and listens from this computer.
 * Rejects with name_not_found, name_timeout, what `allow` said, refused, timed_out, net_unreachable, host_unreachable,
 * port_in_use, port_denied, address_unavailable.
 */
export function directRoute(options: DirectOptions = {}): Route {
  return new Direct(options);
}

/** A class, since every request makes one. */
class Direct implements Route {
  readonly #options: DirectOptions;

  constructor(options: DirectOptions) {
    this.#options = options;
  }

  get path(): readonly string[] {
    return NO_HOPS;
  }

  connect(dst: Address, signal: AbortSignal): Promise<Conn> {
    return connectTo(dst, this.#lookup, this.#options, signal);
  }

  associate(): Promise<PacketConn> {
    return bindUdp({ host: '', port: 0 }, this.#udp());
  }

  bind(dst: Address, signal: AbortSignal): Promise<Incoming> {
    return bindFor(dst, this.#options.bindHost?.() ?? '', this.#lookup, signal);
  }

  listen(address: Address): Promise<Acceptor> {
    return openAcceptor(address);
  }

  listenPackets(address: Address): Promise<PacketConn> {
    return bindUdp(address, this.#udp());
  }

  resolve(question: Question, signal: AbortSignal): Promise<string> {
    return answer(question, this.#lookup, this.#options, signal);
  }

  get #lookup(): Lookup {
    return this.#options.lookup ?? systemLookup;
  }

  #udp(): { readonly lookup: Lookup; readonly allow?: NonNullable<DirectOptions['allow']> } {
    const { allow } = this.#options;
    return allow === undefined ? { lookup: this.#lookup } : { lookup: this.#lookup, allow };
  }
}

/**
 * BIND has two readings. RFC 1928: DST is the peer that will come, and any port will do. GOST: DST is the address to listen
 * on. An address of this computer with a port can only be meant the second way; it is tried so and, where the port can not be
 * had, the first way.
 */
async function bindFor(
  dst: Address,
  bindHost: string,
  lookup: Lookup,
  signal: AbortSignal,
): Promise<Incoming> {
  if (dst.port !== 0 && isHere(dst.host)) {
    try {
      return await openIncoming(
        { host: isUnspecified(dst.host) ? bindHost : dst.host, port: dst.port },
        '0.0.0.0',
        lookup,
        signal,
      );
    } catch (error) {
      const taken =
        error instanceof ProxyError && (error.code === 'port_in_use' || error.code === 'port_denied');
      if (!taken) throw error;
    }
  }
  return openIncoming({ host: bindHost, port: 0 }, dst.host, lookup, signal);
}

/**
 * A name's first address that may be used, or the name of an address. Names of addresses are known to the system only: a look-up of
 * one's own must not be bypassed for them.
 */
async function answer(
  { kind, host }: Question,
  lookup: Lookup,
  { allow, lookup: own }: DirectOptions,
  signal: AbortSignal,
): Promise<string> {
  if (kind === 'name') {
    const addresses = (await lookup(host, signal)).map(unmap);
    const found = addresses.find((ip) => (allow?.(ip, 0) ?? null) === null);
    if (found !== undefined) return found;
    const [first] = addresses;
    throw (first === undefined ? null : allow?.(first, 0)) ?? new ProxyError('name_not_found', { host });
  }
  if (own !== undefined && own !== systemLookup)
    throw new ProxyError('unsupported', {
      what: 'The name of an address',
      by: 'the resolver of this service',
    });
  const late = (): ProxyError => new ProxyError('name_timeout', { host, seconds: REVERSE_MS / 1000 });
  const names = await within(signal, REVERSE_MS, () => reverse(host).catch(() => []), late);
  if (names[0] === undefined) throw new ProxyError('name_not_found', { host });
  return names[0];
}

/** Unspecified, or an address that an interface of this computer has now. */
function isHere(host: string): boolean {
  if (isUnspecified(host) || (familyOf(host) !== 0 && isLoopback(host))) return true;
  return Object.values(networkInterfaces()).some(
    (addresses) => addresses?.some(({ address }) => unmap(address) === unmap(host)) ?? false,
  );
}

async function connectTo(
  dst: Address,
  lookup: Lookup,
  options: DirectOptions,
  signal: AbortSignal,
): Promise<Conn> {
  const { allow, dialTimeoutMs = DIAL_MS } = options;
  if (dst.host === '') throw new ProxyError('bad_name', { host: dst.host });
  if (familyOf(dst.host) === 0) beginStage(signal, 'resolve');
  const addresses = await lookup(dst.host, signal);
  beginStage(signal, 'connect');
  const allowed = addresses.filter((ip) => (allow?.(unmap(ip), dst.port) ?? null) === null);
  const [first] = addresses;
  if (allowed.length === 0)
    throw (
      (first === undefined ? null : allow?.(unmap(first), dst.port)) ??
      new ProxyError('name_not_found', { host: dst.host })
    );
  const target = formatAddress(dst);
  if (dialTimeoutMs === null) return dial(allowed, dst.port, target, signal);
  return within(
    signal,
    dialTimeoutMs,
    (inTime) => dial(allowed, dst.port, target, inTime),
    () => new ProxyError('timed_out', { target, seconds: dialTimeoutMs / 1000 }),
    (late) => late.destroy(),
  );
}
