/**
 * Which connections the table shows and in what order: ids, recomputed from the live columns at most when asked to.
 * While frozen (paused, or the pointer rests on the rows) the order stays as it is, rows that ended stay in their place,
 * and new ones are only counted.
 */
import type { ConnectionInfo } from '../../core/contract/stats.ts';
import type { Filter, FilterRow } from '../filter/filter.ts';
import { hostPort } from '../format/address.ts';
import type { Live } from './live.ts';
import { Signal } from './signal.ts';

export type SortKey =
  'age' | 'target' | 'client' | 'service' | 'chain' | 'downRate' | 'upRate' | 'down' | 'up';

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

export class Rows {
  readonly changed = new Signal();
  ids: readonly string[] = [];
  /** Connections the filter was asked about. */
  outOf = 0;
  /** Matching connections that came while frozen. */
  fresh = 0;
  readonly #live: Live;
  readonly #row: MutableRow = emptyRow();

  constructor(live: Live) {
    this.#live = live;
  }

  refresh(filter: Filter, sort: Sort, now: number, frozen: boolean): void {
    const slots = this.#matching(filter, now);
    if (frozen) {
      const shown = new Set(this.ids);
      let fresh = 0;
      for (const slot of slots) if (!shown.has(this.#live.info[slot]?.id ?? '')) fresh += 1;
      this.fresh = fresh;
    } else {
      this.fresh = 0;
      this.ids = this.#sorted(slots, sort);
    }
    this.changed.emit();
  }

  #matching(filter: Filter, now: number): number[] {
    const { info } = this.#live;
    const slots: number[] = [];
    let outOf = 0;
    for (let slot = 0; slot < info.length; slot += 1) {
      const connection = info[slot];
      if (connection === undefined) continue;
      outOf += 1;
      if (filter.empty || filter.matches(this.#fill(connection, now))) slots.push(slot);
    }
    this.outOf = outOf;
    return slots;
  }

  /** One row object for all: a filter reads it and lets it go. */
  #fill(info: ConnectionInfo, now: number): FilterRow {
    const row = this.#row;
    const { slot } = info;
    row.target = info.target?.host ?? '';
    row.port = String(info.target?.port ?? '');
    row.client = hostPort(info.client);
    row.service = info.service;
    row.chain = info.chain ?? 'direct';
    row.hop = info.path.join(' ');
    row.user = info.user ?? '';
    row.type = `${info.protocol ?? ''} ${info.command ?? ''}`;
    row.id = info.id;
    row.up = this.#live.up[slot] ?? 0;
    row.down = this.#live.down[slot] ?? 0;
    row.age = now - info.startedAt;
    row.text = this.#live.text[slot] ?? '';
    return row;
  }

  #sorted(slots: number[], sort: Sort): string[] {
    const { info } = this.#live;
    const turn = sort.descending ? -1 : 1;
    const compare = this.#comparison(sort.key);
    slots.sort((a, b) => turn * compare(a, b) || started(info[b]) - started(info[a]) || a - b);
    return slots.map((slot) => info[slot]?.id ?? '');
  }

  #comparison(key: SortKey): (a: number, b: number) => number {
    const live = this.#live;
    switch (key) {
      case 'age':
        return (a, b) => started(live.info[b]) - started(live.info[a]);
      case 'target':
        return byText(live, (info) => info.target?.host ?? '');
      case 'client':
        return byText(live, (info) => hostPort(info.client));
      case 'service':
        return byText(live, (info) => info.service);
      case 'chain':
        return byText(live, (info) => info.chain ?? '');
      case 'downRate':
        return byNumber(live.downRate);
      case 'upRate':
        return byNumber(live.upRate);
      case 'down':
        return byNumber(live.down);
      case 'up':
        return byNumber(live.up);
    }
  }
}

type MutableRow = { -readonly [K in keyof FilterRow]: FilterRow[K] };

function emptyRow(): MutableRow {
  return {
    target: '',
    port: '',
    client: '',
    service: '',
    chain: '',
    hop: '',
    user: '',
    type: '',
    id: '',
    up: 0,
    down: 0,
    age: 0,
    text: '',
  };
}

function started(info: ConnectionInfo | undefined): number {
  return info?.startedAt ?? 0;
}

function byNumber(column: Float64Array): (a: number, b: number) => number {
  return (a, b) => (column[a] ?? 0) - (column[b] ?? 0);
}

function byText(live: Live, read: (info: ConnectionInfo) => string): (a: number, b: number) => number {
  const keys = live.info.map((info) => (info === undefined ? '' : read(info)));
  return (a, b) => {
    const left = keys[a] ?? '';
    const right = keys[b] ?? '';
    return left < right ? -1 : left > right ? 1 : 0;
  };
}
