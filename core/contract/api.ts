/**
 * The one contract between the engine's host and whoever shows it. Imports nothing but its own folder, runs anywhere.
 * A call is a question with one answer; an event is a stream of latest values. Errors are data (`Reply`), never thrown across.
 * Long because all calls and events are read here in one place.
 * To add a call: one line in `Calls`, its name in `CALLS`, one method in core/host/api.ts; the compiler names what is missing.
 */
import type { Address } from './address.ts';
import type { PastedItem } from './clip.ts';
import type { Config, Edit, Finding, Path } from './config.ts';
import type { WireError } from './errors.ts';
import type {
  Conflict,
  ExportRequest,
  ExportResult,
  FileShapes,
  ImportChoice,
  ImportRepair,
  ImportReview,
  ImportSource,
  LinkState,
  Snapshot,
  TextPair,
} from './imports.ts';
import type { ConnectionDetail, NamingCount, StatsFrame } from './stats.ts';
import type {
  HistoryLimits,
  StorageState,
  TrafficHistory,
  TrafficKind,
  TrafficPeriod,
  TrafficRange,
  TrafficTotals,
} from './traffic.ts';
import type { PastTest, Run, RunRequest } from './runs.ts';

/** State of one configured service. `up` only after the listener has been read back. */
export interface ServiceState {
  readonly name: string;
  readonly state: 'stopped' | 'starting' | 'up' | 'draining' | 'failed';
  /** Bound addresses as read back; the configured one while it is not up. */
  readonly address: string;
  readonly bound: readonly Address[];
  /** What the service speaks: handler type and listener type. */
  readonly handler: string;
  readonly listener: string;
  readonly chain: string | null;
  readonly auth: boolean;
  readonly udp: boolean;
  /** Reachable beyond this computer without a password. */
  readonly exposed: boolean;
  readonly error: WireError | null;
}

/** The saved file and what is known about it. Secrets are KEPT_SECRET. */
export interface ConfigState {
  /** Grows with every change of the file, ours or anybody's. An edit names the revision it was made on. */
  readonly revision: number;
  readonly path: string;
  readonly config: Config;
  readonly findings: readonly Finding[];
  readonly undo: string | null;
  readonly redo: string | null;
  /** Null while the configuration is Sockeye's own file. */
  readonly link: LinkState | null;
}

export interface AppInfo {
  readonly version: string;
  readonly runtime: 'electron' | 'headless';
  readonly platform: string;
  readonly node: string;
  readonly dataDir: string;
  readonly configPath: string;
  readonly startedAt: number;
  /** True until the first service was ever started from this data folder. */
  readonly firstRun: boolean;
}

/** One rung of a self-test: greeting, CONNECT to the built-in echo, UDP to the built-in echo. */
export interface TestStep {
  readonly name: 'greeting' | 'connect' | 'udp';
  readonly ok: boolean;
  readonly ms: number;
  readonly error: WireError | null;
}

export interface QuickResult {
  readonly service: string;
  readonly address: Address;
  /** Set when the asked port was taken: by whom, if the system tells. */
  readonly taken: { readonly port: number; readonly owner: string | null } | null;
  readonly steps: readonly TestStep[];
}

/** What a pasted proxy URL means, before it is added. */
export interface UriPreview {
  readonly ok: boolean;
  /** Shown to people: no password. */
  readonly label: string;
  readonly findings: readonly Finding[];
}

/** Somebody should look at this. Kept until it is no longer true. */
export interface Problem {
  readonly id: string;
  readonly severity: 'error' | 'warning';
  /** What failed, where, why: ready sentences of the error shape in ux-brief §9. */
  readonly what: string;
  readonly where: string;
  readonly why: string;
  readonly actions: readonly ProblemAction[];
  readonly since: number;
}

