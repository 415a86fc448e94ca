/**
 * One running Sockeye: engine, configuration, memory and log together, and the events about them. Whoever shows it (Electron, the
 * headless server, nobody) asks it through api.ts.
 */
import type { AppInfo, EventName, Events, Problem, Schemas, ServiceState } from '../contract/api.ts';
import type { Config } from '../contract/config.ts';
import type { StorageState } from '../contract/traffic.ts';
import type { Engine } from '../engine.ts';
import type { Log } from '../log.ts';
import type { Pins } from '../transports/pins.ts';
import { Publisher } from '../stats/publisher.ts';
import { Configuration, type Reading, type Storage } from './configuration.ts';
import { Feed, type Source } from './feed.ts';
import type { History } from './history/history.ts';
import type { Login } from './login.ts';
import type { LogRing } from './logs.ts';
import type { LinkableStorage } from './linked.ts';
import type { Memory } from './memory.ts';
import type { OwnersOf } from './owner-lookup.ts';
import { Owners } from './owners.ts';
import { PortConflicts } from './port-conflicts.ts';
import { problemsOf } from './problems.ts';
import type { Snapshots } from './snapshots.ts';
import { Runs } from './runs.ts';
import { udpSubject } from './udp-check/subject.ts';
import type { TestHistory } from './test-history.ts';

export interface HostDeps {
  readonly engine: Pick<
    Engine,
    'apply' | 'start' | 'stop' | 'states' | 'onChange' | 'closeConnections' | 'tested' | 'shutdown' | 'stats'
  >;
  readonly storage: Storage;
  /** The storage again where it can be linked to a file elsewhere; null where it can not. */
  readonly linking: LinkableStorage | null;
  readonly snapshots: Snapshots;
  readonly read: (text: string) => Reading;
  readonly redact: (config: Config) => Config;
  readonly schemas: () => Schemas;
  readonly memory: Memory;
  /** Certificates of proxies that were trusted on first use. */
  readonly pins: Pick<Pins, 'list' | 'forget'>;
  readonly history: History;
  readonly login: Login;
  readonly logs: LogRing;
  readonly log: Log;
  readonly about: Pick<AppInfo, 'version' | 'runtime' | 'dataDir'>;
  /** Shows a folder in the system's file manager; null where nobody sits in front of it. */
  readonly openFolder: ((path: string) => Promise<void>) | null;
  readonly ownerOf: (port: number) => Promise<string | null>;
  /** The programs behind the connections of this computer. */
  readonly ownersOf: OwnersOf;
  readonly tests: TestHistory;
}

export class Host {
  readonly deps: HostDeps;
  readonly configuration: Configuration;
  readonly startedAt = Date.now();
  readonly runs: Runs;
  readonly tests: TestHistory;
  readonly events: { readonly [E in EventName]: Source<Events[E]> };
  readonly #conflicts: PortConflicts;
  readonly #owners: Owners;
  readonly #problemsSince = new Map<string, number>();
  readonly #services = Feed.of(() => this.services());
  readonly #config = Feed.of(() => this.configuration.state());
  readonly #problems = Feed.of(() => this.problems());
  readonly #life = new AbortController();
  /** Between open and close: services that come and go do so because somebody wants it. */
  #opened = false;
  #remembered: Promise<void> = Promise.resolve();
  readonly #detach: () => void;

