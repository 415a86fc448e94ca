/** What the buttons of a problem do. */
import type { Path } from '../../core/contract/config.ts';
import { indexOfService } from '../edits/services.ts';
import { joinAddress, splitAddress } from '../format/address.ts';
import { errorText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { goTo, toast } from '../store/ui.ts';
import { edit } from './host.ts';

/** Moves a service to another port, and with that starts it. */
export async function moveToPort(model: Model, service: string, port: number): Promise<void> {
  const config = model.host.getState().config?.config;
  const index = config === undefined ? -1 : indexOfService(config, service);
  if (config === undefined || index < 0) return;
  const { host } = splitAddress(config.services?.[index]?.addr ?? '');
  const refused = await edit(
    model,
    [{ op: 'set', path: ['services', index, 'addr'], value: joinAddress(host, String(port)) }],
    t('edit.port', { name: service, port }),
  );
  if (refused !== null) {
    toast(model.ui, errorText(refused), { tone: 'bad' });
    return;
  }
  await model.client.call('service.start', { name: service });
}

/** Goes to the thing at a path of the configuration. */
export function showPath(model: Model, path: Path): void {
  const [section, index, list, hop, , node] = path;
  const config = model.host.getState().config?.config;
  model.ui.setState({ dialog: null });
  if (section === 'services' && typeof index === 'number') {
    goTo(model.ui, 'services');
    const name = config?.services?.[index]?.name;
    if (name !== undefined) model.ui.setState({ selected: { kind: 'service', name } });
    return;
  }
  if (section === 'chains' && typeof index === 'number') {
    goTo(model.ui, 'chains');
    const place = {
      chain: index,
      hop: list === 'hops' && typeof hop === 'number' ? hop : null,
      node: typeof node === 'number' ? node : null,
    };
    model.ui.setState({ place, selected: { kind: 'place', place } });
    return;
  }
  goTo(model.ui, 'settings');
}
