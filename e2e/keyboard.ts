/** Going through the window with the keyboard alone, as somebody who hears its names. */
import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';

/** What a screen reader would call the thing that has the focus; empty when it has no name. */
async function focusedName(page: Page): Promise<string> {
  const focused = page.locator(':focus').last();
  if ((await focused.count()) === 0) return '';
  return /"([^"]+)"/.exec(await focused.ariaSnapshot())?.[1] ?? '';
}

/** Moves on with Tab until the named thing has the focus; every stop on the way must have a name. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let stop = 0; stop < 80; stop += 1) {
    const at = await focusedName(page);
    expect(at, `stop ${stop}`).not.toBe('');
    if (name.test(at)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${String(name)}`);
}
