/**
 * The strategies of a selector as pure functions over a list that is not empty. `key` is what the same client shares between
 * its connections; `turn` counts the picks so far; `chance` is 0 to below 1.
 */
import type { Strategy } from '../plan.ts';
import { assertNever } from '../errors.ts';

export interface Weighted {
  /** At least 1 counts; less is taken as 1. */
  readonly weight: number;
}

export interface Choice {
  readonly key: string;
  readonly turn: number;
  readonly chance: number;
}

export function select<T extends Weighted>(
  strategy: Strategy,
  items: readonly T[],
  { key, turn, chance }: Choice,
): T | null {
  switch (strategy) {
    case 'round':
      return byWeight(items, turn % total(items));
    case 'random':
      return byWeight(items, Math.floor(chance * total(items)));
    case 'fifo':
      return items[0] ?? null;
    case 'hash':
      return items[fnv1a(key) % items.length] ?? null;
    default:
      return assertNever(strategy);
  }
}

/** The item that position `at` falls on when each takes as many places as its weight. */
function byWeight<T extends Weighted>(items: readonly T[], at: number): T | null {
  let left = at;
  for (const item of items) {
    left -= weightOf(item);
    if (left < 0) return item;
  }
  return null;
}

function total(items: readonly Weighted[]): number {
  return items.reduce((sum, item) => sum + weightOf(item), 0);
}

function weightOf({ weight }: Weighted): number {
  return Math.max(1, Math.floor(weight));
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
