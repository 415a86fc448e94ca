/**
 * Looks up the programs of clients on this computer, in the background: no connection waits for it and nothing is called when
 * one opens. Twice a second the open connections are asked which of them nobody knows yet; all of those are looked up together,
 * and after a look-up that took long the next one waits longer, so that looking never is most of what is done.
 */
import type { ServiceState } from '../contract/api.ts';
import type { ProcessOwner } from '../contract/stats.ts';
import { isLoopback, unmap } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import { networkInterfaces } from 'node:os';
import type { OwnersOf } from './owner-lookup.ts';
import type { ClientSocket } from './owner-tables.ts';

const LOOK_MS = 500;
const AT_ONCE = 2000;
/** Times as long as a look-up took until the next one, at most MAX_PAUSE_MS. */
const PAUSE = 9;
const MAX_PAUSE_MS = 5_000;

/** A connection that can be told whose it is. */
export interface Ownable {
  ownerless(): { readonly service: string; readonly client: Address; readonly udp: boolean } | null;
  own(program: ProcessOwner | null): void;
}

export interface OwnersDeps {
  readonly find: OwnersOf;
  readonly pending: (limit: number) => readonly Ownable[];
  readonly services: () => readonly ServiceState[];
}

export class Owners {
  readonly #deps: OwnersDeps;
  #timer: NodeJS.Timeout | null = null;
  #busy: Promise<void> | null = null;
  #notBefore = 0;

  constructor(deps: OwnersDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** Resolves when a look-up that is under way has ended. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#busy;
  }

  /** One round; nothing when one is under way or was only just finished. */
  look(): Promise<void> {
    if (this.#busy !== null) return this.#busy;
    if (performance.now() < this.#notBefore) return Promise.resolve();
    const pending = this.#deps.pending(AT_ONCE);
    if (pending.length === 0) return Promise.resolve();
    this.#busy = this.#round(pending).finally(() => (this.#busy = null));
    return this.#busy;
  }

  async #round(pending: readonly Ownable[]): Promise<void> {
    const asked: { readonly one: Ownable; readonly socket: ClientSocket }[] = [];
    const ports = portsOf(this.#deps.services());
    const here = hereAddresses();
    for (const one of pending) {
      const about = one.ownerless();
      if (about === null) continue;
      const port = ports.get(about.service);
      const near = isLoopback(about.client.host) || here.has(unmap(about.client.host));
      if (near && port !== undefined) asked.push({ one, socket: { ...about, port } });
      else one.own(null);
    }
    if (asked.length === 0) return;
    const startedAt = performance.now();
    const owners = await this.#deps.find(asked.map(({ socket }) => socket));
    const now = performance.now();
    this.#notBefore = now + Math.min(MAX_PAUSE_MS, (now - startedAt) * PAUSE);
    for (const [index, { one }] of asked.entries()) one.own(owners[index] ?? null);
  }
}

/** The port each service listens on, on this computer: a port at the far end of a chain has clients of that computer. */
function portsOf(services: readonly ServiceState[]): Map<string, number> {
  const ports = new Map<string, number>();
  for (const { name, bound, listener } of services) {
    const [first] = bound;
    if (first !== undefined && listener !== 'rtcp' && listener !== 'rudp') ports.set(name, first.port);
  }
  return ports;
}

function hereAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return new Set(all.map(({ address }) => unmap(address)));
}
