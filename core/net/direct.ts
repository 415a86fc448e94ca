/**
 * The host machine itself as a route: the end of every chain. Names are resolved here, once, and the address that was checked
 * is the address that is dialled, so that a name can not mean one thing to a rule and another to the connection (promise 35).
 */
import { ProxyError } from '../errors.ts';
import type { Route } from '../roles.ts';
import { formatAddress, unmap } from './address.ts';
import type { Address, Conn } from './conn.ts';
import { dial } from './dial.ts';
import { systemLookup, type Lookup } from './lookup.ts';
import { openAcceptor, openIncoming } from './serve.ts';
import { bindUdp } from './udp.ts';
import { within } from './within.ts';

const DIAL_MS = 10_000;

export interface DirectOptions {
  /** Default: the names as this computer knows them. */
  readonly lookup?: Lookup;
  /** Judges a resolved address; only one that passed is dialled or sent to. */
  readonly allow?: (ip: string, port: number) => ProxyError | null;
  /** From the first packet to the established connection, over all addresses of a name; default 10 s. */
  readonly dialTimeoutMs?: number;
  /** Where `bind` listens; default every interface. Give a loopback address for clients on this computer. */
  readonly bindHost?: string;
}

/**
 * Connects, associates and listens from this computer.
 * Rejects with name_not_found, name_timeout, what `allow` said, refused, timed_out, net_unreachable, host_unreachable,
 * port_in_use, port_denied, address_unavailable.
 */
export function directRoute(options: DirectOptions = {}): Route {
  const { lookup = systemLookup, bindHost = '' } = options;
  const udp = { lookup, ...(options.allow === undefined ? {} : { allow: options.allow }) };
  return {
    path: [],
    connect: (dst, signal) => connectTo(dst, lookup, options, signal),
    associate: () => bindUdp({ host: '', port: 0 }, udp),
    bind: (dst, signal) => openIncoming(bindHost, dst.host, lookup, signal),
    listen: (address) => openAcceptor(address),
    listenPackets: (address) => bindUdp(address, udp),
  };
}

async function connectTo(
  dst: Address,
  lookup: Lookup,
  options: DirectOptions,
  signal: AbortSignal,
): Promise<Conn> {
  const { allow, dialTimeoutMs = DIAL_MS } = options;
  if (dst.host === '') throw new ProxyError('bad_name', { host: dst.host });
  const addresses = await lookup(dst.host, signal);
  const verdicts = addresses.map((ip) => allow?.(unmap(ip), dst.port) ?? null);
  const allowed = addresses.filter((_, index) => verdicts[index] === null);
  if (allowed.length === 0) throw verdicts[0] ?? new ProxyError('name_not_found', { host: dst.host });
  const target = formatAddress(dst);
  return within(
    signal,
    dialTimeoutMs,
    (inTime) => dial(allowed, dst.port, target, inTime),
    () => new ProxyError('timed_out', { target, seconds: dialTimeoutMs / 1000 }),
    (late) => late.destroy(),
  );
}
