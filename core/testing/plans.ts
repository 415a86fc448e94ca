/** Plans by hand: the smallest service, chain, hop and node, with what a test wants to be different. */
import { httpConnector } from '../connectors/http.ts';
import { socks4Connector } from '../connectors/socks4.ts';
import { socks5Connector } from '../connectors/socks5.ts';
import { tcpDialer } from '../dialers/tcp.ts';
import { socks5Handler } from '../handlers/socks5/index.ts';
import { tcpListener } from '../listeners/tcp.ts';
import { silentLog } from '../log.ts';
import type { Address } from '../net/conn.ts';
import {
  EMPTY_PLAN,
  type ChainPlan,
  type EngineDeps,
  type HopPlan,
  type NodePlan,
  type Plan,
  type ServicePlan,
} from '../plan.ts';
import { ready } from '../registry.ts';

export type ProxyKind = 'socks5' | 'socks4' | 'http';

const CONNECTORS = {
  socks5: ready(socks5Connector, socks5Connector.options.parse({})),
  socks4: ready(socks4Connector, socks4Connector.options.parse({})),
  http: ready(httpConnector, httpConnector.options.parse({})),
};

export const TEST_DEPS: EngineDeps = { log: silentLog, stateFolder: null, forbidden: () => [] };

export function planOf(about: Partial<Plan>): Plan {
  return { ...EMPTY_PLAN, ...about };
}

export function nodePlan(
  name: string,
  kind: ProxyKind,
  addr: Address,
  about: Partial<NodePlan> = {},
): NodePlan {
  return {
    name,
    addr,
    connector: CONNECTORS[kind],
    connectorAuth: null,
    connectorTls: null,
    dialer: ready(tcpDialer, tcpDialer.options.parse({})),
    dialerAuth: null,
    dialerTls: null,
    weight: 1,
    backup: false,
    maxFails: null,
    failTimeoutMs: null,
    bypasses: [],
    resolver: null,
    hosts: null,
    ...about,
  };
}

export function hopPlan(name: string, nodes: readonly NodePlan[], about: Partial<HopPlan> = {}): HopPlan {
  const selector = { strategy: 'round', maxFails: 1, failTimeoutMs: 10_000 } as const;
  return { name, selector, nodes, bypasses: [], resolver: null, hosts: null, ...about };
}

export function chainPlan(name: string, hops: readonly HopPlan[]): ChainPlan {
  return { name, hops };
}

export function servicePlan(about: Partial<ServicePlan> = {}): ServicePlan {
  return {
    name: 'service',
    address: { host: '127.0.0.1', port: 0 },
    listener: ready(tcpListener, tcpListener.options.parse({})),
    listenerTls: null,
    listenerChain: null,
    handler: ready(socks5Handler, socks5Handler.options.parse({})),
    handlerTls: null,
    chain: null,
    retries: 0,
    users: null,
    authers: [],
    forwarder: null,
    bypasses: [],
    admissions: [],
    resolver: null,
    hosts: null,
    limiters: [],
    limiterScope: 'all',
    climiters: [],
    rlimiters: [],
    guard: false,
    dialTimeoutMs: 10_000,
    ...about,
  };
}
