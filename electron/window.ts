/**
 * The one window: made when wanted, gone when closed (the services live on), size and place kept by Electron. Where nothing else of the
 * program would be seen, closing it asks first.
 */
import { BrowserWindow } from 'electron';
import { join } from 'node:path';
import type { Served } from '../core/host/rpc.ts';
import type { Log } from '../core/log.ts';
import { serveWindow } from './ipc.ts';
import { ORIGIN } from './origin.ts';

/** A page that dies again this soon is not loaded a third time. */
const RELOAD_AGAIN_MS = 60_000;

export interface WindowParts {
  /** Folder of preload.cjs: the build's. */
  readonly folder: string;
  readonly api: Served;
  readonly log: Log;
  /** Developer tools; off in what is shipped. */
  readonly tools: boolean;
  /** Asked when the window is about to be closed; true: close it. Null: the system always shows the tray. */
  readonly mayClose: ((window: BrowserWindow) => Promise<boolean>) | null;
}

export class AppWindow {
  readonly #parts: WindowParts;
  #window: BrowserWindow | null = null;

  constructor(parts: WindowParts) {
    this.#parts = parts;
  }

  /** Brings the window to the front; makes it when there is none. */
  show(): void {
    if (this.#window === null) {
      this.#window = this.#create((window) => window.show());
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  /** Makes the window where only the task bar shows it; leaves one alone that is there. */
  showMinimized(): void {
    this.#window ??= this.#create((window) => {
      window.showInactive(); // what was never shown is not in the task bar
      window.minimize();
    });
  }

  #create(appear: (window: BrowserWindow) => void): BrowserWindow {
    const { folder, api, log, tools } = this.#parts;
    const window = new BrowserWindow({
      name: 'main',
      windowStatePersistence: true,
      title: 'Sockeye',
      width: 1100,
      height: 720,
      minWidth: 480,
      minHeight: 360,
      show: false,
      autoHideMenuBar: true,
      webPreferences: {
        preload: join(folder, 'preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        spellcheck: false,
        devTools: tools,
      },
    });
    serveWindow(window.webContents, api, log);
    window.once('ready-to-show', () => appear(window));
    this.#askBeforeClose(window);
    window.on('closed', () => {
      this.#window = null;
    });
    this.#reloadOnCrash(window);
    window.loadURL(`${ORIGIN}/`).catch((error: unknown) => log.error('window_not_loaded', { error }));
    return window;
  }

  #askBeforeClose(window: BrowserWindow): void {
    const { mayClose, log } = this.#parts;
    if (mayClose === null) return;
    let asking = false;
    let allowed = false;
    window.on('close', (event) => {
      if (allowed) return;
      event.preventDefault();
      if (asking) return;
      asking = true;
      mayClose(window)
        .then((yes) => {
          asking = false;
          allowed = yes;
          if (yes) window.close();
        })
        .catch((error: unknown) => log.error('window_not_closed', { error }));
    });
  }

  #reloadOnCrash(window: BrowserWindow): void {
    let crashedAt = -Infinity;
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      const now = performance.now();
      this.#parts.log.error('window_crashed', { reason });
      if (now - crashedAt > RELOAD_AGAIN_MS) window.webContents.reload();
      crashedAt = now;
    });
  }
}
