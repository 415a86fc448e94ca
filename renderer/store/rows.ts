/**
 * Which connections the table shows and in what order: ids, recomputed from the live columns at most when asked to.
 * While frozen (paused, or the pointer rests on the rows) the order stays as it is, rows that ended stay in their place,
 * and new ones are only counted.
 */
import type { ClosedConnection, ConnectionInfo } from '../../core/contract/stats.ts';
import type { Filter, FilterRow } from '../filter/filter.ts';
import { hostPort } from '../format/address.ts';
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
  readonly #row: MutableRow = emptyRow();

  constructor(live: Live) {
    this.#live = live;
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
    for (let slot = 0; slot < info.length; slot += 1) {
      const connection = info[slot];
      if (connection === undefined) continue;
      outOf += 1;
      if (filter.empty || filter.matches(this.#fill(connection, now, searchIn))) slots.push(slot);
    }
    this.outOf = outOf;
    return slots;
  }

  /** One row object for all: a filter reads it and lets it go. */
  #fill(info: ConnectionInfo, now: number, searchIn: readonly AnyKey[] | null): FilterRow {
    const row = this.#row;
    const { slot } = info;
    fillInfo(row, info);
    row.state = info.setupMs === null ? 'setup' : 'open';
    row.up = this.#live.up[slot] ?? 0;
    row.down = this.#live.down[slot] ?? 0;
    row.age = now - info.startedAt;
    row.idle = now - (this.#live.movedAt[slot] ?? now);
    row.text = searchIn === null ? (this.#live.text[slot] ?? '') : shownText(row, searchIn);
    return row;
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
    process: '',
    state: 'open',
    why: '',
    up: 0,
    down: 0,
    age: 0,
    idle: 0,
    setup: 0,
    text: '',
  };
}

/** A closed connection as a filter sees it. `why` is the reason in the words of the window. */
export function closedRow(
  one: ClosedConnection,
  text: string,
  why: string,
  searchIn: readonly AnyKey[] | null,
): FilterRow {
  const row = emptyRow();
  fillInfo(row, one);
  row.state = one.error === null ? 'ended' : 'failed';
  row.why = why;
  row.up = one.up;
  row.down = one.down;
  row.age = one.endedAt - one.startedAt;
  row.text = searchIn === null ? `${text} ${why.toLowerCase()}` : shownText(row, searchIn);
  return row;
}

function fillInfo(row: MutableRow, info: ConnectionInfo): void {
  row.target = info.target?.host ?? '';
  row.port = String(info.target?.port ?? '');
  row.client = hostPort(info.client);
  row.service = info.service;
  row.chain = info.chain ?? 'direct';
  row.hop = info.path.join(' ');
  row.user = info.user ?? '';
  row.type = typeOf(info);
  row.id = info.id;
  row.process = info.owner?.name ?? '';
  row.setup = info.setupMs ?? 0;
}

export function typeOf({ protocol, command }: ConnectionInfo): string {
  return `${protocol ?? ''} ${command ?? ''}`.trim();
}

/** Lower-case text of the columns that can be seen. */
function shownText(row: FilterRow, columns: readonly AnyKey[]): string {
  let text = '';
  for (const key of columns) {
    if (key === 'target') text += `${row.target}:${row.port} `;
    else if (key === 'chain') text += `${row.chain} ${row.hop} `;
    else if (key === 'process' || key === 'service' || key === 'client') text += `${row[key]} `;
    else if (key === 'type' || key === 'user' || key === 'id' || key === 'state' || key === 'why')
      text += `${row[key]} `;
  }
  return text.toLowerCase();
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
