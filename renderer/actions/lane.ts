/** The actions of the chain lanes on the place that has the focus. Each is also a menu item and a palette entry. */
import { chainsOf, duplicateAt, hopsOf, moveHop, moveNode, removeAt, type Place } from '../edits/chains.ts';
import { t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { change } from './host.ts';
import { testChain } from './test.ts';

/** The focused place, when it still exists. */
export function placeOf(model: Model): Place | null {
  const { place, screen } = model.ui.getState();
  const config = model.host.getState().config?.config;
  if (place === null || config === undefined || screen !== 'chains') return null;
  return chainsOf(config)[place.chain] === undefined ? null : place;
}

export function placeName(model: Model, place: Place): string {
  const config = model.host.getState().config?.config ?? {};
  const chain = chainsOf(config)[place.chain];
  const hop = place.hop === null ? undefined : hopsOf(chain)[place.hop];
  const node = place.node === null ? undefined : hop?.nodes?.[place.node];
  return node?.name ?? hop?.name ?? chain?.name ?? '';
}

export function openAddHop(model: Model, side: 'before' | 'after'): void {
  const place = placeOf(model);
  if (place === null) return;
  const count = hopsOf(chainsOf(model.host.getState().config?.config ?? {})[place.chain]).length;
  const index = place.hop === null ? count : place.hop + (side === 'after' ? 1 : 0);
  model.ui.setState({ adding: { kind: 'hop', chain: place.chain, index } });
}

export function openAddNode(model: Model): void {
  const place = placeOf(model);
  if (place?.hop == null) return;
  model.ui.setState({ adding: { kind: 'node', chain: place.chain, hop: place.hop } });
}

export async function moveFocusedHop(model: Model, by: -1 | 1): Promise<void> {
  const place = placeOf(model);
  const config = model.host.getState().config?.config;
  if (place?.hop == null || config === undefined) return;
  const hops = hopsOf(chainsOf(config)[place.chain]);
  const what = moveHop(config, place.chain, place.hop, place.hop + by);
  const name = hops[place.hop]?.name ?? '';
  await change(
    model,
    what,
    t('chains.movedHop', { hop: name, position: place.hop + by + 1, count: hops.length }),
  );
}

export async function moveFocusedNode(
  model: Model,
  to: { hop: -1 | 0 | 1; node: -1 | 0 | 1 },
): Promise<void> {
  const place = placeOf(model);
  const config = model.host.getState().config?.config;
  if (place?.hop == null || place.node === null || config === undefined) return;
  const from = { chain: place.chain, hop: place.hop, node: place.node };
  const what = moveNode(config, from, { hop: from.hop + to.hop, node: from.node + to.node });
  await change(model, what, t('chains.movedNode', { node: placeName(model, place) }));
}

export async function duplicateFocused(model: Model): Promise<void> {
  const place = placeOf(model);
  const config = model.host.getState().config?.config;
  if (place === null || config === undefined) return;
  await change(model, duplicateAt(config, place), t('chains.duplicated', { name: placeName(model, place) }));
}

export async function removePlace(model: Model, place: Place): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined) return;
  const label = t('edit.removed', { name: placeName(model, place) });
  model.ui.setState({ selected: null });
  await change(model, removeAt(config, place), label, true);
}

export async function testFocused(model: Model): Promise<void> {
  const place = placeOf(model);
  if (place === null) return;
  const name = chainsOf(model.host.getState().config?.config ?? {})[place.chain]?.name;
  if (name !== undefined) await testChain(model, name);
}

export function inspectPlace(model: Model, place: Place): void {
  model.ui.setState({ place, selected: { kind: 'place', place } });
}
