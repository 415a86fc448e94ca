/** Live truth: connections and UDP sessions as real clients make them. */
import { expect, startLocal, test } from './fixtures.ts';
import { associateThrough, connectThrough, tcpEcho, udpEcho } from './peers.ts';

test('a connection is seen while it is open, counted exactly, and closed from the window', async ({
  app,
  keep,
}) => {
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

  await app.go('Connections');
  const row = page.getByRole('row').filter({ hasText: `127.0.0.1:${echo.port}` });
  await expect(row).toContainText('local');
  await expect(row).toContainText('Direct');
  await expect(row.getByRole('gridcell', { name: '12.3 kB' })).toHaveCount(2);

  await page.getByRole('combobox', { name: 'Filter connections' }).fill('host:nowhere');
  await expect(row).toHaveCount(0);
  await expect(page.getByText(/^0 of 1 rows match host:nowhere/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Filter connections' }).fill(`port:${echo.port}`);
  await row.click();

  const closed = new Promise((resolve) => socket.once('close', resolve));
  // closing by hand cuts: the program sees a reset
  socket.on('error', () => undefined);
  await page.getByRole('button', { name: 'Close connection' }).click();
  await closed;
  await page.getByRole('tab', { name: 'Closed' }).click();
  await expect(page.getByRole('row').filter({ hasText: `127.0.0.1:${echo.port}` })).toContainText(
    'The connection was closed in Sockeye.',
  );
});

test('a UDP session shows its peers and packets', async ({ app, keep }) => {
  const { page } = app;
  const echo = keep(await udpEcho());
  const local = await startLocal(page);
  const client = keep(await associateThrough(local));
  for (const text of ['one', 'two', 'three']) expect(await client.ask(echo, text)).toBe(text);

  await app.go('Connections');
  await page.getByRole('tab', { name: 'UDP' }).click();
  // the self-test's own session has ended; living ones stand first
  const row = page.getByRole('row').filter({ hasText: 'native UDP' }).first();
  await expect(row).toContainText('local');
  await row.click();
  const session = page.getByRole('complementary', { name: /UDP session/ });
  await expect(session.getByRole('cell', { name: `127.0.0.1:${echo.port}` })).toBeVisible();
  await expect(session.getByRole('cell', { name: '3', exact: true })).toHaveCount(2);
  await expect(session.getByText('Nothing was dropped.')).toBeVisible();
});

test('the empty list says how to make the first connection', async ({ app }) => {
  const { page } = app;
  const local = await startLocal(page);
  await app.go('Connections');
  await expect(
    page.getByText(`Waiting for the first connection on 127.0.0.1:${local.port}. Try:`),
  ).toBeVisible();
  await expect(page.getByText(`curl -x socks5h://127.0.0.1:${local.port} https://example.com`)).toBeVisible();
});
