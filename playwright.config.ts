/**
 * The browser tests: the same specs against the headless host in Chromium and, where its runtime is present, in Electron.
 * They drive the built product (`npm run build`); scripts/e2e.mjs finds the browser and passes it in SOCKEYE_BROWSER.
 */
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

export interface Runtime {
  readonly runtime: 'headless' | 'electron';
}

const electron = existsSync('node_modules/electron/dist');
if (!electron && process.env['TEST_WORKER_INDEX'] === undefined)
  console.log('electron: its runtime is not installed here, so the specs run against the headless host only');
const browser = process.env['SOCKEYE_BROWSER'];

export default defineConfig<Runtime>({
  testDir: 'e2e',
  outputDir: 'test-results',
  // each test starts a product of its own, on ports of its own
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 45_000,
  expect: { timeout: 8_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1180, height: 760 },
    permissions: ['clipboard-read', 'clipboard-write'],
    trace: 'retain-on-failure',
    launchOptions: {
      args: ['--no-sandbox'],
      ...(browser === undefined ? {} : { executablePath: browser }),
    },
  },
  projects: [
    { name: 'headless', use: { runtime: 'headless' } },
    ...(electron ? [{ name: 'electron', use: { runtime: 'electron' as const } }] : []),
  ],
});
