/** The tables of connections: who made them, arranged and grouped, several at once; and what the inspector knows. */
import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.ts';
import { connectThrough, deadPort, tcpEcho, type Place } from './peers.ts';

const [exit, through] = [await deadPort(), await deadPort()];

test.use({
  config: `services:
- name: exit
  addr: 127.0.0.1:${exit}
  handler: { type: socks5 }
  listener: { type: tcp }
- name: local
  addr: 127.0.0.1:${through}
  handler: { type: socks5, chain: work }
  listener: { type: tcp }
chains:
- name: work
  hops:
  - name: hop-0
    nodes:
    - { name: gate, addr: '127.0.0.1:${exit}', connector: { type: socks5 }, dialer: { type: tcp } }
`,
});

/** Connections of this program through the exit; how to end them. */
async function open(count: number, target: Place): Promise<() => void> {
  const proxy = { host: '127.0.0.1', port: exit };
  const sockets = await Promise.all(Array.from({ length: count }, () => connectThrough(proxy, target)));
  for (const socket of sockets) socket.on('error', () => undefined);
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

test('columns are chosen, moved and sized by keyboard, and stay so', async ({ app, keep }) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  keep({ close: await open(1, echo) });
  await app.go('Connections');
  const grid = page.getByRole('grid', { name: 'Open' });
  // this test is the program at the other end
  await expect(grid.getByRole('gridcell', { name: /node|playwright|MainThread/ })).toBeVisible();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Id', exact: true }).check();
  await page.getByRole('checkbox', { name: 'Age' }).uncheck();
  await page.keyboard.press('Escape');
  await expect(grid.getByRole('columnheader', { name: 'Id', exact: true })).toBeVisible();
  await grid.getByRole('button', { name: 'Target' }).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  const width = async (): Promise<number> =>
    (await grid.getByRole('columnheader', { name: 'Target' }).boundingBox())?.width ?? 0;
  const before = await width();
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(width).toBeCloseTo(before + 16, 0);
  await page.keyboard.press('Enter');
  await expect(grid.getByRole('columnheader', { name: 'Target' })).toHaveAttribute('aria-sort', 'ascending');
  await page.reload();
  await app.go('Connections');
  await expect(grid.getByRole('columnheader').nth(1)).toContainText('Target');
  await expect(grid.getByRole('columnheader', { name: 'Age' })).toHaveCount(0);
});

test('rows are picked by keyboard and closed together, many only after a question', async ({ app, keep }) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  keep({ close: await open(23, echo) });
  await app.go('Connections');
  const grid = page.getByRole('grid', { name: 'Open' });
  await expect(grid).toHaveAttribute('aria-rowcount', '24');
  await grid.focus();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByRole('button', { name: 'Close 2 connections' })).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(grid).toHaveAttribute('aria-rowcount', '22');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Close 21 connections' }).press('Enter');
  await expect(page.getByText(/^Waiting for the first connection/)).toBeVisible();
});

