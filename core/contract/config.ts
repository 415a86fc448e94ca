/**
 * The configuration as the file writes it: GOST v3 YAML, keys in GOST's own spelling, values already plain data.
 * Only the parts the window reads by name are typed; everything else stays reachable through the index signature.
 * The typed form the engine runs is made from this by core/config.
 */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

interface Auth {
  readonly username?: string;
  readonly password?: string;
  readonly [key: string]: Json | undefined;
}

/** Handler, listener, connector or dialer: a type and its options. GOST puts most options under `metadata`. */
export interface Component {
  readonly type?: string;
  readonly metadata?: { readonly [key: string]: Json | undefined };
  readonly auth?: Auth;
  readonly chain?: string;
  readonly [key: string]: Json | undefined;
}

interface ForwardNode {
  readonly name?: string;
  readonly addr?: string;
  readonly [key: string]: Json | undefined;
}

export interface Service {
  readonly name?: string;
  readonly addr?: string;
  readonly handler?: Component;
  readonly listener?: Component;
  readonly forwarder?: { readonly nodes?: readonly ForwardNode[]; readonly [key: string]: Json | undefined };
  readonly [key: string]: Json | undefined;
}

export interface Node {
  readonly name?: string;
  readonly addr?: string;
  readonly connector?: Component;
  readonly dialer?: Component;
  readonly [key: string]: Json | undefined;
}

export interface Selector {
  readonly strategy?: string;
  readonly maxFails?: number;
  readonly failTimeout?: string | number;
  readonly [key: string]: Json | undefined;
}

export interface Hop {
  readonly name?: string;
  readonly selector?: Selector;
  readonly nodes?: readonly Node[];
  readonly [key: string]: Json | undefined;
}

export interface Chain {
  readonly name?: string;
  readonly hops?: readonly Hop[];
  readonly [key: string]: Json | undefined;
}

/** The whole file. Lists that are absent are absent, not empty. */
export interface Config {
  readonly services?: readonly Service[];
  readonly chains?: readonly Chain[];
  readonly [section: string]: Json | undefined;
}

/** Where a key or a list item sits: `['services', 0, 'handler', 'type']`. */
export type Path = readonly (string | number)[];

/**
 * One change to the file. The host turns each into the smallest possible text change.
 * `set` creates missing parents; `insert` into a missing list creates it; `move` reorders inside one list.
 */
export type Edit =
  | { readonly op: 'set'; readonly path: Path; readonly value: Json }
  | { readonly op: 'remove'; readonly path: Path }
  | {
      readonly op: 'insert';
      readonly path: Path;
      readonly index: number;
      readonly value: Json;
      /** Where the secrets are saved that the value has stand-ins for: what it is a copy of. */
      readonly from?: Path;
    }
  | { readonly op: 'move'; readonly path: Path; readonly from: number; readonly to: number };

/** blocks: the item can not run. changes: it runs, but not as GOST would. ignored: no effect here. hint: advice. */
export type Grade = 'blocks' | 'changes' | 'ignored' | 'hint';

/** Something a person should know about one place of a configuration. */
export interface Finding {
  readonly grade: Grade;
  /** Stable, for tests and help: `unknown_key`, `near_miss`, `bad_value`, … */
  readonly code: string;
  /** File name as the user knows it, or `-L 1` / `-F 2` for command-line URLs. */
  readonly file: string;
  /** 1-based; 0 when the finding has no place in a text. */
  readonly line: number;
  readonly column: number;
  readonly path: Path;
  /** One plain sentence: what is there, what it means here. */
  readonly message: string;
  /** What to do about it, when there is something to do; `edit` does it. */
  readonly fix?: { readonly label: string; readonly edits: readonly Edit[] };
}

/** Stands in for a password or key wherever configuration crosses to the window; writing it back keeps the saved one. */
export const KEPT_SECRET = '••••••••';
