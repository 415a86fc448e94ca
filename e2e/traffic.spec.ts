/** What was carried is in the charts, the totals and the files; what happened is in the log, with ways to and from it. */
import { readFile } from 'node:fs/promises';
import { expect, startLocal, test } from './fixtures.ts';
import { connectThrough, tcpEcho } from './peers.ts';

test('traffic is counted exactly, drawn, read by keyboard and taken along as CSV', async ({ app, keep }) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  const local = await startLocal(page);
  const socket = await connectThrough(local, echo);
  keep({ close: () => socket.destroy() });
  socket.write(Buffer.alloc(12_345));
  let received = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += (chunk as Buffer).length;
    if (received === 12_345) break;
  }

  await page.keyboard.press('Control+5');
  await expect(page.getByRole('heading', { level: 1, name: 'Traffic' })).toBeVisible();
  const totals = page.getByRole('table').last();
  await page.getByText('Host', { exact: true }).click();
  await expect(totals.getByRole('row').filter({ hasText: '127.0.0.1' })).toContainText('12.3 kB');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save Totals as CSV' }).click();
  const file = await (await saved).path();
  expect(await readFile(file, 'utf8')).toBe(
    'Host,Down,Up,Connections,Errors,UDP down,UDP up\r\n127.0.0.1,12345,12345,1,0,0,0\r\n',
  );

  const chart = page.getByRole('application', { name: /^Rate\. Down: / });
  await chart.focus();
  await page.keyboard.press('End');
  // the cursor moves in all charts
  await expect(page.locator('.chart-when')).toHaveText(Array.from({ length: 4 }, () => /^\d\d:\d\d:\d\d$/));
  await page.keyboard.press('Escape');
  await expect(page.locator('.chart-when')).toHaveText(Array.from({ length: 4 }, () => 'now'));
  await page.getByRole('button', { name: 'Rate as a table' }).click();
  await expect(page.getByRole('region', { name: 'Rate', exact: true }).getByRole('columnheader')).toHaveText([
    'Time',
    'Down',
    'Up',
    'local ↓',
    'local ↑',
  ]);
});

test('detail is captured on demand, lines lead to their connection, and a saved log names no places', async ({
  app,
  keep,
}) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  const local = await startLocal(page);
  await app.go('Logs');
  await page.getByText('Debug for 10 min', { exact: true }).click();
  await expect(page.getByRole('timer')).toHaveText(/^9:\d\d|10:00$/);
  const ended = await connectThrough(local, echo);
  ended.destroy();
  const line = page.getByText('session_ended').first();
  await expect(line).toBeVisible();

  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save lines as a file' }).click();
  await page.getByRole('menuitem', { name: /^Without addresses/ }).click();
  const text = await readFile(await (await saved).path(), 'utf8');
  expect(text).toContain('session_ended');
  expect(text).not.toContain('127.0.0.1');

  await page.getByRole('searchbox', { name: 'Filter log lines' }).fill('session_(ended|began)');
  await expect(line).toHaveCount(0);
  await page.getByRole('button', { name: 'Regular expression' }).click();
  await page
    .getByRole('log')
    .getByRole('button', { name: /^c\w+$/ })
    .first()
    .click();
  await expect(page.getByRole('complementary', { name: /Connection/ })).toBeVisible();
  await page.getByRole('button', { name: 'Its log lines' }).click();
  await expect(page.getByRole('combobox', { name: 'Of' })).toHaveValue(/^id c/);
  await expect(line).toBeVisible();
});
