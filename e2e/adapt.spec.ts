/** The window adapts: 200 % zoom, languages that run from right to left, reduced motion, forced colours. */
import type { Page } from '@playwright/test';
import { expect, startLocal, test } from './fixtures.ts';

const SCREENS = ['Home', 'Services', 'Chains', 'Connections', 'Logs', 'Settings'];

/** Pixels by which the page, or anything on it that does not scroll by itself, is wider than the window. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = [...document.querySelectorAll<HTMLElement>('body *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      if (width < 2 || (right <= innerWidth + 1 && left >= -1)) return false;
      for (let at: Element | null = element.parentElement; at !== null; at = at.parentElement) {
        const { overflowX } = getComputedStyle(at);
        if (overflowX !== 'visible') return false; // it scrolls or is cut on purpose
      }
      return true;
    });
    const page = document.documentElement.scrollWidth > innerWidth ? ['page'] : [];
    return [...page, ...wide.map(({ className }) => className)];
  });
}

test('nothing is lost at 200 % zoom or from right to left', async ({ app }) => {
  const { page } = app;
  await startLocal(page);
  for (const screen of SCREENS) {
    await page.setViewportSize({ width: 1180, height: 760 });
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
    await app.go(screen);
    await expect(page.getByRole('heading', { level: 1, name: screen })).toBeVisible();
    await expect.poll(() => overflow(page), { message: `${screen}, right to left` }).toEqual([]);
    await page.evaluate(() => document.documentElement.removeAttribute('dir'));
    // 1180 × 760 at 200 %
    await page.setViewportSize({ width: 590, height: 380 });
    await expect.poll(() => overflow(page), { message: `${screen}, 200 %` }).toEqual([]);
    await expect(page.getByRole('button', { name: /problem/i })).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('button', { name: 'Search and run' })).toBeInViewport({ ratio: 1 });
  }
});

test('nothing moves when motion is to be reduced, and what is chosen shows without colours', async ({ app }) => {
  const { page } = app;
  await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
  await startLocal(page);
  await app.go('Services');
  await page.getByRole('button', { name: 'local', exact: true }).click();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ effect }) => Number(effect?.getComputedTiming().duration ?? 0) > 10)
      .map((animation) => animation.constructor.name),
  );
  expect(moving).toEqual([]);
  const current = page.getByRole('navigation').getByRole('button', { name: 'Services' });
  expect(await current.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
});
