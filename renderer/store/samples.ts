/**
 * What the window saw of the traffic itself: the exact totals of each frame for a minute, and of each second for five. Charts are differences
 * of these, so that nothing is counted twice and a frame that comes late only makes its step wider. Fixed memory.
 */
import type { Totals } from '../../core/contract/stats.ts';
import type { Live } from './live.ts';
import { Signal } from './signal.ts';

export const MINUTE_S = 60;
export const FIVE_MINUTES_S = 300;
/** A pair of samples further apart than this has a gap between them: nobody was looking. */
const GAP_MS = 3_000;

export interface Carried {
  readonly up: number;
  readonly down: number;
}

export interface Sample extends Carried {
  readonly at: number;
  readonly packetsUp: number;
  readonly packetsDown: number;
  readonly failed: number;
  readonly open: number;
  readonly service: ReadonlyMap<string, Carried>;
  readonly chain: ReadonlyMap<string, Carried>;
}

export class Samples {
  readonly changed = new Signal();
  /** Four a second, the last minute and what its first rate needs. Oldest first. */
  readonly fast: Sample[] = [];
  /** One a second, the last five minutes. */
  readonly slow: Sample[] = [];

  /** Takes the totals after a frame was applied. */
  take(live: Live): void {
    if (live.at === 0) return;
    const last = this.fast.at(-1);
    // the clock was set back, or the host is another one: differences to what was before mean nothing
    if (
      last !== undefined &&
      (live.at <= last.at || live.totals.down < last.down || live.totals.up < last.up)
    ) {
      if (live.at === last.at) return;
      this.fast.length = 0;
      this.slow.length = 0;
    }
    const { up, down, packetsUp, packetsDown, open } = live.totals;
    let failed = 0;
    for (const service of live.services.values()) failed += service.failed;
    const sample = {
      at: live.at,
      up,
      down,
      packetsUp,
      packetsDown,
      failed,
      open,
      service: carriedBy(live.services),
      chain: carriedBy(live.chains),
    };
    this.fast.push(sample);
    if (sample.at - (this.slow.at(-1)?.at ?? 0) >= 950) this.slow.push(sample);
    drop(this.fast, sample.at - (MINUTE_S + 2) * 1000);
    drop(this.slow, sample.at - (FIVE_MINUTES_S + 2) * 1000);
    this.changed.emit();
  }
}

/** Whether somebody looked all the time between two samples. */
export function joined(before: Sample, after: Sample): boolean {
  return after.at - before.at <= GAP_MS;
}

function carriedBy(rows: ReadonlyMap<string, Totals>): ReadonlyMap<string, Carried> {
  const carried = new Map<string, Carried>();
  for (const { name, up, down } of rows.values()) carried.set(name, { up, down });
  return carried;
}

function drop(samples: Sample[], before: number): void {
  let gone = 0;
  while ((samples[gone]?.at ?? before) < before) gone += 1;
  if (gone > 0) samples.splice(0, gone);
}
