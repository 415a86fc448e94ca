/**
 * A way out for datagrams under a service's rules: every target is judged, names get the addresses that `hosts` or the
 * service's resolver give them, and what may not leave is dropped with its reason. Verdicts are kept per target, so that a
 * datagram to a known one costs a comparison or one look-up.
 */
import type { DropReason } from '../contract/stats.ts';
import { familyOf, unmap, validName } from '../net/address.ts';
import type { Address, DropSink, PacketConn, PacketSink } from '../net/conn.ts';
import type { Lookup } from '../net/lookup.ts';
import type { HostsMap } from './hosts.ts';

export interface JudgedParts {
  /** True for a target that datagrams may be sent to, as it was asked for. */
  readonly judge: (target: Address) => boolean;
  /** The same for an address that a name was given here. */
  readonly judgeGiven: (address: Address) => boolean;
  readonly hosts: HostsMap | null;
  readonly resolver: Lookup | null;
}

/** Where datagrams for a target really go, or why they do not; `waiting` ones are sent when their name is resolved. */
type Verdict = Given | { readonly kind: 'wait'; readonly waiting: Buffer[] };
type Given =
  { readonly kind: 'send'; readonly to: Address } | { readonly kind: 'drop'; readonly reason: DropReason };

const MAX_TARGETS = 512;
/** Datagrams per name that wait for its address, and names that are asked for at once. */
const MAX_WAITING = 8;
const MAX_NAMES = 16;

/** Owns `out` from now on. */
export class JudgedPackets implements PacketConn {
  readonly local: Address;
  readonly carrier: PacketConn['carrier'];
  readonly hops: readonly PacketConn['carrier'][];
  readonly largest: number | undefined;
  readonly idleMs: number | undefined;
  readonly closed: Promise<void>;
  readonly #out: PacketConn;
  readonly #parts: JudgedParts;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #ending = new AbortController();
  #last: { readonly target: Address; readonly verdict: Verdict } | null = null;
  #asking = 0;
  #onDrop: DropSink = () => undefined;

  constructor(out: PacketConn, parts: JudgedParts) {
    this.local = out.local;
    this.carrier = out.carrier;
    this.hops = out.hops ?? [];
    this.largest = out.largest;
    this.idleMs = out.idleMs;
    this.closed = out.closed;
    this.#out = out;
    this.#parts = parts;
    void out.closed.then(() => this.#ending.abort());
  }

  receive(sink: PacketSink, onDrop?: DropSink): void {
    if (onDrop !== undefined) this.#onDrop = onDrop;
    this.#out.receive(sink, onDrop);
  }

  send(data: Buffer, target: Address): DropReason | null {
    const verdict = this.#verdict(target);
    if (verdict.kind === 'send') return this.#out.send(data, verdict.to);
    if (verdict.kind === 'drop') return verdict.reason;
    if (verdict.waiting.length >= MAX_WAITING) return 'queue';
    verdict.waiting.push(Buffer.from(data));
    return null;
  }

  close(): void {
    this.#ending.abort();
    this.#out.close();
  }

  #verdict(target: Address): Verdict {
    const last = this.#last;
    if (last !== null && last.target.port === target.port && last.target.host === target.host)
      return last.verdict;
    const key = `${target.host} ${target.port}`;
    const known = this.#verdicts.get(key);
    if (known === undefined) return this.#judge(target, key);
    this.#last = { target, verdict: known };
    return known;
  }

  #judge({ host, port }: Address, key: string): Verdict {
    const literal = familyOf(host) !== 0;
    if (!literal && !validName(host)) return drop('name');
    if (port === 0) return drop('unreachable');
    const target = literal ? { host: unmap(host), port } : { host, port };
    if (!this.#parts.judge(target)) return this.#keep(key, drop('not_allowed'));
    if (literal) return this.#keep(key, { kind: 'send', to: target });
    const given = this.#parts.hosts?.(host)?.[0];
    if (given !== undefined) return this.#keep(key, this.#given(given, port));
    if (this.#parts.resolver === null) return this.#keep(key, { kind: 'send', to: target });
    if (this.#asking >= MAX_NAMES) return drop('queue');
    return this.#resolve(this.#parts.resolver, target, key);
  }

  #resolve(resolver: Lookup, target: Address, key: string): Verdict {
    const waiting: Buffer[] = [];
    const carry = (verdict: Given, data: Buffer): DropReason | null =>
      verdict.kind === 'send' ? this.#out.send(data, verdict.to) : verdict.reason;
    this.#asking += 1;
    void resolver(target.host, this.#ending.signal)
      .then(
        ([first]): Given => (first === undefined ? drop('name') : this.#given(first, target.port)),
        () => drop('name'),
      )
      .then((verdict) => {
        this.#asking -= 1;
        this.#last = null;
        // a name that failed is asked for again by its next datagram
        if (verdict.kind === 'drop' && verdict.reason === 'name') this.#verdicts.delete(key);
        else this.#verdicts.set(key, verdict);
        for (const data of waiting) {
          const dropped = carry(verdict, data);
          if (dropped !== null) this.#onDrop(dropped, target);
        }
      });
    return this.#keep(key, { kind: 'wait', waiting });
  }

  #given(ip: string, port: number): Given {
    const to = { host: unmap(ip), port };
    return this.#parts.judgeGiven(to) ? { kind: 'send', to } : drop('not_allowed');
  }

  #keep(key: string, verdict: Verdict): Verdict {
    const oldest = this.#verdicts.keys().next();
    if (this.#verdicts.size >= MAX_TARGETS && oldest.done !== true) this.#verdicts.delete(oldest.value);
    this.#verdicts.set(key, verdict);
    return verdict;
  }
}

function drop(reason: DropReason): Given {
  return { kind: 'drop', reason };
}
