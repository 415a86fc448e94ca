/** Services: adding, changing, removing, and the file that stays the person's own. */
import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.ts';
import { anywhere, connectThrough, deadPort, tcpEcho } from './peers.ts';

const FILE = `# my proxies
services:
  - name: main   # the one I use
    addr: "127.0.0.1:PORT"
    handler: { type: socks5 }
    listener:
      type: tcp
    unknownKey: kept
`;

test.describe('with a file written by hand', () => {
  test.use({
    config: async ({}, use) => {
      await use(FILE.replace('PORT', String(await deadPort())));
    },
  });

  test('one change touches one line, and undo brings back every byte', async ({ app }) => {
    const { page } = app;
    const before = await readFile(app.file, 'utf8');
    const port = await deadPort();
    await app.go('Services');
    await page.getByRole('button', { name: 'main', exact: true }).click();
    const form = page.getByRole('complementary', { name: 'Service: main' });
    await form.getByRole('textbox', { name: 'Port' }).fill('70000');
    await expect(form.getByText('A port is a number from 1 to 65535.')).toBeVisible();
    await expect(form.getByRole('button', { name: 'Apply' })).toBeDisabled();
    // what the host found wrong with one draft must not hold back the next one, however soon it is applied
    await expect(form.locator('.apply-bar li')).not.toHaveCount(0);
    await form.getByRole('textbox', { name: 'Port' }).fill(String(port));
    await expect(form.getByText('Restarts this listener. Open connections stay.')).toBeVisible();
    await page.keyboard.press('Control+s');
    await expect(page.getByText('main was changed.')).toBeVisible();
    await expect(page.getByRole('cell', { name: `127.0.0.1:${port}` })).toBeVisible();
    const after = (await readFile(app.file, 'utf8')).split('\n');
    const changed = before.split('\n').flatMap((line, at) => (line === after[at] ? [] : [after[at]]));
    expect(changed).toEqual([`    addr: "127.0.0.1:${port}"`]);
    await page.getByRole('button', { name: /^Undo: / }).click();
    await expect(page.getByText(/^Undone: /)).toBeVisible();
    expect(await readFile(app.file, 'utf8')).toBe(before);
  });

  test('removing is undone from its toast', async ({ app }) => {
    const { page } = app;
    await app.go('Services');
    await page.getByRole('button', { name: 'main', exact: true }).click();
    await page.getByRole('complementary').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No services yet.')).toBeVisible();
    await page.getByRole('region', { name: 'Results' }).getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('button', { name: 'main', exact: true })).toBeVisible();
    await expect(page.getByText('1 of 1 services on')).toBeVisible();
  });
});

test('a new service asks for its password', async ({ app, keep }) => {
  const { page } = app;
  const echo = keep(await tcpEcho());
  const port = await deadPort();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('new service');
  await page.keyboard.press('Enter');
  const form = page.getByRole('complementary', { name: 'Service: New service' });
  await form.getByRole('textbox', { name: 'Name' }).fill('guarded');
  await form.getByRole('textbox', { name: 'Port' }).fill(String(port));
  await form.getByRole('checkbox', { name: 'Ask for user name and password' }).check();
  await form.getByRole('textbox', { name: 'User name' }).fill('anna');
  await form.getByRole('textbox', { name: 'Password' }).fill('secret words');
  await form.getByRole('button', { name: 'Create and start' }).click();
  await expect(page.getByText('guarded was added.')).toBeVisible();
  await expect(page.getByText('1 of 1 services on')).toBeVisible();
  await expect(connectThrough({ host: '127.0.0.1', port }, echo)).rejects.toThrow();
  const socket = await connectThrough({ host: '127.0.0.1', port }, echo, {
    user: 'anna',
    password: 'secret words',
  });
  keep({ close: () => socket.destroy() });
  await app.go('Connections');
  await page
    .getByRole('row')
    .filter({ hasText: `127.0.0.1:${echo.port}` })
    .click();
  await expect(page.getByRole('complementary').getByText('anna')).toBeVisible();
});

test('a taken port is said while typing; a service open to a network can be kept to some addresses', async ({
  app,
  keep,
}) => {
  const { page } = app;
  const taken = keep(await tcpEcho());
  const port = await deadPort();
  await app.go('Services');
  await page.getByRole('button', { name: 'New service' }).click();
  const form = page.getByRole('complementary', { name: 'Service: New service' });
  await form.getByRole('textbox', { name: 'Port' }).fill(String(taken.port));
  await expect(form.getByText(`Port ${taken.port} is used by`)).toBeVisible();
  await form.getByRole('textbox', { name: 'Port' }).fill(String(port));
  await form.getByRole('combobox', { name: 'Reachable from' }).selectOption('All interfaces');
  await expect(form.getByRole('button', { name: 'Create and start' })).toBeHidden();
  await form.getByRole('button', { name: 'Only allow these addresses…' }).click();
  await expect(form.getByRole('textbox', { name: 'Client addresses' })).toBeFocused();
  await page.keyboard.type('192.0.2.0/24');
  await form.getByText('Limits').click();
  await form.getByRole('textbox', { name: 'Down at most' }).fill('lots');
  await expect(form.getByRole('button', { name: 'Create and start' })).toBeDisabled();
  await form.getByRole('textbox', { name: 'Down at most' }).fill('10MB');
  await form.getByRole('button', { name: 'Create and start' }).click();
  await expect(page.getByText('service-0 was added.')).toBeVisible();
  await expect(page.getByText('No problems')).toBeVisible();
  const file = await readFile(app.file, 'utf8');
  expect(file).toContain('admission: service-0-clients');
  expect(file).toContain('192.0.2.0/24');
  expect(file).toContain('$ 0 10MB');
  // this computer is not one of the allowed
  await expect(connectThrough({ host: '127.0.0.1', port }, taken)).rejects.toThrow();
});

test.describe('with a chain', () => {
  const port: number[] = [];
  test.use({
    config: async ({}, use) => {
      const proxy = await anywhere();
      port.push(await deadPort());
      const chain = `chains:\n  - name: out\n    hops:\n      - name: hop\n        nodes:\n          - { name: far, addr: "127.0.0.1:${proxy.port}", connector: { type: socks5 } }\n`;
      const service = FILE.replace('PORT', String(port.at(-1))).replace(
        'type: socks5 }',
        'type: socks5, chain: out }',
      );
      await use(service + chain);
      await proxy.close();
    },
  });

  test('a service says which programs look names up themselves, and what to set', async ({ app, keep }) => {
    const { page } = app;
    const proxy = { host: '127.0.0.1', port: port.at(-1) ?? 0 };
    await app.go('Services');
    await page.getByRole('button', { name: 'main', exact: true }).click();
    const inspector = page.getByRole('complementary', { name: 'Service: main' });
    await expect(inspector.getByRole('note')).toHaveCount(0);
    for (const host of ['example.com', ...Array.from({ length: 6 }, (_, at) => `203.0.113.${at}`)]) {
      const socket = await connectThrough(proxy, { host, port: 443 });
      keep({ close: () => socket.destroy() });
    }
    const note = inspector.getByRole('note');
    await expect(note).toContainText('6 of 7 targets came as an address');
    await expect(note).toContainText('socks5h://');
  });
});
