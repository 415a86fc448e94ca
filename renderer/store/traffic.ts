/**
 * Rates over time for charts: one sample a second, five minutes for all traffic and one minute per service. Fixed memory.
 * A sample is the difference of exact totals over the true time between two samples.
 */
import { Signal } from './signal.ts';
import type { Live } from './live.ts';

export const CHART_SECONDS = 300;
export const SPARK_SECONDS = 60;

export class Traffic {
  readonly changed = new Signal();
  /** Unix seconds; with `up` and `down` always of equal length, oldest first. Null: nobody was looking. */
  readonly times: number[] = [];
  readonly up: (number | null)[] = [];
  readonly down: (number | null)[] = [];
  /** Bytes per second of both directions, oldest first. */
  readonly services = new Map<string, number[]>();
  upRate = 0;
  downRate = 0;
  #last: { at: number; up: number; down: number; services: Map<string, number> } | null = null;

  /** Takes one sample. Call once a second while the window is seen; `gap()` when it no longer is. */
  sample(live: Live, now: number): void {
    if (live.at === 0) return;
    const services = new Map<string, number>();
    for (const [name, totals] of live.services) services.set(name, totals.up + totals.down);
    const next = { at: now, up: live.totals.up, down: live.totals.down, services };
    const last = this.#last;
    this.#last = next;
    if (last === null || now <= last.at) return;
    const seconds = (now - last.at) / 1000;
    this.upRate = Math.max(0, next.up - last.up) / seconds;
    this.downRate = Math.max(0, next.down - last.down) / seconds;
    this.#push(now, this.upRate, this.downRate);
    this.#sparks(last.services, services, seconds);
    this.changed.emit();
  }

  /** Nobody looked for a while: the next sample starts anew and the chart shows a hole. */
  gap(now: number): void {
    if (this.#last === null) return;
    this.#last = null;
    this.upRate = 0;
    this.downRate = 0;
    this.#push(now, null, null);
  }

  #push(now: number, up: number | null, down: number | null): void {
    this.times.push(now / 1000);
    this.up.push(up);
    this.down.push(down);
    const oldest = now / 1000 - CHART_SECONDS;
    while ((this.times[0] ?? Infinity) < oldest) {
      this.times.shift();
      this.up.shift();
      this.down.shift();
    }
  }

  #sparks(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, seconds: number): void {
    for (const name of this.services.keys()) if (!after.has(name)) this.services.delete(name);
    for (const [name, total] of after) {
      const ring = this.services.get(name) ?? [];
      ring.push(Math.max(0, total - (before.get(name) ?? total)) / seconds);
      if (ring.length > SPARK_SECONDS) ring.shift();
      this.services.set(name, ring);
    }
  }
}
