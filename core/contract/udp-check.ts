/**
 * The UDP check: a ladder from "is UDP switched on" to numbers, run as a real client of the service. It stops at the first rung that
 * fails and says what would mend it. Loss, delay and order are measured with numbered probes of its own, never guessed from traffic.
 */
import type { Address } from './address.ts';
import type { WireError } from './errors.ts';
import type { DropReason } from './stats.ts';

/** What is sent: to a server that sends back whatever it gets, to a name server, to a time server, to a STUN server. */
export const UDP_PROBES = ['echo', 'dns', 'ntp', 'stun'] as const;
export type UdpProbe = (typeof UDP_PROBES)[number];

export const UDP_RUNGS = ['enabled', 'associate', 'relay', 'hops', 'answer', 'loss', 'size'] as const;
export type UdpRungName = (typeof UDP_RUNGS)[number];

/** What would mend a rung; the sentence is the window's. */
export type UdpFix =
  | 'start_service'
  | 'enable_udp'
  | 'use_socks5'
  | 'use_tcp_listener'
  | 'sign_in'
  | 'hop_udp_off'
  | 'hop_tcp_only'
  | 'hop_down'
  | 'hop_sign_in'
  | 'hop_protocol'
  | 'relay_unreachable'
  | 'target_refused'
  | 'target_silent'
  | 'name';

export interface UdpRung {
  readonly name: UdpRungName;
  /** `held`: it could not be decided here, a later rung says why. `skipped`: it does not apply. */
  readonly state: 'waiting' | 'testing' | 'ok' | 'failed' | 'held' | 'skipped';
  readonly ms: number | null;
  readonly error: WireError | null;
  readonly fix: UdpFix | null;
}

/** One hop, asked for UDP through the hops before it. */
export interface UdpHop {
  readonly node: string;
  readonly address: Address;
  readonly state: 'waiting' | 'testing' | 'ok' | 'failed' | 'not_reached';
  /**
   * How it carries datagrams: beside the stream (UDP ASSOCIATE, RFC 1928), inside it (GOST's command 0xF3), in GOST's relay protocol, or
   * not at all because a later hop keeps them inside its own stream.
   */
  readonly how: 'associate' | 'tunnel' | 'relay' | 'stream' | null;
  /** The code it answered with, when it refused. */
  readonly reply: number | null;
  readonly ms: number | null;
  readonly error: WireError | null;
}

/** How the way out treats ports, as RFC 4787 names it. `unknown`: the server can not tell. */
export type NatMapping = 'direct' | 'endpoint' | 'address' | 'address_port' | 'unknown';
export type NatFiltering = 'endpoint' | 'address' | 'address_port' | 'unknown';

export interface StunFacts {
  /** Where the datagrams seemed to come from. */
  readonly mapped: Address;
  readonly mapping: NatMapping;
  readonly filtering: NatFiltering;
}

/** Of the numbered probes. */
export interface UdpLoss {
  readonly sent: number;
  readonly received: number;
  readonly duplicated: number;
  /** Probes that came back after one that was sent later. */
  readonly reordered: number;
  /** Milliseconds, over those that came back; null when none did. */
  readonly rtt: { readonly min: number; readonly avg: number; readonly max: number } | null;
  /** Mean difference between one delay and the next. */
  readonly jitterMs: number | null;
}

export interface UdpSizes {
  /** Payload bytes of the largest datagram that came back whole; null when none did. */
  readonly largest: number | null;
  /** The smallest one above it that did not. */
  readonly lost: number | null;
}

export interface UdpCheck {
  readonly service: string;
  readonly probe: UdpProbe;
  /** Null: the built-in echo on this computer. */
  readonly target: Address | null;
  readonly rungs: readonly UdpRung[];
  /** Where the service said that datagrams go. */
  readonly bound: Address | null;
  readonly chain: string | null;
  readonly hops: readonly UdpHop[];
  /** Why the relay dropped what was sent, if it did. */
  readonly dropped: DropReason | null;
  readonly stun: StunFacts | null;
  readonly sizes: UdpSizes | null;
  readonly loss: UdpLoss | null;
  /** Null while it is going on. */
  readonly ok: boolean | null;
}
