/** What the last test of a chain found: the total, the slowest step, or the failing hop with a sentence and a next step. */
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Chain } from '../../../core/contract/config.ts';
import { probeChain } from '../../actions/host.ts';
import { inspectPlace } from '../../actions/lane.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { hopsOf, nodesOf } from '../../edits/chains.ts';
import { clock, took } from '../../format/time.ts';
import { errorText, t } from '../../i18n/index.ts';

export function ProbeFooter({ chain, index }: { chain: Chain; index: number }): ReactNode {
  const model = useModel();
  const name = chain.name ?? '';
  const probe = useHost((state) => state.probes[name]);
  if (probe === undefined || probe.running || probe.result === null) return null;
  const { ok, hops, error } = probe.result;
  if (ok) {
    const slowest = hops.reduce<(typeof hops)[number] | null>(
      (worst, step) => (worst === null || step.ms > worst.ms ? step : worst),
      null,
    );
    return (
      <p className="lane-foot mark mark-ok">
        <Check aria-hidden />
        {t('chains.total', { ms: took(hops.reduce((sum, step) => sum + step.ms, 0)), at: clock(probe.at) })}
        {slowest !== null && hops.length > 1 && (
          <span className="muted">{t('chains.slowest', { hop: slowest.hop, ms: took(slowest.ms) })}</span>
        )}
      </p>
    );
  }
  const failed = hops.find((step) => step.error !== null);
  const hop = hopsOf(chain).findIndex((one) => one.name === failed?.hop);
  const node = nodesOf(hopsOf(chain)[hop]).findIndex((one) => one.name === failed?.node);
  const reason = failed?.error ?? error;
  const address = nodesOf(hopsOf(chain)[hop])[node]?.addr;
  return (
    <div className="lane-foot">
      <Failure
        what={
          failed === undefined
            ? t('chains.testFailed', { chain: name })
            : t('chains.hopFailed', { position: hop + 1, hop: failed.hop })
        }
        where={address ?? t('chains.behindLast')}
        why={reason === null ? '' : errorText(reason)}
      >
        {failed !== undefined && hop >= 0 && (
          <Button onClick={() => inspectPlace(model, { chain: index, hop, node: node < 0 ? null : node })}>
            {t('chains.editHop')}
          </Button>
        )}
        <Button onClick={() => void probeChain(model, name)}>{t('tryAgain')}</Button>
      </Failure>
    </div>
  );
}
