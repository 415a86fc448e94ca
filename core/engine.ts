/**
 * The set of running services and the one way to change it: `apply(plan)`.
 *
 * Theory of operation. A plan becomes a *generation*: its chains, routers and handlers. Each service keeps its listener as
 * long as what it listens on is the same; new clients are served by the newest generation, clients already here by the one
 * they came under, which is closed after its last client. A listener that must move is opened at the new place before the
 * old one stops accepting, unless both want the same port. If any service that was running can not take its new form,
 * the whole apply is undone and rejected; a service that never ran is marked failed and keeps nobody else from running.
 *
 * Over 300 lines: what `apply` changes, how it is undone and when a failed port is tried again touch the same slots.
 */
import type { ServiceState } from './contract/api.ts';
import { isLoopback } from './net/address.ts';
import type { TestedChain } from './chains/test-chain.ts';
import { buildGeneration, type Generation } from './generation.ts';
import { ProxyError, toProxyError } from './errors.ts';
import { Limiters } from './limiters.ts';
import { Admission, DEFAULT_LIMITS, DescriptorBudget } from './limits.ts';
import { EMPTY_PLAN, hasAllowList, type EngineDeps, type Plan, type ServicePlan } from './plan.ts';
import { Service } from './service.ts';
import { Stats } from './stats/sink.ts';

/** One configured service and what is known about it. */
interface Slot {
  plan: ServicePlan;
  wanted: boolean;
  state: ServiceState['state'];
  service: Service | null;
  admission: Admission;
  error: ProxyError | null;
  /** Set while a port at the far end of a chain waits to be opened again. */
  retry: NodeJS.Timeout | null;
  /** Failures in a row of such a port. */
  failures: number;
}

/** How long after its first, second, … failure a far port is tried again. */
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

/** Things to do later, in order or in reverse. */
type Steps = (() => Promise<void>)[];

export class Engine {
  readonly stats = new Stats();
  readonly #deps: EngineDeps;
  readonly #budget = new DescriptorBudget();
  readonly #limiters = new Limiters();
  readonly #slots = new Map<string, Slot>();
  readonly #retired = new Set<Service>();
  readonly #listeners = new Set<() => void>();
  #plan: Plan = EMPTY_PLAN;
  #generation: Generation | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Calls back after any service changed its state; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  states(): ServiceState[] {
    return [...this.#slots.values()].map((slot) => stateOf(slot, this.#plan));
  }

  /**
   * Makes `plan` the running configuration. `wanted` tells which new services start at once (default: all); known ones keep
   * being on or off. Rejects, with nothing changed, when a running service can not take its new form.
   */
  apply(plan: Plan, wanted: (name: string) => boolean = () => true): Promise<void> {
    return this.#exclusive(() => this.#apply(plan, wanted));
  }

