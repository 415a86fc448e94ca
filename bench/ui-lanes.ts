/**
 * Frames of the chains while something is moved by a real pointer: a node dragged over a lane of 12 hops with 8 nodes each, and a map of 200
 * proxies that is moved and zoomed. Over the real product with a configuration of that size.
 */
import type { Browser, Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../e2e/product.ts';
import { watchMessages } from './ui-page.ts';
import { percentile, type Report } from './ui-report.ts';

const HOPS = 12;
const NODES = 8;
const CHAINS = 20;
/** A frame is 16.67 ms. */
const FRAME_MS = 16.8;

export async function lanes(browser: Browser, report: Report, folder: string): Promise<void> {
  await withProduct(browser, join(folder, 'lane'), oneLane(), async (page) => {
    const cards = page.getByRole('gridcell').filter({ hasText: ':1080' });
    await cards.nth(HOPS * NODES - 1).waitFor();
    const from = await cards.first().boundingBox();
    const track = await page.locator('.lane-scroll').first().boundingBox();
    if (from === null || track === null) throw new Error('the lane is not in sight');
    const right = track.x + track.width;
    await page.mouse.move(from.x + 40, from.y + 40);
    await page.mouse.down();
    const frames = await recorded(page, async () => {
      // over every card in sight, then to the edge, where the lane scrolls along, and back
      await page.mouse.move(right - 60, from.y + 40, { steps: 120 });
      await page.mouse.move(right - 60, from.y + 300, { steps: 60 });
      await page.mouse.move(right - 8, from.y + 120, { steps: 60 });
      await page.waitForTimeout(600);
      await page.mouse.move(track.x + 120, from.y + 200, { steps: 120 });
    });
    const scrolled = await page
      .locator('.lane-scroll')
      .first()
      .evaluate((lane) => lane.scrollLeft);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    if (scrolled === 0) throw new Error('the lane did not scroll along');
    add(report, `drag over ${HOPS} hops x ${NODES} nodes`, frames);
  });
  await withProduct(browser, join(folder, 'map'), manyChains(), async (page) => {
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    await page.locator('.map-proxy').nth(199).waitFor();
    const map = await page.getByRole('application').boundingBox();
    if (map === null) throw new Error('the map is not in sight');
    const middle = [map.x + map.width / 2, map.y + map.height / 2] as const;
    await page.mouse.move(...middle);
    const zoomed = await recorded(page, async () => {
      for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, step < 30 ? -60 : 60);
    });
    add(report, 'zoom a map of 200 proxies', zoomed);
    for (let step = 0; step < 12; step += 1) await page.mouse.wheel(0, -60);
    await page.mouse.move(map.x + 12, map.y + 100);
    await page.mouse.down();
    const moved = await recorded(page, async () => {
      await page.mouse.move(map.x + 500, map.y + 400, { steps: 120 });
      await page.mouse.move(map.x + 12, map.y + 60, { steps: 120 });
    });
    await page.mouse.up();
    add(report, 'move a map of 200 proxies', moved);
  });
}

function add(report: Report, what: string, frames: readonly number[]): void {
  // the clock of frames is exact to 0.1 ms
  const p95 = Number(percentile(frames, 0.95).toFixed(1));
  const note = `${frames.length} frames, p99 ${percentile(frames, 0.99).toFixed(1)} ms`;
  report.add(`${what}, frame p95`, p95, FRAME_MS, 'ms', 'real', note);
}

/** The times of all frames while `work` goes on. */
async function recorded(page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(() => {
    const found: number[] = [];
    let last = performance.now();
    const next = (now: number): void => {
      found.push(now - last);
      last = now;
      Reflect.set(globalThis, 'recording', requestAnimationFrame(next));
    };
    Reflect.set(globalThis, 'recorded', found);
    Reflect.set(globalThis, 'recording', requestAnimationFrame(next));
  });
  await work();
  return page.evaluate(() => {
    cancelAnimationFrame(Number(Reflect.get(globalThis, 'recording')));
    // the first one began before
    return (Reflect.get(globalThis, 'recorded') as number[]).slice(1);
  });
}

async function withProduct(
  browser: Browser,
  data: string,
  config: string,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'sockeye.yaml'), config, { mode: 0o600 });
  const product = await run(['--ui', '127.0.0.1:0', '--data', data], /(http:\/\/127\.0\.0\.1:\d+\/\S+)/);
  const page = await browser.newPage({ viewport: { width: 1180, height: 760 } });
  try {
    await page.addInitScript('globalThis.__name = (value) => value;');
    await page.addInitScript(watchMessages);
    await page.goto(product.found);
    await page.getByText('Engine running').waitFor();
    await page.getByRole('navigation').getByRole('button', { name: 'Chains', exact: true }).click();
    await work(page);
  } finally {
    await page.close();
    await product.stop();
  }
}

function service(chain: string): string {
  return `  - { name: to-${chain}, addr: "127.0.0.1:0", handler: { type: socks5, chain: ${chain} }, listener: { type: tcp } }`;
}

function hop(chain: number, at: number, nodes: number): string {
  const lines = Array.from(
    { length: nodes },
    (_, node) =>
      `          - { name: n-${chain}-${at}-${node}, addr: "198.18.${chain * 12 + at}.${node + 1}:1080", connector: { type: socks5 } }`,
  );
  return `      - name: hop-${at}\n        nodes:\n${lines.join('\n')}`;
}

function oneLane(): string {
  const hops = Array.from({ length: HOPS }, (_, at) => hop(0, at, NODES));
  return `services:\n${service('long')}\nchains:\n  - name: long\n    hops:\n${hops.join('\n')}\n`;
}

/** 20 services, 20 chains, 200 proxies. */
function manyChains(): string {
  const names = Array.from({ length: CHAINS }, (_, at) => `chain-${at}`);
  const chains = names.map((name, at) => {
    const hops = Array.from({ length: 5 }, (_, step) => hop(at, step, 2));
    return `  - name: ${name}\n    hops:\n${hops.join('\n')}`;
  });
  return `services:\n${names.map(service).join('\n')}\nchains:\n${chains.join('\n')}\n`;
}
