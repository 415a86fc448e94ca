/** Walk-throughs 1 and 2: from nothing to a working proxy with one click, also when the port is taken. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, shownAddress, startLocal, test } from './fixtures.ts';
import { deadPort, hold, webServer } from './peers.ts';

const exec = promisify(execFile);

test('one click starts a proxy that has proved TCP and UDP', async ({ app: { page } }) => {
  await expect(page.getByRole('heading', { name: 'Start a local SOCKS5 proxy' })).toBeVisible();
  const address = await startLocal(page);
  expect(address.host).toBe('127.0.0.1');
  await expect(page.getByText(/TCP works, *TCP *(<1|\d+) ms/)).toBeVisible();
  await expect(page.getByText(/UDP works, *UDP *(<1|\d+) ms/)).toBeVisible();
  await expect(page.getByText('1 of 1 services on')).toBeVisible();
});

test('the copied command makes curl go through it', async ({ app: { page }, keep, runtime }) => {
  test.skip(runtime === 'electron', 'Electron gives its page no clipboard reading');
  const web = keep(await webServer());
  await startLocal(page);
  await page.getByRole('button', { name: 'Copy command for terminal' }).click();
  await page.getByRole('menuitem', { name: 'bash or zsh' }).click();
  await expect(page.getByText('Copied: command')).toBeVisible();
  const command = String(await page.evaluate('navigator.clipboard.readText()'));
  const script = `${command}; exec curl --noproxy '' --silent --show-error http://127.0.0.1:${web.port}/`;
  const { stdout } = await exec('bash', ['-c', script]);
  expect(stdout).toBe('hello');
  await page.getByRole('navigation').getByRole('button', { name: 'Connections' }).click();
  await page.getByRole('tab', { name: 'Closed' }).click();
  await expect(page.getByRole('gridcell', { name: `127.0.0.1:${web.port}` }).first()).toBeVisible();
});

test('a taken port is said, and the next free one is used', async ({ app: { page }, keep }) => {
  keep({ close: await hold(1080) });
  const address = await startLocal(page);
  expect(address.port).toBeGreaterThan(1080);
  await expect(page.getByText(/^1080 is in use by .+, so Sockeye is using \d+\.$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Use 1080 instead' })).toBeVisible();
});

test('first run with the keyboard alone', async ({ app: { page } }) => {
  const start = page.getByRole('button', { name: 'Start', exact: true });
  await expect(start).toBeVisible();
  for (let stop = 0; stop < 30; stop += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').innerText()) === 'Start') break;
  }
  await expect(start).toBeFocused();
  await page.keyboard.press('Enter');
  await shownAddress(page);
  await expect(page.getByRole('heading', { level: 2, name: /:\d+$/ })).toBeFocused();
});

test.describe('a service that gives its port back', () => {
  // not the one that every quick start tries first: a test beside this one would take it meanwhile
  test.use({
    config: async ({}, use) => {
      const service = `{ name: local, addr: '127.0.0.1:${await deadPort()}', handler: { type: auto }, listener: { type: tcp } }`;
      await use(`services: [${service}]\n`);
    },
  });

  test('a service is switched off and on, and the switch shows what the engine says', async ({ app }) => {
    const { page } = app;
    await app.go('Services');
    const toggle = page.getByRole('switch', { name: 'Service local' });
    await expect(toggle).toBeChecked();
    await toggle.click();
    await expect(toggle).not.toBeChecked();
    await expect(page.getByRole('row', { name: /local/ }).getByText('Off')).toBeVisible();
    await expect(page.getByText('0 of 1 services on')).toBeVisible();
    await toggle.click();
    await expect(toggle).toBeChecked();
  });
});
