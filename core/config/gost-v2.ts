/**
 * GOST v2: its JSON files and its URLs, turned into the v3 configuration that does the same. What v3 (or Sockeye) has no way to do is a
 * finding; where leaving it out would let somebody in or out, it blocks. Source: gost/config.md §8.
 */
import type { Config, Finding, Grade, Json, Path } from '../contract/config.ts';
import { isGostType, nearest } from './gost-types.ts';
import { isList, isMap, readBoolean, readInteger, readText } from './gost-values.ts';
import { routesToConfig, type FromUrls, type SourceUrl, type UrlRoute } from './gost-url.ts';
import { ownKey, valueAt } from './model.ts';
import { FASTEST, Files, type Say, type Side } from './gost-v2-files.ts';
import { rulesToV3 } from './gost-v2-rules.ts';
import type { Beside, Origin } from './url-objects.ts';

/** Tells where a path of the v2 file stands. */
type LocateV2 = (path: Path) => Origin;

/** True for the data of a v2 file. */
export function isV2(data: Json): boolean {
  return isMap(data) && ['ServeNodes', 'ChainNodes', 'Routes'].some((key) => ownKey(data, key) !== undefined);
}

/** Reads the data of a v2 file. Every route gets a chain of its own. */
export function v2ToConfig(data: Json, locate: LocateV2): FromUrls {
  const said: Said[] = [];
  const say: Say = (grade, code, origin, message) => said.push({ grade, code, origin, message });
  say(
    'changes',
    'v2_file',
    locate([]),
    'This is a file of GOST v2. It is read as the v3 configuration that does the same; save that to edit it.',
  );
  for (const key of isMap(data) ? Object.keys(data) : [])
    checkKey(key, [...FILE_KEYS, ...ROUTE_KEYS], locate([key]), say);
  const inner = valueAt(data, ['Routes']);
  const routes = [routeOf(data, [], locate, say)];
  for (const [index, route] of (isList(inner) ? inner : []).entries()) {
    const path = ['Routes', index];
    for (const key of isMap(route) ? Object.keys(route) : [])
      checkKey(key, ROUTE_KEYS, locate([...path, key]), say);
    routes.push(routeOf(route, path, locate, say));
  }
  const debug = readBoolean(valueAt(data, ['Debug']) ?? false).value === true;
  return withMore(routesToConfig(routes), said, debug);
}

/** Reads the URLs of a v2 command line. */
export function v2UrlsToConfig(services: readonly string[], nodes: readonly string[]): FromUrls {
  const numbered = (urls: readonly string[], flag: string): SourceUrl[] =>
    urls.map((text, index) => ({ text, origin: { file: `${flag} ${index + 1}`, line: 0, column: 0 } }));
  return v2RoutesToConfig([{ services: numbered(services, '-L'), nodes: numbered(nodes, '-F') }]);
}

/** The same for several command lines, each with the places of its URLs. */
export function v2RoutesToConfig(routes: readonly UrlRoute[]): FromUrls {
  const said: Said[] = [];
  const say: Say = (grade, code, origin, message) => said.push({ grade, code, origin, message });
  const translated = (urls: readonly SourceUrl[], side: Side): SourceUrl[] =>
    urls.map(({ text, origin }) => v3Source(text, side, new Map(), origin, say));
  return withMore(
    routesToConfig(
      routes.map(({ services, nodes }) => ({
        services: translated(services, 'serve'),
        nodes: translated(nodes, 'chain'),
      })),
    ),
    said,
    false,
  );
}

interface Said {
  readonly grade: Grade;
  readonly code: string;
  readonly origin: Origin;
  readonly message: string;
}

const FILE_KEYS = ['Debug', 'Routes'];
const ROUTE_KEYS = ['Retries', 'Mark', 'Interface', 'ServeNodes', 'ChainNodes'];

function checkKey(key: string, known: readonly string[], origin: Origin, say: Say): void {
  if (known.some((name) => name.toLowerCase() === key.toLowerCase())) return;
  const near = nearest(key, known);
  say(
    near === null ? 'ignored' : 'blocks',
    near === null ? 'unknown_key' : 'near_miss',
    origin,
    `GOST v2 knows no key ${key}, so it has no effect.${near === null ? '' : ` Did you mean ${near}?`}`,
  );
}