export type ProblemAction =
  | { readonly kind: 'use_port'; readonly service: string; readonly port: number; readonly label: string }
  | { readonly kind: 'retry'; readonly service: string; readonly label: string }
  | { readonly kind: 'show'; readonly path: Path; readonly label: string }
  /** A line of the configuration's text. */
  | { readonly kind: 'text'; readonly line: number; readonly label: string };

/** Whether a service could listen there now. `taken` by the asking service itself counts as free. */
export interface PortCheck {
  readonly state: 'free' | 'taken' | 'denied' | 'unavailable';
  /** Whose it is, as far as the system tells: "chrome (pid 4121)". */
  readonly owner: string | null;
  /** A free port near it, when this one can not be had. */
  readonly free: number | null;
}

/** An address of this computer that a service can listen on. */
export interface HostAddress {
  readonly name: string;
  readonly address: string;
}

/** A certificate that is held to be a proxy's, because it was the first that it showed (trust on first use). */
export interface PinnedCertificate {
  /** What `pins.forget` wants to be told. */
  readonly peer: string;
  readonly node: string;
  /** host:port */
  readonly address: string;
  /** SHA-256 fingerprint, in pairs of hexadecimal digits with colons. */
  readonly sha256: string;
  /** Milliseconds since 1970; null: from a time when that was not written down. */
  readonly since: number | null;
}

/** Whether Sockeye starts when its user signs in to the computer, as read back from the system. */
export interface LoginState {
  /** False where it is started by whoever needs it, such as the headless host. */
  readonly supported: boolean;
  readonly on: boolean;
  /** Why it will not start although it is on: macOS waits for an approval, or somebody disabled it in the Task Manager. */
  readonly note: 'approval' | 'disabled' | null;
}

