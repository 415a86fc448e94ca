/** What the last test says about a node or the target: icon, word, and the time it adds; the spread shows on hover and focus. */
import { Check, CircleDashed, CircleMinus, Hourglass, Loader, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StationTest } from '../../../core/contract/runs.ts';
import { took } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';

/** From here on a hop is called slow. */
const SLOW_MS = 1000;

export type Kind = 'untested' | 'testing' | 'unreached' | 'ok' | 'slow' | 'failed';

export function kindOf(station: StationTest | null, running: boolean): Kind {
  switch (station?.state) {
    case undefined:
      return 'untested';
    case 'waiting':
      return running ? 'testing' : 'untested';
    case 'testing':
      return running ? 'testing' : 'untested';
    case 'not_reached':
      return 'unreached';
    case 'failed':
      return 'failed';
    case 'ok':
      return (station.adds?.ms ?? 0) >= SLOW_MS ? 'slow' : 'ok';
  }
}

const MARKS = {
  untested: { icon: CircleDashed, tone: 'idle' },
  testing: { icon: Loader, tone: 'idle' },
  unreached: { icon: CircleMinus, tone: 'idle' },
  ok: { icon: Check, tone: 'ok' },
  slow: { icon: Hourglass, tone: 'warn' },
  failed: { icon: X, tone: 'bad' },
} as const;

export function OutcomeMark({
  station,
  running,
}: {
  station: StationTest | null;
  running: boolean;
}): ReactNode {
  const kind = kindOf(station, running);
  const { icon: Icon, tone } = MARKS[kind];
  const now = station?.stages.find(({ ms }) => ms === null)?.stage ?? station?.failedAt ?? null;
  const adds = station?.adds ?? null;
  return (
    <span className={`mark mark-${tone}`}>
      <Icon aria-hidden className={kind === 'testing' && now !== null ? 'spinning' : ''} />
      {kind === 'testing' && now !== null
        ? t(`stage.${now}`)
        : kind === 'failed' && now !== null
          ? t('outcome.failedAt', { stage: t(`stage.${now}`) })
          : (kind === 'ok' || kind === 'slow') && adds !== null
            ? t(kind === 'ok' ? 'outcome.adds' : 'outcome.slow', { ms: took(adds.ms) })
            : t(`outcome.${kind}`)}
      {adds !== null && (station?.tried ?? 0) > 1 && (
        <span className="node-spread number">
          {t('chainTest.spread', { min: took(adds.min), max: took(adds.max) })}
        </span>
      )}
    </span>
  );
}
