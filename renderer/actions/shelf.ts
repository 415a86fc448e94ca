/** Taking proxies from the shelf into the lanes. */
import { chainsOf, hopsOf } from '../edits/chains.ts';
import { shelfOf, takeFromShelf, type ShelfItem, type ShelfPlace } from '../edits/shelf.ts';
import { t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { change } from './host.ts';
import { placeOf } from './lane.ts';

export async function takeItem(model: Model, item: ShelfItem, to: ShelfPlace): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined) return;
  const name = item.node.name ?? item.node.addr ?? '';
  await change(model, takeFromShelf(config, item, to), t('shelf.taken', { name }), true);
}

/** Opens the shelf and goes there, or closes it and goes back to the lanes. */
export function toggleShelf({ ui }: Model): void {
  const open = !ui.getState().shelf;
  ui.setState({ shelf: open, shelfAt: null, chainView: 'lanes' });
  // drawn by then
  requestAnimationFrame(() => {
    const where = open ? '.shelf [data-shelf][tabindex="0"]' : '.lane-grid [data-place][tabindex="0"]';
    document.querySelector<HTMLElement>(where)?.focus();
  });
}

/** What the shelf has the focus on. */
export function focusedItem({ ui, host }: Model): ShelfItem | null {
  const { shelf, shelfAt, screen } = ui.getState();
  if (!shelf || screen !== 'chains') return null;
  return shelfOf(host.getState().config?.config ?? {}).find(({ key }) => key === shelfAt) ?? null;
}

/** Where the focused item goes by key: around the place the lanes had the focus on last, else to the end of the first chain. */
export async function takeFocused(model: Model, how: 'after' | 'before' | 'into'): Promise<void> {
  const item = focusedItem(model);
  const chains = chainsOf(model.host.getState().config?.config ?? {});
  if (item === null) return;
  const place = placeOf(model);
  if (place === null) {
    const to = chains.length === 0 ? { chain: null } : { chain: 0, gap: hopsOf(chains[0]).length };
    await takeItem(model, item, to);
    return;
  }
  const { chain } = place;
  const hop = place.hop ?? Math.max(0, hopsOf(chains[chain]).length - 1);
  if (how === 'into') await takeItem(model, item, { chain, hop });
  else await takeItem(model, item, { chain, gap: how === 'after' ? hop + 1 : hop });
}
