// The desktop program over a double of Electron and the real host: how it begins, what its page can and can not do, how it ends.
import './fixtures/hook.ts';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AppInfo, ConfigState, LoginState, Reply, ToHost, ToWindow } from '../core/contract/api.ts';
import { CHANNEL } from './channel.ts';
import {
  app,
  BrowserWindow,
  clipboard,
  Frame,
  preventable,
  session,
  stage,
  told,
  Tray,
} from './fixtures/electron.ts';
import { sessionBus, type SessionBus } from './fixtures/session-bus.ts';

const root = mkdtempSync(join(tmpdir(), 'sockeye-electron-'));
const folder = join(root, 'dist');
const data = join(root, 'data');
process.env['XDG_CONFIG_HOME'] = join(root, 'xdg');
process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${join(root, 'bus')}`;
mkdirSync(join(folder, 'renderer', 'assets'), { recursive: true });
writeFileSync(join(folder, 'renderer', 'index.html'), '<!doctype html><title>window</title>');
writeFileSync(join(folder, 'renderer', 'assets', 'main.js'), 'export {};');
writeFileSync(join(root, 'secret.json'), '{}');

// the program's own log has no place in the test's output
const write = process.stderr.write.bind(process.stderr);
const lines: string[] = [];
let bus: SessionBus;
before(async () => {
  bus = await sessionBus(join(root, 'bus'), 'shown');
  process.stderr.write = (line: string | Uint8Array): boolean => lines.push(String(line)) > 0;
});
after(() => {
  process.stderr.write = write;
  bus.close();
  for (const event of ['uncaughtException', 'unhandledRejection', 'SIGTERM', 'SIGINT', 'SIGHUP'])
    process.removeAllListeners(event);
  rmSync(root, { recursive: true });
});

/** For parameters of Electron's that our code does not look at. */
const NOTHING = undefined as never;

const { startApp } = await import('./app.ts');

function windowNow(): BrowserWindow {
  const window = BrowserWindow.all.at(-1);
  assert.ok(window !== undefined);
  return window;
}

/** Sends as the page does and waits for the reply to `id`. */
async function call(id: number, name: string, arg: unknown = null): Promise<unknown> {
  const { webContents } = windowNow();
  const message: ToHost = { t: 'call', id, name, arg };
  webContents.ipc.emit(CHANNEL, { senderFrame: webContents.mainFrame }, message);
  for (;;) {
    const reply = (webContents.sent as [string, ToWindow][]).find(
      ([, sent]) => sent.t === 'reply' && sent.id === id,
    );
    if (reply?.[1].t === 'reply') return reply[1].reply;
    await once(webContents, 'test-sent');
  }
}

test('a second instance leaves at once and touches nothing', () => {
  stage.lock = false;
  startApp(folder, ['.', '--data', data]);
  assert.deepEqual(told.splice(0), [
    `setPath userData ${join(data, 'chromium')}`,
    'setAppUserModelId',
    'requestSingleInstanceLock',
    'quit',
    'exit 0',
  ]);
  stage.lock = true;
});

test('sandbox and scheme come before ready, services before the window', async () => {
  let ready: () => void = () => undefined;
  stage.ready = new Promise((resolve) => (ready = resolve));
  const opened = once(app, 'web-contents-created');
  startApp(folder, ['.', `--data=${data}`]);
  assert.deepEqual(told.splice(0).slice(2), [
    'requestSingleInstanceLock',
    'enableSandbox',
    'scheme app secure,standard,supportFetchAPI',
  ]);
  ready();
  await opened;
  const { options } = windowNow();
  assert.deepEqual(
    { ...options.webPreferences, preload: undefined },
    {
      preload: undefined,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      devTools: false,
    },
  );
  assert.equal(options.show, false);
  windowNow().emit('ready-to-show');
  assert.deepEqual(told.splice(0), ['loadURL app://sockeye/', 'show']);
  assert.deepEqual(session.defaultSession.proxy, { mode: 'direct' });
});

test('the page asks the real host', async () => {
  const info = (await call(1, 'app.info')) as { ok: boolean; value: AppInfo };
  assert.deepEqual([info.ok, info.value.runtime, info.value.dataDir], [true, 'electron', data]);
});

test('folders of ours are shown by the system, and a refusal is told', async () => {
  told.splice(0);
  assert.deepEqual(await call(70, 'folder.open', { folder: 'logs' }), { ok: true, value: { opened: true } });
  assert.deepEqual(told.splice(0), [`openPath ${join(data, 'logs')}`]);
  stage.openRefused = 'there is no file manager';
  const refused = (await call(71, 'folder.open', { folder: 'data' })) as {
    ok: false;
    error: { message: string };
  };
  assert.match(refused.error.message, /there is no file manager/);
  stage.openRefused = '';
  told.splice(0);
});

test('nobody but the main frame of our own page is heard', async () => {
  const { webContents } = windowNow();
  const before = webContents.sent.length;
  const message: ToHost = { t: 'call', id: 50, name: 'app.info', arg: null };
  for (const senderFrame of [
    null,
    new Frame('app://sockeye/'), // an iframe, even of our own page
    new Frame('https://evil.test/'),
  ])
    webContents.ipc.emit(CHANNEL, { senderFrame }, message);
  const own = webContents.mainFrame;
  for (const url of [
    'https://evil.test/',
    'app://evil/',
    'app://sockeye.evil/',
    'file:///etc/passwd',
    'about:blank',
    '',
  ]) {
    webContents.mainFrame = new Frame(url);
    webContents.ipc.emit(CHANNEL, { senderFrame: webContents.mainFrame }, message);
  }
  webContents.mainFrame = own;
  await call(51, 'app.info');
  assert.equal(webContents.sent.length, before + 1);
});

test('pages can not leave, open windows, embed or ask for rights', () => {
  const { webContents } = windowNow();
  for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
    for (const [url, prevented] of [
      ['app://sockeye/#services', false],
      ['https://evil.test/', true],
      ['file:///etc/passwd', true],
      ['javascript:alert(1)', true],
      ['data:text/html,x', true],
      ['app://evil/', true],
      ['app://me@sockeye/', true],
    ] as const) {
      const attempt = preventable({ url });
      webContents.emit(event, attempt);
      assert.equal(attempt.prevented, prevented, `${event} ${url}`);
    }
  }
  const webview = preventable({});
  webContents.emit('will-attach-webview', webview);
  assert.equal(webview.prevented, true);
  assert.deepEqual(webContents.windowOpen({ url: 'app://sockeye/' }), { action: 'deny' });

  const { permissionRequest, permissionCheck, devicePermission } = session.defaultSession;
  const ask = (
    permission: 'media' | 'notifications' | 'clipboard-read' | 'clipboard-sanitized-write',
  ): boolean => {
    let granted = true;
    permissionRequest?.(webContents as never, permission, (answer) => (granted = answer), NOTHING);
    const checked = permissionCheck?.(webContents as never, permission, 'app://sockeye', NOTHING);
    assert.equal(checked, granted, permission);
    return granted;
  };
  assert.deepEqual(
    (['media', 'notifications', 'clipboard-read', 'clipboard-sanitized-write'] as const).map(ask),
    [false, false, false, true],
  );
  assert.equal(permissionCheck?.(null, 'clipboard-sanitized-write', 'https://evil.test', NOTHING), false);
  const own = webContents.mainFrame;
  webContents.mainFrame = new Frame('https://evil.test/');
  assert.equal(ask('clipboard-sanitized-write'), false);
  webContents.mainFrame = own;
  assert.equal(devicePermission?.(NOTHING), false);
});

test('app:// serves the listed files with the policy, and nothing else', async () => {
  const handler = session.defaultSession.schemes.get('app');
  assert.ok(handler !== undefined);
  const get = (url: string, method = 'GET'): Promise<Response> => handler({ url, method });
  const page = await get('app://sockeye/');
  assert.equal(await page.text(), '<!doctype html><title>window</title>');
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self';/);
  assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /unsafe/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(
    (await get('app://sockeye/assets/main.js')).headers.get('content-type'),
    'text/javascript; charset=utf-8',
  );
  for (const url of [
    'app://sockeye/../../secret.json',
    'app://sockeye/..%2f..%2fsecret.json',
    'app://sockeye/%2e%2e/secret.json',
    'app://sockeye/..%5c..%5csecret.json',
    'app://sockeye//etc/passwd',
    'app://sockeye/index.html%00',
    `app://sockeye/${join(root, 'secret.json')}`,
    'app://evil/index.html',
    'app://sockeye/assets',
  ])
    assert.equal((await get(url)).status, 404, url);
  assert.equal((await get('app://sockeye/', 'POST')).status, 404);
});

