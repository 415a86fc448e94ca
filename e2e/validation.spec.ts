/** What is wrong with a chain is said while it is edited: on its card or lane, in the list of problems, and in the gutter of the text. */
import { expect, test } from './fixtures.ts';
import { deadPort } from './peers.ts';

/** A chain for each remark; `own` is the port of the service whose chain leads back to it. */
const config = (own: number): string =>
  [
    'services:',
    `  - { name: round, addr: "127.0.0.1:${own}", handler: { type: socks5, chain: circle }, listener: { type: tcp } }`,
    '  - name: talk',
    '    addr: 127.0.0.1:0',
    '    handler: { type: socks5, chain: half, metadata: { udp: true } }',
    '    listener: { type: tcp }',
    'chains:',
    '  - name: circle',
    '    hops:',
    '      - name: back',
    '        nodes:',
    `          - { name: self, addr: "127.0.0.1:${own}", connector: { type: socks5 } }`,
    '  - name: half',
    '    hops:',
    '      - name: early',
    '        nodes:',
    '          - name: open',
    '            addr: 198.51.100.1:1080',
    '            connector:',
    '              type: http',
    '              auth: { username: me, password: secret }',
    '          - { name: twin, addr: "198.51.100.2:1080", connector: { type: socks5 } }',
    '          - { name: same, addr: "198.51.100.2:1080", connector: { type: socks5 } }',
    '      - name: late',
    '        nodes:',
    '          - name: old',
    '            addr: 198.51.100.3:1080',
    '            connector:',
    '              type: socks4',
    '              metadata: { disable4a: true }',
    '',
  ].join('\n');

const SAID = [
  // [what it is about, where in the lanes, what is said, the line of the text it belongs to]
  ['loop', 'circle', /leads back to round itself/, /name: round/],
  ['loop at its node', 'circle', /self is Sockeye's own service round/, /name: self/],
  [
    'UDP that stops',
    'half',
    /UDP of talk stops at hop 2 of half: late speaks socks4/,
    /handler: .*chain: half/,
  ],
  ['readable password', 'half', /The password for open travels readable/, /auth: .*username/],
  ['name resolved here', 'half', /Names are resolved on this computer before old is asked/, /disable4a/],
  ['same proxy twice', 'half', /same is the same proxy as twin/, /name: same/],
] as const;

test.use({
  config: async ({}, use) => {
    await use(config(await deadPort()));
  },
});

test('every remark about a chain stands in its lane, among the problems and in the gutter of the text', async ({
  app,
}) => {
  const { page } = app;
  await app.go('Chains');
  for (const [about, chain, said] of SAID)
    await expect(
      page
        .getByRole('region', { name: `Chain ${chain}` })
        .getByText(said)
        .first(),
      about,
    ).toBeVisible();

  // the list of problems has them as well; the node of a loop is part of the loop's own
  await page.getByRole('button', { name: /^\d+ problems$/ }).click();
  for (const [about, , said] of SAID.filter(([about]) => about !== 'loop at its node'))
    await expect(page.getByRole('dialog').getByText(said).first(), about).toBeVisible();
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('configuration as text');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Show the text' }).click();
  const marks = page.locator('.cm-gutter-lint .cm-lint-marker');
  await expect(marks.first()).toBeVisible();
  for (const [about, , said, row] of SAID) {
    const line = page.locator('.cm-line').filter({ hasText: row }).first();
    await line.scrollIntoViewIfNeeded();
    const middle = async (place: typeof line): Promise<number> => {
      const box = await place.boundingBox();
      return box === null ? -1 : box.y + box.height / 2;
    };
    const y = await middle(line);
    const ys = await Promise.all((await marks.all()).map(middle));
    const at = ys.findIndex((other) => Math.abs(other - y) < 8);
    expect(at, `a mark for ${about}`).toBeGreaterThanOrEqual(0);
    await marks.nth(at).hover();
    await expect(page.locator('.cm-tooltip-lint'), about).toContainText(said);
    await page.mouse.move(5, 5);
  }
});

test('a remark goes with its cause, in the lane while it is edited', async ({ app }) => {
  const { page } = app;
  await app.go('Chains');
  const lane = page.getByRole('region', { name: 'Chain half' });
  await expect(lane.getByText(/same is the same proxy as twin/)).toBeVisible();
  await lane.getByRole('gridcell').filter({ hasText: '198.51.100.2:1080' }).nth(1).focus();
  await page.keyboard.press('Delete');
  await expect(lane.getByText(/same is the same proxy as twin/)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(lane.getByText(/same is the same proxy as twin/)).toBeVisible();
});
