/** Shows tray-menu.ts in the system's tray and does what is chosen there. Rebuilt when something changed, at most four times a second. */
import { clipboard, Menu, Tray, type MenuItemConstructorOptions } from 'electron';
import { join } from 'node:path';
import type { ConfigState, EventName, Events, Problem, ServiceState } from '../core/contract/api.ts';
import { chainEdits } from '../core/host/quick.ts';
import type { Source, Subscription } from '../core/host/feed.ts';
import type { Served } from '../core/host/rpc.ts';
import type { Log } from '../core/log.ts';
import { trayModel, type Traffic, type TrayAction, type TrayItem, type TrayShape } from './tray-menu.ts';
import type { Words } from './words.ts';

const REBUILD_MS = 250;
/** How old the figures in the menu may be. On Linux a menu that is set anew closes under the hand, so it changes rarely there. */
const TRAFFIC_MS = process.platform === 'linux' ? 30_000 : 2000;
/** Keeps the icon's place in the tray between starts (Windows, macOS). */
const GUID = '5d0f6a4e-7b1c-4a83-9c55-0f1f6f2f50ce';

/** macOS tints pictures whose name ends in Template; Windows wants several sizes in one file. */
const PICTURE =
  process.platform === 'darwin' ? 'Template.png' : process.platform === 'win32' ? '.ico' : '.png';

export interface TrayParts {
  /** Folder of the tray's pictures. */
  readonly folder: string;
  readonly words: Words;
  readonly api: Served;
  readonly log: Log;
  readonly open: () => void;
  readonly quit: () => void;
}

export class AppTray {
  readonly #parts: TrayParts;
  readonly #tray: Tray;
  readonly #subscriptions: readonly Subscription[];
  #services: readonly ServiceState[] = [];
  #problems: readonly Problem[] = [];
  #config: ConfigState | null = null;
  #traffic: Traffic | null = null;
  /** The totals that the next figures are compared with. */
  #sample: { readonly at: number; readonly up: number; readonly down: number } | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #waits = new Set<NodeJS.Timeout>();

  constructor(parts: TrayParts) {
    this.#parts = parts;
    this.#tray = new Tray(this.#picture('off'), ...(process.platform === 'linux' ? [] : [GUID]));
    // on macOS a click opens the menu by itself
    if (process.platform !== 'darwin') this.#tray.on('click', parts.open);
    this.#subscriptions = [
      this.#follow('services', 0, (value) => (this.#services = value)),
      this.#follow('problems', 0, (value) => (this.#problems = value)),
      this.#follow('config', 0, (value) => (this.#config = value)),
      this.#follow('stats', TRAFFIC_MS, ({ at, totals: { up, down, open } }) => {
        const before = this.#sample;
        this.#sample = { at, up, down };
        if (before === null || at <= before.at) return;
        const seconds = (at - before.at) / 1000;
        this.#traffic = { upBps: (up - before.up) / seconds, downBps: (down - before.down) / seconds, open };
      }),
    ];
    this.#rebuild();
  }

  close(): void {
    for (const { stop } of this.#subscriptions) stop();
    for (const wait of this.#waits) clearTimeout(wait);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#tray.destroy();
  }

  /** Takes an event's values from now on, the next one not before `restMs`. */
  #follow<E extends EventName>(event: E, restMs: number, take: (value: Events[E]) => void): Subscription {
    const source: Source<Events[E]> = this.#parts.api.events[event];
    let subscription: Subscription | null = null;
    subscription = source((value) => {
      take(value);
      this.#rebuildSoon();
      const wait = setTimeout(() => {
        this.#waits.delete(wait);
        subscription?.ack();
      }, restMs);
      wait.unref();
      this.#waits.add(wait);
    });
    return subscription;
  }

  #rebuildSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#rebuild();
    }, REBUILD_MS);
  }

  #rebuild(): void {
    const chains = (this.#config?.config.chains ?? []).flatMap(({ name }) =>
      name === undefined ? [] : [name],
    );
    const state = {
      services: this.#services,
      problems: this.#problems,
      chains,
      traffic: this.#traffic,
      platform: process.platform,
    };
    const { shape, tooltip, items } = trayModel(state, this.#parts.words);
    this.#tray.setImage(this.#picture(shape));
    this.#tray.setToolTip(tooltip);
    // Linux shows changes only of a menu that is set anew
    this.#tray.setContextMenu(Menu.buildFromTemplate(items.map((item) => this.#item(item))));
  }

  #item(item: TrayItem): MenuItemConstructorOptions {
    switch (item.kind) {
      case 'separator':
        return { type: 'separator' };
      case 'line':
        return { label: item.label, enabled: false };
      case 'menu':
        return { label: item.label, submenu: item.items.map((inner) => this.#item(inner)) };
      case 'action': {
        const click = (): void => void this.#do(item.action);
        if (item.checked === undefined) return { label: item.label, click };
        const type = item.radio === true ? 'radio' : 'checkbox';
        return { label: item.label, type, checked: item.checked, click };
      }
    }
  }

  async #do(action: TrayAction): Promise<void> {
    const { log, open, quit } = this.#parts;
    switch (action.kind) {
      case 'open':
        return open();
      case 'quit':
        return quit();
      case 'copy':
        await clipboard.writeText(action.text).catch((error: unknown) => log.warn('copy_failed', { error }));
        return;
      case 'switch':
        await this.#ask(
          action.on ? 'service.start' : 'service.stop',
          { name: action.service },
          action.service,
        );
        return;
      case 'chain':
        return this.#sendThrough(action.service, action.chain);
    }
  }

  /** An edit of the file as it is now, whatever the menu was made of. */
  async #sendThrough(service: string, chain: string | null): Promise<void> {
    const reply = await this.#parts.api.call('config.get', null);
    if (!reply.ok) return;
    const { revision, config } = reply.value as ConfigState; // the host's own answer to this call
    const edits = chainEdits(config, service, chain);
    const label = `${service}: ${chain ?? this.#parts.words.direct}`;
    if (edits.length > 0) await this.#ask('config.edit', { revision, edits, label }, service);
  }

  async #ask(call: string, arg: unknown, service: string): Promise<void> {
    const reply = await this.#parts.api.call(call, arg);
    if (!reply.ok) this.#parts.log.warn('tray_action_failed', { service, error: reply.error.message });
    this.#rebuildSoon(); // a checkbox flips by itself even when the act failed
  }

  #picture(shape: TrayShape): string {
    return join(this.#parts.folder, `tray-${shape}${PICTURE}`);
  }
}
