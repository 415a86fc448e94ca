/**
 * A plan is a configuration that has been read, checked and typed: what the engine applies. core/config makes plans out of
 * GOST YAML and command-line URLs; tests write them by hand. Values only, except `Ready` components which know how to be made.
 */
import type { Address } from './net/conn.ts';
import type { ListFile } from './live-list.ts';
import type { Log } from './log.ts';
import type {
  ClientTls,
  ConnectorDeps,
  DialerDeps,
  HandlerDeps,
  ListenerDeps,
  Ready,
  ServerTls,
} from './registry.ts';
import type { Connector, Credentials, Dialer, Handler, Listener } from './roles.ts';

export type Strategy = 'round' | 'random' | 'fifo' | 'hash';

export interface SelectorPlan {
  readonly strategy: Strategy;
  readonly maxFails: number;
  readonly failTimeoutMs: number;
}

export interface NodePlan {
  readonly name: string;
  /** Position in its hop as configured. */
  readonly at?: number;
  readonly addr: Address;
  readonly connector: Ready<ConnectorDeps, Connector>;
  readonly connectorAuth: Credentials | null;
  readonly connectorTls: ClientTls | null;
  readonly dialer: Ready<DialerDeps, Dialer>;
  readonly dialerAuth: Credentials | null;
  readonly dialerTls: ClientTls | null;
  readonly weight: number;
  readonly backup: boolean;
  readonly maxFails: number | null;
  readonly failTimeoutMs: number | null;
  /** Names of bypasses: this node is no candidate for targets they match. */
  readonly bypasses: readonly string[];
  readonly resolver: string | null;
  readonly hosts: string | null;
}

export interface HopPlan {
  readonly name: string;
  /** Position in its chain as configured, skipped hops counted. */
  readonly at?: number;
  readonly selector: SelectorPlan;
  readonly nodes: readonly NodePlan[];
  readonly bypasses: readonly string[];
  readonly resolver: string | null;
  readonly hosts: string | null;
}

export interface ChainPlan {
  readonly name: string;
  readonly hops: readonly HopPlan[];
}

export interface BypassPlan {
  readonly name: string;
  /** True: everything except what matches is bypassed. */
  readonly whitelist: boolean;
  /** IP, CIDR, IP range, name, `*.domain`, `.domain`, glob; each with an optional `:port` or `:from-to`. */
  readonly matchers: readonly string[];
  /** More matchers. */
  readonly file: ListFile<string> | null;
}

/** Source addresses that may connect (whitelist) or may not. */
type AdmissionPlan = BypassPlan;

export interface NameserverPlan {
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'https';
  /** host:port for udp, tcp, tls; a URL for https. */
  readonly addr: string;
  readonly hostname: string | null;
  readonly prefer: 'ipv4' | 'ipv6' | null;
  readonly only: 'ipv4' | 'ipv6' | null;
  readonly clientIp: string | null;
  readonly chain: string | null;
  /** Null: the TTL of the answer. Negative: no cache. */
  readonly ttlMs: number | null;
  readonly timeoutMs: number;
}

export interface ResolverPlan {
  readonly name: string;
  readonly nameservers: readonly NameserverPlan[];
}

export interface HostMapping {
  readonly ip: string;
  readonly hostname: string;
  readonly aliases: readonly string[];
}

export interface HostsPlan {
  readonly name: string;
  readonly mappings: readonly HostMapping[];
  /** More of them. */
  readonly file: ListFile<HostMapping> | null;
}

export interface AutherPlan {
  readonly name: string;
  readonly users: readonly Credentials[];
  /** More users; one that is listed twice has the password written last. */
  readonly file: ListFile<Credentials> | null;
}

/** `$` whole service, `$$` each connection (traffic) or each source address (connections), else an address or CIDR. */
export interface LimitRule<T> {
  readonly key: string;
  readonly value: T;
}

/** Bytes per second from the client (GOST `in`) and to it (`out`); 0 = no limit. `burst` null: what a second brings. */
export interface TrafficRate {
  readonly upBps: number;
  readonly downBps: number;
  readonly burst: number | null;
}

export interface LimiterPlan {
  readonly name: string;
  readonly rules: readonly LimitRule<TrafficRate>[];
  readonly file: ListFile<LimitRule<TrafficRate>> | null;
}

/** What of a traffic limiter holds for a service: all of it, only `$`, or all but `$`. */
export type TrafficScope = 'all' | 'service' | 'conn';

export interface CountLimiterPlan {
  readonly name: string;
  /** climiter: connections at once. rlimiter: requests per second. */
  readonly rules: readonly LimitRule<number>[];
  readonly file: ListFile<LimitRule<number>> | null;
}

export interface ForwarderPlan {
  readonly name: string;
  readonly selector: SelectorPlan;
  readonly nodes: readonly {
    readonly name: string;
    readonly addr: Address;
    readonly weight: number;
    readonly backup: boolean;
  }[];
}

export interface ServicePlan {
  readonly name: string;
  /** Host '' binds every interface, IPv4 and IPv6. */
  readonly address: Address;
  readonly listener: Ready<ListenerDeps, Listener>;
  readonly listenerTls: ServerTls | null;
  readonly listenerChain: string | null;
  readonly handler: Ready<HandlerDeps, Handler>;
  readonly handlerTls: ServerTls | null;
  /** Null: Direct. */
  readonly chain: string | null;
  readonly retries: number;
  /** Null: nobody has to sign in. An empty list refuses everybody. */
  readonly users: readonly Credentials[] | null;
  readonly authers: readonly string[];
  readonly forwarder: ForwarderPlan | null;
  readonly bypasses: readonly string[];
  readonly admissions: readonly string[];
  readonly resolver: string | null;
  readonly hosts: string | null;
  readonly limiters: readonly string[];
  /** What of them holds (GOST `limiter.scope`). */
  readonly limiterScope: TrafficScope;
  readonly climiters: readonly string[];
  readonly rlimiters: readonly string[];
  /** Refuse loopback, link-local and private targets for clients that are not on this computer. */
  readonly guard: boolean;
  readonly dialTimeoutMs: number;
}

export interface Plan {
  readonly services: readonly ServicePlan[];
  readonly chains: readonly ChainPlan[];
  readonly bypasses: readonly BypassPlan[];
  readonly admissions: readonly AdmissionPlan[];
  readonly resolvers: readonly ResolverPlan[];
  readonly hosts: readonly HostsPlan[];
  readonly authers: readonly AutherPlan[];
  readonly limiters: readonly LimiterPlan[];
  readonly climiters: readonly CountLimiterPlan[];
  readonly rlimiters: readonly CountLimiterPlan[];
}

/** True when a list of the service names who may connect, and nobody else may. */
export function hasAllowList(
  { admissions: names }: Pick<ServicePlan, 'admissions'>,
  admissions: readonly AdmissionPlan[],
): boolean {
  return admissions.some(({ name, whitelist }) => whitelist && names.includes(name));
}

export const EMPTY_PLAN: Plan = {
  services: [],
  chains: [],
  bypasses: [],
  admissions: [],
  resolvers: [],
  hosts: [],
  authers: [],
  limiters: [],
  climiters: [],
  rlimiters: [],
};

/** What the engine needs beside a plan. */
export interface EngineDeps {
  readonly log: Log;
  /** Folder for certificates and pins; null keeps them in memory. */
  readonly stateFolder: string | null;
  /** Targets no client may reach through us: our own control port. */
  readonly forbidden: () => readonly Address[];
}
