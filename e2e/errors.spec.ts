/** What goes wrong is said with its place and a way out. */
import { readFile, writeFile } from 'node:fs/promises';
import type { WebSocketRoute } from '@playwright/test';
import { expect, startLocal, test } from './fixtures.ts';
import { connectThrough, deadPort, tcpEcho } from './peers.ts';

test('a file broken by hand is reported by line, and what ran goes on', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  const good = await readFile(app.file, 'utf8');
  await writeFile(app.file, `${good}chains:\n\t- name: tabbed\n`);
  await expect(page.getByRole('button', { name: /^\d+ problems?$/ })).toBeVisible();
  await page.getByRole('button', { name: /^\d+ problems?$/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Problems' });
  await expect(dialog).toContainText('can not be used as it is');
  await expect(dialog).toContainText(/sockeye\.yaml/);
  await expect(dialog).toContainText(/:\d+:\d+|line \d+/);
  await page.keyboard.press('Escape');
  await expect(page.getByText('1 of 1 services on')).toBeVisible();
  await writeFile(app.file, good);
  await expect(page.getByText('No problems')).toBeVisible();
});

test.describe('a service whose port is taken', () => {
  const held: { port: number; close: () => Promise<void> }[] = [];
  test.use({
    config: async ({}, use) => {
      const echo = await tcpEcho();
      held.push(echo);
      await use(
        `services:\n  - name: web\n    addr: 127.0.0.1:${echo.port}\n    handler:\n      type: socks5\n    listener:\n      type: tcp\n`,
      );
      await echo.close();
    },
  });

  test('says by whom and moves to a free one with one button', async ({ app }) => {
    const { page } = app;
    await app.go('Services');
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('The service "web" is not listening.');
    await expect(alert).toContainText(`Port ${held.at(-1)?.port ?? 0} is already used by`);
    await alert.getByRole('button', { name: /^Use \d+$/ }).click();
    await expect(page.getByRole('row', { name: /web/ }).getByText('On', { exact: true })).toBeVisible();
    await expect(page.getByText('No problems')).toBeVisible();
  });
});

test.describe('a chain whose proxy is gone', () => {
  const ports: number[] = [];
  test.use({
    config: async ({}, use) => {
      const [service, dead] = [await deadPort(), await deadPort()];
      ports.splice(0, 2, service, dead);
      await use(
        `services:\n  - name: web\n    addr: 127.0.0.1:${service}\n    handler: { type: socks5, chain: out }\n    listener: { type: tcp }\n` +
          `chains:\n  - name: out\n    hops:\n      - name: hop\n        nodes:\n          - { name: far, addr: "127.0.0.1:${dead}", connector: { type: socks5 } }\n`,
      );
    },
  });

  test('a failed connection says what, where, why and what to do, and is not called Direct', async ({
    app,
  }) => {
    const { page } = app;
    const [service = 0, dead = 0] = ports;
    await expect(
      connectThrough({ host: '127.0.0.1', port: service }, { host: 'example.com', port: 443 }),
    ).rejects.toThrow();
    await app.go('Connections');
    await page.getByRole('tab', { name: /^Closed/ }).click();
    const row = page.getByRole('row', { name: /example\.com/ });
    await expect(row).toContainText('far');
    await expect(row).not.toContainText('Direct');
    await row.click();
    const failure = page.getByRole('complementary', { name: /example\.com/ }).locator('.failure');
    await expect(failure.locator('.failure-what')).toHaveText('The connection did not end as it should.');
    await expect(failure.locator('.failure-why')).toHaveText(
      `The proxy far can not be reached: 127.0.0.1:${dead} refused the connection.`,
    );
    await expect(failure.locator('.failure-where')).toHaveText('far');
    await expect(failure.locator('.failure-next')).toHaveText(
      'Test the chain: it shows the hop and the step that fails.',
    );
  });
});

test('a service for everybody needs a password or an explicit yes', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  await app.go('Services');
  await page.getByRole('button', { name: 'local', exact: true }).click();
  const form = page.getByRole('complementary', { name: 'Service: local' });
  await form.getByLabel('Reachable from').selectOption({ label: 'All interfaces' });
  await expect(form.getByText('Anyone who reaches this computer could use your connection.')).toBeVisible();
  await expect(form.getByRole('button', { name: 'Apply' })).toHaveCount(0);
  await form.getByRole('button', { name: 'Add a password' }).click();
  await expect(form.getByRole('button', { name: 'Apply' })).toBeDisabled();
  await form.getByRole('textbox', { name: 'Password' }).fill('a long enough one');
  await form.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('local was changed.')).toBeVisible();
  // beside the inspector there is no room for this column
  await form.getByRole('button', { name: 'Close inspector' }).click();
  await expect(page.getByRole('row', { name: /local/ }).getByText('Password', { exact: true })).toBeVisible();
  const saved = await readFile(app.file, 'utf8');
  expect(saved).toContain('a long enough one');
  expect(await page.content()).not.toContain('a long enough one');
});

test('a lost engine is said, and found again without a click', async ({ app, runtime }) => {
  test.skip(runtime === 'electron', 'in Electron the window and the engine end together');
  const { page } = app;
  const open: WebSocketRoute[] = [];
  let reachable = true;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    if (!reachable) {
      void socket.close();
      return;
    }
    socket.connectToServer();
    open.push(socket);
  });
  await page.reload();
  await startLocal(page);
  reachable = false;
  for (const socket of open) await socket.close();
  await expect(page.getByRole('alert')).toContainText('The connection to the engine is lost');
  await expect(page.getByRole('heading', { level: 2, name: /^127\.0\.0\.1:\d+$/ })).toBeVisible();
  reachable = true;
  await expect(page.getByText('Engine running')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});
