/** Why a tested chain does not work: the hop, the stage, the sentence, and what to do next. */
import { useState, type ReactNode } from 'react';
import type { Chain } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { change } from '../../actions/host.ts';
import { inspectPlace } from '../../actions/lane.ts';
import { isolateNode, testChain } from '../../actions/test.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { hopsOf, nodesOf, type Place } from '../../edits/chains.ts';
import { errorText, t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import { failureOf, isolateKey, type ChainRun, type IsolateRun } from '../../store/tests.ts';

export function TestFailure({
  run,
  chain,
  index,
}: {
  run: ChainRun;
  chain: Chain;
  index: number;
}): ReactNode {
  const model = useModel();
  const [asking, setAsking] = useState(false);
  const failed = failureOf(run);
  const name = run.about.chain;
  const hop = failed?.hop ?? null;
  const alone = useHost((state) =>
    hop === null ? undefined : state.tests.isolated[isolateKey(name, hop.at, hop.node)],
  );
  if (failed === null) return null;
  const { station } = failed;
  const stage = station.failedAt === null ? '' : t(`stage.${station.failedAt}`);
  const again = <Button onClick={() => void testChain(model, name)}>{t('tryAgain')}</Button>;
  if (hop === null) {
    return (
      <Failure
        what={t('chainTest.targetFailed', { stage })}
        why={station.error === null ? '' : errorText(station.error)}
        where={t('chains.behindLast')}
      >
        {again}
      </Failure>
    );
  }
  const node = nodesOf(hopsOf(chain)[hop.at])[hop.node];
  const place: Place = { chain: index, hop: hop.at, node: hop.node };
  const isolated = alone !== undefined && alone.startedAt >= run.startedAt ? alone : undefined;
  return (
    <Failure
      what={t('chainTest.hopFailed', { position: hop.at + 1, hop: hop.name, stage })}
      why={station.error === null ? '' : errorText(station.error)}
      where={node?.addr}
    >
      {station.failed < station.tried && (
        <p>{t('chainTest.unsteady', { failed: station.failed, tried: station.tried })}</p>
      )}
      <Fix model={model} error={station.error} place={place} />
      {hop.at > 0 && isolated === undefined && (
        <Button onClick={() => setAsking(true)}>{t('chainTest.isolate')}</Button>
      )}
      {again}
      {isolated !== undefined && <Isolated run={isolated} position={hop.at + 1} />}
      {asking && (
        <Dialog title={t('chainTest.isolateAsk', { position: hop.at + 1 })} close={() => setAsking(false)}>
          <div className="dialog-body">
            <p>{t('chainTest.isolateWhy', { address: node?.addr ?? '' })}</p>
            <div className="dialog-actions">
              <Button
                look="primary"
                onClick={() => {
                  setAsking(false);
                  void isolateNode(model, name, hop.at, hop.node);
                }}
              >
                {t('chainTest.isolateDo')}
              </Button>
              <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
            </div>
          </div>
        </Dialog>
      )}
    </Failure>
  );
}

/** What a person would do about this failure, as a button. */
function Fix({ model, error, place }: { model: Model; error: WireError | null; place: Place }): ReactNode {
  const edit = (label: string): ReactNode => (
    <Button onClick={() => inspectPlace(model, place)}>{label}</Button>
  );
  const reason = String(error?.detail?.['reason'] ?? '');
  if (error?.code === 'hop_auth') return edit(t('chainTest.editPassword'));
  if (/user name and password/.test(reason)) return edit(t('chainTest.addPassword'));
  if (error?.code === 'hop_protocol' && /"HTTP\//.test(reason)) {
    return (
      <>
        <Button
          onClick={() => {
            const path = [
              'chains',
              place.chain,
              'hops',
              place.hop ?? 0,
              'nodes',
              place.node ?? 0,
              'connector',
              'type',
            ];
            const what = { edits: [{ op: 'set' as const, path, value: 'http' }], focus: place };
            void change(model, what, t('chainTest.triedAsHttp'), true);
          }}
        >
          {t('chainTest.tryAsHttp')}
        </Button>
        {edit(t('chains.editHop'))}
      </>
    );
  }
  return edit(t('chains.editHop'));
}

function Isolated({ run, position }: { run: IsolateRun; position: number }): ReactNode {
  const answers = run.progress?.answers ?? null;
  if (run.state === 'failed')
    return <p className="isolated">{run.error === null ? '' : errorText(run.error)}</p>;
  if (answers === null) {
    return (
      <p className="isolated" role="status">
        {t('chainTest.isolating')}
      </p>
    );
  }
  const error = run.progress?.node.error ?? null;
  return (
    <p className="isolated" role="status">
      {answers
        ? t('chainTest.isolateAnswers', { position, before: position - 1 })
        : t('chainTest.isolateDown', { position, why: error === null ? '' : errorText(error) })}
    </p>
  );
}
