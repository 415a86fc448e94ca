/**
 * Frames for windows: one every 250 ms to each subscriber that has taken the one before. A slow subscriber gets fewer frames,
 * each the union of what it missed; nothing is queued for it. While nobody listens there is no timer.
 */
import type { StatsFrame } from '../contract/stats.ts';
import type { Stats } from './sink.ts';

const TICK_MS = 250;

export interface Subscription {
  /** The last frame was taken; the next may come. */
  ack(): void;
  stop(): void;
}

interface Subscriber {
  readonly sink: (frame: StatsFrame) => void;
  /** The frame it has. */
  known: number;
  ready: boolean;
}

export class Publisher {
  readonly #stats: Stats;
  readonly #subscribers = new Set<Subscriber>();
  #timer: NodeJS.Timeout | null = null;

  constructor(stats: Stats) {
    this.#stats = stats;
  }

  /** Gives `sink` everything at once, and what changed after each `ack`. */
  subscribe(sink: (frame: StatsFrame) => void): Subscription {
    const subscriber: Subscriber = { sink, known: this.#stats.turn(), ready: false };
    const first = this.#stats.since(null);
    this.#subscribers.add(subscriber);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
    sink(first);
    return {
      ack: () => {
        subscriber.ready = true;
      },
      stop: () => {
        this.#subscribers.delete(subscriber);
        if (this.#subscribers.size > 0 || this.#timer === null) return;
        clearInterval(this.#timer);
        this.#timer = null;
      },
    };
  }

  #tick(): void {
    const waiting = [...this.#subscribers].filter(({ ready }) => ready);
    if (waiting.length === 0) return;
    const frame = this.#stats.turn();
    for (const subscriber of waiting) {
      const changes = this.#stats.since(subscriber.known);
      subscriber.known = frame;
      subscriber.ready = false;
      subscriber.sink(changes);
    }
  }
}
