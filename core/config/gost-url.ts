/**
 * GOST's command line as a configuration: every `-L` makes one or more services, all `-F` together make chain-0, one hop each. Names, copied
 * parameters and leftovers are GOST's, so that `-O yaml` prints what GOST prints. Source: gost/config.md §7, checked against gost3 -O yaml.
 *
 * Intended differences, by name:
 * socks5h: GOST takes the unknown scheme socks5h for HTTP without a word; here it is socks5 (names are resolved by the proxy anyway).
 * secure_false: `secure=false` is kept, because certificates are checked here unless somebody says so.
 * group_server_name: GOST gives every node of `a:1,b:2` the server name "a:1,b"; here each has its own host.
 * more_groups: GOST refuses `-F http://a:1,b:2` (built with Go 1.26 or later) and groups with IPv6 addresses; here both are groups.
 * bad_port: GOST listens on a random port when the port is unreadable; here the address stays as written and is refused.
 *
 * Over 300 lines: services, hops and the objects they name are numbered in one order.
 */
import type { Config, Finding, Grade, Json, Path } from '../contract/config.ts';
import type { Locate } from './findings.ts';
import { cutHost, expandPorts, hostname, parseGoUrl, withScheme, type GoUrl } from './go-url.ts';
import { isGostType, REMOTE_LISTENERS } from './gost-types.ts';
import { UrlObjects, type Beside, type Origin } from './url-objects.ts';
import { NODE_ROLES, readScheme, SERVICE_ROLES, type SchemeRoles, type SchemeTypes } from './url-scheme.ts';
import {
  clean,
  distribute,
  moveKey,
  nodeTls,
  plainOf,
  reader,
  serviceTls,
  signInOf,
  takeFor,
  takeSelector,
  type Data,
  type Query,
  type Reader,
} from './url-query.ts';

/** Connectors and dialers that send headers of HTTP. */
const TELL_AGENT = new Set(['http', 'ws', 'wss', 'mws', 'mwss']);
/** Most services that one port range may make. */
const MAX_RANGE = 1024;
const PATH_LISTENERS = new Set(['unix', 'runix', 'serial']);
const FORWARDED_AS_LISTENER = new Set([
  'tcp',
  'udp',
  'rtcp',
  'rudp',
  'tun',
  'tap',
  'dns',
  'unix',
  'runix',
  'serial',
]);

export interface FromUrls {
  readonly config: Config;
  /** What is wrong with the URLs themselves; what the values mean is found by reading the configuration. */
  readonly findings: Finding[];
  /** Which URL a place of the configuration came from. */
  readonly locate: Locate;
  /** The services or hops that a URL made. */
  madeBy(origin: Origin): Path[];
}

export interface SourceUrl {
  readonly text: string;
  readonly origin: Origin;
  readonly beside?: Beside;
  /** More proxies of the same hop. */
  readonly peers?: readonly SourceUrl[];
}

/** Services with the proxies that they all go through, in order. */
export interface UrlRoute {
  readonly services: readonly SourceUrl[];
  readonly nodes: readonly SourceUrl[];
}

/** Reads the values of all `-L` and all `-F`, in order. A URL that can not be read gives a finding and nothing else. */
export function urlsToConfig(services: readonly string[], nodes: readonly string[]): FromUrls {
  const numbered = (urls: readonly string[], flag: string): SourceUrl[] =>
    urls.map((text, index) => ({ text, origin: { file: `${flag} ${index + 1}`, line: 0, column: 0 } }));
  return routesToConfig([{ services: numbered(services, '-L'), nodes: numbered(nodes, '-F') }]);
}

/** The same for several routes: each with nodes gets a chain of its own. */
export function routesToConfig(routes: readonly UrlRoute[]): FromUrls {
  const builder = new Builder();
  for (const { services, nodes } of routes) {
    builder.beginRoute(nodes.length > 0);
    for (const node of nodes) builder.node(node);
    for (const service of services) builder.service(service);
  }
  return builder.result();
}

class Builder {
  readonly #findings: Finding[] = [];
  readonly #origins = new Map<string, Origin>();
  readonly #services: Data[] = [];
  readonly #chains: { readonly name: string; readonly hops: Data[] }[] = [];
  readonly #objects = new UrlObjects((place, origin) => this.#origins.set(place, origin));
  #chained = false;

  /** What follows belongs to a new route. */
  beginRoute(chained: boolean): void {
    this.#chained = chained;
    if (chained) this.#chains.push({ name: `chain-${this.#chains.length}`, hops: [] });
  }

  result(): FromUrls {
    const lists = this.#objects.lists();
    const config: Config = {
      services: this.#services.map(clean),
      ...(this.#chains.length > 0
        ? { chains: this.#chains.map(({ name, hops }) => ({ name, hops: hops.map(clean) })) }
        : {}),
      ...Object.fromEntries(lists.map(([key, list]) => [key, list.map(clean)])),
    };
    const locate: Locate = (path) => this.#originOf(path);
    const madeBy = (origin: Origin): Path[] =>
      [...this.#origins].flatMap(([key, at]) =>
        at === origin && /^(services|chains)/.test(key)
          ? [key.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))]
          : [],
      );
    return { config, findings: this.#findings, locate, madeBy };
  }

