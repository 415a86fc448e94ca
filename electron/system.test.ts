// Start at login as each system does it, over a folder of our own and a double of Electron's login item.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LoginItemSettings, Settings } from 'electron';
import { loginOf, renewLogin, startsHidden, type SystemParts } from './system.ts';

const home = mkdtempSync(join(tmpdir(), 'sockeye-login-'));
after(() => rmSync(home, { recursive: true }));

/** The system's login items: what was set, and what a person did in the system's settings since. */
class Items {
  isPackaged = true;
  told: Settings[] = [];
  answer: Partial<LoginItemSettings> = {};
  getAppPath(): string {
    return '/src/sockeye';
  }
  setLoginItemSettings(settings: Settings): void {
    this.told.push(settings);
    this.answer = {
      openAtLogin: settings.openAtLogin === true,
      executableWillLaunchAtLogin: settings.openAtLogin === true,
      status: settings.openAtLogin === true ? 'enabled' : 'not-registered',
    };
  }
  getLoginItemSettings(): LoginItemSettings {
    return {
      openAtLogin: false,
      wasOpenedAtLogin: false,
      status: 'not-registered',
      executableWillLaunchAtLogin: false,
      launchItems: [],
      ...this.answer,
    };
  }
}

function parts(more: Partial<SystemParts> & { app?: Items } = {}): SystemParts {
  return {
    app: new Items(),
    platform: 'linux',
    env: { XDG_CONFIG_HOME: join(home, 'xdg') },
    home,
    program: '/opt/Sockeye/sockeye',
    dataDir: null,
    ...more,
  };
}

const entryPath = join(home, 'xdg', 'autostart', 'sockeye.desktop');
const exec = (): string => /^Exec=(.*)$/m.exec(readFileSync(entryPath, 'utf8'))?.[1] ?? '';

test('Linux: on writes an entry of the desktop specification, off removes it, both are read back', async () => {
  const login = loginOf(parts());
  assert.deepEqual(await login.read(), { supported: true, on: false, note: null });
  assert.deepEqual(await login.set(true), { supported: true, on: true, note: null });
  const text = readFileSync(entryPath, 'utf8');
  assert.match(text, /^\[Desktop Entry\]\nType=Application\nName=Sockeye\n/);
  assert.equal(exec(), '"/opt/Sockeye/sockeye" "--hidden"');
  assert.equal(statSync(entryPath).mode & 0o777, 0o600);
  assert.equal((await login.set(false)).on, false);
  assert.equal((await login.set(false)).on, false, 'twice off is off');
  assert.throws(() => statSync(entryPath));
});

test('Linux: what the desktop switched off is off', async () => {
  const login = loginOf(parts());
  for (const line of ['Hidden=true', 'X-GNOME-Autostart-enabled=false']) {
    await login.set(true);
    const text = readFileSync(entryPath, 'utf8').replace('X-GNOME-Autostart-enabled=true', line);
    writeFileSync(entryPath, text);
    assert.equal((await login.read()).on, false, line);
    await renewLogin(login);
    assert.equal((await login.read()).on, false, 'a start does not switch it on again');
  }
  await login.set(false);
});

test('Linux: names the AppImage, the sources and the data folder, with every character meant as itself', async () => {
  await loginOf(
    parts({ env: { XDG_CONFIG_HOME: join(home, 'xdg'), APPIMAGE: '/home/a b/Sock%eye.AppImage' } }),
  ).set(true);
  assert.equal(exec(), '"/home/a b/Sock%%eye.AppImage" "--hidden"');
  const items = new Items();
  items.isPackaged = false;
  await loginOf(parts({ app: items, dataDir: '/data/$x"y`z\\w' })).set(true);
  assert.equal(
    exec(),
    '"/opt/Sockeye/sockeye" "/src/sockeye" "--hidden" "--data" "/data/\\\\$x\\\\"y\\\\`z\\\\\\\\w"',
  );
});

test('Linux: an entry that is on names the present program after a start; the folder falls back to ~/.config', async () => {
  await loginOf(parts({ program: '/old/sockeye' })).set(true);
  await renewLogin(loginOf(parts()));
  assert.equal(exec(), '"/opt/Sockeye/sockeye" "--hidden"');
  await loginOf(parts({ env: { XDG_CONFIG_HOME: 'relative' } })).set(true);
  assert.match(readFileSync(join(home, '.config/autostart/sockeye.desktop'), 'utf8'), /Sockeye/);
});

test('Windows: the login item has the same path and arguments when set and when read; Task Manager has the last word', async () => {
  const app = new Items();
  const login = loginOf(parts({ app, platform: 'win32', program: 'C:\\Sockeye\\sockeye.exe', env: {} }));
  assert.deepEqual(await login.set(true), { supported: true, on: true, note: null });
  assert.deepEqual(app.told, [
    { path: 'C:\\Sockeye\\sockeye.exe', args: ['--hidden'], openAtLogin: true, enabled: true },
  ]);
  app.answer = { openAtLogin: true, executableWillLaunchAtLogin: false };
  assert.deepEqual(await login.read(), { supported: true, on: true, note: 'disabled' });
});

test('macOS: the service item of the system, with its approval', async () => {
  const app = new Items();
  const mac = parts({ app, platform: 'darwin', env: {} });
  const login = loginOf(mac);
  assert.equal((await login.set(true)).on, true);
  assert.deepEqual(app.told, [{ type: 'mainAppService', openAtLogin: true }]);
  app.answer = { openAtLogin: false, status: 'requires-approval' };
  assert.deepEqual(await login.read(), { supported: true, on: true, note: 'approval' });
  assert.equal(startsHidden(['sockeye'], mac), false);
  app.answer = { wasOpenedAtLogin: true };
  assert.equal(startsHidden(['sockeye'], mac), true);
});

test('--hidden hides at any system', () => {
  assert.equal(startsHidden(['sockeye', '--hidden'], parts()), true);
  assert.equal(startsHidden(['sockeye'], parts()), false);
});