test('a page that is loaded anew gets no events of the old one', async () => {
  const { webContents } = windowNow();
  const send = (message: ToHost): boolean =>
    webContents.ipc.emit(CHANNEL, { senderFrame: webContents.mainFrame }, message);
  send({ t: 'subscribe', name: 'services' });
  webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
  webContents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false });
  send({ t: 'ack', name: 'services' });
  await call(60, 'quick.start', { port: null });
  const events = (): number =>
    (webContents.sent as [string, ToWindow][]).filter(([, { t }]) => t === 'event').length;
  assert.ok(events() >= 2, 'navigation within the page keeps it');
  send({ t: 'ack', name: 'services' });
  const heard = events();
  webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
  await call(61, 'service.stop', { name: 'local' });
  assert.equal(events(), heard);
  await call(62, 'service.start', { name: 'local' });
});

test('the tray shows the services, switches and copies', { timeout: 20_000 }, async () => {
  const tray = Tray.all.at(-1);
  assert.ok(tray !== undefined);
  while (!/1 service on/.test(tray.tooltip)) await once(tray, 'test-menu');
  assert.match(tray.picture, /tray-on/);
  const menu = tray.menu.find(({ label }) => label?.startsWith('local') === true);
  const items = Array.isArray(menu?.submenu) ? menu.submenu : [];
  const click = (label: string): void =>
    items.find((item) => item.label === label)?.click?.(NOTHING, undefined, NOTHING);
  click('Copy address');
  assert.match(clipboard.text, /^127\.0\.0\.1:\d+$/);
  click('On');
  while (!/all services off/.test(tray.tooltip)) await once(tray, 'test-menu');
  assert.match(tray.picture, /tray-off/);
});