  node(source: SourceUrl): void {
    const hops = this.#chains.at(-1)?.hops ?? [];
    const path: Path = ['chains', this.#chains.length - 1, 'hops', hops.length];
    this.#origins.set(path.join('.'), source.origin);
    const name = `hop-${hops.length}`;
    const own = this.#nodesOf(source, path);
    if (own === null) {
      hops.push({ name, nodes: [] }); // the chain must not get shorter by it
      return;
    }
    const peers = (source.peers ?? []).flatMap((peer) => {
      const read = this.#nodesOf(peer, path);
      return read === null ? [] : read.nodes.map((node) => ({ ...node, ...read.objects }));
    });
    const nodes = [...own.nodes, ...peers].map((node, index) => ({ ...node, name: `node-${index}` }));
    hops.push({ name, selector: own.selector, ...own.objects, nodes, metadata: own.metadata });
  }

  /** What a URL says about a hop, and the proxies it names; null when it can not be read. */
  #nodesOf({ text, origin, beside }: SourceUrl, path: Path): HopUrl | null {
    const url = this.#parse(withScheme(text.trim()), origin, path);
    if (url === null) return null;
    const query: Query = new Map(url.query);
    const read = reader(query);
    const selector = takeSelector(query);
    const objects = { ...this.#objects.ofHop(query, read, origin), ...this.#besideOf(beside, origin) };
    const types = this.#types(url.scheme, NODE_ROLES, path, origin);
    if (types.first === 'ssu' && !isGostType('dialer', types.asked[1])) types.second = 'udp';
    for (const key of ['interface', 'so_mark', 'proxyProtocol']) moveKey(query, read, key, 'hop');
    const hopMetadata = takeFor(query, 'hop', ['node', 'connector', 'dialer']);
    const auth = this.#auth(url, query, read, origin, path);
    const tls = nodeTls(query, read, url.host);
    const metadata = distribute(query, ['node', 'connector', 'dialer']);
    const hosts = PATH_LISTENERS.has(types.second)
      ? [url.host + url.path.replace(/^\//, url.host === '' ? '/' : '')]
      : url.host.split(',').filter((host) => host !== '');
    const ssh = types.second === 'ssh' || types.second === 'sshd';
    const nodes = hosts.map((addr, index) => ({
      name: `node-${index}`,
      addr,
      connector: {
        type: types.first,
        auth: ssh ? undefined : auth,
        metadata: withAgent(types.first, metadata.get('connector'), beside),
      },
      dialer: {
        type: types.second,
        auth: ssh ? auth : undefined,
        tls:
          hosts.length > 1 && tls !== undefined && !read.has('servername', 'tls.servername')
            ? { ...tls, serverName: hostname(addr) }
            : tls,
        metadata: withAgent(types.second, metadata.get('dialer'), beside),
      },
      metadata: plainOf(metadata.get('node')),
    }));
    return { selector, objects, nodes, metadata: plainOf(hopMetadata) };
  }

  #besideOf(beside: Beside | undefined, origin: Origin): Data {
    const names = Object.entries(this.#objects.beside(beside ?? {}, origin));
    return Object.fromEntries(names.filter(([, name]) => name !== undefined));
  }

  service({ text, origin, beside }: SourceUrl): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const { host, rest } = cutHost(withScheme(trimmed));
    const path: Path = ['services', this.#services.length];
    const before = this.#findings.length;
    const url = this.#parse(rest, origin, ['services']);
    if (url === null) return;
    const query: Query = new Map(url.query);
    const read = reader(query);
    const types = this.#types(url.scheme, SERVICE_ROLES, path, origin);
    if (types.first === 'ssu' && !isGostType('listener', types.asked[1])) types.second = 'udp';
    const unix = PATH_LISTENERS.has(types.second);
    const addrs = unix
      ? [host === '' ? url.path : host + url.path.replace(/^\//, '')]
      : this.#expand(host, path, origin);
    const targets = unix ? [] : this.#targets(url.path, path, origin);
    if (targets.length > 0 && types.first !== 'relay')
      types.first = FORWARDED_AS_LISTENER.has(types.second) ? types.second : 'forward';
    if (types.second === 'stdio' && targets.length === 0 && host !== '') {
      targets.push({ name: 'target-0', addr: host });
      if (types.first === 'auto') types.first = 'tcp';
    }
    const auth = this.#auth(url, query, read, origin, path);
    const tls = serviceTls(query, read);
    const dns = read.text('dns');
    if (dns !== '') query.set('dns', dns.split(','));
    for (const key of ['interface', 'so_mark', 'proxyProtocol', 'netns', 'netns.out'])
      moveKey(query, read, key, 'service');
    const selector = takeSelector(query);
    const refused = this.#findings.slice(before).some(({ grade }) => grade === 'blocks');
    for (const [index, addr] of addrs.slice(0, refused ? 1 : addrs.length).entries()) {
      const metadata = distribute(query, ['service', 'handler', 'listener']);
      const own = forwarded(targets, addrs.length, index);
      this.#addService(
        {
          addr,
          types,
          auth,
          tls,
          metadata,
          forwarder: own.length === 0 ? undefined : { selector, nodes: own },
          beside,
        },
        origin,
      );
    }
  }

  #addService(
    about: {
      addr: string;
      types: SchemeTypes;
      auth: Data | undefined;
      tls: Data | undefined;
      metadata: ReadonlyMap<string, Query>;
      forwarder: Data | undefined;
      beside: Beside | undefined;
    },
    origin: Origin,
  ): void {
    const index = this.#services.length;
    this.#origins.set(`services.${index}`, origin);
    const handler = about.metadata.get('handler') ?? new Map<string, Json>();
    const read = reader(handler);
    const retries = read.integer('retries');
    if (retries > 0) handler.delete('retries');
    const remote = REMOTE_LISTENERS.has(about.types.second);
    const ssh = about.types.second === 'ssh' || about.types.second === 'sshd';
    const chain = this.#chained ? this.#chains.at(-1)?.name : undefined;
    const { auther, ...beside } = this.#besideOf(about.beside, origin);
    this.#services.push({
      name: `service-${index}`,
      addr: about.addr || undefined,
      ...this.#objects.ofService(handler, read, origin),
      ...beside,
      handler: {
        type: about.types.first,
        retries: retries > 0 ? retries : undefined,
        chain: remote ? undefined : chain,
        auth: ssh || auther !== undefined ? undefined : about.auth,
        auther,
        metadata: Object.fromEntries(handler),
      },
      listener: {
        type: about.types.second,
        chain: remote ? chain : undefined,
        auth: ssh ? about.auth : undefined,
        tls: about.tls,
        metadata: plainOf(about.metadata.get('listener')),
      },
      forwarder: about.forwarder,
      metadata: plainOf(about.metadata.get('service')),
    });
  }

  #auth(url: GoUrl, query: Query, read: Reader, origin: Origin, path: Path): Data | undefined {
    const auth = signInOf(url, query, read);
    if (auth !== 'bad') return auth;
    this.#say('blocks', 'bad_value', path, origin, '`auth` should be user:password in Base64; it is not.');
    return undefined;
  }