  constructor(deps: HostDeps) {
    this.deps = deps;
    this.tests = deps.tests;
    this.runs = new Runs({
      tested: (chain) => deps.engine.tested(chain),
      udpSubject: (service) => udpSubject(deps.engine, this.configuration.plan, service),
      ended: (run) => deps.tests.add(run),
    });
    this.configuration = new Configuration({
      storage: deps.storage,
      read: deps.read,
      redact: deps.redact,
      engine: deps.engine,
      wanted: (name) =>
        this.#opened || !deps.memory.state.started || deps.memory.state.running.includes(name),
      changed: () => {
        this.#config.changed();
        this.#problems.changed();
      },
      keep: (kind, label, { text, config }) =>
        void deps.snapshots.keep({
          kind,
          label,
          text,
          services: config.services?.length ?? 0,
          chains: config.chains?.length ?? 0,
        }),
      link: () => deps.linking?.state ?? null,
      log: deps.log,
    });
    deps.linking?.onConflict(() => {
      this.#config.changed();
      this.#problems.changed();
    });
    this.#conflicts = new PortConflicts(deps.ownerOf, () => this.#tellServices());
    this.#owners = new Owners({
      find: deps.ownersOf,
      pending: (limit) => deps.engine.stats.ownerless(limit),
      services: () => deps.engine.states(),
    });
    this.#detach = deps.engine.onChange(() => this.#serviceChanged());
    const publisher = new Publisher(deps.engine.stats);
    this.events = {
      stats: (sink) => publisher.subscribe(sink),
      services: this.#services.subscribe,
      config: this.#config.subscribe,
      problems: this.#problems.subscribe,
      log: deps.logs.feed.subscribe,
      runs: this.runs.feed.subscribe,
    };
  }

  /** Aborts when the host closes; parent of whatever a call starts. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Loads and applies the configuration and starts what was running the last time. */
  async open(): Promise<void> {
    this.deps.history.start();
    await this.configuration.open();
    this.#opened = true;
    this.#owners.start();
    this.#remember();
  }

  /** Stops all services; their connections get `drainMs` to finish. */
  async close(drainMs: number): Promise<void> {
    this.#opened = false; // what stops from here on was running to the last
    this.#life.abort();
    this.runs.close();
    await Promise.all([
      this.#owners.stop(),
      this.tests.settled(),
      this.configuration.close(),
      this.deps.engine.shutdown(drainMs),
      this.#remembered,
    ]);
    await this.deps.snapshots.settled();
    this.#detach();
    this.deps.history.close();
    this.deps.logs.close();
  }

  /** Every service, with the owner of its port in the error where that is why it failed. */
  services(): ServiceState[] {
    return this.deps.engine.states().map((state) => this.#conflicts.explained(state));
  }

  /** The same for one service, after the owner of its port was looked up. */
  async explained(state: ServiceState): Promise<ServiceState> {
    this.#conflicts.update(this.deps.engine.states());
    await this.#conflicts.settled();
    return this.#conflicts.explained(state);
  }

  /** What is kept of the past, where, and how much it takes. */
  storage(): StorageState {
    return { ...this.deps.history.state(), logs: this.deps.logs.state() };
  }

  /** Captures every step of everything for a while, or no longer. */
  capture(detail: boolean): StorageState {
    const { logs, log } = this.deps;
    logs.capture(detail, () => {
      const { detailLeftMs } = logs.state();
      log.info('capture', { detail: detailLeftMs > 0, minutes: Math.round(detailLeftMs / 60_000) });
    });
    return this.storage();
  }

  /** Shows a folder of ours, if there is anybody to show it to. */
  async openFolder(folder: 'data' | 'logs'): Promise<{ opened: boolean }> {
    const { about, logs, openFolder } = this.deps;
    const path = folder === 'data' ? about.dataDir : logs.state().folder;
    if (openFolder === null || path === null) return { opened: false };
    await openFolder(path);
    return { opened: true };
  }

  problems(): Problem[] {
    const { config, findings, rejected } = this.configuration;
    const situation = {
      states: this.services(),
      config,
      findings,
      rejected,
      path: this.deps.storage.path,
      notices: this.deps.storage.notices(),
      freePort: (service: string) => this.#conflicts.freePort(service),
    };
    return problemsOf(situation, this.#problemsSince, Date.now());
  }

  #serviceChanged(): void {
    const states = this.deps.engine.states();
    if (this.#opened) this.#remember();
    this.#conflicts.update(states);
    this.#tellServices();
  }

  /** Keeps which services are on, for the next start. */
  #remember(): void {
    const { memory, engine, log } = this.deps;
    const on = engine.states().filter(({ state }) => state !== 'stopped');
    const running = on.map(({ name }) => name);
    const started = memory.state.started || on.some(({ state }) => state === 'up');
    if (started === memory.state.started && running.join('\n') === memory.state.running.join('\n')) return;
    this.#remembered = memory
      .update({ started, running })
      .catch((error: unknown) => log.warn('not_remembered', { error }));
  }

  #tellServices(): void {
    this.#services.changed();
    this.#problems.changed();
  }
}
