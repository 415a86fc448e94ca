/** Shows tray-menu.ts in the system's tray and does what is chosen there. Rebuilt when something changed, at most four times a second. */
import { clipboard, Menu, Tray, type MenuItemConstructorOptions } from 'electron';
import { join } from 'node:path';
import type { Problem, ServiceState } from '../core/contract/api.ts';
import type { Source, Subscription } from '../core/host/feed.ts';
import type { Served } from '../core/host/rpc.ts';
import type { Log } from '../core/log.ts';
import { trayModel, type TrayAction, type TrayItem, type TrayShape } from './tray-menu.ts';

const REBUILD_MS = 250;
/** Keeps the icon's place in the tray between starts (Windows, macOS). */
const GUID = '5d0f6a4e-7b1c-4a83-9c55-0f1f6f2f50ce';

/** macOS tints pictures whose name ends in Template; Windows wants several sizes in one file. */
const PICTURE =
  process.platform === 'darwin' ? 'Template.png' : process.platform === 'win32' ? '.ico' : '.png';

export interface TrayParts {
  /** Folder of the tray's pictures. */
  readonly folder: string;
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
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: TrayParts) {
    this.#parts = parts;
    this.#tray = new Tray(this.#picture('off'), ...(process.platform === 'linux' ? [] : [GUID]));
    // on macOS a click opens the menu by itself
    if (process.platform !== 'darwin') this.#tray.on('click', parts.open);
    const { services, problems } = parts.api.events;
    this.#subscriptions = [
      every(services, (value) => {
        this.#services = value;
        this.#rebuildSoon();
      }),
      every(problems, (value) => {
        this.#problems = value;
        this.#rebuildSoon();
      }),
    ];
    this.#rebuild();
  }

  close(): void {
    for (const { stop } of this.#subscriptions) stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#tray.destroy();
  }

  #rebuildSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#rebuild();
    }, REBUILD_MS);
  }

  #rebuild(): void {
    const { shape, tooltip, items } = trayModel(this.#services, this.#problems);
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
        return { label: item.label, type: 'checkbox', checked: item.checked, click };
      }
    }
  }

  async #do(action: TrayAction): Promise<void> {
    const { api, log, open, quit } = this.#parts;
    if (action.kind === 'open') return open();
    if (action.kind === 'quit') return quit();
    if (action.kind === 'copy') {
      await clipboard.writeText(action.text).catch((error: unknown) => log.warn('copy_failed', { error }));
      return;
    }
    const { service, on } = action;
    const reply = await api.call(on ? 'service.start' : 'service.stop', { name: service });
    if (!reply.ok) log.warn('tray_action_failed', { service, error: reply.error.message });
    this.#rebuildSoon(); // a checkbox flips by itself even when the act failed
  }

  #picture(shape: TrayShape): string {
    return join(this.#parts.folder, `tray-${shape}${PICTURE}`);
  }
}

/** Takes every value at once: rebuilding is what is slow here, and that waits by itself. */
function every<T>(source: Source<T>, take: (value: T) => void): Subscription {
  let subscription: Subscription | null = null;
  subscription = source((value) => {
    take(value);
    queueMicrotask(() => subscription?.ack());
  });
  return subscription;
}
