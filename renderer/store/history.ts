/**
 * The last minute of every open connection, one sample a second: bytes that moved since the sample before. Columns by slot in
 * fixed memory, written in one pass, so that the chart of a connection has a past when somebody opens it.
 */
import type { Live } from './live.ts';

export const HISTORY_SECONDS = 60;

export class History {
  #ids: (string | undefined)[] = [];
  #up = new Float32Array(0);
  #down = new Float32Array(0);
  #lastUp = new Float64Array(0);
  #lastDown = new Float64Array(0);
  #since = new Float64Array(0);
  #tick = 0;

  /** Takes one sample of everything open. Call once a second. */
  sample(live: Live): void {
    const slots = live.info.length;
    if (slots > this.#since.length) this.#grow(live.up.length);
    this.#tick += 1;
    const column = this.#tick % HISTORY_SECONDS;
    for (let slot = 0; slot < slots; slot += 1) {
      const id = live.info[slot]?.id;
      const up = live.up[slot] ?? 0;
      const down = live.down[slot] ?? 0;
      if (id !== this.#ids[slot]) {
        this.#ids[slot] = id;
        this.#since[slot] = this.#tick;
      } else if (id !== undefined) {
        const at = slot * HISTORY_SECONDS + column;
        this.#up[at] = up - (this.#lastUp[slot] ?? 0);
        this.#down[at] = down - (this.#lastDown[slot] ?? 0);
      }
      this.#lastUp[slot] = up;
      this.#lastDown[slot] = down;
    }
  }

  /** Bytes per second, oldest first; fewer than a minute for one that has not been seen that long. */
  of(id: string, live: Live): { readonly up: readonly number[]; readonly down: readonly number[] } {
    const slot = live.slotOf.get(id);
    if (slot === undefined || this.#ids[slot] !== id) return { up: [], down: [] };
    const length = Math.min(HISTORY_SECONDS, this.#tick - (this.#since[slot] ?? 0));
    const read = (samples: Float32Array): number[] =>
      Array.from({ length }, (_, index) => {
        const tick = this.#tick - length + 1 + index;
        return samples[slot * HISTORY_SECONDS + (tick % HISTORY_SECONDS)] ?? 0;
      });
    return { up: read(this.#up), down: read(this.#down) };
  }

  #grow(slots: number): void {
    const grown32 = (old: Float32Array): Float32Array<ArrayBuffer> => {
      const next = new Float32Array(slots * HISTORY_SECONDS);
      next.set(old);
      return next;
    };
    const grown64 = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(slots);
      next.set(old);
      return next;
    };
    this.#up = grown32(this.#up);
    this.#down = grown32(this.#down);
    this.#lastUp = grown64(this.#lastUp);
    this.#lastDown = grown64(this.#lastDown);
    this.#since = grown64(this.#since);
  }
}
