/**
 * The pictures of docs/guide, taken from the running product while it carries traffic; the steps are those of the pages.
 *
 *   GUIDE_IMAGES=docs/guide/images npm run e2e -- guide     writes them; otherwise they stay with the test's results
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, type App } from './fixtures.ts';
import { associateThrough, connectThrough, deadPort, udpEcho, webServer } from './peers.ts';

const [main, through, gate, spare, dead] = [
  await deadPort(),
  await deadPort(),
  await deadPort(),
  await deadPort(),
  await deadPort(),
];

const CONFIG = `services:
- name: local
  addr: 127.0.0.1:${main}
  handler: { type: auto, metadata: { udp: true } }
  listener: { type: tcp }
- name: office
  addr: 127.0.0.1:${through}
  handler: { type: socks5, chain: office, metadata: { udp: true } }
  listener: { type: tcp }
- name: gate
  addr: 127.0.0.1:${gate}
  handler: { type: socks5, metadata: { udp: true } }
  listener: { type: tcp }
- name: spare
  addr: 127.0.0.1:${spare}
  handler: { type: socks5, metadata: { udp: true } }
  listener: { type: tcp }
chains:
- name: office
  hops:
  - name: gates
    selector: { strategy: round, maxFails: 2, failTimeout: 30s }
    nodes:
    - { name: gate, addr: '127.0.0.1:${gate}', connector: { type: socks5 }, dialer: { type: tcp } }
    - { name: spare, addr: '127.0.0.1:${spare}', connector: { type: socks5 }, dialer: { type: tcp } }
- name: lab
  hops:
  - name: first
    nodes:
    - { name: gate, addr: '127.0.0.1:${gate}', connector: { type: socks5 }, dialer: { type: tcp } }
  - name: second
    nodes:
    - { name: inner, addr: '127.0.0.1:${dead}', connector: { type: http }, dialer: { type: tcp } }
`;

const GOST = `# gateway of the office
services:
  - name: socks
    addr: :1080
    handler:
      type: socks5
      auth: { username: anna, password: secret }
      chain: out
    listener: { type: tls }
    recorders:
      - name: traffic
chains:
  - name: out
    hops:
      - name: hop-0
        selector: { strategy: parallel }
        nodes:
          - name: berlin
            addr: proxy.example.net:443
            connector: { type: socks5 }
            dialer: { type: wss }
`;

/** Takes the window in the present theme. What still moves is let come to rest. */
async function picture({ page }: App, name: string, scheme: string): Promise<void> {
  const folder = process.env['GUIDE_IMAGES'] ?? test.info().outputPath('guide');
  await mkdir(folder, { recursive: true });
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}-${scheme}.png`), animations: 'disabled' });
}

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ config: CONFIG, colorScheme: scheme });

    test('the pictures of the guide', async ({ app, keep }) => {
      test.slow();
      const { page } = app;
      const web = keep(await webServer());
      const echo = keep(await udpEcho());
      for (let index = 0; index < 6; index += 1) {
        const socket = await connectThrough(
          { host: '127.0.0.1', port: index % 2 === 0 ? main : through },
          web,
        );
        keep({ close: () => socket.destroy() });
        socket.resume();
        socket.write(`GET /${index} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      }
      await page.getByRole('button', { name: 'Run self-test' }).first().click();
      await expect(page.getByText('UDP works,')).toBeAttached();
      await pause(1_500); // the chart takes a sample a second
      await picture(app, 'first-proxy', scheme);

      await app.go('Chains');
      const office = page.getByRole('region', { name: 'Chain office' });
      await office.getByRole('textbox', { name: 'Target' }).fill(`127.0.0.1:${web.port}`);
      await office.getByRole('button', { name: 'Test chain' }).click();
      await expect(office.getByText(/^Works: /)).toBeVisible();
      await picture(app, 'chains', scheme);
      const lab = page.getByRole('region', { name: 'Chain lab' });
      await lab.getByRole('textbox', { name: 'Target' }).fill(`127.0.0.1:${web.port}`);
      await lab.getByRole('button', { name: 'Test chain' }).click();
      await expect(lab.getByText(/^Hop 2 /)).toBeVisible();
      await lab.scrollIntoViewIfNeeded();
      await lab.getByText(/^Hop 2 /).scrollIntoViewIfNeeded();
      await picture(app, 'chain-failed', scheme);

      await page.getByRole('button', { name: 'Map', exact: true }).click();
      await page.getByRole('button', { name: 'office', exact: true }).focus();
      await expect(page.locator('.map-edge-lit').first()).toBeVisible();
      await picture(app, 'map', scheme);
      await page.getByRole('button', { name: 'Lanes', exact: true }).click();

      const client = keep(await associateThrough({ host: '127.0.0.1', port: through }));
      for (let index = 0; index < 5; index += 1) await client.ask(echo, `datagram ${index}`);
      await app.go('Connections');
      await page.getByRole('tab', { name: 'UDP' }).click();
      await page.getByRole('row').filter({ hasText: 'office' }).first().click();
      await expect(page.getByRole('complementary')).toBeVisible();
      await picture(app, 'udp', scheme);
      await page.getByRole('button', { name: 'Run UDP check' }).first().click();
      const panel = page.getByRole('complementary', { name: /UDP check/ });
      await panel.getByLabel('Service').selectOption('office');
      await panel.getByLabel('Probe').selectOption('echo');
      await panel.getByLabel('Target').fill(`127.0.0.1:${echo.port}`);
      await panel.getByRole('button', { name: 'Run UDP check' }).click();
      await expect(panel.getByText(/UDP works/)).toBeVisible({ timeout: 20_000 });
      await picture(app, 'udp-check', scheme);
      await page.keyboard.press('Escape');

      await app.go('Logs');
      await picture(app, 'logs', scheme);

      await app.go('Services');
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(GOST)})`);
      await page.getByRole('heading', { level: 1 }).click();
      await page.keyboard.press('Control+v');
      await expect(page.getByRole('dialog')).toBeVisible();
      await expect(page.getByText(/1 service/)).toBeVisible();
      await picture(app, 'import', scheme);
    });
  });
}
