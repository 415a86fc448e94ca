/**
 * The chains, routers and forwarders of one plan, wired together. Nothing is opened here. Every node exists once, so that
 * its dialer's shared sessions and its marks are shared by everything that goes through it.
 */
import { ProxyError } from '../errors.ts';
import { familyOf, formatAddress, isLoopback, isUnspecified, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { directRoute } from '../net/direct.ts';
import { systemLookup, type Lookup } from '../net/lookup.ts';
import type { Lists } from '../live-list.ts';
import { beginStage } from '../net/stages.ts';
import type { ChainPlan, EngineDeps, HopPlan, NodePlan, Plan, ServicePlan } from '../plan.ts';
import type { Forwarder } from '../registry.ts';
import type { ChainNode, Dialer, Request, Route, Router } from '../roles.ts';
import { deadlined } from './attempt.ts';
import { bypassOf } from './bypass.ts';
import { Chain, type Hop, type HopMember } from './chain.ts';
import { hostsOf, type HostsMap } from './hosts.ts';
import { createPolicy } from './policy.ts';
import { Pool } from './pool.ts';
import { createResolver, type Resolver } from './resolver.ts';
import { createRouter } from './router.ts';
import type { TestedChain } from './test-chain.ts';
import { rerouted } from './route.ts';

export interface Chains {
  /** This computer, without any service's rules. */
  readonly direct: Route;
  /** Throws `config` for a chain that does not exist. */
  chain(name: string): Chain;
  routerFor(service: ServicePlan): Router;
  forwarderFor(service: ServicePlan): Forwarder | null;
  /** A way through a chain, its nodes picked anew by every call; Direct for null. */
  routeFor(chain: string | null): (signal: AbortSignal) => Promise<Route>;
  /** A chain with nodes of its own, for testing it beside all traffic. Throws `config` for one that does not exist. */
  tested(chain: string): TestedChain;
  /** Ends the shared sessions of all nodes and the questions of all resolvers. */
  close(): Promise<void>;
}

/** For those who have no service to ask for its own. */
const DIAL_MS = 15_000;

/** Throws `config` when a part can not be made: a name that does not exist, a pattern or option that makes no sense. */
export function buildChains(plan: Plan, deps: EngineDeps, lists: Lists): Chains {
  const direct = directRoute();
  const dialers: Dialer[] = [];
  const chains = new Map<string, Chain>();
  const resolvers = new Map<string, Resolver>();
  const state = deps.stateFolder === null ? null : { path: deps.stateFolder };

  const chain = (name: string): Chain => {
    const found = chains.get(name);
    if (found === undefined)
      throw new ProxyError('config', { where: name, message: 'there is no such chain' });
    return found;
  };

  const routeFor = (name: string | null) => (): Promise<Route> =>
    new Promise((resolve) => {
      if (name === null) return resolve(direct);
      const { attempt } = chain(name).pick({ target: null, key: '' }, new Set(), direct);
      resolve(deadlined(attempt, DIAL_MS));
    });

  const resolverOf = (name: string | null): Lookup | null => {
    if (name === null) return null;
    let resolver = resolvers.get(name);
    if (resolver === undefined) {
      const found = plan.resolvers.find((candidate) => candidate.name === name);
      if (found === undefined)
        throw new ProxyError('config', { where: name, message: 'there is no such resolver' });
      resolver = createResolver(found, { route: routeFor });
      resolvers.set(name, resolver);
    }
    return resolver.lookup;
  };
  const hostsNamed = (name: string | null): HostsMap | null =>
    name === null ? null : hostsOf(plan.hosts, name, lists);

  /** The dialer goes to `owned`, unless whoever asked closes it. */
  const makeNode = (node: NodePlan, hop: HopPlan, name: string, owned: Dialer[]): ChainNode => {
    const log = deps.log.with({ node: name });
    const dialer = node.dialer.create({ node: name, tls: node.dialerTls, auth: node.dialerAuth, state, log });
    owned.push(dialer);
    const hosts = hostsNamed(node.hosts ?? hop.hosts);
    const resolver = resolverOf(node.resolver ?? hop.resolver);
    return {
      name,
      addr: node.addr,
      dialer: hosts === null && resolver === null ? dialer : resolvingDialer(dialer, hosts, resolver),
      connector: node.connector.create({
        node: name,
        addr: node.addr,
        auth: node.connectorAuth,
        tls: node.connectorTls,
        state,
        log,
      }),
    };
  };

  const makeHop = (hop: HopPlan, nameOf: (hop: HopPlan, node: NodePlan) => string): Hop => {
    const members = hop.nodes.map((node): HopMember => ({
      bypass: bypassOf(plan.bypasses, node.bypasses, lists),
      node: makeNode(node, hop, nameOf(hop, node), dialers),
      weight: node.weight,
      backup: node.backup,
      maxFails: node.maxFails ?? hop.selector.maxFails,
      failTimeoutMs: node.failTimeoutMs ?? hop.selector.failTimeoutMs,
    }));
    return {
      name: hop.name,
      bypass: bypassOf(plan.bypasses, hop.bypasses, lists),
      pool: new Pool(members, hop.selector.strategy),
    };
  };

  for (const each of plan.chains) {
    const nameOf = namesWithin(each);
    chains.set(
      each.name,
      new Chain(
        each.name,
        each.hops.map((hop) => makeHop(hop, nameOf)),
        direct,
      ),
    );
  }

  const tested = (name: string): TestedChain => {
    const found = plan.chains.find((candidate) => candidate.name === name);
    if (found === undefined)
      throw new ProxyError('config', { where: name, message: 'there is no such chain' });
    const nameOf = namesWithin(found);
    return {
      direct,
      hops: found.hops.map((hop, at) => {
        const bypass = bypassOf(plan.bypasses, hop.bypasses, lists);
        const members = hop.nodes.map((node, index) => ({ ...node, index, maxFails: 1, failTimeoutMs: 0 }));
        return {
          name: hop.name,
          at: hop.at ?? at,
          bypasses: (target) => bypass?.matches(target) === true,
          pick: (tried) => {
            const avoided = new Set(members.filter(({ index }) => tried.has(index)));
            return new Pool(members, hop.selector.strategy).pick('', () => true, avoided)?.index ?? 0;
          },
          nodes: hop.nodes.map((node, index) => ({
            name: nameOf(hop, node),
            at: node.at ?? index,
            addr: node.addr,
            make: () => makeNode(node, hop, nameOf(hop, node), []),
          })),
        };
      }),
    };
  };

  return {
    direct,
    chain,
    routeFor,
    tested,
    routerFor: (service) => {
      const { guard, dialTimeoutMs, retries } = service;
      const policy = createPolicy({
        bypass: bypassOf(plan.bypasses, service.bypasses, lists),
        guard,
        forbidden: deps.forbidden,
      });
      const resolver = resolverOf(service.resolver);
      return createRouter({
        chain: service.chain === null ? null : chain(service.chain),
        direct: (request) =>
          directRoute({
            // a question about an address asks who is asked: that must stay visible to Direct
            lookup: request.command === 'resolve' ? (resolver ?? systemLookup) : traced(resolver, request),
            allow: (ip, port) => policy.judgeDirect(ip, port, request.client),
            bindHost: () => bindHost(request),
            dialTimeoutMs: null, // an attempt of the router has one
          }),
        policy,
        hosts: hostsNamed(service.hosts),
        resolver,
        retries,
        dialTimeoutMs,
      });
    },
    forwarderFor,
    close: async () => {
      for (const resolver of resolvers.values()) resolver.close();
      await Promise.allSettled(dialers.map(async (dialer) => dialer.close?.()));
    },
  };
}

/**
 * What a node is called in errors, paths and statistics: its name, with its hop's name before it where two hops of a chain
 * use the same one (GOST calls the only node of every hop of a command line node-0).
 */
function namesWithin(chain: ChainPlan): (hop: HopPlan, node: NodePlan) => string {
  const counts = new Map<string, number>();
  for (const { nodes } of chain.hops) {
    for (const { name } of nodes) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return (hop, { name }) => ((counts.get(name) ?? 0) > 1 ? `${hop.name}/${name}` : name);
}

/** The look-up of Direct; a connection's timeline hears which address a name was given. */
function traced(resolver: Lookup | null, { trace, dst }: Request): Lookup {
  const lookup = resolver ?? systemLookup;
  if (trace === undefined) return lookup;
  return async (host, signal) => {
    const addresses = await lookup(host, signal);
    if (host === dst.host && familyOf(host) === 0)
      trace.named(resolver === null ? 'system' : 'resolver', unmap(addresses[0] ?? ''));
    return addresses;
  };
}

/** The dialer of a node whose name has addresses of its own; certificates are still checked against the name. */
function resolvingDialer(dialer: Dialer, hosts: HostsMap | null, resolver: Lookup | null): Dialer {
  const asked = async (host: string, signal: AbortSignal): Promise<string[] | null> => {
    if (resolver === null) return null;
    if (familyOf(host) === 0) beginStage(signal, 'resolve');
    return resolver(host, signal);
  };
  const resolve = async (dst: Address, signal: AbortSignal): Promise<Address> => {
    const host = hosts?.(dst.host)?.[0] ?? (await asked(dst.host, signal))?.[0] ?? dst.host;
    return { host, port: dst.port };
  };
  return {
    dial: (proxy, via, signal) =>
      dialer.dial(
        proxy,
        rerouted(via, { connect: async (dst, inner) => via.connect(await resolve(dst, inner), inner) }),
        signal,
      ),
    close: async () => dialer.close?.(),
  };
}

/** Where a port for BIND is opened: for a client of this computer who waits for a peer of this computer, only there. */
function bindHost({ client, dst }: Request): string {
  const near = isLoopback(client.host) && (isUnspecified(dst.host) || isLoopback(dst.host));
  if (!near) return '';
  return unmap(client.host).includes(':') ? '::1' : '127.0.0.1';
}

function forwarderFor({ forwarder }: ServicePlan): Forwarder | null {
  if (forwarder === null) return null;
  const { maxFails, failTimeoutMs, strategy } = forwarder.selector;
  const pool = new Pool(
    forwarder.nodes.map((node) => ({ ...node, maxFails, failTimeoutMs })),
    strategy,
  );
  return {
    pick: (client) => {
      const member = pool.pick(unmap(client.host), () => true, new Set());
      if (member === null) throw new ProxyError('no_node', { hop: forwarder.name });
      return { name: member.name === '' ? formatAddress(member.addr) : member.name, addr: member.addr };
    },
    mark: (name, ok) => {
      for (const member of pool.members) {
        if (member.name === name || formatAddress(member.addr) === name) pool.mark(member, ok);
      }
    },
  };
}
