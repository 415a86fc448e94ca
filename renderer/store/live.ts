/**
 * Everything live: open connections in columns by slot, the last closed ones, UDP associations, totals. Plain arrays
 * outside React, changed in place by frames of the host; views read what they show and are told once per frame.
 */
import type {
  AssociationInfo,
  ClosedConnection,
  ConnectionInfo,
  StatsFrame,
  Totals,
} from '../../core/contract/stats.ts';
import { COUNTER_STRIDE } from '../../core/contract/stats.ts';
import { hostPort } from '../format/address.ts';
import { Rates } from './rates.ts';
import { Signal } from './signal.ts';

/** Closed connections kept, as many as the host keeps. */
export const CLOSED_KEPT = 1_000;
/** Ended associations kept. */
const ENDED_KEPT = 200;
const NONE: ReadonlyMap<string, Totals> = new Map();

/** Frames come four times a second; what is called twice a second must not miss every other one for being a little early. */
const TABLES_MS = 450;
/** Time constant of displayed rates; totals are exact. */
const SMOOTH_MS = 2_000;

const NO_TOTALS: StatsFrame['totals'] = {
  up: 0,
  down: 0,
  open: 0,
  associations: 0,
  packetsUp: 0,
  packetsDown: 0,
};

export class Live {
  readonly changed = new Signal();
  /** The same for tables, which people read: at most twice a second. */
  readonly tables = new Signal();
  /** By slot; holes are free slots. */
  readonly info: (ConnectionInfo | undefined)[] = [];
  /** By slot: lower-case text a filter looks into. */
  readonly text: string[] = [];
  up = new Float64Array(256);
  down = new Float64Array(256);
  /** Bytes per second, smoothed for display. */
  upRate = new Float64Array(256);
  downRate = new Float64Array(256);
  /** When a byte moved last, as far as this window saw it. */
  movedAt = new Float64Array(256);
  readonly slotOf = new Map<string, number>();
  /** Newest first. */
  closed: readonly ClosedConnection[] = [];
  readonly closedById = new Map<string, ClosedConnection>();
  readonly associations = new Map<string, AssociationInfo>();
  totals = NO_TOTALS;
  services: ReadonlyMap<string, Totals> = new Map();
  chains: ReadonlyMap<string, Totals> = new Map();
  nodes: ReadonlyMap<string, Totals> = new Map();
  readonly serviceRates = new Rates();
  readonly nodeRates = new Rates();
  at = 0;
  #tablesAt = -Infinity;

  /** Changes everything a frame says in place, then tells the views once. */
  apply(frame: StatsFrame): void {
    const elapsedMs = this.at === 0 ? 250 : Math.max(1, frame.at - this.at);
    this.at = frame.at;
    if (frame.reset) this.#forget();
    this.#close(frame.closed);
    for (const info of frame.upserts) this.#upsert(info);
    this.#count(frame.counters, elapsedMs);
    for (const association of frame.associations) this.associations.set(association.id, association);
    this.#forgetOldAssociations();
    this.totals = frame.totals;
    this.serviceRates.update(this.services, frame.services, elapsedMs);
    this.nodeRates.update(this.nodes, frame.nodes, elapsedMs);
    this.services = updated(frame.reset ? NONE : this.services, frame.services);
    this.chains = updated(frame.reset ? NONE : this.chains, frame.chains);
    this.nodes = updated(frame.reset ? NONE : this.nodes, frame.nodes);
    this.#tell();
  }

  /** Fills the closed list at the start; frames only bring what closes from then on. Newest may be anywhere. */
  adoptClosed(recent: readonly ClosedConnection[]): void {
    this.#close(recent.filter((connection) => !this.closedById.has(connection.id)));
    this.closed = [...this.closed].sort((a, b) => b.endedAt - a.endedAt);
    this.#tell();
  }

  /** A connection by id, open or still remembered. */
  find(id: string): ConnectionInfo | ClosedConnection | null {
    const slot = this.slotOf.get(id);
    return (slot === undefined ? undefined : this.info[slot]) ?? this.closedById.get(id) ?? null;
  }

  #tell(): void {
    this.changed.emit();
    // a clock that was set back does not stop the tables
    if (Math.abs(this.at - this.#tablesAt) < TABLES_MS) return;
    this.#tablesAt = this.at;
    this.tables.emit();
  }

  #forget(): void {
    this.info.length = 0;
    this.text.length = 0;
    this.slotOf.clear();
    this.up.fill(0);
    this.down.fill(0);
    this.upRate.fill(0);
    this.downRate.fill(0);
    this.associations.clear();
  }