test('the tray sends a service through a chain and back', { timeout: 20_000 }, async () => {
  const tray = Tray.all.at(-1);
  assert.ok(tray !== undefined);
  await call(70, 'quick.addHop', { service: 'local', uri: 'socks5://127.0.0.1:9' });
  const chosen = (): string | undefined => {
    const menu = tray.menu.find(({ label }) => label?.startsWith('local') === true);
    const items = Array.isArray(menu?.submenu) ? menu.submenu : [];
    return items.find(({ type, checked }) => type === 'radio' && checked === true)?.label;
  };
  const choose = (label: string): void => {
    const menu = tray.menu.find((item) => item.label?.startsWith('local') === true);
    const items = Array.isArray(menu?.submenu) ? menu.submenu : [];
    items.find((item) => item.label === label)?.click?.(NOTHING, undefined, NOTHING);
  };
  let id = 700;
  /** Until menu and saved configuration agree: the menu may hear of a change before its edit is finished. */
  const settled = async (label: string, chain: string | undefined): Promise<void> => {
    while (chosen() !== label) await once(tray, 'test-menu');
    for (;;) {
      const reply = (await call((id += 1), 'config.get')) as Reply<ConfigState>;
      if (reply.ok && reply.value.config.services?.[0]?.handler?.chain === chain) return;
      await new Promise((resolve) => setImmediate(resolve)); // else only promises would have their turn
    }
  };
  await settled('chain-local', 'chain-local');
  choose('Direct');
  await settled('Direct', undefined);
  choose('chain-local');
  while (chosen() !== 'chain-local') await once(tray, 'test-menu');
});

test('the page switches start at login, and hears what the system says', async () => {
  const reply = (await call(80, 'login.get')) as Reply<LoginState>;
  assert.deepEqual(reply, { ok: true, value: { supported: true, on: false, note: null } });
  await call(81, 'login.set', { on: true });
  const entry = readFileSync(join(root, 'xdg', 'autostart', 'sockeye.desktop'), 'utf8');
  assert.match(entry, new RegExp(`--hidden" "--data" "${data}"`));
  assert.deepEqual(await call(82, 'login.get'), {
    ok: true,
    value: { supported: true, on: true, note: null },
  });
  await call(83, 'login.set', { on: false });
  assert.deepEqual(await call(84, 'login.get'), {
    ok: true,
    value: { supported: true, on: false, note: null },
  });
});

