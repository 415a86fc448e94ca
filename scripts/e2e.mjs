// npm run e2e: the Playwright specs against the real product. Finds a Chrome or Chromium, or installs one in the way that works here:
// `playwright install chromium`, else the distribution's package when root; else says in one sentence what to do.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of an installed browser that Playwright can drive, or null. */
function installedBrowser() {
  const asked = process.env.SOCKEYE_BROWSER;
  if (asked !== undefined) return existsSync(asked) ? asked : null;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name);
  }
  return MAC.find(existsSync) ?? null;
}

/** True when Playwright's own browser is there after trying to install it. */
function installOwn() {
  console.log('no Chrome or Chromium was found; trying `playwright install chromium`');
  return (
    spawnSync('node_modules/.bin/playwright', ['install', 'chromium'], { stdio: 'inherit', timeout: 300_000 })
      .status === 0
  );
}

function installPackage() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log("trying the distribution's package: apt-get install chromium");
  const apt = (args) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt(['update']);
  return apt(['install', '-y', '--no-install-recommends', 'chromium']).status === 0;
}

let browser = installedBrowser();
let own = false;
if (browser === null) own = installOwn();
if (browser === null && !own && installPackage()) browser = installedBrowser();
if (browser === null && !own) {
  console.error(
    'The browser tests need Chrome or Chromium: install one, or set SOCKEYE_BROWSER to its path.',
  );
  process.exit(1);
}
if (!existsSync('dist/headless.js') || !existsSync('dist/renderer/index.html')) {
  const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' }).status;
  if (built !== 0) process.exit(built ?? 1);
}
console.log(`browser: ${browser ?? 'the one Playwright installed'}`);
const run = spawnSync('node_modules/.bin/playwright', ['test', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, ...(browser === null ? {} : { SOCKEYE_BROWSER: browser }) },
});
process.exit(run.status ?? 1);