test('under the pointer the order rests and new rows are counted; 37 that match are closed together', async ({
  app,
  keep,
}) => {
  const { page } = app;
  const [wanted, others] = [keep(await tcpEcho()), keep(await tcpEcho())];
  keep({ close: await open(36, wanted) });
  keep({ close: await open(5, others) });
  await app.go('Connections');
  const grid = page.getByRole('grid', { name: 'Open' });
  await expect(grid).toHaveAttribute('aria-rowcount', '42');
  await page.getByRole('combobox', { name: 'Filter connections' }).fill(`port:${wanted.port}`);
  await expect(page.getByText('36 of 41')).toBeVisible();
  await expect(grid).toHaveAttribute('aria-rowcount', '37');

  await page.getByRole('row').nth(3).hover();
  keep({ close: await open(1, wanted) });
  await expect(page.getByText('Order paused · 1 new')).toBeVisible();
  await expect(grid).toHaveAttribute('aria-rowcount', '37');
  await page.getByRole('heading', { level: 1 }).hover();
  await expect(grid).toHaveAttribute('aria-rowcount', '38');
  await expect(page.getByText(/^Order paused/)).toHaveCount(0);

  await page.getByRole('button', { name: 'Close the 37 that match' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close 37 connections' }).press('Enter');
  await expect(page.getByText(/^0 of 5 rows match/)).toBeVisible();
  await page.getByRole('button', { name: 'Clear filter' }).first().click();
  await expect(grid).toHaveAttribute('aria-rowcount', '6');
  await page.getByRole('tab', { name: /^Closed/ }).click();
  await expect(
    page.getByRole('gridcell', { name: 'The connection was closed in Sockeye.' }).first(),
  ).toBeVisible();
});

test('the inspector tells the way hop by hop, and lets the host past the chain with undo', async ({
  app,
  keep,
}) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  const socket = await connectThrough({ host: '127.0.0.1', port: through }, { ...echo, host: 'localhost' });
  socket.on('error', () => undefined);
  keep({ close: () => socket.destroy() });
  socket.write('hello');
  await app.go('Connections');
  const filter = page.getByRole('combobox', { name: 'Filter connections' });
  await filter.fill('chain:w');
  await page.getByRole('option', { name: 'chain:work' }).click();
  const rows = page
    .getByRole('grid')
    .getByRole('row')
    .filter({ hasText: `localhost:${echo.port}` });
  await expect(rows).toHaveCount(1);
  await page.getByRole('button', { name: 'Keep this filter' }).click();
  await rows.click();

  const panel = page.getByRole('complementary', { name: /Connection/ });
  await expect(panel.getByText('Reach hop 1: gate')).toBeVisible();
  await expect(panel.getByText('gate connects to the target')).toBeVisible();
  await expect(panel.getByText('First byte from the target')).toBeVisible();
  await expect(panel.getByText('at hop 1 (gate)')).toBeVisible();
  await panel.getByRole('button', { name: 'Bypass this host' }).click();
  await expect.poll(async () => readFile(app.file, 'utf8')).toMatch(/name: work-bypass[\s\S]*localhost/);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect.poll(async () => readFile(app.file, 'utf8')).not.toMatch(/bypass/);

  await page.getByRole('tab', { name: 'By group' }).click();
  await page.getByLabel('Group by').selectOption('Chain');
  await page.getByRole('grid').getByRole('row').filter({ hasText: 'work' }).click();
  await expect(filter).toHaveValue('chain:work');
  await expect(rows).toHaveCount(1);
  await page.getByRole('button', { name: 'Clear filter' }).click();
  await page.getByRole('button', { name: 'chain:work', exact: true }).click();
  await expect(filter).toHaveValue('chain:work');
});

test('figures change without moving anything beside them', async ({ app, keep }) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  const sockets = await Promise.all(
    [exit, through].map((port) => connectThrough({ host: '127.0.0.1', port }, echo)),
  );
  // rates from bytes to megabytes: every length that a figure has
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    for (const socket of sockets) socket.resume().write(Buffer.alloc(10 ** (1 + (sent % 6))));
  }, 60);
  keep({
    close: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  });
  /** Where the things begin that a figure stands before, told apart by their words; how many places each had. */
  const places = (selector: string): Promise<Record<string, number>> =>
    page.evaluate<Record<string, number>>(`(async () => {
      const seen = {};
      for (let sample = 0; sample < 40; sample += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        for (const [at, one] of document.querySelectorAll(${JSON.stringify(selector)}).entries()) {
          const name = at + ' ' + one.textContent.replaceAll(/[\\d.,]+|[kMG]?B|[↑↓]|min|\\bs\\b/g, '');
          (seen[name] ??= new Set()).add(Math.round(one.getBoundingClientRect().left));
        }
      }
      return Object.fromEntries(Object.entries(seen).map(([name, places]) => [name, places.size]));
    })()`);
  const still = async (selector: string): Promise<void> => {
    const counted = await places(selector);
    expect(Object.keys(counted).length, selector).toBeGreaterThan(1);
    expect(Object.entries(counted).filter(([, count]) => count > 1)).toEqual([]);
  };
  await app.go('Connections');
  await expect(page.getByRole('row').filter({ hasText: String(echo.port) })).toHaveCount(3);
  await still('.status-bar > *');
  await still('.grid-row:first-child > *, .grid-head > *');
  await app.go('Traffic');
  await expect(page.getByRole('application').first()).toBeVisible();
  await still('.chart-panel .chart-value');
});
