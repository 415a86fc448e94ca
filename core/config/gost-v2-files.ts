/**
 * The files that a URL of GOST v2 names, as what v3 has for them: users (`secrets`), rules (`bypass`), names (`hosts`), more proxies of
 * a hop (`peer`), addresses of one (`ip`) and name servers (`dns`). v2 takes a value for a file when it can open it. What they hold is read by
 * gost-v2-lists.ts; here is what becomes of it, and what is said.
 */
import type { Grade } from '../contract/config.ts';
import {
  addressesOf,
  isFileName,
  nameserversOf,
  namesOf,
  peersOf,
  rulesOf,
  textOf,
  usersOf,
  wholeLines,
  type ListObject,
} from './gost-v2-lists.ts';
import type { Beside, Origin } from './url-objects.ts';
import type { Data } from './url-query.ts';

export type Side = 'serve' | 'chain';
export type Say = (grade: Grade, code: string, origin: Origin, message: string) => void;

export const FASTEST = 'Sockeye does not choose the fastest proxies; they take turns.';
const THROUGH_CHAIN =
  'dns: GOST v2 asks a server whose protocol ends in -chain through the proxies of the route. Name the chain as `chain` of that name server.';
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
      case 'dns':
        if (value.includes(',') || (textOf(value) === null && !isFileName(value))) return false;
        this.#takeNameservers(value);
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

  #takeNameservers(path: string): void {
    const text = textOf(path);
    if (text === null) return this.#unreadable('dns', path);
    const { nameservers, throughChain } = nameserversOf(text);
    this.beside.resolver = { nameservers };
    this.#copied('dns', path);
    if (throughChain) this.#say('blocks', 'v2_option', this.#origin, THROUGH_CHAIN);
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
