/**
 * The named objects that URL parameters make: bypass-0, resolver-0, limiter-0 and so on, numbered through all URLs. The parameters are taken
 * out of the query they came in.
 */
import type { Data, Query, Reader } from './url-query.ts';

/** Where a URL was written: `-L 1`, or a place in a GOST v2 file. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What stands beside a URL instead of in it: the lists that a URL of GOST v2 names as files, without their names. */
export interface Beside {
  readonly auther?: Data;
  readonly bypass?: Data;
  /** More of them, which come from rules. */
  readonly bypasses?: readonly Data[] | undefined;
  readonly hosts?: Data;
  readonly resolver?: Data;
  /** The User-Agent of a proxy that is asked by HTTP or WebSocket; '' for the usual one. */
  readonly agent?: string;
}

type List =
  'authers' | 'admissions' | 'bypasses' | 'resolvers' | 'hosts' | 'limiters' | 'climiters' | 'rlimiters';

export class UrlObjects {
  readonly #lists: Readonly<Record<List, Data[]>> = {
    authers: [],
    admissions: [],
    bypasses: [],
    resolvers: [],
    hosts: [],
    limiters: [],
    climiters: [],
    rlimiters: [],
  };
  readonly #onAdd: (place: string, origin: Origin) => void;

  /** `onAdd` hears where each object will stand (`bypasses.0`) and which URL it came from. */
  constructor(onAdd: (place: string, origin: Origin) => void) {
    this.#onAdd = onAdd;
  }

  /** The lists that are not empty. */
  lists(): [string, Data[]][] {
    return Object.entries(this.#lists).filter(([, list]) => list.length > 0);
  }

  /** Adds objects that no parameter says; gives their names. */
  beside({ auther, bypass, bypasses = [], hosts, resolver }: Beside, origin: Origin): Data {
    const add = (list: List, prefix: string, data: Data | undefined): string | undefined =>
      data === undefined ? undefined : this.#add(list, prefix, data, origin);
    return {
      auther: add('authers', 'auther', auther),
      bypass: add('bypasses', 'bypass', bypass),
      bypasses:
        bypasses.length === 0
          ? undefined
          : bypasses.map((rules) => this.#add('bypasses', 'bypass', rules, origin)),
      hosts: add('hosts', 'hosts', hosts),
      resolver: add('resolvers', 'resolver', resolver),
    };
  }

  /** The objects that a hop's parameters make; gives their names. */
  ofHop(query: Query, read: Reader, origin: Origin): Data {
    const bypass = this.#rules('bypasses', 'bypass', query, read, origin);
    const resolver = this.#resolver(query, read, undefined, origin);
    const hosts = this.#hostsOf(query, read, origin);
    return { bypass, resolver, hosts };
  }

  /** The objects that a service's parameters make; gives their names. */
  ofService(query: Query, read: Reader, origin: Origin): Data {
    const admission = this.#rules('admissions', 'admission', query, read, origin);
    const bypass = this.#rules('bypasses', 'bypass', query, read, origin);
    const resolver = this.#resolver(query, read, read.text('prefer') || undefined, origin);
    const hosts = this.#hostsOf(query, read, origin);
    const [up, down, upEach, downEach] = [
      'limiter.in',
      'limiter.out',
      'limiter.conn.in',
      'limiter.conn.out',
    ].map((key) => read.text(key));
    const limits = [
      ...(up !== '' || down !== '' ? [`$ ${up ?? ''} ${down ?? ''}`] : []),
      ...(upEach !== '' || downEach !== '' ? [`$$ ${upEach ?? ''} ${downEach ?? ''}`] : []),
    ];
    const limiter = limits.length === 0 ? undefined : this.#add('limiters', 'limiter', { limits }, origin);
    if (limiter !== undefined)
      for (const key of ['limiter.in', 'limiter.out', 'limiter.conn.in', 'limiter.conn.out'])
        query.delete(key);
    const climit = read.integer('climiter');
    const climiter =
      climit > 0 ? this.#add('climiters', 'climiter', { limits: [`$ ${climit}`] }, origin) : undefined;
    if (climiter !== undefined) query.delete('climiter');
    const rlimit = Number(read.text('rlimiter'));
    const rlimiter =
      rlimit > 0 ? this.#add('rlimiters', 'rlimiter', { limits: [`$ ${rlimit}`] }, origin) : undefined;
    if (rlimiter !== undefined) query.delete('rlimiter');
    return { admission, bypass, resolver, hosts, limiter, climiter, rlimiter };
  }

  #rules(
    list: 'bypasses' | 'admissions',
    key: string,
    query: Query,
    read: Reader,
    origin: Origin,
  ): string | undefined {
    const written = read.text(key);
    if (written === '') return undefined;
    query.delete(key);
    const whitelist = written.startsWith('~');
    const matchers = written
      .slice(whitelist ? 1 : 0)
      .split(',')
      .filter((matcher) => matcher !== '');
    return this.#add(
      list,
      key,
      { whitelist: whitelist || undefined, matchers: matchers.length > 0 ? matchers : undefined },
      origin,
    );
  }

  #resolver(query: Query, read: Reader, prefer: string | undefined, origin: Origin): string | undefined {
    const written = read.text('resolver');
    if (written === '') return undefined;
    query.delete('resolver');
    const nameservers = written
      .split(',')
      .filter((addr) => addr !== '')
      .map((addr) => ({ addr, prefer }));
    return this.#add(
      'resolvers',
      'resolver',
      { nameservers: nameservers.length > 0 ? nameservers : undefined },
      origin,
    );
  }

  #hostsOf(query: Query, read: Reader, origin: Origin): string | undefined {
    const written = read.text('hosts');
    if (written === '') return undefined;
    query.delete('hosts');
    const mappings = written.split(',').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon === -1 ? [] : [{ ip: line.slice(colon + 1), hostname: line.slice(0, colon) }];
    });
    return this.#add('hosts', 'hosts', { mappings: mappings.length > 0 ? mappings : undefined }, origin);
  }

  #add(list: List, prefix: string, data: Data, origin: Origin): string {
    const objects = this.#lists[list];
    const name = `${prefix}-${objects.length}`;
    this.#onAdd(`${list}.${objects.length}`, origin);
    objects.push({ name, ...data });
    return name;
  }
}
