/** Connections counted together: by program, target host, chain, client address or service. Open ones and the last closed. */
import type { ConnectionInfo } from '../../core/contract/stats.ts';
import type { Live } from './live.ts';
import type { GroupKey } from './columns.ts';
import type { Sort } from './tables.ts';

export const GROUPINGS = ['process', 'target', 'chain', 'client', 'service'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Group {
  /** Empty: not known, Direct, or no target. */
  readonly name: string;
  openCount: number;
  closedCount: number;
  failedCount: number;
  downRate: number;
  upRate: number;
  down: number;
  up: number;
}

export function groupsOf(live: Live, by: Grouping): Group[] {
  const groups = new Map<string, Group>();
  const group = (info: ConnectionInfo): Group => {
    const name = nameIn(info, by);
    let found = groups.get(name);
    if (found === undefined) {
      found = {
        name,
        openCount: 0,
        closedCount: 0,
        failedCount: 0,
        downRate: 0,
        upRate: 0,
        down: 0,
        up: 0,
      };
      groups.set(name, found);
    }
    return found;
  };
  for (const [slot, info] of live.info.entries()) {
    if (info === undefined) continue;
    const one = group(info);
    one.openCount += 1;
    one.down += live.down[slot] ?? 0;
    one.up += live.up[slot] ?? 0;
    one.downRate += live.downRate[slot] ?? 0;
    one.upRate += live.upRate[slot] ?? 0;
  }
  for (const closed of live.closed) {
    const one = group(closed);
    one.closedCount += 1;
    if (closed.error !== null) one.failedCount += 1;
    one.down += closed.down;
    one.up += closed.up;
  }
  return [...groups.values()];
}

/** The open connections of a group. */
export function membersOf(live: Live, by: Grouping, name: string): string[] {
  return live.info.flatMap((info) => (info !== undefined && nameIn(info, by) === name ? [info.id] : []));
}

export function sortGroups(groups: Group[], { key, descending }: Sort<GroupKey>): Group[] {
  const turn = descending ? -1 : 1;
  return groups.sort((a, b) => {
    const order = key === 'name' ? compareText(a.name, b.name) : a[key] - b[key];
    return turn * order || compareText(a.name, b.name);
  });
}

function nameIn(info: ConnectionInfo, by: Grouping): string {
  switch (by) {
    case 'process':
      return info.owner?.name ?? '';
    case 'target':
      return info.target?.host ?? '';
    case 'chain':
      return info.chain ?? '';
    case 'client':
      return info.client.host;
    case 'service':
      return info.service;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
