/** What the tray shows, worked out from the present state; a pure function, so that every case is tested without a tray. */
import type { Problem, ServiceState } from '../core/contract/api.ts';

/** The tray's three shapes: state is told by shape, not by colour. */
export type TrayShape = 'off' | 'on' | 'problem';

export type TrayAction =
  | { readonly kind: 'switch'; readonly service: string; readonly on: boolean }
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
    }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly TrayItem[] };

export interface TrayModel {
  readonly shape: TrayShape;
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

const SEPARATOR: TrayItem = { kind: 'separator' };
/** Names come from files; a menu shows this much of one. */
const LABEL_LENGTH = 60;

export function trayModel(services: readonly ServiceState[], problems: readonly Problem[]): TrayModel {
  const on = services.filter(({ state }) => state === 'up').length;
  const status = `Sockeye: ${on === 0 ? 'all services off' : `${on} ${on === 1 ? 'service' : 'services'} on`}`;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const trouble: TrayItem[] =
    errors === 0
      ? []
      : [
          {
            kind: 'action',
            label: `${errors} ${errors === 1 ? 'problem' : 'problems'}…`,
            action: { kind: 'open' },
          },
        ];
  return {
    shape: errors > 0 ? 'problem' : on > 0 ? 'on' : 'off',
    tooltip: status,
    items: [
      { kind: 'line', label: status },
      ...(services.length === 0 ? [] : [SEPARATOR]),
      ...services.map(serviceMenu),
      SEPARATOR,
      ...trouble,
      { kind: 'action', label: 'Open Sockeye', action: { kind: 'open' } },
      { kind: 'action', label: 'Quit', action: { kind: 'quit' } },
    ],
  };
}

function serviceMenu({ name, state, address, bound }: ServiceState): TrayItem {
  const [first] = bound;
  const shown =
    first === undefined
      ? address
      : `${first.host.includes(':') ? `[${first.host}]` : first.host}:${first.port}`;
  const on = state === 'up' || state === 'starting';
  return {
    kind: 'menu',
    label: label(`${name}  ${shown}${state === 'failed' ? '  (failed)' : ''}`),
    items: [
      { kind: 'action', label: 'On', checked: on, action: { kind: 'switch', service: name, on: !on } },
      { kind: 'action', label: 'Copy address', action: { kind: 'copy', text: shown } },
    ],
  };
}

/** `&` marks a shortcut letter in menus; doubled it is itself. */
function label(text: string): string {
  const short = text.length > LABEL_LENGTH ? `${text.slice(0, LABEL_LENGTH - 1)}…` : text;
  return short.replaceAll('&', '&&');
}
