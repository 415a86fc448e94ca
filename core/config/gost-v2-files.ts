/**
 * The files that URLs of GOST v2 name, as what v3 has for them: users (`secrets`), rules (`bypass`), names (`hosts`), more proxies of
 * a hop (`peer`) and addresses of one (`ip`). v2 takes a value for a file when it can open it. A list that a v3 object can read where it lies is
 * named there; one with lines that only v2 understands (`reload 10s`, `reverse true`) is copied, because v3 would take them for items: `reload`
 * for a user with the password `10s`. Source: ginuerzh/gost 2.12, cmd/gost/cfg.go, peer.go, auth.go, bypass.go, hosts.go.
 */
import type { Grade, Json } from '../contract/config.ts';
import { isMap, readInteger, readText } from './gost-values.ts';
import { readBounded } from './list-file.ts';
import { valueAt } from './model.ts';
import type { Beside, Origin } from './url-objects.ts';
import type { Data } from './url-query.ts';

export type Side = 'serve' | 'chain';
export type Say = (grade: Grade, code: string, origin: Origin, message: string) => void;

/** The text of a file, null when it can not be read. */
function textOf(path: string): string | null {
  try {
    return readBounded(path);
  } catch {
    return null;
  }
}

/** Whether a value that v2 could not open was meant for a file all the same. */
function isFileName(value: string): boolean {
  return /^(\.{0,2}\/|[a-z]:\\)|\.(txt|conf|cfg|json|list|hosts)$/i.test(value.trim());
}

/** A v3 object for a list file. `copied`: it has lines of v2, so its items stand in the configuration. */
interface ListObject {
  readonly data: Data;
  readonly copied: boolean;
}

/** An auther. A file that can not be read is named all the same: reading the configuration says so and lets nobody in. */
function usersOf(path: string): ListObject {
  return listOf(path, wholeLines, ['reload'], (lines) => ({
    auths: lines.map(([username = '', password = '']) => ({ username, password })),
  }));
}

/** A bypass. v2 forgets `~` before the name of a file; what counts is the file's own `reverse`. */
function rulesOf(path: string): ListObject {
  return listOf(path, withoutComments, ['reload', 'reverse'], (lines, directives) => ({
    whitelist: /^(1|t|true)$/i.test(directives.get('reverse') ?? '') || undefined,
    matchers: lines.map(([pattern = '']) => pattern),
  }));
}

/** Names and their addresses; v2 passes over lines without an address. */
function namesOf(path: string): ListObject {
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
function addressesOf(value: string, port: string): string[] {
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
function peersOf(text: string): Peers {
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

export const FASTEST = 'Sockeye does not choose the fastest proxies; they take turns.';
const TILDE =
  'bypass: GOST v2 takes no notice of ~ before the name of a file; what counts is a line `reverse true` in it.';

/** What the files that one URL names make of it. */
export class Files {
  readonly #side: Side;
  readonly #origin: Origin;
  readonly #say: Say;
  readonly beside: { -readonly [Key in keyof Beside]: Beside[Key] } = {};
  peers: readonly string[] = [];
  /** What a file of peers says about choosing one; it takes the place of what the URL says. */
  selector: readonly (readonly [string, string])[] = [];
  /** `user:password@`, in place of what the URL says. */
  user: string | null = null;

  constructor(side: Side, origin: Origin, say: Say) {
    this.#side = side;
    this.#origin = origin;
    this.#say = say;
  }

  /** True when the key names a file and has been dealt with. */
  take(key: string, value: string): boolean {
    switch (key) {
      case 'secrets':
        if (this.#side === 'chain') this.#signIn(value);
        else this.beside.auther = this.#object(key, value, usersOf(value));
        return true;
      case 'bypass': {
        const path = value.replace(/^~/, '');
        if (value.includes(',') || (textOf(path) === null && !isFileName(path))) return false;
        this.beside.bypass = this.#object(key, path, rulesOf(path));
        if (value.startsWith('~')) this.#say('hint', 'v2_option', this.#origin, TILDE);
        return true;
      }
      case 'hosts':
        if (textOf(value) === null && !isFileName(value)) return false;
        this.beside.hosts = this.#object(key, value, namesOf(value));
        return true;
      case 'peer':
        if (this.#side === 'chain') this.#takePeers(value);
        return this.#side === 'chain';
      default:
        return false;
    }
  }

  /** What `ip` says, as a list; null when it is a file that can not be read. */
  addresses(value: string, port: string): string | null {
    if (textOf(value) !== null || !isFileName(value)) return addressesOf(value, port).join(',');
    this.#unreadable('ip', value);
    return null;
  }

  /** v2 signs in to a proxy as the first user of the file. */
  #signIn(path: string): void {
    const text = textOf(path);
    if (text === null) return this.#unreadable('secrets', path);
    const [name, password] = wholeLines(text)[0] ?? [];
    if (name !== undefined)
      this.user = `${[name, password ?? ''].map((part) => encodeURIComponent(part)).join(':')}@`;
  }

  #takePeers(path: string): void {
    const text = textOf(path);
    if (text === null) return this.#unreadable('peer', path);
    const { nodes, selector, fastest, reloads } = peersOf(text);
    this.peers = nodes;
    this.selector = Object.entries(selector);
    if (fastest) this.#say('changes', 'v2_option', this.#origin, `fastest_count: ${FASTEST}`);
    if (reloads) this.#copied('peer', path);
  }

  #object(key: string, path: string, { data, copied }: ListObject): Data {
    if (copied) this.#copied(key, path);
    return data;
  }

  #copied(key: string, path: string): void {
    this.#say(
      'changes',
      'v2_file_copied',
      this.#origin,
      `${key}: "${path}" has lines that only GOST v2 understands, so what it lists was copied into the configuration; later changes of the file are not seen.`,
    );
  }

  #unreadable(key: string, path: string): void {
    this.#say(
      'blocks',
      'v2_option',
      this.#origin,
      `${key}: "${path}" is another file, which can not be read. Write what it lists into the configuration.`,
    );
  }
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
function wholeLines(text: string): Lines {
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
