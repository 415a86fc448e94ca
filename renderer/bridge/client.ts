/**
 * The contract from the window's side: typed calls with one answer each, and events that are acknowledged once applied.
 * After a reconnect every wanted event is subscribed again; while paused (the document is hidden) none is.
 * Knows nothing of React or of any store.
 */
import {
  EVENTS,
  type CallName,
  type Calls,
  type EventName,
  type Events,
  type Reply,
  type ToWindow,
} from '../../core/contract/api.ts';
import type { WireError } from '../../core/contract/errors.ts';
import type { Link, LinkStatus } from './link.ts';

/** What a call made or pending without a link comes back with. */
export const LINK_LOST: WireError = {
  code: 'aborted',
  message: 'The connection to the engine was lost before it answered.',
};

type Listener = (value: never) => void;

export class Client {
  status: LinkStatus = 'connecting';
  readonly #link: Link;
  readonly #pending = new Map<number, (reply: Reply<unknown>) => void>();
  readonly #listeners = new Map<EventName, Listener>();
  #nextId = 1;
  #paused = false;
  #onStatus: (status: LinkStatus) => void = () => undefined;

  constructor(link: Link) {
    this.#link = link;
    link.onMessage((message) => this.#receive(message));
    link.onStatus((status) => this.#become(status));
  }

  /** Asks the host. Never rejects: a lost link is an answer too (`LINK_LOST`). */
  call<K extends CallName>(name: K, arg: Calls[K]['in']): Promise<Reply<Calls[K]['out']>> {
    if (this.status !== 'open') return Promise.resolve({ ok: false, error: LINK_LOST });
    const id = this.#nextId++;
    return new Promise((resolve) => {
      // the host answers a call with the type the contract names for it
      this.#pending.set(id, (reply) => resolve(reply as Reply<Calls[K]['out']>));
      this.#link.send({ t: 'call', id, name, arg });
    });
  }

  /** Sets the one listener of an event and subscribes to it, now and after every reconnect. */
  listen<E extends EventName>(name: E, listener: (value: Events[E]) => void): void {
    this.#listeners.set(name, listener);
    if (this.status === 'open' && !this.#paused) this.#link.send({ t: 'subscribe', name });
  }

  /** Sets the one listener of the link's state and calls it at once. */
  watch(listener: (status: LinkStatus) => void): void {
    this.#onStatus = listener;
    listener(this.status);
  }

  /** No event is sent to a window nobody sees. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    for (const name of this.#listeners.keys()) this.#link.send({ t: 'unsubscribe', name });
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#subscribeAll();
  }

  #subscribeAll(): void {
    for (const name of this.#listeners.keys()) this.#link.send({ t: 'subscribe', name });
  }

  #become(status: LinkStatus): void {
    this.status = status;
    if (status === 'open' && !this.#paused) this.#subscribeAll();
    if (status !== 'open') {
      for (const answer of this.#pending.values()) answer({ ok: false, error: LINK_LOST });
      this.#pending.clear();
    }
    this.#onStatus(status);
  }

  #receive(message: ToWindow): void {
    if (message.t === 'reply') {
      const answer = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      answer?.(message.reply);
      return;
    }
    if (!Object.hasOwn(EVENTS, message.name)) return;
    const listener = this.#listeners.get(message.name);
    if (listener === undefined || this.#paused) return;
    try {
      // the host sends the value type the contract names for the event
      listener(message.value as never);
    } finally {
      this.#link.send({ t: 'ack', name: message.name });
    }
  }
}
