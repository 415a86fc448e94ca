/**
 * The configuration as the host works with it: one file, what it means, what runs of it, and the way back. Every change takes the same
 * path, one at a time: edits → text → plan → engine → file. The engine is asked first, so that nothing is saved that does not run; if
 * saving then fails, the engine goes back. A change from outside takes the same path without the saving and ends the undo history.
 * A little over the usual length because there is only this one path.
 */
import type { ConfigState, ServiceState } from '../contract/api.ts';
import type { Config, Edit, Finding } from '../contract/config.ts';
import type { LinkState, SnapshotKind } from '../contract/imports.ts';
import { ProxyError, toProxyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Plan } from '../plan.ts';

/** Steps of undo, and the bytes of old texts they may hold together. */
const MAX_STEPS = 100;
const MAX_UNDO_BYTES = 16 << 20;

/** Where the text is kept. */
export interface Storage {
  /** As the user knows it. */
  readonly path: string;
  /** The text now; empty when there is none yet. */
  load(): Promise<string>;
  /** Rejects with `config` when somebody else changed the file since it was last loaded or saved. */
  save(text: string): Promise<void>;
  /** Sets who is called back after somebody else changed the file. */
  watch(changed: () => void): void;
  /** Sentences about the file that a person should read. */
  notices(): readonly string[];
  close(): Promise<void>;
}

/** What a text means. Implemented by core/config. */
export interface Reading {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  readonly document: {
    readonly text: string;
    readonly config: Config;
    /** Why the text is no configuration at all. */
    readonly errors: readonly Finding[];
    apply(edits: readonly Edit[]): { readonly text: string };
  };
}

interface Step {
  readonly label: string;
  readonly text: string;
}

export interface ConfigurationDeps {
  readonly storage: Storage;
  readonly read: (text: string) => Reading;
  /** The config without its secrets. */
  readonly redact: (config: Config) => Config;
  readonly engine: {
    apply(plan: Plan, wanted: (name: string) => boolean): Promise<void>;
    states(): readonly ServiceState[];
  };
  /** Whether a service that is new to the engine starts at once. */
  readonly wanted: (service: string) => boolean;
  readonly changed: () => void;
  /** Keeps the state after a change. */
  readonly keep: (kind: SnapshotKind, label: string, now: { text: string; config: Config }) => void;
  readonly link: () => LinkState | null;
  readonly log: Log;
}

