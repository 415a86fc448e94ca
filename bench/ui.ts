/**
 * npm run bench:ui: the budgets of the window in real Chromium, over the real contract. The numbers, the commit and the machine go to
 * bench/results/; the exit code is 1 when a budget is missed.
 *
 *   npm run bench:ui -- [--soak 20] [--rows 10000] [--only rows|lanes] [--profile DIR]
 *
 * Real engine and clicks: the first start, the cost of statistics while 64 streams are relayed. Real statistics, feed, socket and window over
 * connections opened in the statistics (bench/ui-host.ts): everything with thousands of rows, and the soak.
 */
import { chromium, type Page } from '@playwright/test';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { run } from '../e2e/product.ts';
import { cost, soak } from './ui-engine.ts';
import { lanes } from './ui-lanes.ts';
import type { Order } from './ui-orders.ts';
import { watchMessages } from './ui-page.ts';
import { median, Report } from './ui-report.ts';
import { applying, go, hidden, scrolling, sorting, switching, typing } from './ui-rows.ts';

const { values } = parseArgs({
  options: {
    soak: { type: 'string', default: '0.5' },
    rows: { type: 'string', default: '10000' },
    // one part alone, said and not written down
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const rows = Number(values.rows);
const soakMinutes = Number(values.soak);

const report = new Report();
// of the commit that the results are written down for
execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const asked = process.env['SOCKEYE_BROWSER'] ?? executablePath;
const browser = await chromium.launch({
  args: ['--no-sandbox', '--js-flags=--expose-gc'],
  ...(asked === undefined ? {} : { executablePath: asked }),
});
const folder = mkdtempSync(join(tmpdir(), 'sockeye-bench-ui-'));
try {
  if (values.only === undefined) {
    initialScript();
    await firstClick();
  }
  if (values.only !== 'lanes') await manyRows();
  if (values.only !== 'rows') await lanes(browser, report, folder);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
if (values.only === undefined)
  report.write(`npm run bench:ui -- --soak ${soakMinutes} --rows ${rows}`, browser.version());

/** What the page loads before it shows anything. */
function initialScript(): void {
  const page = readFileSync('dist/renderer/index.html', 'utf8');
  const files = [...page.matchAll(/(?:src|href)="(\.\/assets\/[^"]+\.js)"/g)].map(([, file = '']) => file);
  const bytes = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(join('dist/renderer', file))).length,
    0,
  );
  if (files.length === 0) throw new Error('dist/renderer/index.html names no script');
  report.add('initial script, gzip', bytes / 1024, 300, 'KB', 'real', files.join(' '));
}

/** From the click on Start in an empty data folder to the address in the window. */
async function firstClick(): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const product = await run(
      ['--ui', '127.0.0.1:0', '--data', join(folder, `first-${round}`)],
      /(http:\/\/127\.0\.0\.1:\d+\/\S+)/,
    );
    const page = await browser.newPage();
    await page.goto(product.found);
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    times.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const start = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Start');
            const begun = performance.now();
            const watch = new MutationObserver(() => {
              const there = [...document.querySelectorAll('h2')].some((one) => /:\d+$/.test(one.textContent));
              if (!there) return;
              watch.disconnect();
              resolve(performance.now() - begun);
            });
            watch.observe(document.body, { subtree: true, childList: true, characterData: true });
            start?.click();
          }),
      ),
    );
    await page.close();
    await product.stop();
  }
  report.add('first click until listening, median of 5', median(times), 300, 'ms', 'real');
}

async function manyRows(): Promise<void> {
  const host = fork(join(import.meta.dirname, 'ui-host.ts'), [folder], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ link, port }] = (await once(host, 'message')) as [{ link: string; port: number }];
  const tell = (order: Order): void => void host.send(order);
  try {
    tell({ kind: 'rows', count: rows });
    tell({ kind: 'changes', each: 500 });
    const page = await browser.newPage({ viewport: { width: 1180, height: 760 } });
    // the compiler gives functions their names with a helper that the page does not have
    await page.addInitScript('globalThis.__name = (value) => value;');
    await page.addInitScript(watchMessages);
    await page.goto(link);
    await page.getByText('Engine running').waitFor();
    await go(page, 'Connections');
    await page.getByRole('grid').waitFor();
    await profiled(page, 'apply', () => applying(page, report, rows));
    await profiled(page, 'filter', () => typing(page, report, rows));
    await profiled(page, 'sort', () => sorting(page, report, rows));
    await profiled(page, 'scroll', () => scrolling(page, report, rows));
    await profiled(page, 'switch', () => switching(page, report));
    await hidden(page, report);
    if (values.only === 'rows') return;
    await go(page, 'Connections');
    await cost(host, port, page, report, rows);
    await soak(host, page, report, soakMinutes);
    await page.close();
  } finally {
    host.kill();
  }
}

/** With `--profile DIR`, what the page computed meanwhile, for the Performance panel of a browser: to find a cause, not to measure. */
async function profiled(page: Page, name: string, work: () => Promise<void>): Promise<void> {
  if (values.profile === undefined) return work();
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 200 });
  await session.send('Profiler.start');
  await work();
  const { profile } = await session.send('Profiler.stop');
  await session.detach();
  mkdirSync(values.profile, { recursive: true });
  writeFileSync(join(values.profile, `${name}.cpuprofile`), JSON.stringify(profile));
}
