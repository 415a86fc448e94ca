/** The certificates of proxies that were trusted because they were the first they showed. */
import type { PinnedCertificate } from '../../core/contract/api.ts';
import type { Node } from '../../core/contract/config.ts';
import { errorText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { say, toast } from '../store/ui.ts';
import { placeOf } from './lane.ts';
import { chainsOf, hopsOf, nodesOf } from '../edits/chains.ts';

/** What is known of a node; in a chain where two hops call a node the same, it is known by its hop's name as well. */
export async function pinsOf(model: Model, node: Node): Promise<readonly PinnedCertificate[]> {
  const reply = await model.client.call('pins.list', null);
  if (!reply.ok) return [];
  const name = node.name ?? '';
  return reply.value.filter(
    (pin) => pin.address === node.addr && (pin.node === name || pin.node.endsWith(`/${name}`)),
  );
}

/** Forgets them; the next certificate that the proxy shows is trusted instead. */
export async function forgetPins(model: Model, pins: readonly PinnedCertificate[]): Promise<boolean> {
  for (const { peer, node } of pins) {
    const reply = await model.client.call('pins.forget', { peer });
    if (!reply.ok) {
      toast(model.ui, errorText(reply.error), { tone: 'bad' });
      return false;
    }
    const done = t('pins.forgotten', { node });
    toast(model.ui, done);
    say(model.ui, done);
  }
  return true;
}

/** The same from the palette, for the node that has the focus. */
export async function forgetFocused(model: Model): Promise<void> {
  const place = placeOf(model);
  const config = model.host.getState().config?.config;
  if (place?.hop == null || place.node === null || config === undefined) return;
  const node = nodesOf(hopsOf(chainsOf(config)[place.chain])[place.hop])[place.node];
  if (node === undefined) return;
  const pins = await pinsOf(model, node);
  if (pins.length === 0) toast(model.ui, t('pins.none', { node: node.name ?? '' }));
  else await forgetPins(model, pins);
}
