/**
 * Requests to ways out: what the service allows, where names are resolved, which chain, how often it is tried.
 *
 * Names travel as names to the last hop. Only a service with `hosts` or a `resolver` turns them into addresses here; Direct
 * does so in any case, and judges and dials the same address.
 */
import type { ErrorCode } from '../contract/errors.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import { familyOf, formatAddress, isUnspecified, unmap, validName } from '../net/address.ts';
import type { Acceptor, Address, Conn, Incoming, PacketConn } from '../net/conn.ts';
import { systemLookup, type Lookup } from '../net/lookup.ts';
import { watchStages } from '../net/stages.ts';
import { within } from '../net/within.ts';
import type { Request, Route, Routed, Router } from '../roles.ts';
import { Attempt } from './attempt.ts';
import type { Chain, HopMember, Picked } from './chain.ts';
import type { HostsMap } from './hosts.ts';
import { JudgedPackets } from './judged-packets.ts';
import type { Policy } from './policy.ts';

export interface RouterOptions {
  /** Null: Direct. */
  readonly chain: Chain | null;
  /** This computer as a way out for one request, judging every address it is about to use. */
  readonly direct: (request: Request) => Route;
  readonly policy: Policy;
  readonly hosts: HostsMap | null;
  /** Resolves names before they go into a chain; null lets them travel. */
  readonly resolver: Lookup | null;
  /** Further attempts after the first, each over a new choice of nodes. */
  readonly retries: number;
  readonly dialTimeoutMs: number;
}

type Verb<T> = (route: Route, signal: AbortSignal) => Promise<T>;

