/**
 * Every user action as a value: the palette, the shortcut sheet, the keys and the buttons all read this list. An action
 * says when it can be done; it finds what to do it on in the stores. No React here. Long because it is the one list.
 */
import { indexOfService } from '../edits/services.ts';
import { errorText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { DENSITIES, LANGUAGES, THEMES } from '../store/prefs.ts';
import { TABLES } from '../store/columns.ts';
import { firstLayout } from '../store/tables.ts';
import { goTo, SCREENS, setLayout, setPrefs, showTab, toast, type Screen } from '../store/ui.ts';
import { checkedService, openUdpCheck } from './udp.ts';
import { bypass, closeAsked, pickedConnections } from './connections.ts';
import { capture } from './logs.ts';
import { edit, redo, setLogin, switchService, undo } from './host.ts';
import {
  askIsolateFocused,
  copyFocused,
  duplicateFocused,
  moveFocusedHop,
  moveFocusedNode,
  openAddHop,
  openAddNode,
  pasteClipboard,
  placeOf,
  removePlace,
  renameFocused,
  skipFocused,
  testFocused,
  testFromFocused,
} from './lane.ts';
import { forgetFocused } from './pins.ts';
import { focusedItem, takeFocused, toggleShelf } from './shelf.ts';
import { linkFile, openImport, openText } from './transfer.ts';

export type Section = 'go' | 'edit' | 'services' | 'chains' | 'connections' | 'view';

/** Where the focus must be for a key to act; `app` is anywhere. */
type Scope = 'app' | 'lane' | 'map' | 'shelf' | 'connections' | 'logs';

export interface Action {
  readonly id: string;
  readonly section: Section;
  readonly title: () => string;
  readonly keys?: readonly string[];
  readonly scope?: Scope;
  /** The keys are shown, but the browser's own event does it. */
  readonly byEvent?: true;
  readonly can: (model: Model) => boolean;
  readonly run: (model: Model) => void | Promise<void>;
}

const always = (): boolean => true;
const hasPlace = (model: Model): boolean => placeOf(model) !== null;
const hasHop = (model: Model): boolean => placeOf(model)?.hop != null;
const hasNode = (model: Model): boolean => placeOf(model)?.node != null;

function selectedService(model: Model): string | null {
  const { selected } = model.ui.getState();
  return selected?.kind === 'service' ? selected.name : null;
}

/** The host of the connection in the inspector, when it went through a chain. */
function bypassable({ ui, live }: Model): { readonly chain: string; readonly host: string } | null {
  const { selected } = ui.getState();
  const info = selected?.kind === 'connection' ? live.find(selected.id) : null;
  return info?.chain == null || info.target === null ? null : { chain: info.chain, host: info.target.host };
}

/** The map is in sight. */
const onMap = ({ ui, host }: Model): boolean =>
  ui.getState().screen === 'chains' &&
  ui.getState().chainView === 'map' &&
  (host.getState().config?.config.chains?.length ?? 0) > 0;

/** Its view is its own: the action presses its button. */
function mapAction(
  name: 'in' | 'out' | 'fit' | 'actual',
  title: () => string,
  keys: readonly string[],
): Action {
  return {
    id: `map.${name}`,
    section: 'chains',
    title,
    keys,
    scope: 'map',
    can: onMap,
    run: () => document.querySelector<HTMLElement>(`[data-map="${name}"]`)?.click(),
  };
}

function shelfAction(how: 'after' | 'before' | 'into', keys: readonly string[], title: () => string): Action {
  return {
    id: `shelf.${how}`,
    section: 'chains',
    title,
    keys,
    scope: 'shelf',
    can: (model) => focusedItem(model) !== null,
    run: (model) => takeFocused(model, how),
  };
}

const onConnections = ({ ui }: Model): boolean => ui.getState().screen === 'connections';

function goAction(screen: Screen, index: number): Action {
  return {
    id: `go.${screen}`,
    section: 'go',
    title: () => t(`screen.${screen}`),
    keys: screen === 'settings' ? [`mod+${index + 1}`, 'mod+,'] : [`mod+${index + 1}`],
    can: always,
    run: ({ ui }) => goTo(ui, screen),
  };
}

export const ACTIONS: readonly Action[] = [
  ...SCREENS.map(goAction),
  {
    id: 'view.palette',
    section: 'view',
    title: () => t('action.palette'),
    keys: ['mod+k'],
    can: always,
    run: ({ ui }) => ui.setState({ dialog: ui.getState().dialog === 'palette' ? null : 'palette' }),
  },
  {
    id: 'file.import',
    section: 'edit',
    title: () => t('action.importOpen'),
    keys: ['mod+o'],
    can: always,
    run: openImport,
  },
  {
    id: 'file.export',
    section: 'edit',
    title: () => t('action.exportOpen'),
    can: ({ host }) => host.getState().ready,
    run: ({ ui }) => ui.setState({ dialog: 'export' }),
  },
  {
    id: 'file.history',
    section: 'edit',
    title: () => t('action.historyOpen'),
    can: ({ host }) => host.getState().ready,
    run: ({ ui }) => ui.setState({ dialog: 'history' }),
  },
  {
    id: 'file.text',
    section: 'edit',
    title: () => t('action.textOpen'),
    can: ({ host }) => host.getState().ready,
    run: (model) => openText(model),
  },
  {
    id: 'file.conflict',
    section: 'edit',
    title: () => t('action.conflictOpen'),
    can: ({ host }) => host.getState().config?.link?.conflict === true,
    run: ({ ui }) => ui.setState({ dialog: 'conflict' }),
  },
  {
    id: 'file.unlink',
    section: 'edit',
    title: () => t('action.unlink'),
    can: ({ host }) => host.getState().config?.link != null,
    run: stopLinking,
  },
  {
    id: 'view.keys',
    section: 'view',
    title: () => t('action.keys'),
    keys: ['?'],
    can: always,
    run: ({ ui }) => ui.setState({ dialog: 'keys' }),
  },
  {
    id: 'view.problems',
    section: 'view',
    title: () => t('action.problems'),
    can: always,
    run: ({ ui }) => ui.setState({ dialog: 'problems' }),
  },
  {
    id: 'view.filter',
    section: 'view',
    title: () => t('action.filter'),
    keys: ['mod+f', '/'],
    can: (model) => ['connections', 'traffic', 'logs'].includes(model.ui.getState().screen) || onMap(model),
    run: () => document.querySelector<HTMLInputElement>('[data-filter]')?.focus(),
  },
  {
    id: 'view.regions',
    section: 'view',
    title: () => t('action.regions'),
    keys: ['f6'],
    can: always,
    run: () => nextRegion(1),
  },
  {
    id: 'view.regionsBack',
    section: 'view',
    title: () => t('action.regionsBack'),
    keys: ['shift+f6'],
    can: always,
    run: () => nextRegion(-1),
  },
  ...THEMES.map((theme): Action => ({
    id: `view.theme.${theme}`,
    section: 'view',
    title: () => t('action.theme', { theme: t(`theme.${theme}`) }),
    can: ({ ui }) => ui.getState().prefs.theme !== theme,
    run: ({ ui }) => setPrefs(ui, { theme }),
  })),
  ...DENSITIES.map((density): Action => ({
    id: `view.density.${density}`,
    section: 'view',
    title: () => t('action.density', { density: t(`density.${density}`) }),
    can: ({ ui }) => ui.getState().prefs.density !== density,
    run: ({ ui }) => setPrefs(ui, { density }),
  })),
  ...LANGUAGES.map((language): Action => ({
    id: `view.language.${language}`,
    section: 'view',
    title: () => t('action.language', { language: t(`language.${language}`) }),
    can: ({ ui }) => ui.getState().prefs.language !== language,
    run: ({ ui }) => setPrefs(ui, { language }),
  })),
  ...([true, false] as const).map((on): Action => ({
    id: on ? 'view.loginOn' : 'view.loginOff',
    section: 'view',
    title: () => t(on ? 'action.loginOn' : 'action.loginOff'),
    can: ({ host }) => {
      const { login } = host.getState();
      return login?.supported === true && login.on !== on;
    },
    run: (model) => setLogin(model, on),
  })),
  {
    id: 'edit.undo',
    section: 'edit',
    title: () => t('action.undo'),
    keys: ['mod+z'],
    can: ({ host }) => host.getState().config?.undo != null,
    run: undo,
  },
  {
    id: 'edit.redo',
    section: 'edit',
    title: () => t('action.redo'),
    keys: ['mod+shift+z', 'mod+y'],
    can: ({ host }) => host.getState().config?.redo != null,
    run: redo,
  },
  {
    id: 'edit.apply',
    section: 'edit',
    title: () => t('action.apply'),
    keys: ['mod+s'],
    can: ({ ui }) => ui.getState().selected !== null,
    run: () => document.querySelector<HTMLFormElement>('.inspector form')?.requestSubmit(),
  },
  {
    id: 'service.new',
    section: 'services',
    title: () => t('action.newService'),
    keys: ['mod+n'],
    can: ({ host }) => host.getState().ready,
    run: ({ ui }) => ui.setState({ screen: 'services', selected: { kind: 'new-service' }, adding: null }),
  },
  {
    id: 'service.toggle',
    section: 'services',
    title: () => t('action.toggleService'),
    keys: ['mod+r'],
    can: (model) => selectedService(model) !== null,
    run: async (model) => {
      const name = selectedService(model);
      const state = model.host.getState().services.find((service) => service.name === name)?.state;
      if (name !== null && state !== undefined)
        await switchService(model, name, state !== 'up' && state !== 'starting');
    },
  },
  {
    id: 'service.remove',
    section: 'services',
    title: () => t('action.removeService'),
    can: (model) => selectedService(model) !== null,
    run: async (model) => {
      const name = selectedService(model);
      if (name !== null) await removeService(model, name);
    },
  },
  {
    id: 'chain.new',
    section: 'chains',
    title: () => t('action.newChain'),
    keys: ['mod+shift+n'],
    can: ({ host }) => host.getState().ready,
    run: ({ ui }) => ui.setState({ screen: 'chains', selected: null, adding: { kind: 'chain' } }),
  },
  {
    id: 'chain.map',
    section: 'chains',
    title: () => t('action.map'),
    can: ({ host }) => (host.getState().config?.config.chains?.length ?? 0) > 0,
    run: ({ ui }) => {
      goTo(ui, 'chains');
      ui.setState({ chainView: ui.getState().chainView === 'map' ? 'lanes' : 'map' });
    },
  },
  {
    id: 'chain.shelf',
    section: 'chains',
    title: () => t('action.shelf'),
    keys: ['s'],
    scope: 'lane',
    can: ({ host }) => host.getState().ready,
    run: (model) => {
      goTo(model.ui, 'chains');
      toggleShelf(model);
    },
  },
  shelfAction('after', ['a'], () => t('action.shelfAfter')),
  shelfAction('before', ['shift+a'], () => t('action.shelfBefore')),
  shelfAction('into', ['n'], () => t('action.shelfInto')),
  mapAction('in', () => t('action.mapIn'), ['plus', '=']),
  mapAction('out', () => t('action.mapOut'), ['-']),
  mapAction('fit', () => t('action.mapFit'), ['0']),
  mapAction('actual', () => t('action.mapActual'), ['1']),
  {
    id: 'lane.hopAfter',
    section: 'chains',
    title: () => t('action.hopAfter'),
    keys: ['a'],
    scope: 'lane',
    can: hasPlace,
    run: (model) => openAddHop(model, 'after'),
  },
  {
    id: 'lane.hopBefore',
    section: 'chains',
    title: () => t('action.hopBefore'),
    keys: ['shift+a'],
    scope: 'lane',
    can: hasHop,
    run: (model) => openAddHop(model, 'before'),
  },
  {
    id: 'lane.node',
    section: 'chains',
    title: () => t('action.addNode'),
    keys: ['n'],
    scope: 'lane',
    can: hasHop,
    run: openAddNode,
  },
  {
    id: 'lane.hopLeft',
    section: 'chains',
    title: () => t('action.hopLeft'),
    keys: ['alt+arrowleft'],
    scope: 'lane',
    can: hasHop,
    run: (model) => moveFocusedHop(model, -1),
  },
  {
    id: 'lane.hopRight',
    section: 'chains',
    title: () => t('action.hopRight'),
    keys: ['alt+arrowright'],
    scope: 'lane',
    can: hasHop,
    run: (model) => moveFocusedHop(model, 1),
  },
  {
    id: 'lane.nodeUp',
    section: 'chains',
    title: () => t('action.nodeUp'),
    keys: ['alt+arrowup'],
    scope: 'lane',
    can: hasNode,
    run: (model) => moveFocusedNode(model, { hop: 0, node: -1 }),
  },
  {
    id: 'lane.nodeDown',
    section: 'chains',
    title: () => t('action.nodeDown'),
    keys: ['alt+arrowdown'],
    scope: 'lane',
    can: hasNode,
    run: (model) => moveFocusedNode(model, { hop: 0, node: 1 }),
  },
  {
    id: 'lane.nodeLeft',
    section: 'chains',
    title: () => t('action.nodeLeft'),
    keys: ['alt+shift+arrowleft'],
    scope: 'lane',
    can: hasNode,
    run: (model) => moveFocusedNode(model, { hop: -1, node: 0 }),
  },
  {
    id: 'lane.nodeRight',
    section: 'chains',
    title: () => t('action.nodeRight'),
    keys: ['alt+shift+arrowright'],
    scope: 'lane',
    can: hasNode,
    run: (model) => moveFocusedNode(model, { hop: 1, node: 0 }),
  },
  {
    id: 'lane.duplicate',
    section: 'chains',
    title: () => t('action.duplicate'),
    keys: ['mod+d'],
    scope: 'lane',
    can: hasPlace,
    run: duplicateFocused,
  },
  {
    id: 'lane.forgetCertificate',
    section: 'chains',
    title: () => t('action.forgetCertificate'),
    can: hasNode,
    run: forgetFocused,
  },
  {
    id: 'lane.remove',
    section: 'chains',
    title: () => t('action.removePlace'),
    keys: ['delete', 'backspace'],
    scope: 'lane',
    can: hasPlace,
    run: async (model) => {
      const place = placeOf(model);
      if (place !== null) await removePlace(model, place);
    },
  },
  {
    id: 'lane.copy',
    section: 'chains',
    title: () => t('action.copyPlace'),
    keys: ['mod+c'],
    scope: 'lane',
    can: (model) => hasPlace(model) && document.getSelection()?.isCollapsed !== false,
    run: (model) => copyFocused(model),
  },
  {
    id: 'lane.cut',
    section: 'chains',
    title: () => t('action.cutPlace'),
    keys: ['mod+x'],
    scope: 'lane',
    can: hasPlace,
    run: (model) => copyFocused(model, true),
  },
  {
    id: 'lane.paste',
    section: 'chains',
    title: () => t('action.pastePlace'),
    keys: ['mod+v'],
    byEvent: true,
    scope: 'lane',
    can: ({ ui }) => ui.getState().screen === 'chains',
    run: pasteClipboard,
  },
  {
    id: 'lane.skip',
    section: 'chains',
    title: () => t('action.skipHop'),
    keys: ['b'],
    scope: 'lane',
    can: hasHop,
    run: skipFocused,
  },
  {
    id: 'lane.rename',
    section: 'chains',
    title: () => t('action.rename'),
    keys: ['f2'],
    scope: 'lane',
    can: hasPlace,
    run: renameFocused,
  },
  {
    id: 'lane.isolate',
    section: 'chains',
    title: () => t('action.isolate'),
    keys: ['shift+i'],
    scope: 'lane',
    can: hasHop,
    run: askIsolateFocused,
  },
  {
    id: 'lane.testFrom',
    section: 'chains',
    title: () => t('action.testFrom'),
    keys: ['shift+t'],
    scope: 'lane',
    can: hasHop,
    run: testFromFocused,
  },
  {
    id: 'lane.test',
    section: 'chains',
    title: () => t('action.testChain'),
    keys: ['t'],
    scope: 'lane',
    can: hasPlace,
    run: testFocused,
  },
  {
    id: 'connections.pause',
    section: 'connections',
    title: () => t('action.pause'),
    keys: ['space'],
    scope: 'connections',
    can: ({ ui }) => ui.getState().screen === 'connections',
    run: ({ ui }) => ui.setState({ paused: !ui.getState().paused }),
  },
  {
    id: 'logs.pause',
    section: 'view',
    title: () => t('action.pauseLog'),
    keys: ['space'],
    scope: 'logs',
    can: ({ ui }) => ui.getState().screen === 'logs',
    run: ({ ui }) => ui.setState({ logPaused: !ui.getState().logPaused }),
  },
  ...[true, false].map((detail): Action => ({
    id: detail ? 'logs.captureOn' : 'logs.captureOff',
    section: 'view',
    title: () => t(detail ? 'action.captureOn' : 'action.captureOff'),
    can: ({ host }) => host.getState().ready,
    run: async (model) => {
      goTo(model.ui, 'logs');
      await capture(model, detail);
    },
  })),
  {
    id: 'connections.close',
    section: 'connections',
    title: () => t('action.closeConnection'),
    keys: ['delete', 'backspace'],
    scope: 'connections',
    can: (model) => pickedConnections(model).length > 0,
    run: (model) => closeAsked(model, pickedConnections(model)),
  },
  {
    id: 'udp.check',
    section: 'connections',
    title: () => t('action.udpCheck'),
    can: (model) => checkedService(model) !== null,
    run: (model) => openUdpCheck(model, null),
  },
  ...TABLES.map((table): Action => ({
    id: `connections.show.${table}`,
    section: 'connections',
    title: () => t('action.showTable', { table: t(`connections.${table}`) }),
    can: ({ ui }) => ui.getState().screen !== 'connections' || ui.getState().tab !== table,
    run: ({ ui }) => showTab(ui, table),
  })),
  {
    id: 'connections.columns',
    section: 'connections',
    title: () => t('action.columns'),
    can: onConnections,
    run: ({ ui }) => ui.setState({ choosingColumns: true }),
  },
  {
    id: 'connections.resetColumns',
    section: 'connections',
    title: () => t('action.resetColumns'),
    can: onConnections,
    run: ({ ui }) => setLayout(ui, ui.getState().tab, firstLayout(ui.getState().tab)),
  },
  {
    id: 'connections.searchHidden',
    section: 'connections',
    title: () => t('action.searchHidden'),
    can: onConnections,
    run: ({ ui }) => setPrefs(ui, { searchHidden: !ui.getState().prefs.searchHidden }),
  },
  {
    id: 'connections.bypass',
    section: 'connections',
    title: () => t('action.bypass'),
    can: (model) => bypassable(model) !== null,
    run: async (model) => {
      const found = bypassable(model);
      if (found !== null) await bypass(model, found.chain, found.host);
    },
  },
];

/** Gives the configuration back to Sockeye's own file, which holds the same. */
export async function stopLinking(model: Model): Promise<void> {
  const refused = await linkFile(model, null);
  if (refused !== null) toast(model.ui, errorText(refused), { tone: 'bad' });
}

/** Removes a service at once; the toast and Undo bring it back. */
export async function removeService(model: Model, name: string): Promise<void> {
  const config = model.host.getState().config?.config;
  const index = config === undefined ? -1 : indexOfService(config, name);
  if (index < 0) return;
  const label = t('edit.removed', { name });
  const refused = await edit(model, [{ op: 'remove', path: ['services', index] }], label);
  if (refused !== null) {
    toast(model.ui, errorText(refused), { tone: 'bad' });
    return;
  }
  model.ui.setState({ selected: null });
  toast(model.ui, label, { undo: true });
}

/** Moves the focus to the next landmark of the frame. */
function nextRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + by + regions.length) % regions.length];
  const inside = next?.querySelector<HTMLElement>(
    '[aria-current="page"], [tabindex="0"], button:not(:disabled), input, select, a[href]',
  );
  (inside ?? next)?.focus();
}
