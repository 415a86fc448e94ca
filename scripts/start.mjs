// npm start: the Electron app where its runtime is present; else the quick service at once and the same window in the browser.
// Builds first when there is no build or it is older than the sources. Arguments after `--` go to the program.
// At a terminal the program's JSON log becomes the few sentences that matter; in a pipe, or with --log, it stays as it is.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sentence } from './start-lines.mjs';

process.chdir(join(import.meta.dirname, '..'));
const SOURCES = [
  'core',
  'electron',
  'renderer',
  'packages/smux-ts/src',
  'scripts/build.mjs',
  'vite.config.ts',
  'package.json',
];
const BUILT = ['dist/main.js', 'dist/preload.cjs', 'dist/headless.js', 'dist/renderer/index.html'];

const args = process.argv.slice(2);
const readable = process.stderr.isTTY === true && !args.some((arg) => /^(--?log(=|$)|-D$)/.test(arg));

if (outdated()) {
  console.log('Building Sockeye, which takes some seconds.');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { encoding: 'utf8' });
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}Sockeye could not be built from its sources.\n`);
    process.exit(status ?? 1);
  }
}
const electron = electronRuntime();
const obstacle =
  electron === null
    ? 'The Electron runtime is not installed (`npx install-electron` brings it)'
    : hasDesktop()
      ? null
      : 'There is no desktop here for the Electron app';
if (electron !== null && obstacle === null) {
  follow(spawn(electron, ['.', ...args], { stdio: ['inherit', 'inherit', readable ? 'pipe' : 'inherit'] }));
} else {
  console.log(`${obstacle}; the window is served to a browser instead.`);
  const stdio = ['inherit', 'pipe', readable ? 'pipe' : 'inherit'];
  follow(spawn(process.execPath, ['dist/headless.js', '--ui', '--quick', ...args], { stdio }));
}

function outdated() {
  if (!BUILT.every((path) => existsSync(path))) return true;
  const built = Math.min(...BUILT.map((path) => statSync(path).mtimeMs));
  return SOURCES.some((path) => newest(path) > built);
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .filter((name) => !/\.test\.tsx?$|^fixtures$/.test(name))
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/** Path of the Electron executable, or null. Looks only: requiring the `electron` package would download it. */
function electronRuntime() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? 'node_modules/electron/dist';
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  const marker = 'node_modules/electron/path.txt';
  const name = existsSync(marker) ? readFileSync(marker, 'utf8') : (names[process.platform] ?? 'electron');
  const path = join(folder, name);
  return existsSync(path) ? path : null;
}

/** Shows what the program prints, opens the window's address once, passes signals on and ends as the program ends. */
function follow(child) {
  let opened = false;
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    const url = /http:\/\/\S+\?once=\S+/.exec(text)?.[0];
    if (opened || url === undefined) return;
    opened = true;
    openInBrowser(url);
  });
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const text = sentence(line);
      if (text !== null) process.stderr.write(`${text}\n`);
    });
  }
  // a terminal sends Ctrl-C to the child as well; `kill` from elsewhere reaches only this process
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${child.spawnfile} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on('close', (code, signal) => process.exit(signal === null ? code : 1));
}

function hasDesktop() {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined;
}

/** Only where there is a desktop to open it on. The link is in the process list for a moment; it is void once the browser used it. */
function openInBrowser(url) {
  const command =
    process.platform === 'darwin'
      ? ['/usr/bin/open', url]
      : process.platform === 'win32'
        ? [
            join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'rundll32.exe'),
            'url.dll,FileProtocolHandler',
            url,
          ]
        : hasDesktop() && existsSync('/usr/bin/xdg-open')
          ? ['/usr/bin/xdg-open', url]
          : null;
  if (command === null) return;
  const [program, ...args] = command;
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => console.log('No browser could be opened; the address above works in any.'))
    .unref();
}
