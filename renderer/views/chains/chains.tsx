/** All chains as lanes, one below the other: hops are columns in the order of travel, nodes are cards. */
import { Library, Map, Plus, Rows3 } from 'lucide-react';
import { lazy, Suspense, type ReactNode } from 'react';
import { toggleShelf } from '../../actions/shelf.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { Stream } from '../../components/stream.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { FromHereDialog } from './isolate.tsx';
import { LaneDrag } from './lane-drag.tsx';
import { Lane } from './lane.tsx';
import { PasteNode } from './paste-node.tsx';
import { Shelf } from './shelf.tsx';

/** Comes when it is first looked at. */
const ChainMap = lazy(() => import('../map/map.tsx').then(({ ChainMap: map }) => ({ default: map })));

export function Chains(): ReactNode {
  const model = useModel();
  const chains = useHost((state) => chainsOf(state.config?.config ?? {}));
  const view = useUi((state) => (chains.length === 0 ? 'lanes' : state.chainView));
  const shelf = useUi((state) => state.shelf);
  const adding = useUi((state) => state.adding);
  const addChainOpen = (): void => model.ui.setState({ adding: { kind: 'chain' } });
  return (
    <>
      <ScreenHead title={t('screen.chains')}>
        <Button look="primary" icon={<Plus aria-hidden />} onClick={addChainOpen}>
          {t('action.newChain')}
        </Button>
        <Button
          icon={<Library aria-hidden />}
          aria-pressed={shelf && view === 'lanes'}
          onClick={() => toggleShelf(model)}
        >
          {t('shelf.title')}
        </Button>
        {chains.length > 0 && (
          <Button
            icon={view === 'map' ? <Rows3 aria-hidden /> : <Map aria-hidden />}
            onClick={() => model.ui.setState({ chainView: view === 'map' ? 'lanes' : 'map' })}
          >
            {t(view === 'map' ? 'map.lanes' : 'map.map')}
          </Button>
        )}
      </ScreenHead>
      <FromHereDialog />
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
        {view === 'map' && (
          <Suspense>
            <ChainMap />
          </Suspense>
        )}
        {view === 'lanes' && (
          <LaneDrag>
            {chains.map((chain, index) => (
              <Lane key={chain.name ?? index} chain={chain} index={index} />
            ))}
            {shelf && <Shelf />}
          </LaneDrag>
        )}
      </div>
    </>
  );
}