  #types(scheme: string, roles: SchemeRoles, path: Path, origin: Origin): SchemeTypes {
    const { types, remarks } = readScheme(scheme, roles);
    for (const { grade, code, message } of remarks) this.#say(grade, code, path, origin, message);
    return types;
  }

  #expand(host: string, path: Path, origin: Origin): string[] {
    if (!/:\d+-\d+$/.test(host)) return [host];
    const addrs = expandPorts(host, MAX_RANGE);
    if (addrs === null)
      this.#say(
        'blocks',
        'bad_address',
        path,
        origin,
        `"${host}" is not a range of at most ${MAX_RANGE} ports.`,
      );
    return addrs ?? [host];
  }

  #targets(path: string, at: Path, origin: Origin): { name: string; addr: string }[] {
    const written = path.replace(/^\/+|\/+$/g, '');
    if (written === '') return [];
    return written
      .split(',')
      .flatMap((addr) => this.#expand(addr, at, origin))
      .map((addr, index) => ({ name: `target-${index}`, addr }));
  }

  #parse(text: string, origin: Origin, path: Path): GoUrl | null {
    const url = parseGoUrl(text);
    if (typeof url !== 'string') return url;
    this.#say('blocks', 'bad_url', path, origin, `This is not a URL that can be read: ${url}.`);
    return null;
  }

  #say(grade: Grade, code: string, path: Path, origin: Origin, message: string): void {
    this.#findings.push({ grade, code, ...origin, path, message });
  }

  #originOf(path: Path): Origin {
    for (let length = Math.min(4, path.length); length > 0; length -= 1) {
      const origin = this.#origins.get(path.slice(0, length).join('.'));
      if (origin !== undefined) return origin;
    }
    return this.#origins.values().next().value ?? { file: '-L 1', line: 0, column: 0 };
  }
}

/** What one URL makes of a hop. */
interface HopUrl {
  readonly selector: Data | undefined;
  /** Names of the objects it refers to. */
  readonly objects: Data;
  readonly nodes: readonly Data[];
  readonly metadata: Readonly<Record<string, Json>>;
}

function forwarded(
  targets: readonly { name: string; addr: string }[],
  services: number,
  index: number,
): Data[] {
  if (services === 1 || targets.length <= 1) return [...targets];
  return targets.slice(index, index + 1);
}

/** The options of one part of a node, with the User-Agent that a URL of GOST v2 names where that part says one. */
function withAgent(type: string, query: Query | undefined, beside: Beside | undefined): Data {
  const agent = beside?.agent ?? '';
  const told = agent !== '' && TELL_AGENT.has(type);
  return told ? { ...plainOf(query), header: { 'User-Agent': agent } } : plainOf(query);
}
