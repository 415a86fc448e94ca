/**
 * Connections as a filter sees them. What a filter does not ask for is never worked out: ten thousand rows are looked through for
 * every key stroke. One object serves all rows, one after the other.
 */
import type { ClosedConnection, ConnectionInfo } from '../../core/contract/stats.ts';
import type { FilterRow } from '../filter/filter.ts';
import { hostPort } from '../format/address.ts';
import { chainWord, searchText, type Live } from './live.ts';
import type { AnyKey } from './columns.ts';

/** Protocol and command in words. */
export function typeOf({ protocol, command }: ConnectionInfo): string {
  return `${protocol ?? ''} ${command ?? ''}`.trim();
}

abstract class Row implements FilterRow {
  /** The row that is looked at now. */
  protected abstract readonly info: ConnectionInfo;
  /** The columns that plain words are looked for in; null is everywhere. */
  searchIn: readonly AnyKey[] | null = null;
  abstract readonly state: FilterRow['state'];
  abstract readonly why: string;
  abstract readonly up: number;
  abstract readonly down: number;
  abstract readonly age: number;
  abstract readonly idle: number;
  /** Everything the row could show, in lower case. */
  protected abstract readonly everything: string;

  get target(): string {
    return this.info.target?.host ?? '';
  }

  get port(): string {
    return this.info.target === null ? '' : String(this.info.target.port);
  }

  get client(): string {
    return hostPort(this.info.client);
  }

  get service(): string {
    return this.info.service;
  }

  get chain(): string {
    return chainWord(this.info);
  }

  get hop(): string {
    return this.info.path.join(' ');
  }

  get user(): string {
    return this.info.user ?? '';
  }

  get type(): string {
    return typeOf(this.info);
  }

  get id(): string {
    return this.info.id;
  }

  get process(): string {
    return this.info.owner?.name ?? '';
  }

  get setup(): number {
    return this.info.setupMs ?? 0;
  }

  get text(): string {
    return this.searchIn === null ? this.everything : this.#shown(this.searchIn);
  }

  #shown(columns: readonly AnyKey[]): string {
    let text = '';
    for (const key of columns) {
      if (key === 'target') text += `${this.target}:${this.port} `;
      else if (key === 'chain') text += `${this.chain} ${this.hop} `;
      else if (key === 'process' || key === 'service' || key === 'client') text += `${this[key]} `;
      else if (key === 'type' || key === 'user' || key === 'id' || key === 'state' || key === 'why')
        text += `${this[key]} `;
    }
    return text.toLowerCase();
  }
}

export class OpenRow extends Row {
  readonly #live: Live;
  #info: ConnectionInfo | null = null;
  #now = 0;

  constructor(live: Live) {
    super();
    this.#live = live;
  }

  at(info: ConnectionInfo, now: number): this {
    this.#info = info;
    this.#now = now;
    return this;
  }

  protected get info(): ConnectionInfo {
    if (this.#info === null) throw new Error('no row to look at');
    return this.#info;
  }

  get state(): FilterRow['state'] {
    return this.info.setupMs === null ? 'setup' : 'open';
  }

  readonly why = '';

  get up(): number {
    return this.#live.up[this.info.slot] ?? 0;
  }

  get down(): number {
    return this.#live.down[this.info.slot] ?? 0;
  }

  get age(): number {
    return this.#now - this.info.startedAt;
  }

  get idle(): number {
    return this.#now - (this.#live.movedAt[this.info.slot] ?? this.#now);
  }

  protected get everything(): string {
    return this.#live.text[this.info.slot] ?? '';
  }
}

export class ClosedRow extends Row {
  /** The reason in the words of the window. */
  readonly #why: (one: ClosedConnection) => string;
  #info: ClosedConnection | null = null;
  readonly idle = 0;

  constructor(why: (one: ClosedConnection) => string) {
    super();
    this.#why = why;
  }

  at(info: ClosedConnection): this {
    this.#info = info;
    return this;
  }

  protected get info(): ClosedConnection {
    if (this.#info === null) throw new Error('no row to look at');
    return this.#info;
  }

  get state(): FilterRow['state'] {
    return this.info.error === null ? 'ended' : 'failed';
  }

  get why(): string {
    return this.#why(this.info);
  }

  get up(): number {
    return this.info.up;
  }

  get down(): number {
    return this.info.down;
  }

  get age(): number {
    return this.info.endedAt - this.info.startedAt;
  }

  protected get everything(): string {
    return `${searchText(this.info)} ${this.why.toLowerCase()}`;
  }
}
