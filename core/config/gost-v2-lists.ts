/**
 * The files beside a configuration of GOST v2, line by line. A list that a v3 object can read where it lies is named there; one with lines
 * that only v2 understands (`reload 10s`, `reverse true`) is copied, because v3 would take them for items: `reload` for a user with the password
 * `10s`. Source: ginuerzh/gost 2.12, cmd/gost/cfg.go, peer.go, auth.go, bypass.go, hosts.go, resolver.go.
 */
import type { Json } from '../contract/config.ts';
import { isMap, readInteger, readText } from './gost-values.ts';
import { readBounded } from './list-file.ts';
import { valueAt } from './model.ts';
import type { Data } from './url-query.ts';

/** Lines of a file of name servers that are none; some are those of /etc/resolv.conf, which v2 passes over. */
const RESOLVER_OPTIONS = new Set([
  'timeout',
  'ttl',
  'reload',
  'domain',
  'search',
  'sortlist',
  'options',
  'prefer',
  'ip',
]);

/** The text of a file, null when it can not be read. */
export function textOf(path: string): string | null {
  try {
    return readBounded(path);
  } catch {
    return null;
  }
}

/** Whether a value that v2 could not open was meant for a file all the same. */
export function isFileName(value: string): boolean {
  return /^(\.{0,2}\/|[a-z]:\\)|\.(txt|conf|cfg|json|list|hosts)$/i.test(value.trim());
}

/** A v3 object for a list file. `copied`: it has lines of v2, so its items stand in the configuration. */
export interface ListObject {
  readonly data: Data;
  readonly copied: boolean;
}

/** An auther. A file that can not be read is named all the same: reading the configuration says so and lets nobody in. */
export function usersOf(path: string): ListObject {
  return listOf(path, wholeLines, ['reload'], (lines) => ({
    auths: lines.map(([username = '', password = '']) => ({ username, password })),
  }));
}

/** A bypass. v2 forgets `~` before the name of a file; what counts is the file's own `reverse`. */
export function rulesOf(path: string): ListObject {
  return listOf(path, withoutComments, ['reload', 'reverse'], (lines, directives) => ({
    whitelist: /^(1|t|true)$/i.test(directives.get('reverse') ?? '') || undefined,
    matchers: lines.map(([pattern = '']) => pattern),
  }));
}

/** Names and their addresses; v2 passes over lines without an address. */
export function namesOf(path: string): ListObject {
  return listOf(path, withoutComments, ['reload'], (lines) => ({
    mappings: lines
      .filter((words) => words.length > 1)
      .map(([ip = '', hostname = '', ...aliases]) => ({
        ip,
        hostname,
        aliases: aliases.length > 0 ? aliases : undefined,
      }))
      .map((mapping): Json => JSON.parse(JSON.stringify(mapping)) as Json), // without the absent key
  }));
}

/** The addresses of a node, with the node's own port where one has none. */
export function addressesOf(value: string, port: string): string[] {
  const text = textOf(value);
  const lines = text === null ? value.split(',') : text.split('\n').filter((line) => !/^\s*#/.test(line));
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => withPort(line, port));
}

/** What a file of peers says. */
interface Peers {
  /** URLs of v2. */
  readonly nodes: readonly string[];
  /** Keys of a v2 URL. */
  readonly selector: Readonly<Record<'strategy' | 'max_fails' | 'fail_timeout', string>>;
  readonly fastest: boolean;
  readonly reloads: boolean;
}

/** The peers of a text: JSON, or lines of a word and its value. */
export function peersOf(text: string): Peers {
  const json = jsonOf(text);
  if (json !== null) {
    const nodes = valueAt(json, ['nodes']);
    return {
      nodes: Array.isArray(nodes) ? nodes.flatMap((node: Json) => readText(node).value ?? []) : [],
      selector: {
        strategy: readText(valueAt(json, ['strategy']) ?? '').value ?? '',
        max_fails: numberOf(valueAt(json, ['max_fails'])),
        fail_timeout: '',
      },
      fastest: numberOf(valueAt(json, ['fastest_count'])) !== '',
      reloads: false,
    };
  }
  const lines = withoutComments(text).filter((words) => words.length > 1);
  const last = (key: string): string => lines.findLast(([word]) => word === key)?.[1] ?? '';
  return {
    nodes: lines.flatMap(([word, url]) => (word === 'peer' && url !== undefined ? [url] : [])),
    selector: {
      strategy: last('strategy'),
      max_fails: last('max_fails'),
      fail_timeout: last('fail_timeout'),
    },
    fastest: Number(last('fastest_count')) > 0,
    reloads: last('reload') !== '',
  };
}

/** Name servers as v3 has them. `throughChain`: v2 asks one of them through the proxies of its route. */
export function nameserversOf(text: string): { nameservers: Data[]; throughChain: boolean } {
  const lines = withoutComments(text);
  const last = (key: string): string | undefined => lines.findLast(([word]) => word === key)?.[1];
  const servers = lines
    .filter(([word = '']) => !RESOLVER_OPTIONS.has(word))
    .map((words) => (words[0] === 'nameserver' ? words.slice(1) : words))
    .filter((words) => words.length > 0);
  const nameservers = servers.map(([addr = '', protocol = '', hostname]): Data => {
    const scheme = protocol.toLowerCase().replace(/-chain$/, '');
    return {
      addr: scheme === '' || /^https?:/.test(addr) ? addr : `${scheme}://${addr}`,
      hostname,
      prefer: last('prefer')?.toLowerCase(),
      clientIP: last('ip'),
      ttl: last('ttl'),
      timeout: last('timeout'),
    };
  });
  return { nameservers, throughChain: servers.some(([, protocol = '']) => /-chain$/i.test(protocol)) };
}

type Lines = readonly (readonly string[])[];

function listOf(
  path: string,
  split: (text: string) => Lines,
  directives: readonly string[],
  copy: (lines: Lines, directives: ReadonlyMap<string, string>) => Data,
): ListObject {
  const text = textOf(path);
  const lines = text === null ? [] : split(text);
  const said = new Map(
    lines.flatMap(([word = '', value = '']) => (directives.includes(word) ? [[word, value] as const] : [])),
  );
  if (said.size === 0) return { data: { file: { path } }, copied: false };
  return {
    data: copy(
      lines.filter(([word = '']) => !directives.includes(word)),
      said,
    ),
    copied: true,
  };
}

/** Words of each line; `#` begins a comment anywhere. */
function withoutComments(text: string): Lines {
  return wordsOf(text.split('\n').map((line) => line.replace(/#.*/, '')));
}

/** The same for passwords, which may hold a `#`. */
export function wholeLines(text: string): Lines {
  return wordsOf(text.split('\n').filter((line) => !line.trimStart().startsWith('#')));
}

function wordsOf(lines: readonly string[]): Lines {
  return lines
    .map((line) => line.split(/\s+/).filter((word) => word !== ''))
    .filter((words) => words.length > 0);
}

function withPort(host: string, port: string): string {
  const colons = host.split(':').length - 1;
  if (colons === 0 || host.endsWith(']')) return `${host}:${port}`;
  return colons > 1 && !host.startsWith('[') ? `[${host}]:${port}` : host;
}

function jsonOf(text: string): Json | null {
  try {
    const value = JSON.parse(text) as Json;
    return isMap(value) ? value : null;
  } catch {
    return null;
  }
}

function numberOf(value: Json | undefined): string {
  const number = readInteger(value ?? 0).value ?? 0;
  return number > 0 ? String(number) : '';
}
