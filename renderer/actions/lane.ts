/** The actions of the chain lanes on the place that has the focus. Each is also a menu item and a palette entry. */
import type { Path } from '../../core/contract/config.ts';
import {
  chainsOf,
  duplicateAt,
  hopsOf,
  isSkipped,
  moveHop,
  moveNode,
  removeAt,
  renameAt,
  skipAt,
  type Place,
} from '../edits/chains.ts';
import { pasteAt } from '../edits/paste.ts';
import { t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { errorText } from '../i18n/index.ts';
import { toast } from '../store/ui.ts';
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

/** Leaves the focused hop out of the way, or takes it in again. */
export async function skipFocused(model: Model): Promise<void> {
  const place = placeOf(model);
  if (place !== null) await skipPlace(model, place);
}

export async function skipPlace(model: Model, place: Place): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined || place.hop === null) return;
  const hop = hopsOf(chainsOf(config)[place.chain])[place.hop];
  const skip = !isSkipped(hop);
  const label = t(skip ? 'chains.skipped' : 'chains.unskipped', { hop: hop?.name ?? '' });
  await change(model, skipAt(config, place, skip), label, skip);
}

/** Opens the field for a new name where the old one stands. */
export function renameFocused(model: Model): void {
  const place = placeOf(model);
  if (place !== null) model.ui.setState({ renaming: place });
}

export async function renamePlace(model: Model, place: Place, name: string): Promise<void> {
  model.ui.setState({ renaming: null });
  const config = model.host.getState().config?.config;
  const wanted = name.trim();
  if (config === undefined || wanted === '' || wanted === placeName(model, place)) return;
  await change(model, renameAt(config, place, wanted), t('edit.renamed', { name: wanted }));
}

/** Asks before a node is tried alone: that contacts it from the user's own address. */
export function askIsolateFocused(model: Model): void {
  const place = placeOf(model);
  if (place?.hop == null) return;
  model.ui.setState({
    place,
    asking: { what: 'isolate', chain: place.chain, hop: place.hop, node: place.node ?? 0 },
  });
}

/** Tests what is left of the chain from the focused place on. Asks before, unless that is where the chain begins anyway. */
export async function testFromFocused(model: Model): Promise<void> {
  const place = placeOf(model);
  if (place?.hop == null) return;
  const chain = chainsOf(model.host.getState().config?.config ?? {})[place.chain];
  const first = hopsOf(chain).findIndex((hop) => !isSkipped(hop));
  const { hop, node } = place;
  if (hop <= first) await testChain(model, chain?.name ?? '', { hop, node });
  else model.ui.setState({ asking: { what: 'rest', chain: place.chain, hop, node } });
}

/** The focused thing as YAML and URL into the clipboard; `cut` removes it as well. */
export async function copyFocused(model: Model, cut = false): Promise<void> {
  const place = placeOf(model);
  if (place === null) return;
  const name = placeName(model, place);
  const reply = await model.client.call('clip.copy', { paths: [pathOf(place)] });
  if (!reply.ok) {
    toast(model.ui, errorText(reply.error), { tone: 'bad' });
    return;
  }
  try {
    await navigator.clipboard.writeText(reply.value.text);
  } catch {
    toast(model.ui, t('copy.refused'), { tone: 'bad' });
    return;
  }
  if (cut) await removePlace(model, place);
  else toast(model.ui, t('copy.done', { what: name }));
}

/** Pastes what the clipboard holds. Browsers may ask the user first; the key does without. */
export async function pasteClipboard(model: Model): Promise<void> {
  try {
    const text = await navigator.clipboard.readText();
    if (!(await pasteText(model, text))) toast(model.ui, t('chains.pasteNothing'), { tone: 'bad' });
  } catch {
    toast(model.ui, t('chains.pasteRefused'), { tone: 'bad' });
  }
}

/** False when the text is nothing for a lane. */
export async function pasteText(model: Model, text: string): Promise<boolean> {
  const config = model.host.getState().config?.config;
  const reply = await model.client.call('clip.read', { text });
  if (!reply.ok || reply.value === null || config === undefined) return false;
  const what = pasteAt(config, placeOf(model), reply.value);
  await change(model, what, t('chains.pasted', { count: reply.value.length }), true);
  return what !== null;
}

/** Whether a text looks like something for a lane and not like a whole file, which the import takes. */
export function forLane(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length > 0 && lines.every((line) => /^\s*(-F[\s=]*)?["']?[a-z][\w.+-]*:\/\//i.test(line)))
    return true;
  const keys = lines.flatMap((line) => /^([A-Za-z]\w*)\s*:/.exec(line)?.[1] ?? []);
  return keys.length > 0 && keys.every((key) => ['nodes', 'hops', 'chains'].includes(key));
}

function pathOf({ chain, hop, node }: Place): Path {
  const path: (string | number)[] = ['chains', chain];
  if (hop !== null) path.push('hops', hop);
  if (hop !== null && node !== null) path.push('nodes', node);
  return path;
}
