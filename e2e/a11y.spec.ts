/** Every screen in both themes without a serious or critical finding of axe, with something on it to find fault with. */
import axe from 'axe-core';
import { expect, startLocal, test } from './fixtures.ts';
import { connectThrough, tcpEcho } from './peers.ts';

const SCREENS = ['Home', 'Services', 'Chains', 'Connections', 'Traffic', 'Logs', 'Settings'];

for (const theme of ['light', 'dark'] as const) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });

    test('no serious finding on any screen', async ({ app, keep }) => {
      // axe reads every screen whole
      test.slow();
      const { page } = app;
      const check = async (where: string): Promise<void> => {
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
        const serious = violations
          .filter(({ id, impact }) => impact === 'serious' || impact === 'critical' || id === 'heading-order')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
        expect(serious, where).toEqual([]);
      };
      await check('first run');
      const echo = keep(await tcpEcho());
      const local = await startLocal(page);
      const socket = await connectThrough(local, echo);
      keep({ close: () => socket.destroy() });
      await page.getByRole('button', { name: 'Add a hop' }).click();
      await check('adding a hop');
      await page.getByRole('textbox', { name: /^Address of the proxy/ }).fill('socks5://u:p@127.0.0.1:9');
      await page.keyboard.press('Enter');
      await expect(
        page.getByRole('list', { name: 'The way of the traffic' }).getByText('127.0.0.1:9'),
      ).toBeVisible();
      for (const screen of SCREENS) {
        await app.go(screen);
        await expect(page.getByRole('heading', { level: 1, name: screen })).toBeVisible();
        await check(screen);
      }
      await app.go('Services');
      await page.getByRole('button', { name: 'local', exact: true }).click();
      await check('service inspector');
      await app.go('Chains');
      await page.getByRole('button', { name: 'Test chain' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await page.getByRole('gridcell').filter({ hasText: '127.0.0.1:9' }).click();
      await check('node inspector and failed test');
      await page.getByRole('button', { name: 'Map', exact: true }).click();
      await expect(page.getByRole('region', { name: /^Map of/ })).toBeVisible();
      await check('map');
      await page.getByRole('textbox', { name: 'Find on the map' }).fill('127');
      await check('map that is searched');
      await page.getByRole('button', { name: 'Lanes', exact: true }).click();
      await page.getByRole('button', { name: 'Shelf', exact: true }).click();
      await expect(page.getByRole('region', { name: 'Shelf' })).toBeVisible();
      await check('shelf');
      await page.getByRole('button', { name: 'Close the shelf' }).click();
      await app.go('Connections');
      await page
        .getByRole('row')
        .filter({ hasText: `127.0.0.1:${echo.port}` })
        .click();
      await check('connection inspector');
      await page.getByRole('button', { name: 'Columns' }).click();
      await check('columns');
      await page.keyboard.press('Escape');
      for (const tab of ['Closed', 'By group', 'UDP']) {
        await page.getByRole('tab', { name: tab }).click();
        await check(`${tab} tab`);
      }
      await page.getByRole('button', { name: 'Run UDP check' }).first().click();
      await check('UDP check');
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('dialog')).toBeVisible();
      await check('palette');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /problem/ }).click();
      await check('problems');
    });
  });
}
