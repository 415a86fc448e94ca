/** All chains as lanes, one below the other: hops are columns in the order of travel, nodes are cards. */
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { change, nodesOfUri, type PastedNodes } from '../../actions/host.ts';
import { AddUri } from '../../components/add-uri.tsx';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Stream } from '../../components/stream.tsx';
import { addChain, addHop, addNodes, chainsOf, type Change } from '../../edits/chains.ts';
import { servicesIn } from '../../edits/services.ts';
import { t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import type { Adding } from '../../store/ui.ts';
import type { Config } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { Lane } from './lane.tsx';

export function Chains(): ReactNode {
  const model = useModel();
  const chains = useHost((state) => chainsOf(state.config?.config ?? {}));
  const adding = useUi((state) => state.adding);
  const addChainOpen = (): void => model.ui.setState({ adding: { kind: 'chain' } });
  return (
    <>
      <ScreenHead title={t('screen.chains')}>
        <Button look="primary" icon={<Plus aria-hidden />} onClick={addChainOpen}>
          {t('action.newChain')}
        </Button>
      </ScreenHead>
      <div className="page chains">
        {adding?.kind === 'chain' && (
          <section className="panel lane-adding">
            <PasteNode adding={adding} />
          </section>
        )}
        {chains.length === 0 && adding === null && (
          <Empty
            text={t('chains.empty')}
            art={
              <Stream
                label={t('stream.label')}
                stations={[
                  { kind: 'end', label: t('stream.programs') },
                  { kind: 'service', label: 'Sockeye' },
                  { kind: 'hop', label: '?', tone: 'idle' },
                  { kind: 'end', label: t('stream.internet'), tone: 'idle' },
                ]}
              />
            }
          >
            <Button look="primary" onClick={addChainOpen}>
              {t('hop.add')}
            </Button>
          </Empty>
        )}
        {chains.map((chain, index) => (
          <Lane key={chain.name ?? index} chain={chain} index={index} />
        ))}
      </div>
    </>
  );
}

/** The field for a pasted proxy URL, wherever in the lanes it is open. */
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
