/** `npm start` as a person at a terminal meets it: sentences instead of log lines, a second start, and Ctrl-C. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test as base, expect } from '@playwright/test';
import { dataFolder } from './product.ts';

const END_MS = 3000;
/** Gives a command a terminal: `script` of util-linux, which ends as the command ends. */
const SCRIPT = '/usr/bin/script';

class Terminal {
  text = '';
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(command: string) {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => name !== 'DISPLAY' && name !== 'WAYLAND_DISPLAY'),
    );
    this.#child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    this.exit = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code)));
  }

  interrupt(): void {
    this.#child.stdin?.write('\x03');
  }
}

const test = base.extend<{ folder: string }>({
  folder: async ({}, use) => {
    const data = await dataFolder();
    await use(data.path);
    await data.remove();
  },
});

test('says what runs in sentences, refuses a second start, ends at Ctrl-C', async ({ folder, page }, {
  project,
}) => {
  test.skip(project.name !== 'headless', 'Electron shows its window instead');
  test.skip(!existsSync(SCRIPT), 'there is no `script` of util-linux to make a terminal with');
  // without exec the shell stays, hears Ctrl-C as well, and its own end by it would be the answer
  const command = `exec ${process.execPath} scripts/start.mjs --data ${folder}`;
  const first = new Terminal(command);
  await expect(() => expect(first.text).toMatch(/Ctrl-C ends Sockeye/)).toPass({ timeout: 30_000 });
  expect(first.text).toMatch(/SOCKS5 proxy: 127\.0\.0\.1:\d+/);
  expect(first.text, 'no log line reaches a person').not.toMatch(/\{"time"/);
  const link = /Window: (\S+)/.exec(first.text)?.[1];
  await page.goto(link ?? '');
  await expect(page.getByText('Engine running')).toBeVisible();

  const second = new Terminal(command);
  expect(await second.exit).toBe(1);
  expect(second.text).toMatch(/Sockeye is running already with this folder \(process \d+\)/);
  await expect(page.getByText('Engine running')).toBeVisible();

  const asked = Date.now();
  first.interrupt();
  expect(await first.exit).toBe(0);
  expect(Date.now() - asked).toBeLessThan(END_MS);
});
