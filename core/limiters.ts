/**
 * GOST's limiters by name: traffic (bytes per second), connections at once, requests per second. Each is one object for all
 * services that name it, and lives on when the configuration is applied again, so that an edit neither forgets who is
 * connected nor hands out a new burst.
 *
 * Whom a rule holds for. `$` is everybody together. An address is its clients together; a CIDR is each of its addresses by
 * itself, and of several CIDRs the widest counts, as in GOST. `$$` is each connection (traffic), or each address that has no
 * rule of its own (connections, requests).
 */
import { BlockList } from 'node:net';
import { ProxyError } from './errors.ts';
import { familyOf, formatAddress, unmap } from './net/address.ts';
import type { Address } from './net/conn.ts';
import { Bucket, Meter, type Meters } from './net/meter.ts';
import type { LimitRule, TrafficRate, TrafficScope } from './plan.ts';

/** Buckets and counts nobody uses are kept this long: who hangs up and comes back finds them as they were. */
const KEPT_MS = 15_000;
const SWEEP_ABOVE = 256;

/** The limiters of an engine. */
export class Limiters {
  readonly #traffic = new Map<string, TrafficLimiter>();
  readonly #connections = new Map<string, ConnectionLimiter>();
  readonly #requests = new Map<string, RequestLimiter>();
  readonly #now: () => number;

