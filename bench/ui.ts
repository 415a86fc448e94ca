/**
 * npm run bench:ui: the budgets of the window in real Chromium, over the real contract. The numbers, the commit and the machine go to
 * bench/results/; the exit code is 1 when a budget is missed.
 *
 *   npm run bench:ui -- [--soak 20] [--rows 10000]
 *
 * Real engine and clicks: the first start, the cost of statistics while 64 streams are relayed. Real statistics, feed, socket and window over
 * connections opened in the statistics (bench/ui-host.ts): everything with thousands of rows, and the soak.
 */
import { chromium, type Page } from '@playwright/test';
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { run } from '../e2e/product.ts';
import type { Measured, Order } from './ui-orders.ts';

const { values } = parseArgs({
  options: { soak: { type: 'string', default: '0.5' }, rows: { type: 'string', default: '10000' } },
});
const rows = Number(values.rows);
const soakMinutes = Number(values.soak);
const TRAFFIC = '.cache/peers/traffic';
/** The host sends this often to a window that looks. */
const FRAME_MS = 250;

interface Result {
  readonly name: string;
  readonly value: number;
  readonly budget: number;
  readonly unit: string;
  readonly over: 'injected' | 'real';
  readonly note?: string;
}

const results: Result[] = [];
const loadBefore = loadavg()[0] ?? 0;
if (!existsSync('dist/renderer/index.html') || !existsSync('dist/headless.js'))
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const asked = process.env['SOCKEYE_BROWSER'] ?? executablePath;
const browser = await chromium.launch({
  args: ['--no-sandbox', '--js-flags=--expose-gc'],
  ...(asked === undefined ? {} : { executablePath: asked }),
});
const folder = mkdtempSync(join(tmpdir(), 'sockeye-bench-ui-'));
try {
  initialScript();
  await firstClick();
  await manyRows();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
report();

/** What the page loads before it shows anything. */
function initialScript(): void {
  const page = readFileSync('dist/renderer/index.html', 'utf8');
  const files = [...page.matchAll(/(?:src|href)="(\.\/assets\/[^"]+\.js)"/g)].map(([, file = '']) => file);
  const bytes = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(join('dist/renderer', file))).length,
    0,
  );
  if (files.length === 0) throw new Error('dist/renderer/index.html names no script');
  add('initial script, gzip', bytes / 1024, 300, 'KB', 'real', files.join(' '));
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
  add('first click until listening, median of 5', median(times), 300, 'ms', 'real');
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
    await page.waitForTimeout(3000);
    await page.evaluate(() => bench.clear());
    await page.waitForTimeout(8000);
    const seen = await page.evaluate(() => bench.take());
    add(
      `apply a frame of 500 changes to ${rows} rows, median`,
      median(seen.apply),
      4,
      'ms',
      'injected',
      `p95 ${percentile(seen.apply, 0.95).toFixed(1)} ms of ${seen.apply.length} frames: parse, store and what the table renders at once`,
    );
    add(
      'stats message, 95th percentile',
      percentile(seen.bytes, 0.95) / 1024,
      64,
      'KB',
      'injected',
      `largest ${(Math.max(...seen.bytes) / 1024).toFixed(0)} KB`,
    );
    await typing(page);
    await sorting(page);
    await scrolling(page);
    await switching(page);
    await hidden(page);
    await cost(host, port, page);
    await soak(host, tell, page);
    await page.close();
  } finally {
    host.kill();
  }
}

async function typing(page: Page): Promise<void> {
  const times = await page.evaluate(async () => {
    const field = document.querySelector<HTMLInputElement>('[data-filter]');
    if (field === null) throw new Error('there is no filter');
    const value = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
    const found: number[] = [];
    for (const text of [
      'h',
      'ho',
      'hos',
      'host',
      'host-',
      'host-1',
      'host-12',
      'host-1',
      'host-',
      'host',
      'down>1mb',
      '',
    ]) {
      await bench.idle();
      const begun = performance.now();
      value?.set?.call(field, text);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await bench.settled();
      found.push(performance.now() - begun);
    }
    return found;
  });
  add(
    `filter keystroke over ${rows} rows, median`,
    median(times),
    16,
    'ms',
    'injected',
    `longest ${Math.max(...times).toFixed(1)} ms`,
  );
}