  /** Starts a configured service; a failure is in the returned state, not thrown. */
  start(name: string): Promise<ServiceState> {
    return this.#exclusive(async () => {
      const slot = this.#slot(name);
      slot.wanted = true;
      if (slot.service === null) await this.#open(slot, this.#current());
      return stateOf(slot, this.#plan);
    });
  }

  /** Stops a service and ends its connections. */
  stop(name: string): Promise<ServiceState> {
    return this.#exclusive(async () => {
      const slot = this.#slot(name);
      slot.wanted = false;
      await this.#close(slot, 0);
      return stateOf(slot, this.#plan);
    });
  }

  /** Closes connections by id; returns how many of them were open. */
  closeConnections(ids: readonly string[]): number {
    return ids.filter((id) => this.stats.close(id, new ProxyError('closed_by_user'))).length;
  }

  /** A chain of the running configuration with nodes of its own, for testing it beside all traffic (chains/test-chain.ts). */
  tested(chain: string): TestedChain {
    return this.#current().tested(chain);
  }

  /** Stops everything: no new clients, present ones get `drainMs` to finish. */
  shutdown(drainMs: number): Promise<void> {
    return this.#exclusive(async () => {
      await Promise.all([
        ...[...this.#slots.values()].map((slot) => this.#close(slot, drainMs)),
        ...[...this.#retired].map((service) => service.stop(drainMs)),
      ]);
      this.#slots.clear();
      await this.#generation?.retire();
      this.#generation = null;
    });
  }

  async #apply(plan: Plan, wanted: (name: string) => boolean): Promise<void> {
    const generation = buildGeneration(plan, this.#deps, this.#limiters);
    const undo: Steps = [() => Promise.resolve(this.#generation?.enforce())];
    const done: Steps = [];
    generation.enforce();
    try {
      for (const service of plan.services) {
        const slot = this.#slots.get(service.name);
        if (slot?.service == null) continue;
        await this.#reform(slot, service, generation, undo, done);
      }
    } catch (error) {
      for (const step of undo.reverse()) await step();
      await generation.retire();
      throw toProxyError(error);
    }
    for (const step of done) await step();
    const previous = this.#generation;
    this.#plan = plan;
    this.#generation = generation;
    const names = new Set(plan.services.map((service) => service.name));
    for (const [name, slot] of this.#slots) {
      if (names.has(name)) continue;
      this.#slots.delete(name);
      await this.#close(slot, 0);
    }
    for (const service of plan.services) {
      const known = this.#slots.get(service.name);
      const slot = known ?? newSlot(service, wanted(service.name), this.#budget);
      slot.plan = service;
      this.#slots.set(service.name, slot);
      if (slot.service !== null) slot.service.use(generation.serving(service.name));
      else if (slot.wanted) await this.#open(slot, generation);
    }
    this.#order(plan);
    await previous?.retire();
    this.#changed();
  }

  /**
   * Gives a running service the listener its new plan asks for, if that is another one. `undo` brings the old one back,
   * `done` lets go of it once everything else has worked as well.
   */
  async #reform(
    slot: Slot,
    plan: ServicePlan,
    generation: Generation,
    undo: Steps,
    done: Steps,
  ): Promise<void> {
    const old = slot.service;
    if (old === null || listenerKey(slot.plan, this.#plan) === listenerKey(plan, generation.plan)) return;
    const next = this.#create(plan, slot, generation);
    if (samePort(slot.plan, plan)) {
      await old.retire();
      undo.push(async () => {
        const again = this.#create(slot.plan, slot, this.#current());
        await again.start();
        slot.service = again;
        this.#watch(slot, again);
        this.#keep(old);
      });
    } else {
      undo.push(() => {
        slot.service = old;
        return Promise.resolve();
      });
    }
    await next.start();
    undo.push(() => next.stop(0));
    slot.service = next;
    this.#watch(slot, next);
    done.push(async () => {
      await old.retire();
      this.#keep(old);
    });
  }

  async #open(slot: Slot, generation: Generation): Promise<void> {
    slot.state = 'starting';
    slot.error = null;
    this.#changed();
    const service = this.#create(slot.plan, slot, generation);
    try {
      const bound = await service.start();
      slot.service = service;
      slot.state = 'up';
      slot.failures = 0;
      this.#watch(slot, service);
      const addresses = bound.addresses;
      this.#deps.log.info('listening', {
        service: slot.plan.name,
        address: addresses[0] ?? slot.plan.address,
      });
    } catch (error) {
      this.#fail(slot, error);
    }
    this.#changed();
  }

  /** Marks a service as failed; a port at the far end of a chain is tried again later, more rarely each time. */
  #fail(slot: Slot, reason: unknown): void {
    const { name, address, listenerChain } = slot.plan;
    const error = toProxyError(reason, { port: address.port, host: address.host, owner: 'another program' });
    slot.state = 'failed';
    slot.error = error;
    const again =
      listenerChain === null ? null : (RETRY_MS[Math.min(slot.failures, RETRY_MS.length - 1)] ?? null);
    slot.failures += 1;
    this.#deps.log.error('service_failed', {
      service: name,
      error: error.message,
      code: error.code,
      retryMs: again,
    });
    if (again === null) return;
    // it keeps the process alive: a program whose only port is far away has nothing else while that is gone
    slot.retry = setTimeout(() => {
      slot.retry = null;
      void this.#exclusive(async () => {
        const still = slot.service === null && slot.wanted && this.#slots.get(name) === slot;
        if (still) await this.#open(slot, this.#current());
      });
    }, again);
  }

  async #close(slot: Slot, drainMs: number): Promise<void> {
    const service = slot.service;
    if (slot.retry !== null) clearTimeout(slot.retry);
    slot.retry = null;
    slot.failures = 0;
    slot.service = null;
    slot.error = null;
    slot.state = service === null ? 'stopped' : 'draining';
    this.#changed();
    if (service !== null) {
      await service.stop(drainMs);
      this.#deps.log.info('stopped', { service: slot.plan.name });
    }
    slot.state = 'stopped';
    this.#changed();
  }

  #create(plan: ServicePlan, slot: Slot, generation: Generation): Service {
    return new Service(
      {
        name: plan.name,
        listener: generation.listener(plan.name),
        admission: slot.admission,
        stats: this.stats,
        log: this.#deps.log.with({ service: plan.name }),
      },
      generation.serving(plan.name),
    );
  }

  /** Marks the slot failed when its listener ends without having been asked to. */
  #watch(slot: Slot, service: Service): void {
    void service.ended().then((reason) => {
      if (reason === null || slot.service !== service) return;
      slot.service = null;
      this.#fail(slot, reason);
      this.#keep(service);
      this.#changed();
    });
  }

  /** Remembers a service that no longer listens until its last client has gone, so that shutdown can end them. */
  #keep(service: Service): void {
    this.#retired.add(service);
    void service.empty().then(() => this.#retired.delete(service));
  }

  /** Slots in the order of the file. */
  #order(plan: Plan): void {
    for (const { name } of plan.services) {
      const slot = this.#slots.get(name);
      if (slot === undefined) continue;
      this.#slots.delete(name);
      this.#slots.set(name, slot);
    }
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined)
      throw new ProxyError('config', { where: 'services', message: `there is no service "${name}"` });
    return slot;
  }

  #current(): Generation {
    if (this.#generation === null) throw new ProxyError('stopping');
    return this.#generation;
  }

  /** Changes to the set of services happen one after the other. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work, work);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function newSlot(plan: ServicePlan, wanted: boolean, budget: DescriptorBudget): Slot {
  return {
    plan,
    wanted,
    state: 'stopped',
    service: null,
    admission: new Admission(DEFAULT_LIMITS, budget),
    error: null,
    retry: null,
    failures: 0,
  };
}

function stateOf(slot: Slot, { admissions }: Plan): ServiceState {
  const { plan } = slot;
  const auth = plan.users !== null || plan.authers.length > 0;
  const restricted = hasAllowList(plan, admissions);
  return {
    name: plan.name,
    state: slot.state,
    address: `${plan.address.host.includes(':') ? `[${plan.address.host}]` : plan.address.host}:${plan.address.port}`,
    bound: slot.service?.bound ?? [],
    handler: plan.handler.type,
    listener: plan.listener.type,
    chain: plan.chain ?? plan.listenerChain,
    auth,
    udp: plan.handler.options['udp'] === true,
    exposed: !auth && !restricted && plan.forwarder === null && !isLoopback(plan.address.host),
    error: slot.error?.toWire() ?? null,
  };
}

/** Everything that decides whether a listener can stay as it is. */
function listenerKey(service: ServicePlan, plan: Plan): string {
  const chain = plan.chains.find(({ name }) => name === service.listenerChain) ?? null;
  return JSON.stringify([
    service.address,
    service.listener.type,
    service.listener.options,
    service.listenerTls,
    chain,
  ]);
}

function samePort(a: ServicePlan, b: ServicePlan): boolean {
  return a.address.port === b.address.port && a.address.port !== 0;
}
