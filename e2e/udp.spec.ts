/** The UDP check: it stops at the right rung and says what mends it; what it can mend itself is one click. */
import { expect, test } from './fixtures.ts';
import { deadPort, udpEcho } from './peers.ts';

const [off, through] = [await deadPort(), await deadPort()];

test.use({
  config: `services:
- name: far
  addr: 127.0.0.1:${off}
  handler: { type: socks5, metadata: { udp: false } }
  listener: { type: tcp }
- name: local
  addr: 127.0.0.1:${through}
  handler: { type: socks5, chain: work, metadata: { udp: true } }
  listener: { type: tcp }
chains:
- name: work
  hops:
  - name: hop-0
    nodes:
    - { name: upstream, addr: '127.0.0.1:${off}', connector: { type: socks5 }, dialer: { type: tcp } }
`,
});

test('UDP off upstream stops at the hop with what it answered; switched on, everything is measured', async ({
  app,
  keep,
}) => {
  const { page } = app;
  const echo = keep(await udpEcho());
  await app.go('Connections');
  await page.getByRole('tab', { name: 'UDP' }).click();
  await page.getByRole('button', { name: 'Run UDP check' }).first().click();
  const panel = page.getByRole('complementary', { name: /UDP check/ });
  await panel.getByLabel('Service').selectOption('local');
  await panel.getByLabel('Probe').selectOption('echo');
  await panel.getByLabel('Target').fill(`127.0.0.1:${echo.port}`);
  await panel.getByRole('button', { name: 'Run UDP check' }).click();

  await expect(panel.getByText('It stopped at the first step that failed.')).toBeVisible();
  await expect(
    panel.getByText(`Hop 1 (upstream, 127.0.0.1:${off}) answered: command not supported (7).`),
  ).toBeVisible();
  await expect(panel.getByText(/On GOST add "udp: true" under handler\.metadata/)).toBeVisible();
  await expect(panel.getByRole('listitem').filter({ hasText: '5. The probe is answered' })).toContainText(
    'not come to',
  );

  // the service that is the upstream here: its own check mends it
  await panel.getByLabel('Service').selectOption('far');
  await panel.getByRole('button', { name: 'Run UDP check' }).click();
  await expect(panel.getByText('far does not carry UDP.')).toBeVisible();
  await panel.getByRole('button', { name: 'Switch UDP on' }).click();
  await expect(panel.getByText(/UDP works\. All numbered probes came back/)).toBeVisible();

  await panel.getByLabel('Service').selectOption('local');
  await panel.getByLabel('Probe').selectOption('echo');
  await panel.getByLabel('Target').fill(`127.0.0.1:${echo.port}`);
  await panel.getByRole('button', { name: 'Run it again' }).click();
  await expect(panel.getByText('UDP inside the stream (GOST)')).toBeVisible();
  await expect(panel.getByText('0 % (0 of 20)')).toBeVisible();
});