async function sorting(page: Page): Promise<void> {
  const times = await page.evaluate(async () => {
    const found: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const head of document.querySelectorAll<HTMLElement>('[role="columnheader"] button.sort')) {
        await bench.idle();
        const begun = performance.now();
        head.click();
        await bench.settled();
        found.push(performance.now() - begun);
      }
    }
    return found;
  });
  if (times.length === 0) throw new Error('no column can be sorted');
  add(
    `sort ${rows} rows, median`,
    median(times),
    50,
    'ms',
    'injected',
    `longest ${Math.max(...times).toFixed(1)} ms of ${times.length}`,
  );
}

async function scrolling(page: Page): Promise<void> {
  const frames = await page.evaluate(async () => {
    const grid = document.querySelector('[role="grid"]');
    if (grid === null) throw new Error('there is no grid');
    const found: number[] = [];
    let last = await bench.frame();
    for (let at = 0; at < 240; at += 1) {
      grid.scrollTop += 360;
      const now = await bench.frame();
      found.push(now - last);
      last = now;
    }
    return found;
  });
  // a frame is 16.67 ms; the clock of frames is exact to 0.1 ms
  add(`scroll ${rows} rows, frame p95`, percentile(frames, 0.95), 16.8, 'ms', 'injected');
  add(`scroll ${rows} rows, frame p99`, percentile(frames, 0.99), 33.5, 'ms', 'injected');
}

async function switching(page: Page): Promise<void> {
  const times = await page.evaluate(async () => {
    const found: number[] = [];
    const rail = [...document.querySelectorAll<HTMLElement>('nav button')];
    for (let round = 0; round < 3; round += 1) {
      for (const button of rail) {
        await bench.idle();
        const begun = performance.now();
        button.click();
        await bench.settled();
        while (document.querySelector('h1') === null) await bench.frame();
        await bench.frame();
        // the first visit loads what is loaded lazily
        if (round > 0) found.push(performance.now() - begun);
      }
    }
    return found;
  });
  add(
    'switch screens, 95th percentile',
    percentile(times, 0.95),
    100,
    'ms',
    'injected',
    `median ${median(times).toFixed(0)} ms`,
  );
}

/** A window nobody sees is told nothing. */
async function hidden(page: Page): Promise<void> {
  await go(page, 'Connections');
  await page.evaluate(() => bench.hide(true));
  await page.waitForTimeout(500);
  await page.evaluate(() => bench.clear());
  await page.waitForTimeout(4000);
  const { all } = await page.evaluate(() => bench.take());
  add('messages to a hidden window in 4 s', all, 0, '', 'injected');
  await page.evaluate(() => bench.hide(false));
  await page.waitForTimeout(1000);
  await page.evaluate(() => bench.clear());
  await page.waitForTimeout(2000);
  const again = await page.evaluate(() => bench.take());
  if (again.all === 0)
    throw new Error('the window did not come back to life, so that it was quiet proves nothing');
}

/** The time of the engine's thread that statistics take while the engine relays as fast as it can, with the window looking at ten thousand rows. */
async function cost(host: ChildProcess, port: number, page: Page): Promise<void> {
  if (!existsSync(TRAFFIC)) {
    console.log(
      'left out: the cost of statistics; the load generator is missing: node scripts/peers.mjs install',
    );
    return;
  }
  await go(page, 'Connections');
  await measure(host);
  const load = fork(join(import.meta.dirname, 'ui-load.ts'), [TRAFFIC, String(port)], {
    execArgv: ['--import', 'tsx'],
  });
  const [code] = (await once(load, 'exit')) as [number];
  const { frames, cpuMs, elapsedMs } = await measure(host);
  if (code !== 0) throw new Error('the load generator failed');
  // an engine at its limit uses one core whole: what the statistics take of that core is what is lost
  add(
    'statistics, share of a core',
    (median(frames) / FRAME_MS) * 100,
    1,
    '%',
    'real',
    `${median(frames).toFixed(2)} ms a frame, JSON included, median of ${frames.length}; ${cpuMs.toFixed(0)} ms CPU in ${elapsedMs.toFixed(0)} ms, 64 streams, ${rows} open rows, 500 changes a frame`,
  );
}

