/** The last things that ended, in fixed memory, each with the frame it belongs to. */
export class Recorder<T> {
  readonly #entries: { readonly item: T; readonly frame: number }[] = [];
  readonly #capacity: number;
  #next = 0;
  /** Frame of the newest entry that was overwritten. */
  #lost = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What was forgotten for it, if something was. */
  add(item: T, frame: number): T | undefined {
    const old = this.#entries[this.#next];
    if (old !== undefined) this.#lost = old.frame;
    this.#entries[this.#next] = { item, frame };
    this.#next = (this.#next + 1) % this.#capacity;
    return old?.item;
  }

  /** Whether everything that was added after `frame` is still here. */
  reaches(frame: number): boolean {
    return this.#lost <= frame;
  }

  /** What was added after `frame`, oldest first. */
  since(frame: number): T[] {
    const found: T[] = [];
    for (let back = 1; back <= this.#entries.length; back += 1) {
      const entry = this.#entries[(this.#next - back + this.#capacity) % this.#capacity];
      if (entry === undefined || entry.frame <= frame) break;
      found.push(entry.item);
    }
    return found.reverse();
  }

  /** Everything, newest first. */
  recent(): T[] {
    return this.since(-1).reverse();
  }
}