  /** `now` in milliseconds, monotonic. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The limiter of this name; a new one has no rules. */
  traffic(name: string): TrafficLimiter {
    return known(this.#traffic, name, () => new TrafficLimiter(this.#now));
  }

  connections(name: string): ConnectionLimiter {
    return known(this.#connections, name, () => new ConnectionLimiter());
  }

  requests(name: string): RequestLimiter {
    return known(this.#requests, name, () => new RequestLimiter(this.#now));
  }
}

function known<L>(limiters: Map<string, L>, name: string, make: () => L): L {
  const limiter = limiters.get(name) ?? make();
  limiters.set(name, limiter);
  return limiter;
}

/** Rules by whom they hold for; of two for the same, the later counts. */
class RuleTable<T> {
  readonly all: T | null;
  readonly each: T | null;
  readonly #hosts = new Map<string, T>();
  /** The widest first. */
  readonly #nets: readonly { readonly length: number; readonly list: BlockList; readonly value: T }[];

  constructor(rules: readonly LimitRule<T>[]) {
    const byKey = new Map(rules.map(({ key, value }) => [key, value]));
    this.all = byKey.get('$') ?? null;
    this.each = byKey.get('$$') ?? null;
    const nets = [];
    for (const [key, value] of byKey) {
      const [host = '', length] = key.split('/');
      if (length !== undefined)
        nets.push({ length: Number(length), list: subnet(host, Number(length)), value });
      else if (key !== '$' && key !== '$$') this.#hosts.set(unmap(host).toLowerCase(), value);
    }
    this.#nets = nets.sort((a, b) => a.length - b.length);
  }

  /** The rule of an address; null when it has none of its own. */
  of(host: string): { readonly value: T } | null {
    const exact = this.#hosts.get(host.toLowerCase());
    if (exact !== undefined) return { value: exact };
    const family = familyOf(host) === 6 ? 'ipv6' : 'ipv4';
    const net = this.#nets.find(({ list }) => list.check(host, family));
    return net === undefined ? null : { value: net.value };
  }
}

function subnet(host: string, length: number): BlockList {
  const list = new BlockList();
  list.addSubnet(host, length, familyOf(host) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

interface Pair {
  up: Bucket | null;
  down: Bucket | null;
  users: number;
  idleSince: number;
}

/** The meters of one connection; `close` when it has ended. */
export interface Metering extends Meters {
  close(): void;
}

export class TrafficLimiter {
  readonly #now: () => number;
  readonly #pairs = new Map<string, Pair>();
  #rules = new RuleTable<TrafficRate>([]);

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Connections that are limited go on at the new rate; one that was not when it began is not slowed down later. */
  use(rules: readonly LimitRule<TrafficRate>[]): void {
    this.#rules = new RuleTable(rules);
    const now = this.#now();
    for (const [key, pair] of this.#pairs) {
      const rate = this.#rateOf(key);
      const burst = rate?.burst ?? null;
      for (const [bucket, bps] of [
        [pair.up, rate?.upBps ?? 0] as const,
        [pair.down, rate?.downBps ?? 0] as const,
      ]) {
        bucket?.set(bps > 0 ? bps : Infinity, burst ?? (bps > 0 ? bps : Infinity), now);
      }
    }
  }

  open(client: Address, scope: TrafficScope): Metering | null {
    const host = unmap(client.host);
    const keys = [
      ...(scope === 'conn' ? [] : ['$']),
      ...(scope === 'service' ? [] : [`$$ ${formatAddress(client)}`, host]),
    ];
    const pairs = keys.flatMap((key) => this.#pair(key) ?? []);
    const meter = (side: 'up' | 'down'): Meter | null => {
      const buckets = pairs.flatMap((pair) => pair[side] ?? []);
      return buckets.length === 0 ? null : new Meter(buckets, this.#now);
    };
    const [up, down] = [meter('up'), meter('down')];
    if (up === null && down === null) return null;
    for (const pair of pairs) pair.users += 1;
    return { up, down, close: () => this.#leave(pairs) };
  }

  #leave(pairs: readonly Pair[]): void {
    const now = this.#now();
    for (const pair of pairs) {
      pair.users -= 1;
      pair.idleSince = now;
    }
    if (this.#pairs.size <= SWEEP_ABOVE) return;
    for (const [key, { users, idleSince }] of this.#pairs) {
      if (users === 0 && now - idleSince > KEPT_MS) this.#pairs.delete(key);
    }
  }

  #pair(key: string): Pair | null {
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const rate = this.#rateOf(key);
    if (rate === null) return null;
    const now = this.#now();
    const bucket = (bps: number): Bucket | null => (bps > 0 ? new Bucket(bps, rate.burst ?? bps, now) : null);
    const pair = { up: bucket(rate.upBps), down: bucket(rate.downBps), users: 0, idleSince: now };
    this.#pairs.set(key, pair);
    return pair;
  }

  #rateOf(key: string): TrafficRate | null {
    if (key === '$') return this.#rules.all;
    if (key.startsWith('$$')) return this.#rules.each;
    return this.#rules.of(key)?.value ?? null;
  }
}

export class ConnectionLimiter {
  readonly #open = new Map<string, number>();
  #rules = new RuleTable<number>([]);

  /** Connections that are open stay, also where the new rules allow fewer. */
  use(rules: readonly LimitRule<number>[]): void {
    this.#rules = new RuleTable(rules);
  }

  /** Counts a connection in. Returns how it is counted out again, or why it may not come in. */
  enter(client: Address): (() => void) | ProxyError {
    const host = unmap(client.host);
    const own = this.#rules.of(host)?.value ?? this.#rules.each;
    if (own !== null && this.#count(host) >= own)
      return new ProxyError('limit_client', { client: host, count: own });
    if (this.#rules.all !== null && this.#count('$') >= this.#rules.all)
      return new ProxyError('limit', { count: this.#rules.all });
    this.#add('$', 1);
    this.#add(host, 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#add('$', -1);
      this.#add(host, -1);
    };
  }

  #count(key: string): number {
    return this.#open.get(key) ?? 0;
  }

  #add(key: string, change: number): void {
    const count = this.#count(key) + change;
    if (count === 0) this.#open.delete(key);
    else this.#open.set(key, count);
  }
}

export class RequestLimiter {
  readonly #now: () => number;
  readonly #buckets = new Map<string, { readonly bucket: Bucket; rate: number; usedAt: number }>();
  #rules = new RuleTable<number>([]);

  constructor(now: () => number) {
    this.#now = now;
  }

  use(rules: readonly LimitRule<number>[]): void {
    this.#rules = new RuleTable(rules);
  }

  /** Counts a request. Returns why it is refused; a refused request counts nowhere. */
  count(client: Address): ProxyError | null {
    const host = unmap(client.host);
    const own = this.#rules.of(host)?.value ?? this.#rules.each;
    const now = this.#now();
    const asked = [
      ...(own === null ? [] : [{ rate: own, bucket: this.#bucket(host, own, now) }]),
      ...(this.#rules.all === null
        ? []
        : [{ rate: this.#rules.all, bucket: this.#bucket('$', this.#rules.all, now) }]),
    ];
    const full = asked.find(({ bucket }) => !bucket.has(1, now));
    if (full !== undefined) return new ProxyError('limit_rate', { rate: full.rate });
    for (const { bucket } of asked) bucket.reserve(1, now);
    return null;
  }

  #bucket(key: string, rate: number, now: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      if (known.rate !== rate) known.bucket.set(rate, burstOf(rate), now);
      known.rate = rate;
      known.usedAt = now;
      return known.bucket;
    }
    if (this.#buckets.size > SWEEP_ABOVE) this.#sweep(now);
    const bucket = new Bucket(rate, burstOf(rate), now);
    this.#buckets.set(key, { bucket, rate, usedAt: now });
    return bucket;
  }

  /** A bucket that had the time to fill up again is like a new one. */
  #sweep(now: number): void {
    for (const [key, { rate, usedAt }] of this.#buckets) {
      if (now - usedAt > Math.max(KEPT_MS, (burstOf(rate) / rate) * 1000)) this.#buckets.delete(key);
    }
  }
}

function burstOf(rate: number): number {
  return Math.floor(rate) + 1;
}
