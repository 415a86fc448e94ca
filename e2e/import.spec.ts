/** Import, the text view and the way back, by keyboard alone: a GOST file of 400 lines comes in, and one port changes one line. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from '@playwright/test';
import { expect, startLocal, test } from './fixtures.ts';
import { tabTo } from './keyboard.ts';
import { deadPort } from './peers.ts';

/** 400 lines of a GOST file with six keys that do nothing here, on known lines. */
async function gostFile(): Promise<{ text: string; lines: readonly number[] }> {
  const rows = ['# gateway of the office', 'services:'];
  const strange: Readonly<Record<number, string>> = {
    0: '    speed: 9',
    3: '    colour: blue',
    6: '    owner: anna',
    9: '    priority: 3',
    12: '    note: kept',
    15: '    contact: it',
  };
  const lines: number[] = [];
  for (let index = 0; index < 18; index += 1) {
    rows.push(
      `  - name: service-${index}   # number ${index}`,
      `    addr: 127.0.0.1:${await deadPort()}`,
      '    handler:',
      '      type: socks5',
      '      chain: out',
      '    listener: { type: tcp }',
    );
    const key = strange[index];
    if (key !== undefined) lines.push(rows.push(key));
  }
  rows.push('chains:', '  - name: out', '    hops:', '      - name: hop-0', '        nodes:');
  for (let index = 0; rows.length < 394; index += 1) {
    rows.push(
      `          - name: node-${index}`,
      `            addr: 127.0.0.1:${20_000 + index}`,
      '            connector: { type: socks5 }',
      '            dialer: { type: tcp }',
    );
  }
  while (rows.length < 400) rows.push('# end');
  return { text: `${rows.join('\n')}\n`, lines };
}