/** Adds what was said while translating. A finding that blocks stands at whatever its URL made, so that just that does not run; a mistyped key of
 * the file may have held the proxies, so then nothing does. */
function withMore(read: FromUrls, said: readonly Said[], debug: boolean): FromUrls {
  const config: Config = debug ? { ...read.config, log: { level: 'debug' } } : read.config;
  const more = said.flatMap(({ grade, code, origin, message }): Finding[] => {
    const made = grade === 'blocks' ? read.madeBy(origin) : [];
    const paths: Path[] = made.length > 0 ? made : code === 'near_miss' ? [[]] : [['services']];
    return paths.map((path) => ({ grade, code, ...origin, path, message }));
  });
  return { ...read, config, findings: [...more, ...read.findings] };
}

function routeOf(data: Json, path: Path, locate: LocateV2, say: Say): UrlRoute {
  const forAll = new Map<string, string>();
  const retries = readInteger(valueAt(data, ['Retries']) ?? 0).value ?? 0;
  const mark = readInteger(valueAt(data, ['Mark']) ?? 0).value ?? 0;
  const device = readText(valueAt(data, ['Interface']) ?? '').value ?? '';
  if (retries > 0) forAll.set('retries', String(retries));
  if (mark > 0) forAll.set('so_mark', String(mark));
  if (device !== '') forAll.set('interface', device);
  const urls = (key: string, side: Side): SourceUrl[] => {
    const list = valueAt(data, [key]);
    return (isList(list) ? list : []).map((item, index) => {
      const origin = locate([...path, key, index]);
      return v3Source(readText(item).value ?? '', side, side === 'serve' ? forAll : new Map(), origin, say);
    });
  };
  return { services: urls('ServeNodes', 'serve'), nodes: urls('ChainNodes', 'chain') };
}

/** Keys with another name in v3. */
const RENAMED: Readonly<Record<string, string>> = {
  retry: 'retries',
  queue: 'readQueueSize',
  compression: 'enableCompression',
  rbuf: 'readBufferSize',
  wbuf: 'writeBufferSize',
  idle: 'maxIdleTimeout',
  ssh_key: 'privateKeyFile',
  dns: 'resolver',
};
/** Keys that v3 does by itself. */
const IMPLIED = new Set(['mbind', 'ping']);
/** Keys without a counterpart; what each would have done decides whether its loss blocks. */
const LOST: Readonly<Record<string, readonly [Grade, string]>> = {
  cipher: ['blocks', 'v2 derives the key from this text and v3 does not; the two can not talk.'],
  c: ['changes', 'The KCP settings are in another file, which is not read. Write them as kcp.* options.'],
  fastest_count: ['changes', FASTEST],
  httpTunnel: ['ignored', 'v3 has no such switch.'],
  ssh_authorized_keys: ['blocks', 'Sockeye has no SSH server.'],
};

