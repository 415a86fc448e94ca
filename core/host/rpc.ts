/**
 * The envelope of the contract over a pipe: both ends. The host end answers calls and feeds subscriptions; it trusts nothing that
 * arrives. The client end is for programs and tests in Node; the window has its own in renderer/bridge.
 */
import * as z from 'zod';
import {
  EVENTS,
  type CallName,
  type Calls,
  type EventName,
  type Events,
  type Pipe,
  type Reply,
  type ToHost,
  type ToWindow,
} from '../contract/api.ts';
import { ProxyError } from '../errors.ts';
import type { Source, Subscription } from './feed.ts';

/** What a pipe is connected to. `call` never rejects: errors are data. */
export interface Served {
  readonly call: (name: string, arg: unknown) => Promise<Reply<unknown>>;
  readonly events: { readonly [E in EventName]: Source<Events[E]> };
}

const ID = z.int().nonnegative();
const NAME = z.string().max(64);
const MESSAGE = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('call'), id: ID, name: NAME, arg: z.unknown() }),
  z.strictObject({ t: z.literal('subscribe'), name: NAME }),
  z.strictObject({ t: z.literal('unsubscribe'), name: NAME }),
  z.strictObject({ t: z.literal('ack'), name: NAME }),
]);

/**
 * Serves one window until its pipe closes. A message that is no message of the contract is ignored and told to `onMisfit`;
 * a call that is not one is answered with an error.
 */
export function serve(
  pipe: Pipe<ToWindow, unknown>,
  host: Served,
  onMisfit: () => void = () => undefined,
): void {
  const subscriptions = new Map<EventName, Subscription>();
  let open = true;
  const send = (message: ToWindow): void => {
    if (open) pipe.send(message);
  };
  const subscribe = (name: EventName): void => {
    if (subscriptions.has(name)) return;
    subscriptions.set(
      name,
      host.events[name]((value: unknown) => send({ t: 'event', name, value })),
    );
  };
  pipe.onMessage((raw) => {
    const { data: message } = MESSAGE.safeParse(raw);
    if (message === undefined) {
      onMisfit();
      return;
    }
    if (message.t === 'call') {
      void host.call(message.name, message.arg).then((reply) => send({ t: 'reply', id: message.id, reply }));
      return;
    }
    if (!isEvent(message.name)) {
      onMisfit();
      return;
    }
    if (message.t === 'subscribe') subscribe(message.name);
    else if (message.t === 'ack') subscriptions.get(message.name)?.ack();
    else {
      subscriptions.get(message.name)?.stop();
      subscriptions.delete(message.name);
    }
  });
  pipe.onClose(() => {
    open = false;
    for (const subscription of subscriptions.values()) subscription.stop();
    subscriptions.clear();
  });
}

function isEvent(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}

/** The other end: calls as promises, events acknowledged as soon as their listener returns. */
export class RpcClient {
  readonly #pipe: Pipe<ToHost, ToWindow>;
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: ProxyError) => void }
  >();
  readonly #listeners = new Map<EventName, (value: unknown) => void>();
  #lastId = 0;

  constructor(pipe: Pipe<ToHost, ToWindow>) {
    this.#pipe = pipe;
    pipe.onMessage((message) => this.#receive(message));
    pipe.onClose(() => {
      for (const { reject } of this.#pending.values()) reject(new ProxyError('aborted'));
      this.#pending.clear();
    });
  }

  /** Rejects with the host's error, or `aborted` when the pipe closed before an answer. */
  call<K extends CallName>(name: K, arg: Calls[K]['in']): Promise<Calls[K]['out']> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      // the host's half of the contract, checked by the compiler there
      this.#pending.set(id, { resolve: (value) => resolve(value as Calls[K]['out']), reject });
      this.#pipe.send({ t: 'call', id, name, arg });
    });
  }

  /** Sets the one listener of an event and subscribes to it. */
  listen<E extends EventName>(name: E, listener: (value: Events[E]) => void): void {
    this.#listeners.set(name, (value) => listener(value as Events[E]));
    this.#pipe.send({ t: 'subscribe', name });
  }

  #receive(message: ToWindow): void {
    if (message.t === 'event') {
      this.#listeners.get(message.name)?.(message.value);
      this.#pipe.send({ t: 'ack', name: message.name });
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.reply.ok) pending?.resolve(message.reply.value);
    else pending?.reject(new ProxyError(message.reply.error.code, message.reply.error.detail));
  }
}
