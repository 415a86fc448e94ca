/**
 * Events for windows, latest-wins: a subscriber gets a value, acknowledges it, and only then gets the next, which is whatever is
 * newest by then. Nothing is queued for a slow window.
 */

/** One subscriber's hold on an event. */
export interface Subscription {
  /** The last value was taken; the next may come. */
  readonly ack: () => void;
  readonly stop: () => void;
}

/** An event that can be subscribed to. `sink` may be called before `subscribe` returns. */
export type Source<T> = (sink: (value: T) => void) => Subscription;

/** What turns a subscriber's past into its next value. */
export interface Cursor<T> {
  /** The value to send now, or undefined when there is nothing new. Called only when the subscriber is ready. */
  next(): T | undefined;
}

/** Tells the subscribers of one event that something changed. */
export class Feed<T> {
  readonly #open: () => Cursor<T>;
  readonly #subscribers = new Set<() => void>();

  /** `open` makes the cursor of a new subscriber; its first `next` is called at once. */
  constructor(open: () => Cursor<T>) {
    this.#open = open;
  }

  /** A feed whose value is simply the present state. */
  static of<T>(present: () => T): Feed<T> {
    return new Feed(() => ({ next: present }));
  }

  readonly subscribe: Source<T> = (sink) => {
    const cursor = this.#open();
    let ready = true;
    let stale = true;
    const offer = (): void => {
      stale = true;
      if (!ready) return;
      const value = cursor.next();
      stale = false;
      if (value === undefined) return;
      ready = false;
      sink(value);
    };
    this.#subscribers.add(offer);
    offer();
    return {
      ack: () => {
        ready = true;
        if (stale) offer();
      },
      stop: () => this.#subscribers.delete(offer),
    };
  };

  /** Something changed: subscribers that are ready get the new value now, the others after their ack. */
  changed(): void {
    for (const offer of this.#subscribers) offer();
  }
}
