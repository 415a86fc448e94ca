/**
 * Which connections the table shows and in what order: ids, recomputed from the live columns at most when asked to.
 * While frozen (paused, or the pointer rests on the rows) the order stays as it is, rows that ended stay in their place,
 * and new ones are only counted.
 */
import type { ConnectionInfo } from '../../core/contract/stats.ts';
import type { Filter } from '../filter/filter.ts';
import { hostPort } from '../format/address.ts';
import { OpenRow, typeOf } from './filter-rows.ts';
import type { Live } from './live.ts';
import { Signal } from './signal.ts';
import type { AnyKey, OpenKey, Sort } from './tables.ts';

export class Rows {
  readonly changed = new Signal();
  ids: readonly string[] = [];
  /** Connections the filter was asked about. */
  outOf = 0;
  /** Matching connections that came while frozen. */
  fresh = 0;
  readonly #live: Live;
  readonly #row: OpenRow;

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
    const slots = this.#matching(filter, now, searchIn);
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

  #matching(filter: Filter, now: number, searchIn: readonly AnyKey[] | null): number[] {
    const { info } = this.#live;
    const slots: number[] = [];
    let outOf = 0;
    this.#row.searchIn = searchIn;
    for (let slot = 0; slot < info.length; slot += 1) {
      const connection = info[slot];
      if (connection === undefined) continue;
      outOf += 1;
      if (filter.empty || filter.matches(this.#row.at(connection, now))) slots.push(slot);
    }
    this.outOf = outOf;
    return slots;
  }

  #sorted(slots: number[], sort: Sort<OpenKey>): string[] {
    const { info } = this.#live;
    const turn = sort.descending ? -1 : 1;
    const compare = this.#comparison(sort.key);
    slots.sort((a, b) => turn * compare(a, b) || started(info[b]) - started(info[a]) || a - b);
    return slots.map((slot) => info[slot]?.id ?? '');
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
