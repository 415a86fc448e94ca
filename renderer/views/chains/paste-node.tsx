/** The field for a pasted proxy URL in the lanes, and what it adds where. */
import type { ReactNode } from 'react';
import type { Config } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { change, nodesOfUri, type PastedNodes } from '../../actions/host.ts';
import { AddUri } from '../../components/add-uri.tsx';
import { useModel } from '../../components/context.ts';
import { addChain, addHop, addNodes, type Change } from '../../edits/chains.ts';
import { servicesIn } from '../../edits/services.ts';
import { t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import type { Adding } from '../../store/ui.ts';

export function PasteNode({ adding }: { adding: Adding }): ReactNode {
  const model = useModel();
  return (
    <AddUri
      label={adding.kind === 'node' ? t('chains.pasteNode') : t('hop.paste')}
      button={adding.kind === 'node' ? t('action.addNode') : t('hop.add')}
      submit={(uri) => addPasted(model, adding, uri)}
      cancel={() => model.ui.setState({ adding: null })}
    />
  );
}

async function addPasted(model: Model, adding: Adding, uri: string): Promise<WireError | null> {
  const made = await nodesOfUri(model, uri);
  if ('code' in made) return made;
  const config = model.host.getState().config?.config ?? {};
  const label = t('chains.added', { name: made.nodes[0]?.addr ?? '' });
  if (await change(model, pastedChange(config, adding, made), label)) model.ui.setState({ adding: null });
  return null;
}

function pastedChange(config: Config, adding: Adding, made: PastedNodes): Change {
  if (adding.kind === 'node') return addNodes(config, adding.chain, adding.hop, made.nodes);
  if (adding.kind === 'hop') return addHop(config, adding.chain, adding.index, made.nodes, made.selector);
  // the only service there is goes through its first chain at once
  const [first, ...others] = servicesIn(config);
  const direct = others.length === 0 && first !== undefined && first.handler?.chain === undefined;
  return addChain(config, made.nodes, made.selector, direct ? 0 : null);
}