/** Failures that another attempt can not change. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'not_allowed',
  'bad_name',
  'bad_port',
  'no_node',
  'config',
  'unsupported',
  'descriptors',
  'bug',
]);

export function createRouter(options: RouterOptions): Router {
  const { chain, policy, hosts, resolver, dialTimeoutMs } = options;

  /** The target as the chain gets it. Rejects with bad_name, not_allowed, or what the resolver says. */
  const settle = async ({ dst, trace }: Request, signal: AbortSignal): Promise<Address> => {
    const asked = checked(dst);
    const refused = policy.judge(asked);
    if (refused !== null) throw refused;
    if (familyOf(asked.host) !== 0) {
      trace?.named('literal', null);
      return asked;
    }
    const given = hosts?.(asked.host)?.[0];
    if (given !== undefined) {
      trace?.named('hosts', unmap(given));
      return judged({ host: unmap(given), port: asked.port }, policy);
    }
    if (resolver === null || chain === null) return asked;
    const late = (): ProxyError =>
      new ProxyError('name_timeout', { host: asked.host, seconds: dialTimeoutMs / 1000 });
    const [first] = await within(signal, dialTimeoutMs, (inner) => resolver(asked.host, inner), late);
    if (first === undefined) throw new ProxyError('name_not_found', { host: asked.host });
    trace?.named('resolver', unmap(first));
    return judged({ host: unmap(first), port: asked.port }, policy);
  };

  const pick = (request: Request, target: Address | null, tried: Set<HopMember>): Picked => {
    const direct = options.direct(request);
    const key = request.user ?? unmap(request.client.host);
    request.trace?.attempt();
    if (chain !== null) return chain.pick({ target, key }, tried, direct, request.trace);
    return { attempt: new Attempt([], direct), bypassed: () => false };
  };

  /** Tries up to `retries` + 1 choices of nodes. */
  const establish = async <T>(
    request: Request,
    target: Address | null,
    signal: AbortSignal,
    verb: Verb<T>,
    discard: (late: T) => void,
  ): Promise<Routed<T> & { readonly picked: Picked }> => {
    const { trace } = request;
    const tried = new Set<HopMember>();
    const about = { target: formatAddress(target ?? request.dst), ms: dialTimeoutMs };
    for (let attempts = 1; ; attempts += 1) {
      const picked = pick(request, target, tried);
      const { attempt } = picked;
      try {
        if (trace !== undefined) watchStages(signal, trace);
        const out = await attempt.run(verb, about, signal, discard);
        const path = attempt.route.path;
        return { out, path, chain: path.length > 0 ? (chain?.name ?? null) : null, attempts, picked };
      } catch (thrown) {
        const error = toProxyError(thrown, { target: about.target });
        trace?.failed(error);
        if (signal.aborted || attempts > options.retries || FINAL.has(error.code)) throw error;
      } finally {
        if (trace !== undefined) watchStages(signal, null);
      }
    }
  };

  return {
    connect: async (request, signal) => {
      const dst = await settle(request, signal);
      const way = await establish<Conn>(
        request,
        dst,
        signal,
        (route, inner) => route.connect(dst, inner),
        (late) => late.destroy(),
      );
      // asking a socket where it went is a call of the system; of a literal it is known
      if (request.trace !== undefined && familyOf(request.dst.host) === 0) {
        if (way.path.length === 0) request.trace.dialled(unmap(way.out.remoteAddress ?? ''));
        else if (familyOf(dst.host) === 0) request.trace.named('hop', null);
      }
      return told(way);
    },
    bind: async (request, signal) => {
      const anybody = request.dst.host === '' || isUnspecified(request.dst.host);
      const dst = anybody ? request.dst : await settle(request, signal);
      const target = anybody ? null : dst;
      return told(
        await establish<Incoming>(request, target, signal, (route, inner) => route.bind(dst, inner), close),
      );
    },
    associate: async (request, signal) => {
      const peer =
        request.peer === undefined ? null : await settle({ ...request, dst: request.peer }, signal);
      const way = await establish<PacketConn>(
        request,
        peer,
        signal,
        (route, inner) => (peer === null ? route.associate(inner) : route.associate(inner, peer)),
        close,
      );
      const { bypassed } = way.picked;
      const out = new JudgedPackets(way.out, {
        judge: (target) => policy.judge(target) === null && !bypassed(target),
        judgeGiven: (address) => policy.judgeGiven(address) === null,
        hosts,
        // Direct resolves by itself
        resolver:
          way.path.length === 0 ? null : (resolver ?? (request.namesHere === true ? lookupHere : null)),
      });
      return told({ ...way, out });
    },
    listen: async (request, signal) =>
      told(
        await establish<Acceptor>(
          request,
          null,
          signal,
          (route, inner) => route.listen(request.dst, inner),
          close,
        ),
      ),
    resolve: async (request, kind, signal) => {
      const dst = await settle(request, signal);
      const known = familyOf(dst.host) !== 0;
      // a literal, or a name that hosts or the service's resolver know, needs nobody else
      if (kind === 'name' && known) return { out: dst.host, path: [], chain: null, attempts: 0 };
      const question = { kind, host: dst.host };
      return told(
        await establish<string>(
          request,
          dst,
          signal,
          (route, inner) => route.resolve(question, inner),
          () => undefined,
        ),
      );
    },
    listenPackets: async (request, signal) =>
      told(
        await establish<PacketConn>(
          request,
          null,
          signal,
          (route, inner) => route.listenPackets(request.dst, inner),
          close,
        ),
      ),
  };
}

function told<T>({ out, path, chain, attempts }: Routed<T>): Routed<T> {
  return { out, path, chain, attempts };
}

/** A literal in its plain form or a valid name; the empty name must not come to mean this computer. */
function checked({ host, port }: Address): Address {
  if (familyOf(host) !== 0) return { host: unmap(host), port };
  if (!validName(host)) throw new ProxyError('bad_name', { host });
  return { host, port };
}

/** The address a name was given here: what a list names stays refused under any name. */
function judged(address: Address, policy: Policy): Address {
  const refused = policy.judgeGiven(address);
  if (refused !== null) throw refused;
  return address;
}

function close(late: { close(): void }): void {
  late.close();
}

/** What the system knows of a name, IPv4 first: the socket at the far end may have one family only. */
async function lookupHere(host: string, signal: AbortSignal): Promise<string[]> {
  const addresses = await systemLookup(host, signal);
  return addresses.toSorted((a, b) => familyOf(unmap(a)) - familyOf(unmap(b)));
}
