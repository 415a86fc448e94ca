/** The window adapts: 200 % zoom, languages that run from right to left, reduced motion, forced colours. */
import type { Page } from '@playwright/test';
import { expect, startLocal, test } from './fixtures.ts';

const SCREENS = ['Home', 'Services', 'Chains', 'Connections', 'Logs', 'Settings'];

/** What is wider than the window and neither scrolls nor is cut on purpose. Runs in the page, whose types e2e does not know. */
const OVERFLOW = `(() => {
  const wide = [...document.querySelectorAll('body *')].filter((element) => {
    const { left, right, width } = element.getBoundingClientRect();
    if (width < 2 || (right <= innerWidth + 1 && left >= -1)) return false;
    for (let at = element.parentElement; at !== null; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== 'visible') return false;
    return true;
  });
  const page = document.documentElement.scrollWidth > innerWidth ? ['page'] : [];
  return [...page, ...wide.map((element) => String(element.getAttribute('class')))];
})()`;

const MOVING = `document.getAnimations()
  .filter(({ effect }) => Number(effect.getComputedTiming().duration) > 10)
  .map((animation) => animation.constructor.name)`;

/** Names that end beyond the window, so that nobody knows that they go on, and what stands behind them is not seen. */
const CUT_OFF = `[...document.querySelectorAll('main :is(h2, strong, .badge, .row-open, .service-name)')]
  .filter((name) => name.getBoundingClientRect().right > innerWidth).length`;

function overflow(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(OVERFLOW);
}

function direct(page: Page, direction: 'rtl' | 'ltr'): Promise<unknown> {
  return page.evaluate(`document.documentElement.dir = '${direction}'`);
}

test('nothing is lost at 200 % zoom or from right to left', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  for (const screen of SCREENS) {
    await page.setViewportSize({ width: 1180, height: 760 });
    await direct(page, 'rtl');
    await app.go(screen);
    await expect(page.getByRole('heading', { level: 1, name: screen })).toBeVisible();
    await expect.poll(() => overflow(page), { message: `${screen}, right to left` }).toEqual([]);
    await direct(page, 'ltr');
    // 1180 × 760 at 200 %
    await page.setViewportSize({ width: 590, height: 380 });
    await expect.poll(() => overflow(page), { message: `${screen}, 200 %` }).toEqual([]);
    await expect(page.getByRole('button', { name: /problem/i })).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('button', { name: 'Search and run' })).toBeInViewport({ ratio: 1 });
  }
});

test('nothing moves when motion is to be reduced, and what is chosen shows without colours', async ({
  app,
}) => {
  const { page } = app;
  await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
  await startLocal(page);
  await app.go('Services');
  await page.getByRole('button', { name: 'local', exact: true }).click();
  expect(await page.evaluate<string[]>(MOVING)).toEqual([]);
  const current = page.getByRole('navigation').getByRole('button', { name: 'Services' });
  await expect(current).toHaveCSS('outline-style', 'solid');
});

test.describe('names that somebody else chose', () => {
  const HTML = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const TURNED = '\u202egnp.exe';
  const LONG = 'a'.repeat(10_000);
  test.use({
    config: async ({}, use) => {
      const services = [HTML, TURNED, LONG].map(
        (name) =>
          `  - name: ${JSON.stringify(name)}\n    addr: 127.0.0.1:0\n    handler: { type: socks5, chain: ${JSON.stringify(name)} }\n    listener: { type: tcp }\n`,
      );
      const chains = [HTML, TURNED, LONG].map(
        (name) =>
          `  - name: ${JSON.stringify(name)}\n    hops:\n      - name: h\n        nodes:\n          - { name: ${JSON.stringify(name)}, addr: 127.0.0.1:9, connector: { type: socks5 } }\n`,
      );
      await use(`services:\n${services.join('')}chains:\n${chains.join('')}`);
    },
  });

  test('are text, stay in their place and turn nothing around', async ({ app }) => {
    const { page } = app;
    const title = await page.title();
    for (const screen of SCREENS) {
      await app.go(screen);
      await expect(page.getByRole('heading', { level: 1, name: screen })).toBeVisible();
      expect(await page.locator('img[src="x"]').count()).toBe(0);
      await expect.poll(() => overflow(page), { message: screen }).toEqual([]);
      expect(await page.evaluate<number>(CUT_OFF), screen).toBe(0);
    }
    await app.go('Services');
    await page.getByRole('button', { name: HTML, exact: true }).click();
    await expect(page.getByRole('complementary')).toContainText(HTML);
    await page.keyboard.press('Escape');
    const row10k = page
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: LONG, exact: true }) });
    // what stands beside a long name is still in sight
    await expect(row10k.getByText(/^127\.0\.0\.1:\d+$/)).toBeInViewport();
    // an override inside a name ends with it: what stands behind it in the row keeps its direction
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: TURNED, exact: true }) });
    await expect(row.getByText(/^127\.0\.0\.1:\d+$/)).toBeVisible();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('img src');
    await expect(page.getByRole('option').first()).toContainText('<img');
    expect(await page.title()).toBe(title);
  });
});
