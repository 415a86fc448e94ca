/** All chains as lanes, one below the other: hops are columns in the order of travel, nodes are cards. */
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Stream } from '../../components/stream.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { IsolateDialog } from './isolate.tsx';
import { Lane } from './lane.tsx';
import { PasteNode } from './paste-node.tsx';

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
      <IsolateDialog />
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