export class Configuration {
  readonly #deps: ConfigurationDeps;
  readonly #undo: Step[] = [];
  readonly #redo: Step[] = [];
  #reading: Reading;
  /** What the engine runs; not what the file says while a change from outside can not be applied. */
  #running: Reading;
  #rejected: ProxyError | null = null;
  #revision = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ConfigurationDeps) {
    this.#deps = deps;
    this.#reading = deps.read('');
    this.#running = this.#reading;
  }

  /** Loads, applies and watches the file. A service that does not start is in the engine's states, not an error here. */
  open(): Promise<void> {
    return this.#exclusive(async () => {
      await this.#adopt(await this.#deps.storage.load(), 'start');
      this.#deps.storage.watch(() => void this.reload());
    });
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#turn;
    await this.#deps.storage.close();
  }

  get plan(): Plan {
    return this.#running.plan;
  }

  /** Passwords included. */
  get config(): Config {
    return this.#reading.document.config;
  }

  get text(): string {
    return this.#reading.document.text;
  }

  get revision(): number {
    return this.#revision;
  }

  get findings(): readonly Finding[] {
    return this.#reading.findings;
  }

  /** Why the file as it is now is not what runs; null when it is. */
  get rejected(): ProxyError | null {
    return this.#rejected;
  }

  state(): ConfigState {
    return {
      revision: this.#revision,
      path: this.#deps.storage.path,
      config: this.#deps.redact(this.config),
      findings: this.findings,
      undo: this.#undo.at(-1)?.label ?? null,
      redo: this.#redo.at(-1)?.label ?? null,
      link: this.#deps.link(),
    };
  }

  /** What would be said about these edits, without making them. */
  check(revision: number, edits: readonly Edit[]): Finding[] {
    this.#mustBeCurrent(revision);
    return [...this.#deps.read(this.#reading.document.apply(edits).text).findings];
  }

  /** What would be said about another text. */
  checkText(text: string): Finding[] {
    return [...this.#deps.read(text).findings];
  }

  /** Makes, applies and saves the edits. Rejects with nothing changed; `config` when `revision` is not the present one. */
  edit(revision: number | null, edits: readonly Edit[], label: string): Promise<ConfigState> {
    return this.rewrite(revision, () => this.#reading.document.apply(edits).text, label);
  }

  /** The same for any text made from the present state, when its turn comes. */
  rewrite(
    revision: number | null,
    make: () => string | Promise<string>,
    label: string,
  ): Promise<ConfigState> {
    return this.#exclusive(async () => {
      if (revision !== null) this.#mustBeCurrent(revision);
      const before = this.text;
      await this.#change(await make());
      this.#remember(this.#undo, { label, text: before });
      this.#redo.length = 0;
      this.#keep('edit', label);
      return this.#announce();
    });
  }

  /** Lets `work` change where the configuration is kept, then takes over what is there. */
  moved(work: () => Promise<void>): Promise<ConfigState> {
    return this.#exclusive(async () => {
      await work();
      const text = await this.#deps.storage.load();
      if (text === this.text && this.#rejected === null) return this.#announce();
      this.#undo.length = 0;
      this.#redo.length = 0;
      await this.#adopt(text, 'outside');
      return this.state();
    });
  }

  undo(): Promise<ConfigState> {
    return this.#step(this.#undo, this.#redo, 'undo');
  }

  redo(): Promise<ConfigState> {
    return this.#step(this.#redo, this.#undo, 'repeat');
  }

  /** Reads the file again and applies it; what runs stays when that fails, and `rejected` says why. */
  reload(): Promise<void> {
    return this.#exclusive(async () => {
      const text = await this.#deps.storage.load();
      if (text === this.text && this.#rejected === null) return;
      this.#undo.length = 0;
      this.#redo.length = 0;
      await this.#adopt(text, 'outside');
    }).catch((error: unknown) => {
      this.#deps.log.error('reload_failed', {
        file: this.#deps.storage.path,
        error: toProxyError(error).message,
      });
    });
  }

  #step(from: Step[], to: Step[], verb: string): Promise<ConfigState> {
    return this.#exclusive(async () => {
      const step = from.at(-1);
      if (step === undefined) throw this.#refusal(`there is nothing to ${verb}`);
      const before = this.text;
      await this.#change(step.text);
      from.pop();
      this.#remember(to, { label: step.label, text: before });
      this.#keep(verb === 'undo' ? 'undo' : 'redo', step.label);
      return this.#announce();
    });
  }

  /** Engine first, then the file; the engine goes back when the file can not be written. */
  async #change(text: string): Promise<void> {
    const next = this.#deps.read(text);
    await this.#apply(next);
    try {
      await this.#deps.storage.save(text);
    } catch (error) {
      await this.#deps.engine.apply(this.#running.plan, this.#deps.wanted);
      throw error;
    }
    this.#reading = next;
    this.#running = next;
    this.#rejected = null;
  }

  #keep(kind: SnapshotKind, label: string): void {
    this.#deps.keep(kind, label, { text: this.text, config: this.config });
  }

  /** Takes a text that is in the file already. */
  async #adopt(text: string, kind: SnapshotKind): Promise<void> {
    const next = this.#deps.read(text);
    this.#reading = next;
    try {
      await this.#apply(next);
      this.#running = next;
      this.#rejected = null;
      this.#keep(kind, '');
      this.#deps.log.info('config_loaded', {
        file: this.#deps.storage.path,
        services: next.plan.services.length,
      });
    } catch (error) {
      this.#rejected = toProxyError(error);
      this.#deps.log.error('config_rejected', {
        file: this.#deps.storage.path,
        error: this.#rejected.message,
      });
    }
    this.#announce();
  }

  async #apply(next: Reading): Promise<void> {
    const broken = next.document.errors[0];
    if (broken !== undefined) throw refusalBy(broken);
    this.#mustKeepRunning(next);
    await this.#deps.engine.apply(next.plan, this.#deps.wanted);
  }

  /** A service that runs now and is still in the file must be able to go on. */
  #mustKeepRunning({ document, plan, findings }: Reading): void {
    const possible = new Set(plan.services.map(({ name }) => name));
    const named = document.config.services ?? [];
    for (const { name, state } of this.#deps.engine.states()) {
      const at = named.findIndex((service) => service.name === name);
      if (state === 'stopped' || state === 'failed' || at === -1 || possible.has(name)) continue;
      const why = findings.find(
        ({ grade, path }) => grade === 'blocks' && path[0] === 'services' && path[1] === at,
      );
      throw why === undefined
        ? this.#refusal(`the running service "${name}" could not go on`)
        : refusalBy(why);
    }
  }

  #mustBeCurrent(revision: number): void {
    if (revision !== this.#revision)
      throw this.#refusal('the configuration was changed in the meantime; look at it again');
  }

  #refusal(message: string): ProxyError {
    return new ProxyError('config', { where: this.#deps.storage.path, message });
  }

  #remember(steps: Step[], step: Step): void {
    steps.push(step);
    const bytes = (): number => steps.reduce((sum, { text }) => sum + text.length, 0);
    while (steps.length > MAX_STEPS || (steps.length > 1 && bytes() > MAX_UNDO_BYTES)) steps.shift();
  }

  #announce(): ConfigState {
    this.#revision += 1;
    this.#deps.changed();
    return this.state();
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

function refusalBy({ file, line, message }: Finding): ProxyError {
  return new ProxyError('config', { where: line > 0 ? `${file}:${line}` : file, message });
}