test('closing the window leaves the services; it comes back from the tray, a second instance or the dock', async () => {
  const first = windowNow();
  told.splice(0);
  const closed = once(first, 'closed');
  first.close();
  await closed;
  assert.deepEqual(told.splice(0), []);
  app.emit('second-instance', {}, ['--inspect', 'javascript:alert(1)'], '/');
  const second = windowNow();
  assert.notEqual(second, first);
  second.minimized = true;
  app.emit('activate');
  assert.deepEqual(told.splice(0), ['loadURL app://sockeye/', 'restore', 'show', 'focus']);
});

test('without a tray the last window does not vanish: it asks while services run', async () => {
  bus.tray = 'none';
  await call(90, 'service.start', { name: 'local' });
  told.splice(0);
  const window = windowNow();
  const minimised = once(window, 'minimize');
  window.close();
  window.close(); // impatient
  await minimised;
  assert.deepEqual(told.splice(0), ['messageBox Keep Sockeye running?', 'minimize']);
  assert.equal(window.webContents.destroyed, false);
  app.emit('second-instance', {}, [], '/');
  assert.deepEqual(told.splice(0), ['restore', 'show', 'focus']);
  bus.tray = 'shown';
});

test('a page that dies is loaded again, once in a minute', () => {
  const { webContents } = windowNow();
  webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  assert.deepEqual(told.splice(0), ['reload']);
});

test('quitting stops the services first', async () => {
  const exit = once(app, 'test-exit');
  app.quit();
  app.quit();
  assert.deepEqual(told.splice(0), ['quit', 'tray destroyed', 'quit']);
  assert.deepEqual(await exit, [0]);
});

test('a start at login shows no window until it is asked for', async () => {
  const before = BrowserWindow.all.length;
  const trays = Tray.all.length;
  startApp(folder, ['.', '--hidden', '--data', join(root, 'hidden')]);
  while (Tray.all.length === trays) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(BrowserWindow.all.length, before);
  app.emit('second-instance', {}, [], '/');
  assert.equal(BrowserWindow.all.length, before + 1);
  const exit = once(app, 'test-exit');
  app.quit();
  await exit;
});

test('without a tray a start at login is in the task bar, and the last window ends what does nothing', async () => {
  bus.tray = 'none';
  process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere';
  const created = once(app, 'web-contents-created');
  startApp(folder, ['.', '--hidden', '--data', join(root, 'minimised')]);
  await created;
  told.splice(0);
  windowNow().emit('ready-to-show');
  assert.deepEqual(told.splice(0), ['showInactive', 'minimize']);
  const exit = once(app, 'test-exit');
  windowNow().close();
  assert.deepEqual(await exit, [0]);
  assert.deepEqual(told.splice(0), ['quit', 'tray destroyed', 'exit 0']);
});

test('with services on, "Quit" in that question ends them and the program', async () => {
  const folderOfIt = join(root, 'quits');
  const created = once(app, 'web-contents-created');
  startApp(folder, ['.', '--data', folderOfIt]);
  await created;
  await call(900, 'quick.start', { port: null });
  told.splice(0);
  stage.button = 1;
  const exit = once(app, 'test-exit');
  windowNow().close();
  assert.deepEqual(await exit, [0]);
  assert.deepEqual(told.splice(0), ['messageBox Keep Sockeye running?', 'quit', 'tray destroyed', 'exit 0']);
});

test('a start that fails says why and ends with 1', async () => {
  const shared = join(root, 'shared');
  mkdirSync(shared, { mode: 0o755 });
  writeFileSync(join(shared, 'theirs'), '');
  told.splice(0);
  const exit = once(app, 'test-exit');
  startApp(folder, ['--data', shared]);
  assert.deepEqual(await exit, [1]);
  assert.match(
    told.find((what) => what.startsWith('errorBox')) ?? '',
    /Sockeye can not start: .*used by others/,
  );
});
