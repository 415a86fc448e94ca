/**
 * What every spec starts from: the real product in a folder of its own with its window open, and helpers that speak to the
 * window by roles and names. `test.use({ config: … })` writes a configuration file before the start.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, expect, test as base, type Page } from '@playwright/test';
import type { Runtime } from '../playwright.config.ts';
import type { Place } from './peers.ts';
import { dataFolder, run } from './product.ts';

export interface App {
  readonly page: Page;
  readonly dataDir: string;
  /** The configuration file. */
  readonly file: string;
  /** Goes to a screen by its word in the rail. */
  go(screen: string): Promise<void>;
}

/** Things a test opened and must close, in reverse order, whatever happens. */
export type Keep = <T extends { close(): unknown }>(thing: T) => T;

export const test = base.extend<{ config: string | null; app: App; keep: Keep } & Runtime>({
  runtime: ['headless', { option: true }],
  config: [null, { option: true }],
  // playwright wants the destructuring pattern even when nothing is used

  keep: async ({}, use) => {
    const kept: { close(): unknown }[] = [];
    await use((thing) => {
      kept.push(thing);
      return thing;
    });
    for (const thing of kept.reverse()) await thing.close();
  },
  app: async ({ runtime, config, page: browserPage }, use) => {
    const data = await dataFolder();
    const file = join(data.path, 'sockeye.yaml');
    if (config !== null) await writeFile(file, config, { mode: 0o600 });
    const { page, close } = await (runtime === 'electron'
      ? inElectron(data.path)
      : inBrowser(data.path, browserPage));
    const broken: string[] = [];
    page.on('pageerror', (error) => broken.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) broken.push(message.text());
    });
    try {
      await expect(page.getByText('Engine running')).toBeVisible();
      await use({
        page,
        file,
        dataDir: data.path,
        go: (screen) =>
          page.getByRole('navigation').getByRole('button', { name: screen, exact: true }).click(),
      });
      expect(broken, 'errors in the window').toEqual([]);
    } finally {
      await close();
      await data.remove();
    }
  },
});

async function inBrowser(dataDir: string, page: Page): Promise<{ page: Page; close: () => Promise<void> }> {
  const host = await run(['--ui', '127.0.0.1:0', '--data', dataDir], /(http:\/\/127\.0\.0\.1:\d+\/\S+)/);
  await page.goto(host.found);
  return { page, close: host.stop };
}

async function inElectron(dataDir: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const electron = await _electron.launch({ args: ['.', '--data', dataDir] });
  return { page: await electron.firstWindow(), close: () => electron.close() };
}

/** The address in the headline of the running card. */
export async function shownAddress(page: Page): Promise<Place> {
  const headline = page.getByRole('heading', { level: 2, name: /:\d+$/ });
  await expect(headline).toBeVisible();
  const text = await headline.innerText();
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

/**
 * First click: starts the local proxy and returns where it listens. The address counts once the self-test has passed: until then
 * it is the wish, and another program may get the port first.
 */
export async function startLocal(page: Page): Promise<Place> {
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByText('UDP works,')).toBeAttached();
  return shownAddress(page);
}

export { expect };