/** A v2 URL as the v3 URL that does the same, with what stands beside it. `more`: parameters for all services of the route. */
function v3Source(
  text: string,
  side: Side,
  more: ReadonlyMap<string, string>,
  origin: Origin,
  say: Say,
): SourceUrl {
  const [, address = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(text.trim()) ?? [];
  const schemeEnd = address.indexOf('://');
  const scheme = schemeEnd === -1 ? '' : address.slice(0, schemeEnd);
  const parts = scheme.split('+').map((part) => (part === 'ss2' ? 'ss' : part === 'socks' ? 'socks5' : part));
  if (parts.includes('obfs4'))
    say('blocks', 'unsupported', origin, 'obfs4 exists neither in GOST v3 nor in Sockeye.');
  const rest = schemeEnd === -1 ? address : address.slice(schemeEnd + 3);
  const out = new URLSearchParams();
  const files = new Files(side, origin, say);
  let hosts: string | null = null;
  let agent = '';
  const rules: Rules = { whitelist: null, blacklist: null };
  for (const [key, value] of new URLSearchParams(query)) {
    const lost = Object.hasOwn(LOST, key) ? LOST[key] : undefined;
    if (lost !== undefined) say(lost[0], 'v2_option', origin, `${key}: ${lost[1]}`);
    else if (key === 'whitelist' || key === 'blacklist') rules[key] = value;
    else if (key === 'agent') {
      agent = value;
      if (side === 'serve')
        say('ignored', 'v2_option', origin, 'agent: It is told to proxies only, not by services.');
    } else if (key === 'ip' && side === 'chain') hosts = files.addresses(value, portOf(rest));
    else if (files.take(key, value) || IMPLIED.has(key)) continue;
    else if (key === 'dns') out.append('resolver', value.split(',').map(nameserver).join(','));
    else out.append(Object.hasOwn(RENAMED, key) ? (RENAMED[key] ?? key) : key, value);
  }
  const handler = handlerOf(parts, rest);
  const allowed = takeRules(rules, side === 'serve' ? handler : null, out, (grade, message) =>
    say(grade, 'v2_option', origin, message),
  );
  if (side === 'serve') alwaysOn(handler, parts, out);
  for (const [key, value] of more) if (!out.has(key)) out.append(key, value);
  for (const [key, value] of files.selector) {
    out.delete(key);
    if (value !== '') out.append(key, value);
  }
  const at = rest.lastIndexOf('@') + 1;
  const moved = `${files.user ?? rest.slice(0, at)}${hosts ?? rest.slice(at)}`;
  const whole = schemeEnd === -1 ? moved : `${parts.join('+')}://${moved}`;
  const options = out.toString();
  return {
    text: options === '' ? whole : `${whole}?${options}`,
    origin,
    beside: { ...files.beside, bypasses: allowed, agent: side === 'chain' ? agent : '' },
    peers: files.peers.map((peer) => v3Source(peer, side, new Map(), origin, say)),
  };
}

/** The port that the addresses of `ip` get where they have none. */
function portOf(rest: string): string {
  return /:(\d+)\/?$/.exec(rest)?.[1] ?? '8080';
}

/** What will speak with clients; null for what hands them on to a fixed target. A scheme that is only a carrier serves everything, as in v3. */
function handlerOf([written = '']: readonly string[], rest: string): string | null {
  const handler = isGostType('handler', written) || written === 'https' ? written : 'auto';
  const hasTarget = /^[^/]*\/./.test(rest) && handler !== 'relay';
  return hasTarget || FORWARDERS.has(handler) ? null : handler;
}

type Rules = Record<'whitelist' | 'blacklist', string | null>;
const FORWARDERS = new Set(['tcp', 'udp', 'rtcp', 'rudp', 'forward']);

/** The bypasses that rules per command become; the switches they turn off go into `out`. */
function takeRules(
  { whitelist, blacklist }: Rules,
  handler: string | null,
  out: URLSearchParams,
  say: (grade: Grade, message: string) => void,
): Beside['bypasses'] {
  if (whitelist === null && blacklist === null) return [];
  if (handler === null) {
    say(
      'ignored',
      'whitelist, blacklist: GOST v2 looks at them only in services whose clients choose the target.',
    );
    return [];
  }
  const { bypasses, off, said } = rulesToV3(whitelist, blacklist, handler);
  for (const [grade, message] of said) say(grade, message);
  for (const key of off) {
    out.delete(key);
    out.append(`handler.${key}`, 'false');
  }
  return bypasses;
}

/** What v2 does without being asked: BIND, UDP and MBIND of SOCKS5, a minute of life for UDP sessions. */
function alwaysOn(handler: string | null, parts: readonly string[], out: URLSearchParams): void {
  const [only = '', listener = only] = parts;
  if (handler === 'socks5' || handler === 'auto') {
    for (const key of ['bind', 'udp', 'comp'])
      if (!out.has(key) && !out.has(`handler.${key}`)) out.append(`handler.${key}`, 'true');
  }
  if (listener !== 'udp' && listener !== 'rudp') return;
  if (!out.has('ttl')) out.append('listener.ttl', '60s');
  if (!out.has('keepalive')) out.append('listener.keepalive', 'true');
}

/** v2 takes `1.1.1.1:53/tcp`, v3 `tcp://1.1.1.1:53`. */
function nameserver(text: string): string {
  const match = /^([^/]+)\/(udp|tcp|tls|https)$/.exec(text.trim());
  return match === null ? text.trim() : `${match[2] ?? 'udp'}://${match[1] ?? ''}`;
}