async function runFromPalette(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

test('400 lines with six unsupported keys: six lines named, and a new port changes one line', async ({
  app,
}) => {
  test.slow();
  const { page, file } = app;
  const { text, lines } = await gostFile();
  await page.keyboard.press('Control+o');
  await expect(page.getByRole('button', { name: 'Choose a file…' })).toBeFocused();
  await tabTo(page, /Or paste it here/);
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('Control+v');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: '18 services, 1 chain found.' })).toContainText(
    '6 have no effect.',
  );
  for (const line of lines)
    await expect(page.getByRole('button', { name: new RegExp(`^Line ${line}, column \\d`) })).toHaveCount(1);

  // nothing is to be decided, so Enter accepts
  await expect(page.getByRole('button', { name: 'Import 19 items' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await tabTo(page, /^Import 19 items$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('19 items imported.')).toBeVisible();
  await expect(page.getByText('18 of 18 services on')).toBeVisible();
  expect(await readFile(file, 'utf8')).toBe(text);

  // one port, in the text view
  await runFromPalette(page, 'as text');
  await tabTo(page, /^Show the text$/);
  await page.keyboard.press('Enter');
  const editor = page.getByRole('textbox', { name: 'Configuration as YAML' });
  await expect(editor).toBeFocused();
  const port = await deadPort();
  await page.keyboard.press('Control+Home');
  for (let row = 0; row < 3; row += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('Control+Shift+ArrowLeft');
  await page.keyboard.type(String(port));
  await page.keyboard.press('Control+s');
  await expect(page.getByText('Saved and applied.')).toBeVisible();
  const after = (await readFile(file, 'utf8')).split('\n');
  const changed = text.split('\n').flatMap((row, at) => (row === after[at] ? [] : [after[at]]));
  expect(changed).toEqual([`    addr: 127.0.0.1:${port}`]);
  await expect(page.getByText('18 of 18 services on')).toBeVisible();

  // and the state before is one of the earlier ones
  await page.keyboard.press('Escape');
  await runFromPalette(page, 'earlier states');
  await page.getByRole('radio', { name: /import Clipboard/i }).check();
  await expect(page.locator('.diff-added')).toHaveCount(1);
  await page.getByRole('button', { name: 'Go back to this' }).click();
  await expect(page.getByText(/The configuration is as it was/)).toBeVisible();
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('a drop opens the review; clashes, parts that can not run and fixes are decided there', async ({
  app,
}) => {
  const { page, file } = app;
  await startLocal(page);
  const port = await deadPort();
  const given = `services:
  - { name: local, addr: '127.0.0.1:${port}', handler: { type: socks5, metadata: { udp: yes } }, listener: { type: tcp } }
  - { name: odd, addr: '127.0.0.1:0', handler: { type: tun }, listener: { type: tcp } }
`;
  await page.evaluate(`{
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(given)}], 'gost.yaml', { type: 'text/yaml' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }`);
  const tree = page.getByRole('tree', { name: 'What was found' });
  const local = tree.getByRole('treeitem', { name: /^Service local/ });
  await expect(local).toBeFocused();
  await expect(local).toContainText('Name taken');
  await expect(tree.getByRole('treeitem', { name: /^Service odd.*Can not run$/ })).toBeDisabled();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Write true/ }).click();
  await expect(page.getByRole('region', { name: 'Source', exact: true })).toContainText('udp: true');
  await local.press('Space');
  await expect(local).toContainText('Skipped');
  await expect(page.getByRole('button', { name: 'Import 0 items' })).toBeDisabled();
  await local.press('Space');
  await page.getByRole('radio', { name: 'Replace mine' }).check();
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await page.getByRole('button', { name: 'Import 1 item', exact: true }).click();
  await expect(page.getByRole('cell', { name: `127.0.0.1:${port}` })).toBeVisible();
  expect(await readFile(file, 'utf8')).not.toContain('odd');
});

test('pasting outside of a field opens the review; inside of one it is typing', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  const paste = async (text: string): Promise<void> => {
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await page.keyboard.press('Control+v');
  };
  await app.go('Connections');
  const filter = page.getByRole('combobox', { name: 'Filter connections' });
  await filter.focus();
  await paste('host:example.com');
  await expect(filter).toHaveValue('host:example.com');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  for (const screen of ['Connections', 'Settings']) {
    await app.go(screen);
    await page.getByRole('heading', { level: 1 }).click();
    await paste('socks5://127.0.0.1:9');
    await expect(page.getByRole('tree', { name: 'What was found' })).toContainText('127.0.0.1:9');
    // over the review another text takes its place
    await paste('gost -L http://127.0.0.1:0');
    await expect(page.getByRole('tree')).toContainText('service-0');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }

  // another dialog keeps what is pasted to itself
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await paste('socks5://127.0.0.1:9');
  await expect(page.getByRole('tree')).toHaveCount(0);
});

test('names that are taken are decided for all at once, leaving them out included', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  const service = (name: string, port: number): string =>
    `- { name: ${name}, addr: '127.0.0.1:${port}', handler: { type: socks5 }, listener: { type: tcp } }\n`;
  const given = async (): Promise<string> =>
    `services:\n${service('local', await deadPort())}${service('second', await deadPort())}`;
  const bring = async (text: string): Promise<void> => {
    await page.keyboard.press('Control+o');
    await page.getByLabel('Or paste it here').fill(text);
    await page.getByRole('button', { name: 'Review' }).click();
  };
  await bring(await given());
  await page.getByRole('button', { name: 'Import 2 items' }).click();
  await expect(page.getByText('2 items imported.')).toBeVisible();

  await bring(await given());
  const tree = page.getByRole('tree', { name: 'What was found' });
  await tree.getByRole('treeitem', { name: /^Service local/ }).press('Enter');
  await page.getByRole('radio', { name: 'Skip it and keep mine' }).check();
  await expect(page.getByRole('button', { name: 'Import 1 item', exact: true })).toBeEnabled();
  await page.getByRole('button', { name: 'Do this for all names that are taken' }).click();
  await expect(page.getByRole('button', { name: 'Import 0 items' })).toBeDisabled();
  await page.getByRole('radio', { name: 'Replace mine' }).check();
  await page.getByRole('button', { name: 'Do this for all names that are taken' }).click();
  await expect(page.getByRole('button', { name: 'Import 2 items' })).toBeEnabled();
});

