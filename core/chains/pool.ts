/**
 * Interchangeable nodes, one of which is picked per attempt: those that failed lately come last, backups only when no other
 * is left. A node counts as failed after `maxFails` failures in a row, for `failTimeoutMs` after the last of them. When all
 * have failed the one whose failure is longest ago is tried again: never "none", and never a way around them.
 */
import type { Strategy } from '../plan.ts';
import { select } from './selector.ts';

export interface Member {
  readonly weight: number;
  readonly backup: boolean;
  readonly maxFails: number;
  readonly failTimeoutMs: number;
}

interface Mark {
  fails: number;
  at: number;
}

export class Pool<T extends Member> {
  readonly members: readonly T[];
  readonly #strategy: Strategy;
  readonly #now: () => number;
  readonly #marks = new Map<T, Mark>();
  #turn = 0;

  constructor(members: readonly T[], strategy: Strategy, now: () => number = Date.now) {
    this.members = members;
    this.#strategy = strategy;
    this.#now = now;
  }

  /**
   * Picks among the members that `admits` lets through, preferring ones that are not in `tried`. Null only when none is
   * admitted. `key` is what the hash strategy goes by.
   */
  pick(key: string, admits: (member: T) => boolean, tried: ReadonlySet<T>): T | null {
    const admitted = this.members.filter(admits);
    const fresh = admitted.filter((member) => !tried.has(member));
    const candidates = fresh.length > 0 ? fresh : admitted;
    const alive = candidates.filter((member) => !this.#failed(member));
    const regular = alive.filter(({ backup }) => !backup);
    const best = regular.length > 0 ? regular : alive;
    if (best.length === 0) return this.#longestAgo(candidates);
    const turn = this.#turn;
    this.#turn += 1;
    return select(this.#strategy, best, { key, turn, chance: Math.random() });
  }

  /** Tells how an attempt over this member went. */
  mark(member: T, ok: boolean): void {
    if (ok) this.#marks.delete(member);
    else this.#marks.set(member, { fails: (this.#marks.get(member)?.fails ?? 0) + 1, at: this.#now() });
  }

  #failed(member: T): boolean {
    const mark = this.#marks.get(member);
    if (mark === undefined || mark.fails < Math.max(1, member.maxFails)) return false;
    return this.#now() - mark.at < member.failTimeoutMs;
  }

  #longestAgo(candidates: readonly T[]): T | null {
    const at = (member: T): number => this.#marks.get(member)?.at ?? 0;
    return candidates.reduce<T | null>(
      (oldest, member) => (oldest === null || at(member) < at(oldest) ? member : oldest),
      null,
    );
  }
}
