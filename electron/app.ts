/**
 * The desktop program: wires host, window and tray together and owns their beginning and end. Electron is told everything that must be
 * known before it is ready first; the rest waits for it without a top-level await, which would keep it from ever being ready.
 */
import { app, dialog, session, shell, type BrowserWindow } from 'electron';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../core/host/api.ts';
import { composeHost } from '../core/host/compose.ts';
import { guardProcess } from '../core/host/crash.ts';
import { defaultDataFolder } from '../core/host/data-folder.ts';
import { limitFlood } from '../core/host/log-flood.ts';
import { openConfiguration } from '../core/host/linked.ts';
import { LogRing } from '../core/host/logs.ts';
import { openMemory } from '../core/host/memory.ts';
import { createLog, formatLine, passes, type Log } from '../core/log.ts';
import { ProxyError, toProxyError } from '../core/errors.ts';
import { guardPages, guardSession } from './guard.ts';
import { announceScheme, serveApp } from './protocol.ts';
import { loginOf, renewLogin, startsHidden, type SystemParts } from './system.ts';
import { trayIsShown } from './tray-host.ts';
import { AppTray } from './tray.ts';
import { AppWindow } from './window.ts';
import { wordsFor, type Words } from './words.ts';

/** Connections that are open at the end get this long to finish. */
const DRAIN_MS = 2000;
/** A tray's panel may begin this much later than we do at sign-in. */
const PANEL = { tries: 10, everyMs: 1000 };

/** `folder`: where the build put the window and preload.cjs; the tray's pictures are in assets/ beside it. */
export function startApp(folder: string, argv: readonly string[]): void {
  const dataDir = dataFolder(argv);
  // Chromium's own files below ours; the single-instance lock is among them, so it is one instance per data folder
  app.setPath('userData', join(dataDir, 'chromium'));
  app.setAppUserModelId('io.sockeye.app');
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.enableSandbox();
  announceScheme();
  guardPages(app);
  const logs = new LogRing();
  const log = createLog(
    () => logs.level('info'),
    limitFlood((entry) => {
      logs.add(entry);
      if (passes(entry.level, 'info')) process.stderr.write(`${formatLine(entry)}\n`);
    }),
  );
  app
    .whenReady()
    .then(() => run({ folder, dataDir, argv, log, logs }))
    .catch((error: unknown) => {
      const { message } = toProxyError(error);
      log.error('start_failed', { error });
      dialog.showErrorBox(wordsFor(app.getLocale()).cannotStart, message);
      app.exit(1);
    });
}

interface Start {
  readonly folder: string;
  readonly dataDir: string;
  readonly argv: readonly string[];
  readonly log: Log;
  readonly logs: LogRing;
}

async function run({ folder, dataDir, argv, log, logs }: Start): Promise<void> {
  const system: SystemParts = {
    app,
    platform: process.platform,
    env: process.env,
    home: homedir(),
    program: process.execPath,
    dataDir: dataDir === defaultDataFolder() ? null : dataDir,
  };
  const login = loginOf(system);
  const host = composeHost({
    runtime: 'electron',
    dataDir,
    storage: await openConfiguration(dataDir, log),
    memory: await openMemory(dataDir, log),
    kept: true,
    openFolder: async (path) => {
      const refused = await shell.openPath(path);
      if (refused !== '') throw new ProxyError('config', { where: path, message: refused });
    },
    log,
    logs,
    // no port of ours listens beside the services
    forbidden: () => [],
    login,
  });
  guardProcess(log, () => host.close(0));
  const api = createApi(host);
  // what was running is running again before there is a window
  await host.open();
  await guardSession(session.defaultSession);
  serveApp(session.defaultSession, join(folder, 'renderer'));
  const words = wordsFor(app.getLocale());
  /** Without a tray a program without a window is there and can not be seen: it ends, or stays in the task bar. */
  const mayClose = async (closing: BrowserWindow): Promise<boolean> => {
    if (await trayIsShown(system, { tries: 1, everyMs: 0 })) return true;
    const serving = host.services().some(({ state }) => state !== 'stopped' && state !== 'failed');
    const quits = !serving || (await stays(closing, words)) === 'quit';
    if (quits) app.quit();
    else closing.minimize();
    return false;
  };
  const window = new AppWindow({
    folder,
    api,
    log,
    tools: !app.isPackaged,
    mayClose: process.platform === 'linux' ? mayClose : null,
  });
  const open = (): void => window.show();
  const tray = new AppTray({
    folder: join(folder, '..', 'assets'),
    words,
    api,
    log,
    open,
    quit: () => app.quit(),
  });

  // what the second instance was started with is a stranger's: it only says that somebody wants to see the window
  app.on('second-instance', open);
  app.on('activate', open);
  // closing the window leaves the services running in the tray; listening keeps Electron from ending the app
  app.on('window-all-closed', () => undefined);
  let ending = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    tray.close();
    const exit = (): void => app.exit(0);
    setTimeout(exit, DRAIN_MS + 500);
    host.close(DRAIN_MS).then(exit, (error: unknown) => {
      log.error('stop_failed', { error });
      app.exit(1);
    });
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  renewLogin(login).catch((error: unknown) => log.warn('login_not_renewed', { error }));
  if (!startsHidden(argv, system)) open();
  else if (!(await trayIsShown(system, PANEL))) window.showMinimized();
}

/** Asks a person who closes the window while services run and there is no tray. */
async function stays(window: BrowserWindow, words: Words): Promise<'stay' | 'quit'> {
  const buttons = [words.stay, words.quit];
  const { noTray: message, noTrayDetail: detail } = words;
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message,
    detail,
    buttons,
    cancelId: 0,
  });
  return response === 1 ? 'quit' : 'stay';
}

/** `--data DIR` or `--data=DIR`, else the usual place. Everything else on the command line is Chromium's or nobody's. */
function dataFolder(argv: readonly string[]): string {
  const at = argv.findIndex((arg) => arg === '--data' || arg.startsWith('--data='));
  const option = argv[at];
  const value = option === '--data' ? argv[at + 1] : option?.slice('--data='.length);
  return value === undefined || value === '' ? defaultDataFolder() : value;
}
