/** Sending traffic through other proxies: adding hops, changing them, and saying which one is down. */
import { expect, startLocal, test } from './fixtures.ts';
import { connectThrough, deadPort, tcpEcho, webServer } from './peers.ts';
import { run } from './product.ts';

/** Another Sockeye as the proxy to go through. */
async function upstream(): Promise<{ port: number; close: () => Promise<void> }> {
  const proxy = await run(
    ['-L', 'socks5://127.0.0.1:0?udp=true'],
    /"event":"listening".*?"address":"127\.0\.0\.1:(\d+)"/,
  );
  return { port: Number(proxy.found), close: proxy.stop };
}

test('a pasted proxy URL becomes the way out at once', async ({ app, keep }) => {
  const { page } = app;
  const proxy = keep(await upstream());
  const echo = keep(await tcpEcho());
  const local = await startLocal(page);
  await page.getByRole('button', { name: 'Add a hop' }).click();
  const field = page.getByRole('textbox', { name: 'Address of the proxy to go through' });
  await field.fill('somewhere else');
  await expect(page.getByText(/is not an address/)).toBeVisible();
  await field.fill(`socks5://127.0.0.1:${proxy.port}`);
  await expect(page.getByText(`socks5://127.0.0.1:${proxy.port}`)).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('list', { name: 'The way of the traffic' }).getByText(`127.0.0.1:${proxy.port}`),
  ).toBeVisible();

  const socket = await connectThrough(local, echo);
  keep({ close: () => socket.destroy() });
  await app.go('Connections');
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: `127.0.0.1:${echo.port}` })
      .getByText('node-0'),
  ).toBeVisible();

  await app.go('Chains');
  await page.getByRole('button', { name: 'Test chain' }).click();
  await expect(page.getByText(/^Works: /)).toBeVisible();
  await expect(page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${proxy.port}` })).toContainText(
    /adds \S+ ms/,
  );
});

test('an edit of the lane is undone and done again', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  await app.go('Chains');
  await page.getByRole('button', { name: 'Add a hop', exact: true }).click();
  await page
    .getByRole('textbox', { name: 'Address of the proxy to go through' })
    .fill('socks5://10.0.0.1:1080');
  await page.getByRole('button', { name: 'Add a hop', exact: true }).last().click();
  const first = page.getByRole('gridcell').filter({ hasText: '10.0.0.1:1080' });
  await expect(first).toBeVisible();

  await page.getByRole('button', { name: /^Add a hop at the end/ }).click();
  await page
    .getByRole('textbox', { name: 'Address of the proxy to go through' })
    .fill('http://10.0.0.2:8080');
  await page.keyboard.press('Enter');
  const second = page.getByRole('gridcell').filter({ hasText: '10.0.0.2:8080' });
  await expect(second).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);

  // the second hop goes in front with the keyboard, and back with undo
  await second.focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(page.getByRole('row').first()).toContainText('10.0.0.2:8080');
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('row').first()).toContainText('10.0.0.1:1080');
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByRole('row').first()).toContainText('10.0.0.2:8080');

  await page.getByRole('gridcell').filter({ hasText: '10.0.0.2:8080' }).focus();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('row')).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('hops are put in another order with the pointer as well', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  await app.go('Chains');
  for (const uri of ['socks5://10.0.0.1:1080', 'socks5://10.0.0.2:1080']) {
    await page
      .getByRole('button', { name: /^Add a hop( at the end of .*)?$/ })
      .last()
      .click();
    await page.getByRole('textbox', { name: 'Address of the proxy to go through' }).fill(uri);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('gridcell').filter({ hasText: uri.slice(9) })).toBeVisible();
  }
  const from = await page.locator('.hop-grip').last().boundingBox();
  const to = await page.getByRole('gridcell').filter({ hasText: '10.0.0.1:1080' }).boundingBox();
  if (from === null || to === null) throw new Error('the lane is not in sight');
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x - 30, from.y + 10, { steps: 4 });
  await page.mouse.move(to.x + 40, to.y + 20, { steps: 8 });
  await page.mouse.up();
  await expect(page.getByRole('row').first()).toContainText('10.0.0.2:1080');
});

test.describe('a dead hop', () => {
  let dead = 0;
  test.use({
    config: async ({}, use) => {
      dead = await deadPort();
      await use(
        [
          'services:',
          '  - name: local',
          '    addr: 127.0.0.1:0',
          '    handler: { type: socks5, chain: work }',
          '    listener: { type: tcp }',
          'chains:',
          '  - name: work # the way out',
          '    hops:',
          '      - name: first',
          '        nodes:',
          '          - name: gone',
          `            addr: 127.0.0.1:${dead}`,
          '            connector: { type: socks5 }',
          '            dialer: { type: tcp }',
          '      - name: second',
          '        nodes:',
          '          - name: behind',
          '            addr: 10.0.0.9:1080',
          '            connector: { type: socks5 }',
          '            dialer: { type: tcp }',
          '',
        ].join('\n'),
      );
    },
  });

  test('is named with its reason, and what lies behind it was not reached', async ({ app }) => {
    const { page } = app;
    await app.go('Chains');
    await page.getByRole('button', { name: 'Test chain' }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('Hop 1 (first) failed at: connect.');
    await expect(alert).toContainText('refused the connection');
    await expect(alert.getByRole('button', { name: 'Edit hop' })).toBeVisible();
    await expect(page.getByRole('gridcell').filter({ hasText: `127.0.0.1:${dead}` })).toContainText(
      'Failing',
    );
    await expect(page.getByRole('gridcell').filter({ hasText: '10.0.0.9:1080' })).toContainText(
      'Not reached',
    );
  });

  test('fails a connection with the same words, and nothing goes around it', async ({ app, keep }) => {
    const { page } = app;
    const web = keep(await webServer());
    await app.go('Services');
    const address = await page.getByRole('cell', { name: /127\.0\.0\.1:[1-9]/ }).innerText();
    const port = Number(/:(\d+)/.exec(address)?.[1]);
    await expect(connectThrough({ host: '127.0.0.1', port }, web)).rejects.toThrow();
    await app.go('Connections');
    await page.getByRole('tab', { name: 'Closed' }).click();
    await expect(page.getByRole('row').filter({ hasText: `127.0.0.1:${web.port}` })).toContainText('gone');
  });
});