/** 2,000 connections, 200 new ones a second: memory after a warm-up and in the end. */
async function soak(host: ChildProcess, tell: (order: Order) => void, page: Page): Promise<void> {
  tell({ kind: 'rows', count: 2000 });
  tell({ kind: 'churn', perSecond: 200 });
  const session = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  };
  const warmUpMs = Math.min(120_000, soakMinutes * 30_000);
  await page.waitForTimeout(warmUpMs);
  const before = { window: await heap(), host: (await measure(host)).heapMb };
  await page.waitForTimeout(soakMinutes * 60_000);
  const after = { window: await heap(), host: (await measure(host)).heapMb };
  const note = (one: 'window' | 'host'): string =>
    `${before[one].toFixed(1)} to ${after[one].toFixed(1)} MB in ${soakMinutes} min after ${warmUpMs / 1000} s`;
  add('growth of the window', after.window - before.window, 20, 'MB', 'injected', note('window'));
  add('growth of the host', after.host - before.host, 20, 'MB', 'injected', note('host'));
}

async function measure(host: ChildProcess): Promise<Measured> {
  const answer = once(host, 'message');
  host.send({ kind: 'measure' } satisfies Order);
  const [measured] = (await answer) as [Measured];
  return measured;
}

async function go(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: screen, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: screen }).waitFor();
}

function add(
  name: string,
  value: number,
  budget: number,
  unit: string,
  over: Result['over'],
  note?: string,
): void {
  results.push({ name, value, budget, unit, over, ...(note === undefined ? {} : { note }) });
  console.log(
    `${value <= budget ? 'ok    ' : 'MISSED'} ${name}: ${value.toFixed(2)} ${unit} (at most ${budget})${note === undefined ? '' : `; ${note}`}`,
  );
}

function report(): void {
  const about = {
    command: `npm run bench:ui -- --soak ${soakMinutes} --rows ${rows}`,
    date: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    node: process.version,
    chromium: browser.version(),
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    load: [Number(loadBefore.toFixed(1)), Number((loadavg()[0] ?? 0).toFixed(1))],
  };
  mkdirSync('bench/results', { recursive: true });
  const file = `bench/results/${about.date.slice(0, 10)}-ui.json`;
  writeFileSync(file, `${JSON.stringify({ ...about, results }, null, 2)}\n`);
  const missed = results.filter(({ value, budget }) => value > budget);
  console.log(`\n${results.length - missed.length} of ${results.length} budgets held; written to ${file}`);
  if (missed.length > 0) process.exitCode = 1;
}

function median(list: readonly number[]): number {
  return percentile(list, 0.5);
}

function percentile(list: readonly number[], share: number): number {
  if (list.length === 0) throw new Error('nothing was measured');
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** What runs in the page before the window's own code. */
interface Bench {
  clear(): void;
  take(): { readonly all: number; readonly apply: number[]; readonly bytes: number[] };
  hide(hidden: boolean): void;
  frame(): Promise<number>;
  /** The next task, after what the last one set off. */
  settled(): Promise<void>;
  idle(): Promise<void>;
}
declare const bench: Bench;

/**
 * Times every message from before the window's listener to after it, with the microtasks in between, in which React renders what a store
 * changed. Listeners of one event run in the order they were added, and microtasks run between them.
 */
function watchMessages(): void {
  let all = 0;
  let apply: number[] = [];
  let bytes: number[] = [];
  let begun = 0;
  let concealed = false;
  class Watched extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener('message', ({ data }: MessageEvent<string>) => {
        all += 1;
        begun = data.startsWith('{"t":"event","name":"stats"') ? performance.now() : 0;
        if (begun > 0) bytes.push(data.length);
      });
      // after the listener that the window is about to set
      setTimeout(() => {
        this.addEventListener('message', () => {
          if (begun > 0) apply.push(performance.now() - begun);
        });
      });
    }
  }
  window.WebSocket = Watched;
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => concealed });
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const tools: Bench = {
    clear: () => {
      all = 0;
      apply = [];
      bytes = [];
    },
    take: () => ({ all, apply, bytes }),
    hide: (next) => {
      concealed = next;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    frame,
    settled: async () => {
      await new Promise<void>((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve();
        channel.port2.postMessage(null);
      });
      // layout belongs to it
      document.body.getBoundingClientRect();
    },
    idle: async () => {
      await frame();
      await frame();
    },
  };
  Object.assign(window, { bench: tools });
}
