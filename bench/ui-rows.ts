/** The budgets of the window with thousands of rows: what a frame costs, key strokes, sorting, scrolling, switching screens, being hidden. */
import type { Page } from '@playwright/test';
import type { Bench } from './ui-page.ts';
import { median, percentile, type Report } from './ui-report.ts';

declare const bench: Bench;

/** A frame of changes from the socket to what stands on the screen at once. */
export async function applying(page: Page, report: Report, rows: number): Promise<void> {
  await page.waitForTimeout(3000);
  await page.evaluate(() => bench.clear());
  await page.waitForTimeout(8000);
  const seen = await page.evaluate(() => bench.take());
  report.add(
    `apply a frame of 500 changes to ${rows} rows, median`,
    median(seen.apply),
    4,
    'ms',
    'injected',
    `p95 ${percentile(seen.apply, 0.95).toFixed(1)} ms of ${seen.apply.length} frames: parse, store and what the table renders at once`,
  );
  report.add(
    'stats message, 95th percentile',
    percentile(seen.bytes, 0.95) / 1024,
    64,
    'KB',
    'injected',
    `largest ${(Math.max(...seen.bytes) / 1024).toFixed(0)} KB`,
  );
}

export async function typing(page: Page, report: Report, rows: number): Promise<void> {
  const { value: times, cpuMs } = await computing(page, () =>
    page.evaluate(async () => {
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
    }),
  );
  report.add(
    `filter keystroke over ${rows} rows, median`,
    median(times),
    16,
    'ms',
    'injected',
    `longest ${Math.max(...times).toFixed(1)} ms; ${each(cpuMs, times.length)} with the two frames before it`,
  );
}

export async function sorting(page: Page, report: Report, rows: number): Promise<void> {
  const { value: times, cpuMs } = await computing(page, () =>
    page.evaluate(async () => {
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
    }),
  );
  if (times.length === 0) throw new Error('no column can be sorted');
  report.add(
    `sort ${rows} rows, median`,
    median(times),
    50,
    'ms',
    'injected',
    `longest ${Math.max(...times).toFixed(1)} ms of ${times.length}; ${each(cpuMs, times.length)} with the two frames before it`,
  );
}

export async function scrolling(page: Page, report: Report, rows: number): Promise<void> {
  const { value: frames, cpuMs } = await computing(page, () =>
    page.evaluate(async () => {
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
    }),
  );
  const note = each(cpuMs, frames.length);
  // a frame is 16.67 ms; the clock of frames is exact to 0.1 ms
  report.add(`scroll ${rows} rows, frame p95`, percentile(frames, 0.95), 16.8, 'ms', 'injected', note);
  report.add(`scroll ${rows} rows, frame p99`, percentile(frames, 0.99), 33.5, 'ms', 'injected', note);
}

export async function switching(page: Page, report: Report): Promise<void> {
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
  report.add(
    'switch screens, 95th percentile',
    percentile(times, 0.95),
    100,
    'ms',
    'injected',
    `median ${median(times).toFixed(0)} ms`,
  );
}

/** A window nobody sees is told nothing. */
export async function hidden(page: Page, report: Report): Promise<void> {
  await go(page, 'Connections');
  await page.evaluate(() => bench.hide(true));
  await page.waitForTimeout(500);
  await page.evaluate(() => bench.clear());
  await page.waitForTimeout(4000);
  const { all } = await page.evaluate(() => bench.take());
  report.add('messages to a hidden window in 4 s', all, 0, '', 'injected');
  await page.evaluate(() => bench.hide(false));
  await page.waitForTimeout(1000);
  await page.evaluate(() => bench.clear());
  await page.waitForTimeout(2000);
  const again = await page.evaluate(() => bench.take());
  if (again.all === 0)
    throw new Error('the window did not come back to life, so that it was quiet proves nothing');
}

/** Runs `work` and tells how long the page's main thread computed meanwhile, which other programs on the machine do not add to. */
async function computing<T>(page: Page, work: () => Promise<T>): Promise<{ value: T; cpuMs: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busyMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
  };
  const before = await busyMs();
  const value = await work();
  const cpuMs = (await busyMs()) - before;
  await session.detach();
  return { value, cpuMs };
}

function each(cpuMs: number, count: number): string {
  return `the main thread computed ${(cpuMs / count).toFixed(1)} ms for each`;
}

export async function go(page: Page, screen: string): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: screen, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: screen }).waitFor();
}
