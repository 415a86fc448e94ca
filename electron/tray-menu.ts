/** What the tray shows, worked out from the present state; a pure function, so that every case is tested without a tray. */
import type { Problem, ServiceState } from '../core/contract/api.ts';
import { shellCommand, type Shell } from '../core/contract/command.ts';
import type { Address } from '../core/contract/address.ts';
import type { Words } from './words.ts';

/** The tray's three shapes: state is told by shape, not by colour. */
export type TrayShape = 'off' | 'on' | 'problem';

export type TrayAction =
  | { readonly kind: 'switch'; readonly service: string; readonly on: boolean }
  /** Sends a service through a chain; null: Direct. */
  | { readonly kind: 'chain'; readonly service: string; readonly chain: string | null }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'quit' };

export type TrayItem =
  | { readonly kind: 'line'; readonly label: string }
  | { readonly kind: 'separator' }
  | {
      readonly kind: 'action';
      readonly label: string;
      readonly action: TrayAction;
      readonly checked?: boolean;
      /** One of several of which exactly one is chosen. */
      readonly radio?: boolean;
    }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly TrayItem[] };

export interface TrayModel {
  readonly shape: TrayShape;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

/** Bytes per second each way, and open connections. */
export interface Traffic {
  readonly upBps: number;
  readonly downBps: number;
  readonly open: number;
}

export interface TrayState {
  readonly services: readonly ServiceState[];
  readonly problems: readonly Problem[];
  /** Names of all chains, in the order of the file. */
  readonly chains: readonly string[];
  /** Null until it is known. */
  readonly traffic: Traffic | null;
  readonly platform: NodeJS.Platform;
}

const SEPARATOR: TrayItem = { kind: 'separator' };
/** Names come from files; a menu shows this much of one. */
const LABEL_LENGTH = 60;
const SHELLS: readonly (readonly [shell: Shell, label: string])[] = [
  ['bash', 'bash, zsh'],
  ['fish', 'fish'],
  ['powershell', 'PowerShell'],
  ['cmd', 'cmd'],
];
/** Protocols that a shell's programs can be pointed at. */
const PROXIES: ReadonlySet<string> = new Set(['socks5', 'socks', 'socks4', 'socks4a', 'http', 'auto']);
/** What listens at the far end of a chain can not be sent another way from a menu. */
const REMOTE: ReadonlySet<string> = new Set(['rtcp', 'rudp']);

export function trayModel(state: TrayState, words: Words): TrayModel {
  const { services, problems, traffic } = state;
  const on = services.filter((service) => service.state === 'up').length;
  const status = `Sockeye: ${on === 0 ? words.allOff : words.on(on)}`;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const trouble: TrayItem[] =
    errors === 0 ? [] : [{ kind: 'action', label: words.problems(errors), action: { kind: 'open' } }];
  return {
    shape: errors > 0 ? 'problem' : on > 0 ? 'on' : 'off',
    tooltip: status,
    items: [
      { kind: 'line', label: status },
      ...(traffic === null || on === 0
        ? []
        : [{ kind: 'line' as const, label: trafficLine(traffic, words) }]),
      ...(services.length === 0 ? [] : [SEPARATOR]),
      ...services.map((service) => serviceMenu(service, state, words)),
      SEPARATOR,
      ...trouble,
      { kind: 'action', label: words.openWindow, action: { kind: 'open' } },
      { kind: 'action', label: words.quit, action: { kind: 'quit' } },
    ],
  };
}

function serviceMenu(service: ServiceState, state: TrayState, words: Words): TrayItem {
  const { name, address, bound } = service;
  const [first] = bound;
  const shown = first === undefined ? address : hostPort(first);
  const on = service.state === 'up' || service.state === 'starting';
  const failed = service.state === 'failed' ? `  (${words.failed})` : '';
  const items: TrayItem[] = [
    {
      kind: 'action',
      label: words.switchOn,
      checked: on,
      action: { kind: 'switch', service: name, on: !on },
    },
    ...chainItems(service, state, words),
    SEPARATOR,
    { kind: 'action', label: words.copyAddress, action: { kind: 'copy', text: shown } },
    ...commandItems(service, state, words),
  ];
  return { kind: 'menu', label: label(`${name}  ${shown}${failed}`), items };
}

/** Direct and every chain, one of them chosen; nothing where there is nothing to choose. */
function chainItems(service: ServiceState, { chains }: TrayState, words: Words): TrayItem[] {
  if (chains.length === 0 || REMOTE.has(service.listener)) return [];
  const choice = (chain: string | null): TrayItem => ({
    kind: 'action',
    label: chain === null ? words.direct : label(chain),
    checked: service.chain === chain,
    radio: true,
    action: { kind: 'chain', service: service.name, chain },
  });
  return [
    SEPARATOR,
    { kind: 'line', label: words.chain },
    choice(null),
    ...chains.map((chain) => choice(chain)),
  ];
}

function commandItems(service: ServiceState, { platform }: TrayState, words: Words): TrayItem[] {
  const [address] = service.bound;
  if (address === undefined || !PROXIES.has(service.handler)) return [];
  const use = { address: reachable(address), handler: service.handler, auth: service.auth };
  const shells = SHELLS.filter(([shell]) => platform === 'win32' || shell !== 'cmd');
  return [
    {
      kind: 'menu',
      label: words.copyCommand,
      items: shells.map(([shell, name]) => ({
        kind: 'action',
        label: name,
        action: { kind: 'copy', text: shellCommand(shell, use) },
      })),
    },
  ];
}

function trafficLine({ upBps, downBps, open }: Traffic, words: Words): string {
  return `↑ ${rate(upBps)}  ↓ ${rate(downBps)} · ${words.open(open)}`;
}

function rate(bps: number): string {
  const units = ['B/s', 'kB/s', 'MB/s', 'GB/s'];
  let value = bps;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}

/** Where a program on this computer reaches a port that is bound to every interface. */
function reachable({ host, port }: Address): Address {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return { host: host === '::' ? '::1' : host, port };
}

function hostPort({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `&` marks a shortcut letter in menus; doubled it is itself. */
function label(text: string): string {
  const short = text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text;
  return short.replaceAll('&', '&&');
}