  #upsert(info: ConnectionInfo): void {
    const { slot } = info;
    if (slot >= this.up.length) this.#grow(slot);
    const before = this.info[slot];
    if (before === undefined || before.id !== info.id) {
      if (before !== undefined) this.slotOf.delete(before.id);
      this.up[slot] = 0;
      this.down[slot] = 0;
      this.upRate[slot] = 0;
      this.downRate[slot] = 0;
      this.movedAt[slot] = Math.max(info.startedAt, 0);
    }
    this.info[slot] = info;
    this.text[slot] = searchText(info);
    this.slotOf.set(info.id, slot);
  }

  #grow(slot: number): void {
    const length = Math.max(this.up.length * 2, slot + 1);
    const grown = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(length);
      next.set(column);
      return next;
    };
    this.up = grown(this.up);
    this.down = grown(this.down);
    this.upRate = grown(this.upRate);
    this.downRate = grown(this.downRate);
    this.movedAt = grown(this.movedAt);
  }

  #count(counters: readonly number[], elapsedMs: number): void {
    const weight = 1 - Math.exp(-elapsedMs / SMOOTH_MS);
    const { up, down, upRate, downRate, movedAt } = this;
    // every rate sinks a little; the ones that moved are lifted below
    const used = this.info.length;
    for (let slot = 0; slot < used; slot += 1) {
      upRate[slot] = (upRate[slot] ?? 0) * (1 - weight);
      downRate[slot] = (downRate[slot] ?? 0) * (1 - weight);
    }
    const perSecond = (1000 / elapsedMs) * weight;
    for (let at = 0; at + COUNTER_STRIDE <= counters.length; at += COUNTER_STRIDE) {
      const slot = counters[at] ?? 0;
      if (this.info[slot] === undefined) continue;
      const upNow = counters[at + 1] ?? 0;
      const downNow = counters[at + 2] ?? 0;
      upRate[slot] = (upRate[slot] ?? 0) + Math.max(0, upNow - (up[slot] ?? 0)) * perSecond;
      downRate[slot] = (downRate[slot] ?? 0) + Math.max(0, downNow - (down[slot] ?? 0)) * perSecond;
      if (upNow !== up[slot] || downNow !== down[slot]) movedAt[slot] = this.at;
      up[slot] = upNow;
      down[slot] = downNow;
    }
  }

  #close(closed: readonly ClosedConnection[]): void {
    if (closed.length === 0) return;
    for (const connection of closed) {
      const slot = this.slotOf.get(connection.id);
      if (slot !== undefined) {
        this.slotOf.delete(connection.id);
        this.info[slot] = undefined;
        this.text[slot] = '';
        this.upRate[slot] = 0;
        this.downRate[slot] = 0;
      }
      this.closedById.set(connection.id, connection);
    }
    const all = [...closed].reverse().concat(this.closed);
    for (const dropped of all.slice(CLOSED_KEPT)) this.closedById.delete(dropped.id);
    this.closed = all.slice(0, CLOSED_KEPT);
  }

  #forgetOldAssociations(): void {
    let ended = 0;
    for (const association of this.associations.values()) if (association.endedAt !== null) ended += 1;
    for (const [id, association] of this.associations) {
      if (ended <= ENDED_KEPT) return;
      if (association.endedAt === null) continue;
      this.associations.delete(id);
      ended -= 1;
    }
  }
}

/** A frame brings the rows that changed; the others stay as they were. */
function updated(
  known: ReadonlyMap<string, Totals>,
  changed: readonly Totals[],
): ReadonlyMap<string, Totals> {
  if (changed.length === 0) return known;
  const next = new Map(known);
  for (const totals of changed) next.set(totals.name, totals);
  return next;
}

/** The way as a filter has it: a chain, `direct`, or nothing while it is not decided. */
export function chainWord({ chain, setupMs }: ConnectionInfo): string {
  return chain ?? (setupMs === null ? '' : 'direct');
}

/** What free text in a filter is searched in: all that a row shows or could show, in lower case. */
export function searchText(info: ConnectionInfo): string {
  return [
    info.target === null ? '' : hostPort(info.target),
    hostPort(info.client),
    info.owner?.name ?? '',
    info.resolved ?? '',
    info.service,
    chainWord(info),
    ...info.path,
    info.user ?? '',
    info.protocol ?? '',
    info.command ?? '',
    info.id,
  ]
    .join(' ')
    .toLowerCase();
}