export interface LogLine {
  /** Grows by one per line. */
  readonly seq: number;
  readonly at: number;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly event: string;
  readonly id: string | null;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** JSON Schema 2020-12 of the options of every component the engine knows, by role and type, for forms. */
export interface Schemas {
  readonly handlers: Readonly<Record<string, ComponentSchema>>;
  readonly listeners: Readonly<Record<string, ComponentSchema>>;
  readonly connectors: Readonly<Record<string, ComponentSchema>>;
  readonly dialers: Readonly<Record<string, ComponentSchema>>;
}

export interface ComponentSchema {
  readonly type: string;
  readonly title: string;
  readonly summary: string;
  /** `properties.*` carry title, description, default, and our own `unit`, `secret`, `kind` (boolean, integer, duration, text, map). */
  readonly options: { readonly [key: string]: unknown };
  /** Facts the window needs without knowing protocols by name. */
  readonly facts: {
    readonly auth: boolean;
    readonly udp: boolean | null;
    readonly tls: boolean;
    readonly forward: boolean;
  };
}

export interface Calls {
  'app.info': { in: null; out: AppInfo };
  'schema.get': { in: null; out: Schemas };
  'config.get': { in: null; out: ConfigState };
  /** The text as saved, passwords included: asked for by the YAML view only after the user said so. */
  'config.text': { in: null; out: { text: string; revision: number } };
  /** Findings for edits that are not saved yet. */
  'config.check': { in: { revision: number; edits: Edit[] }; out: Finding[] };
  /** Saves and applies. Refused (`config`) when the revision is stale or a finding blocks what was running. */
  'config.edit': { in: { revision: number; edits: Edit[]; label: string }; out: ConfigState };
  'config.undo': { in: null; out: ConfigState };
  'config.redo': { in: null; out: ConfigState };
  /** The whole text in place of the saved one; the same rules as for edits. */
  'config.write': { in: { revision: number; text: string; label: string }; out: ConfigState };
  /** What would be said about a text, without saving it. */
  'config.checkText': { in: { text: string }; out: Finding[] };
  'config.export': { in: ExportRequest; out: ExportResult };
  /** Reads and saves the file at a path from now on; null goes back to Sockeye's own file and keeps what is there now. */
  'config.link': { in: { path: string | null }; out: ConfigState };
  'config.conflict': { in: null; out: Conflict };
  /** Ends a conflict with this text. */
  'config.settle': { in: { text: string; label: string }; out: ConfigState };
  'schema.file': { in: null; out: FileShapes };
  /** Reads a text without taking anything in. `edits` and `repair` change the text first. */
  'import.review': {
    in: { source: ImportSource; repair: ImportRepair | null; edits: Edit[] };
    out: ImportReview;
  };
  'import.apply': {
    in: { revision: number; source: ImportSource; choice: ImportChoice; label: string };
    out: { state: ConfigState; taken: number };
  };
  /** Newest first. */
  'snapshots.list': { in: null; out: Snapshot[] };
  'snapshots.diff': { in: { id: string }; out: TextPair };
  'snapshots.restore': { in: { revision: number; id: string; label: string }; out: ConfigState };
  'services.list': { in: null; out: ServiceState[] };
  'service.start': { in: { name: string }; out: ServiceState };
  'service.stop': { in: { name: string }; out: ServiceState };
  /** Those that asked for most addresses first. */
  'service.naming': { in: { name: string }; out: NamingCount[] };
  /** One click: a local SOCKS5 service on the asked port or the next free one, started and self-tested. */
  'quick.start': { in: { port: number | null }; out: QuickResult };
  'selftest.run': { in: { service: string }; out: TestStep[] };
  /** `service`: the service that asks and may hold the port itself; null for a new one. */
  'port.check': { in: { service: string | null; host: string; port: number }; out: PortCheck };
  'host.addresses': { in: null; out: HostAddress[] };
  'uri.preview': { in: { uri: string }; out: UriPreview };
  /** Appends a hop made from a pasted URI to the chain of a service; creates and assigns the chain when there is none. */
  'quick.addHop': { in: { service: string; uri: string }; out: ConfigState };
  /** The edits that add a node made from a URI to a hop, without saving. */
  'uri.node': {
    in: { uri: string };
    out: { node: Config[string]; selector: Config[string]; findings: Finding[] };
  };
  /** Nodes, hops and chains as text: YAML below the same as URLs, without passwords, which the host keeps for a paste. */
  'clip.copy': { in: { paths: Path[] }; out: { text: string } };
  /** What a pasted text means in a lane; null when it is nothing of that kind. */
  'clip.read': { in: { text: string }; out: PastedItem[] | null };
  /** Starts something that takes a while; how it goes comes with the event `runs`. */
  'run.start': { in: RunRequest; out: Run };
  'run.cancel': { in: { id: string }; out: null };
  /** The last tests of a chain, the oldest first. */
  'chain.tests': { in: { chain: string }; out: PastTest[] };
  'pins.list': { in: null; out: PinnedCertificate[] };
  /** The proxy's next certificate is trusted instead. Gives those that are left. */
  'pins.forget': { in: { peer: string }; out: PinnedCertificate[] };
  'connection.close': { in: { ids: string[] }; out: { closed: number } };
  /** Null: not open and no longer remembered. */
  'connection.detail': { in: { id: string }; out: ConnectionDetail | null };
  'connections.recent': { in: null; out: StatsFrame['closed'] };
  /** The newest lines after `after`, at most 2,000; of those before `before` when it is given, to go further back. */
  'log.recent': { in: { after: number; before?: number | undefined }; out: LogLine[] };
  /** Traffic over time, as a chart draws it. */
  'traffic.history': { in: { range: TrafficRange; by: 'service' | 'chain' }; out: TrafficHistory };
  'traffic.totals': { in: { period: TrafficPeriod; kind: TrafficKind }; out: TrafficTotals };
  /** Forgets the whole history and counts anew. */
  'traffic.clear': { in: null; out: StorageState };
  'storage.get': { in: null; out: StorageState };
  'storage.set': { in: HistoryLimits; out: StorageState };
  /** Captures every step for ten minutes, or goes back to the usual lines. What is shown of it is the window's business. */
  'log.capture': { in: { detail: boolean }; out: StorageState };
  /** Shows a folder of ours in the system's file manager. False: there is none here, show the path instead. */
  'folder.open': { in: { folder: 'data' | 'logs' }; out: { opened: boolean } };
  /** What somebody who helps needs to know, as text without passwords and without names of targets. */
  'diagnostics.report': { in: null; out: { text: string } };
  'problems.list': { in: null; out: Problem[] };
  'login.get': { in: null; out: LoginState };
  'login.set': { in: { on: boolean }; out: LoginState };
}

export interface Events {
  stats: StatsFrame;
  services: readonly ServiceState[];
  config: ConfigState;
  problems: readonly Problem[];
  log: readonly LogLine[];
  /** Runs that changed since the last event, each whole. */
  runs: readonly Run[];
}

/** The names at run time; the compiler keeps them equal to the types. */
export const CALLS = {
  'app.info': true,
  'schema.get': true,
  'config.get': true,
  'config.text': true,
  'config.check': true,
  'config.edit': true,
  'config.undo': true,
  'config.redo': true,
  'config.write': true,
  'config.checkText': true,
  'config.export': true,
  'config.link': true,
  'config.conflict': true,
  'config.settle': true,
  'schema.file': true,
  'import.review': true,
  'import.apply': true,
  'snapshots.list': true,
  'snapshots.diff': true,
  'snapshots.restore': true,
  'services.list': true,
  'service.start': true,
  'service.stop': true,
  'service.naming': true,
  'quick.start': true,
  'selftest.run': true,
  'port.check': true,
  'host.addresses': true,
  'uri.preview': true,
  'quick.addHop': true,
  'uri.node': true,
  'clip.copy': true,
  'clip.read': true,
  'run.start': true,
  'run.cancel': true,
  'chain.tests': true,
  'pins.list': true,
  'pins.forget': true,
  'connection.close': true,
  'connection.detail': true,
  'connections.recent': true,
  'log.recent': true,
  'traffic.history': true,
  'traffic.totals': true,
  'traffic.clear': true,
  'storage.get': true,
  'storage.set': true,
  'log.capture': true,
  'folder.open': true,
  'diagnostics.report': true,
  'problems.list': true,
  'login.get': true,
  'login.set': true,
} as const satisfies Record<keyof Calls, true>;

export const EVENTS = {
  stats: true,
  services: true,
  config: true,
  problems: true,
  log: true,
  runs: true,
} as const satisfies Record<keyof Events, true>;

export type CallName = keyof Calls;
export type EventName = keyof Events;
export type Reply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** What travels over the pipe. `id` pairs a reply with its call. */
export type ToHost =
  | { readonly t: 'call'; readonly id: number; readonly name: string; readonly arg: unknown }
  | { readonly t: 'subscribe'; readonly name: string }
  | { readonly t: 'unsubscribe'; readonly name: string }
  /** The window has applied the last event of this name; the next one may be sent. */
  | { readonly t: 'ack'; readonly name: string };
export type ToWindow =
  | { readonly t: 'reply'; readonly id: number; readonly reply: Reply<unknown> }
  | { readonly t: 'event'; readonly name: EventName; readonly value: unknown };

/** A pipe of messages: Electron IPC and WebSocket are the two there are. */
export interface Pipe<Out, In> {
  send(message: Out): void;
  /** Sets the one listener. */
  onMessage(listener: (message: In) => void): void;
  onClose(listener: () => void): void;
}

/** What the preload script exposes as `window.sockeye`. */
export interface Bridge extends Pipe<ToHost, ToWindow> {
  /** Path of a File that a person dropped or chose, empty for one that lies nowhere; absent in a browser, which keeps paths to itself. */
  readonly pathOf?: (file: object) => string;
}
