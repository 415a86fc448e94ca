/** What is changed on the map: the chain a service goes through. */
import { assignChain } from '../edits/chains.ts';
import { t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { change } from './host.ts';

/** `chain` null: Direct. */
export async function sendThrough(model: Model, service: string, chain: string | null): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined) return;
  const label = t('chains.assigned', { service, chain: chain ?? t('direct') });
  await change(model, assignChain(config, service, chain), label, true);
}
