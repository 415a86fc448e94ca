/**
 * Start at login, by each system's own convention, always read back from the system: what a person switched off in the system's settings
 * is off here too. Linux: a desktop entry in the autostart folder (XDG autostart specification). macOS and Windows: Electron's login item.
 * A program that starts this way shows no window: `--hidden`.
 */
import type { App } from 'electron';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LoginState } from '../core/contract/api.ts';
import type { Login } from '../core/host/login.ts';
import { errnoOf } from '../core/errors.ts';

/** Tells a start at login from one by hand. */
const HIDDEN = '--hidden';
const ENTRY = 'sockeye.desktop';

export interface SystemParts {
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings' | 'isPackaged' | 'getAppPath'>;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The running executable. */
  readonly program: string;
  /** Data folder to name when it is not the usual one. */
  readonly dataDir: string | null;
}

/** How this computer starts the program at login. */
export function loginOf(parts: SystemParts): Login {
  return parts.platform === 'linux' ? desktopEntry(parts) : loginItem(parts);
}

/** True when the window stays closed at this start. macOS tells it apart by itself. */
export function startsHidden(argv: readonly string[], { app, platform }: SystemParts): boolean {
  return argv.includes(HIDDEN) || (platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin);
}

/**
 * Makes the entry name the program as it is now: an update or a moved AppImage leaves one behind that starts nothing. Only where it is on.
 */
export async function renewLogin(login: Login): Promise<void> {
  if ((await login.read()).on) await login.set(true);
}

function desktopEntry(parts: SystemParts): Login {
  const { env, home } = parts;
  const base = env['XDG_CONFIG_HOME'];
  const path = join(base?.startsWith('/') === true ? base : join(home, '.config'), 'autostart', ENTRY);
  const read = async (): Promise<LoginState> => {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    });
    return { supported: true, on: text !== null && !switchedOff(text), note: null };
  };
  return {
    read,
    set: async (on) => {
      if (on) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, entryText(commandOf(parts)), { mode: 0o600 });
      } else await rm(path, { force: true });
      return read();
    },
  };
}

/** Desktops switch an entry off without removing it. */
function switchedOff(text: string): boolean {
  return /^\s*(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m.test(text);
}

function entryText(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Sockeye',
    'Comment=Local SOCKS proxy',
    `Exec=${command.map(quoted).join(' ')}`,
    'Icon=sockeye',
    'Terminal=false',
    'StartupNotify=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** One argument of Exec: quoted, then escaped once more as every text of such a file; `%` starts a field code. */
function quoted(argument: string): string {
  const inner = argument.replace(/["`$\\]/g, '\\$&');
  return `"${inner}"`.replaceAll('\\', '\\\\').replaceAll('%', '%%');
}

/** The program and its arguments. An AppImage runs from a place that is gone after it ends; its file is in APPIMAGE. */
function commandOf({ app, env, program, dataDir }: SystemParts): string[] {
  const image = env['APPIMAGE'] ?? env['PORTABLE_EXECUTABLE_FILE'];
  return [
    ...(image === undefined || image === '' ? [program] : [image]),
    ...(app.isPackaged ? [] : [app.getAppPath()]),
    HIDDEN,
    ...(dataDir === null ? [] : ['--data', dataDir]),
  ];
}

function loginItem(parts: SystemParts): Login {
  const { app, platform } = parts;
  const [path = '', ...args] = commandOf(parts);
  const about = platform === 'win32' ? { path, args } : { type: 'mainAppService' as const };
  const read = (): Promise<LoginState> => {
    const { openAtLogin, executableWillLaunchAtLogin, status } = app.getLoginItemSettings(about);
    if (platform === 'darwin') {
      const note = status === 'requires-approval' ? 'approval' : null;
      return Promise.resolve({ supported: true, on: openAtLogin || note !== null, note });
    }
    const note = openAtLogin && !executableWillLaunchAtLogin ? 'disabled' : null;
    return Promise.resolve({ supported: true, on: openAtLogin, note });
  };
  return {
    read,
    set: (on) => {
      app.setLoginItemSettings({
        ...about,
        openAtLogin: on,
        ...(platform === 'win32' ? { enabled: on } : {}),
      });
      return read();
    },
  };
}