test('a QR code and a pasted command come in; what goes out has no passwords unless asked for', async ({
  app,
}) => {
  test.slow();
  const { page } = app;
  await page.keyboard.press('Control+o');
  await page
    .getByLabel('Or paste it here')
    .fill('gost -L socks5://me:hunter2@127.0.0.1:0 -F socks5://u:hunter3@127.0.0.1:9');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('tree')).toContainText('service-0');
  await expect(page.getByRole('region', { name: 'Text of the source' })).not.toContainText('hunter');
  await page.getByRole('button', { name: 'Import 2 items' }).click();
  await expect(page.getByText('2 items imported.')).toBeVisible();

  await app.go('Settings');
  await page.getByRole('button', { name: 'Export…' }).click();
  await page.getByRole('radio', { name: 'Command line' }).check();
  const out = page.getByLabel('Exported text');
  await expect(out).toContainText('gost -L');
  await expect(out).not.toContainText('hunter');
  await page.getByRole('checkbox', { name: 'Include passwords' }).check();
  await expect(out).toContainText('hunter3');
  await page.getByRole('button', { name: 'QR code' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'PNG' }).click();
  const picture = await (await saving).path();
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+o');
  await page.locator('input[type=file]').setInputFiles({
    name: 'code.png',
    mimeType: 'image/png',
    buffer: await readFile(picture),
  });
  await expect(page.getByRole('heading', { name: 'Import: code.png' })).toBeVisible();
  await expect(page.getByRole('tree')).toContainText('socks5 127.0.0.1:9');
});

test('a linked file is written in place; what somebody else changes is looked at first', async ({ app }) => {
  const { page, dataDir } = app;
  const ports = [await deadPort(), await deadPort()];
  const path = join(dataDir, 'mine.yaml');
  const text = (name: string, port: number | undefined): string =>
    `services:\n  - name: ${name}   # mine\n    addr: 127.0.0.1:${port ?? 0}\n    handler: { type: socks5 }\n    listener: { type: tcp }\n`;
  await writeFile(path, text('first', ports[0]));
  await page.keyboard.press('Control+o');
  await page.getByText('Use a file where it is').click();
  await page.getByLabel('Path of the file').fill(path);
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(page.getByText('1 of 1 services on')).toBeVisible();
  await writeFile(path, text('first', ports[1]));
  await page.getByRole('button', { name: 'Look at the changes' }).click();
  await expect(page.getByText(`addr: 127.0.0.1:${ports[1] ?? 0}`)).toBeVisible();
  await page.getByRole('button', { name: 'Take the other version' }).click();
  await expect(page.getByText('File and configuration are the same again.')).toBeVisible();
  await app.go('Services');
  await expect(page.getByRole('cell', { name: `127.0.0.1:${ports[1] ?? 0}` })).toBeVisible();
  await app.go('Settings');
  await expect(page.getByText(path, { exact: true })).toBeVisible();
});

/** The bridge of the desktop app over the socket of the browser, with a desktop that knows where one file lies. */
const DESKTOP = (path: string): string => `{
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws');
  const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
  window.sockeye = {
    send: (message) => void opened.then(() => socket.send(JSON.stringify(message))),
    onMessage: (listener) => socket.addEventListener('message', ({ data }) => listener(JSON.parse(data))),
    onClose: (listener) => socket.addEventListener('close', listener),
    pathOf: (file) => (file.name === 'mine.yaml' ? ${JSON.stringify(path)} : ''),
  };
}`;

test('on the desktop a dropped file can be used where it is', async ({ app }) => {
  const { page, dataDir } = app;
  const path = join(dataDir, 'mine.yaml');
  const text = `services:\n  - name: first   # mine\n    addr: 127.0.0.1:${await deadPort()}\n    handler: { type: socks5 }\n    listener: { type: tcp }\n`;
  await writeFile(path, text);
  await page.addInitScript(DESKTOP(path));
  await page.reload();
  await expect(page.getByText('Engine running')).toBeVisible();
  const drop = (name: string): Promise<void> =>
    page.evaluate(`{
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}, { type: 'text/yaml' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }`);
  await drop('elsewhere.yaml');
  await expect(page.getByRole('button', { name: 'Import 1 item', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Use the file where it is' })).toHaveCount(0);
  await drop('mine.yaml');
  await page.getByRole('button', { name: 'Use the file where it is' }).click();
  await expect(page.getByText('1 of 1 services on')).toBeVisible();
  await app.go('Settings');
  await expect(page.getByText(path, { exact: true })).toBeVisible();
  expect(await readFile(path, 'utf8')).toBe(text);
});
