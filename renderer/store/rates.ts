/** Bytes per second of things whose totals arrive when they change: smoothed for display, sinking to nothing when they stay. */
import type { Totals } from '../../core/contract/stats.ts';

const SMOOTH_MS = 2_000;
/** Below this it is no traffic any more. */
const LEAST_BPS = 1;

export interface Rate {
  readonly up: number;
  readonly down: number;
}

const NOTHING: Rate = { up: 0, down: 0 };

export class Rates {
  readonly #rates = new Map<string, Rate>();

  of(name: string): Rate {
    return this.#rates.get(name) ?? NOTHING;
  }

  /** Takes the totals that changed since `before`. */
  update(before: ReadonlyMap<string, Totals>, changed: readonly Totals[], elapsedMs: number): void {
    const weight = 1 - Math.exp(-elapsedMs / SMOOTH_MS);
    for (const [name, { up, down }] of this.#rates) {
      const next = { up: up * (1 - weight), down: down * (1 - weight) };
      if (next.up + next.down < LEAST_BPS) this.#rates.delete(name);
      else this.#rates.set(name, next);
    }
    const perSecond = (1000 / elapsedMs) * weight;
    for (const { name, up, down } of changed) {
      const known = before.get(name);
      if (known === undefined) continue;
      const moved = { up: Math.max(0, up - known.up), down: Math.max(0, down - known.down) };
      if (moved.up + moved.down === 0) continue;
      const rate = this.of(name);
      this.#rates.set(name, { up: rate.up + moved.up * perSecond, down: rate.down + moved.down * perSecond });
    }
  }
}
