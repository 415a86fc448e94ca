/** The smallest thing useSyncExternalStore can read: a number that grows, and whom to tell. */
export class Signal {
  version = 0;
  readonly #listeners = new Set<() => void>();

  /** Stable identity, ready to be handed to useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): number => this.version;

  emit(): void {
    this.version += 1;
    for (const listener of this.#listeners) listener();
  }
}
