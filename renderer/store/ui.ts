/** What the window shows and where the user is: screen, selection, filters, dialogs, toasts. Nothing the host knows. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { TrafficPeriod } from '../../core/contract/traffic.ts';
import type { Level, LogSource } from './logs.ts';
import type { Place } from '../edits/chains.ts';
import { loadPrefs, savePrefs, type Prefs } from './prefs.ts';
import type { TableId } from './columns.ts';
import { loadLayouts, saveLayouts, type Layout, type Layouts } from './tables.ts';

export const SCREENS = ['home', 'services', 'chains', 'connections', 'traffic', 'logs', 'settings'] as const;
export type Screen = (typeof SCREENS)[number];

/** How far back the charts of traffic reach. */
export const TRAFFIC_SPANS = ['1min', '5min', '1h', '24h', '30d'] as const;
export type TrafficSpan = (typeof TRAFFIC_SPANS)[number];
export const TRAFFIC_KINDS = ['service', 'chain', 'node', 'host', 'process'] as const;
export type TotalsKind = (typeof TRAFFIC_KINDS)[number];

export type Selected =
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'new-service' }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'connection'; readonly id: string }
  | { readonly kind: 'association'; readonly id: string }
  | { readonly kind: 'udp-check'; readonly service: string };

/** The outcome of something the user just did. Never the only record of it. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  readonly undo: boolean;
}

/** Where the field for a pasted proxy URL is open. */
export type Adding =
  | { readonly kind: 'chain' }
  | { readonly kind: 'hop'; readonly chain: number; readonly index: number }
  | { readonly kind: 'node'; readonly chain: number; readonly hop: number };

/** A node tried alone, or the rest of a chain from a place on; `node` null leaves the node to the pick rule. */
interface FromHere {
  readonly what: 'isolate' | 'rest';
  readonly chain: number;
  readonly hop: number;
  readonly node: number | null;
}

export interface UiState {
  readonly screen: Screen;
  readonly selected: Selected | null;
  /** The card or header of the lanes that has the roving focus. */
  readonly place: Place | null;
  readonly adding: Adding | null;
  readonly chainView: 'lanes' | 'map';
  /** The shelf of proxies is open. */
  readonly shelf: boolean;
  /** Key of the proxy on the shelf that has the roving focus. */
  readonly shelfAt: string | null;
  /** The place whose name is being written anew. */
  readonly renaming: Place | null;
  /** The test the user is asked about, because it contacts a proxy without the hops before it. */
  readonly asking: FromHere | null;
  readonly tab: TableId;
  /** Where a chain is tested to, as typed, by chain name. */
  readonly targets: Readonly<Record<string, string>>;
  readonly filter: string;
  readonly layouts: Layouts;
  /** Rows of the shown table that are picked for an action on many. */
  readonly picked: ReadonlySet<string>;
  /** The form of the columns is open. */
  readonly choosingColumns: boolean;
  /** Connections about to be closed, once the user has confirmed so many. */
  readonly closing: readonly string[] | null;
  readonly paused: boolean;
  readonly trafficSpan: TrafficSpan;
  readonly trafficBy: 'service' | 'chain';
  readonly trafficPeriod: TrafficPeriod;
  readonly trafficKind: TotalsKind;
  readonly logText: string;
  readonly logLevel: Level;
  /** The text is a regular expression. */
  readonly logPattern: boolean;
  readonly logSource: LogSource | null;
  readonly logWrap: boolean;
  readonly logPaused: boolean;
  readonly dialog:
    'palette' | 'keys' | 'problems' | 'import' | 'export' | 'history' | 'conflict' | 'text' | null;
  /** A file or text is held over the window. */
  readonly dropping: boolean;
  readonly toasts: readonly Toast[];
  /** What a screen reader is told politely. */
  readonly said: string;
  readonly prefs: Prefs;
}

export type UiStore = StoreApi<UiState>;

const TOASTS_SHOWN = 2;
/** One for all, so that picking nothing again changes nothing. */
export const NOTHING: ReadonlySet<string> = new Set();

export function createUiStore(): UiStore {
  return createStore<UiState>(() => ({
    screen: 'home',
    selected: null,
    place: null,
    adding: null,
    chainView: 'lanes',
    shelf: false,
    shelfAt: null,
    renaming: null,
    asking: null,
    targets: {},
    tab: 'open',
    filter: '',
    layouts: loadLayouts(),
    picked: NOTHING,
    choosingColumns: false,
    closing: null,
    paused: false,
    trafficSpan: '5min',
    trafficBy: 'service',
    trafficPeriod: 'today',
    trafficKind: 'service',
    logText: '',
    logLevel: 'debug',
    logPattern: false,
    logSource: null,
    logWrap: false,
    logPaused: false,
    dialog: null,
    dropping: false,
    toasts: [],
    said: '',
    prefs: loadPrefs(),
  }));
}

/** Goes to a screen. What was selected elsewhere is no longer in sight, so it is let go. */
export function goTo(ui: UiStore, screen: Screen): void {
  if (ui.getState().screen !== screen) ui.setState({ screen, selected: null, adding: null, picked: NOTHING });
}

export function setPrefs(ui: UiStore, change: Partial<Prefs>): void {
  const prefs = { ...ui.getState().prefs, ...change };
  savePrefs(prefs);
  ui.setState({ prefs });
}

export function setLayout(ui: UiStore, table: TableId, layout: Layout): void {
  const { layouts } = ui.getState();
  if (layouts[table] === layout) return;
  const next = { ...layouts, [table]: layout };
  saveLayouts(next);
  ui.setState({ layouts: next });
}

/** Shows another table of the connections. What was picked in the one before is let go. */
export function showTab(ui: UiStore, tab: TableId): void {
  ui.setState({ screen: 'connections', tab, selected: null, adding: null, picked: NOTHING });
}

let toastId = 0;

export function toast(ui: UiStore, text: string, more: { tone?: Toast['tone']; undo?: boolean } = {}): void {
  toastId += 1;
  const next: Toast = { id: toastId, text, tone: more.tone ?? 'plain', undo: more.undo ?? false };
  ui.setState({ toasts: [...ui.getState().toasts, next].slice(-TOASTS_SHOWN) });
}

export function dismissToast(ui: UiStore, id: number): void {
  ui.setState({ toasts: ui.getState().toasts.filter((shown) => shown.id !== id) });
}

/** Tells a screen reader without moving the focus. */
export function say(ui: UiStore, text: string): void {
  ui.setState({ said: text });
}
