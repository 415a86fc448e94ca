/** Why a tested chain does not work: the hop, the stage, the sentence, and what to do next. */
import type { ReactNode } from 'react';
import type { Chain } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { change } from '../../actions/host.ts';
import { inspectPlace } from '../../actions/lane.ts';
import { testChain } from '../../actions/test.ts';
import { Button } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { hopsOf, nodesOf, type Place } from '../../edits/chains.ts';
import { errorText, t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import { failureOf, type ChainRun } from '../../store/tests.ts';

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
  const failed = failureOf(run);
  const name = run.about.chain;
  const hop = failed?.hop ?? null;
  if (failed === null) return null;
  const { station } = failed;
  const stage = station.failedAt === null ? '' : t(`stage.${station.failedAt}`);
  const { from } = run.about;
  const again = <Button onClick={() => void testChain(model, name, from)}>{t('tryAgain')}</Button>;
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
      {hop.at > (from?.hop ?? 0) &&
        (['isolate', 'rest'] as const).map((what) => (
          <Button
            key={what}
            onClick={() => model.ui.setState({ asking: { what, chain: index, hop: hop.at, node: hop.node } })}
          >
            {t(what === 'rest' ? 'action.testFrom' : 'chainTest.isolate')}
          </Button>
        ))}
      {again}
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
