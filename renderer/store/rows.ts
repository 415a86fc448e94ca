/**
 * Which connections the table shows and in what order: ids, recomputed from the live columns at most when asked to.
 * While frozen (paused, or the pointer rests on the rows) the order stays as it is, rows that ended stay in their place,
 * and new ones are only counted.
 */
import type { ConnectionInfo } from '../../core/contract/stats.ts';
import type { Filter } from '../filter/filter.ts';
import { hostPort } from '../format/address.ts';
import type { AnyKey, OpenKey } from './columns.ts';
import { OpenRow, typeOf } from './filter-rows.ts';
import type { Live } from './live.ts';
import { Signal } from './signal.ts';
import type { Sort } from './tables.ts';

export class Rows {
  readonly changed = new Signal();
  ids: readonly string[] = [];
  /** Connections the filter was asked about. */
  outOf = 0;
  /** Matching connections that came while frozen. */
  fresh = 0;
  readonly #live: Live;
  readonly #row: OpenRow;
  /** All slots in the order of the last sort: little has changed since, so that the next one has little to do. */
  #order: number[] = [];
  #shown: ReadonlySet<string> | null = null;

  constructor(live: Live) {
    this.#live = live;
    this.#row = new OpenRow(live);
  }

  /** `searchIn`: the columns that plain words of the filter are looked for in; null is everywhere. */
  refresh(
    filter: Filter,
    sort: Sort<OpenKey>,
    now: number,
    frozen: boolean,
    searchIn: readonly AnyKey[] | null = null,
  ): void {
    this.#present();
    if (!frozen) this.#sort(sort);
    const ids = this.#matching(filter, now, searchIn);
    if (frozen) {
      const shown = (this.#shown ??= new Set(this.ids));
      this.fresh = ids.reduce((fresh, id) => fresh + (shown.has(id) ? 0 : 1), 0);
    } else {
      this.fresh = 0;
      this.ids = ids;
      this.#shown = null;
    }
    this.changed.emit();
  }

  /** Leaves out slots that are free now and adds those in use at the end. */
  #present(): void {
    const { info } = this.#live;
    const known = new Uint8Array(info.length);
    const order: number[] = [];
    for (const slot of this.#order) {
      if (info[slot] === undefined) continue;
      known[slot] = 1;
      order.push(slot);
    }
    for (let slot = 0; slot < info.length; slot += 1)
      if (known[slot] === 0 && info[slot] !== undefined) order.push(slot);
    this.#order = order;
    this.outOf = order.length;
  }

  #matching(filter: Filter, now: number, searchIn: readonly AnyKey[] | null): string[] {
    const { info } = this.#live;
    const ids: string[] = [];
    this.#row.searchIn = searchIn;
    for (const slot of this.#order) {
      const connection = info[slot];
      if (connection === undefined) continue;
      if (filter.empty || filter.matches(this.#row.at(connection, now))) ids.push(connection.id);
    }
    return ids;
  }

  #sort(sort: Sort<OpenKey>): void {
    const { info } = this.#live;
    const turn = sort.descending ? -1 : 1;
    const compare = this.#comparison(sort.key);
    this.#order.sort((a, b) => turn * compare(a, b) || started(info[b]) - started(info[a]) || a - b);
  }

  #comparison(key: OpenKey): (a: number, b: number) => number {
    const live = this.#live;
    switch (key) {
      case 'state':
        return byText(live, ({ setupMs }) => (setupMs === null ? '0' : '1'));
      case 'age':
        return (a, b) => started(live.info[b]) - started(live.info[a]);
      case 'process':
        return byText(live, ({ owner }) => owner?.name.toLowerCase() ?? '');
      case 'type':
        return byText(live, typeOf);
      case 'user':
        return byText(live, ({ user }) => user ?? '');
      case 'id':
        return byText(live, ({ id }) => id.padStart(16, '0'));
      case 'setup':
        return (a, b) => (live.info[a]?.setupMs ?? Infinity) - (live.info[b]?.setupMs ?? Infinity) || 0;
      case 'idle':
        return (a, b) => (live.movedAt[b] ?? 0) - (live.movedAt[a] ?? 0);
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
