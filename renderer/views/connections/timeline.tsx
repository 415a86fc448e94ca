/**
 * How a connection came to be, as a waterfall: request, name, every node that was tried, reply, first byte, now. Times are
 * milliseconds since the client was accepted; bars share one scale.
 */
import type { ReactNode } from 'react';
import type { AttemptTiming, ConnectionDetail, StageTiming } from '../../../core/contract/stats.ts';
import { took } from '../../format/time.ts';
import { errorText, t } from '../../i18n/index.ts';

interface Stage {
  readonly label: string;
  readonly detail?: string;
  readonly steps?: readonly StageTiming[];
  readonly from: number;
  /** Null: it did not come that far. */
  readonly to: number | null;
  readonly tone?: 'bad' | 'up' | 'down';
}

export function Timeline({
  detail,
  age,
  ended,
}: {
  detail: ConnectionDetail;
  age: string;
  ended: boolean;
}): ReactNode {
  const stages = stagesOf(detail);
  const whole = Math.max(1, ...stages.map(({ from, to }) => to ?? from));
  return (
    <section className="timeline">
      <h3>{t('detail.timeline')}</h3>
      <ol>
        <li className="moment">
          <span className="moment-label">{t('detail.accepted')}</span>
          <span className="moment-ms number">0 ms</span>
        </li>
        {stages.map((stage, index) => (
          <Row key={index} stage={stage} whole={whole} />
        ))}
        <li className="moment">
          <span className="moment-label">{ended ? t('detail.endedAfter') : t('detail.now')}</span>
          <span className="moment-ms number">{age}</span>
        </li>
      </ol>
    </section>
  );
}

function Row({ stage, whole }: { stage: Stage; whole: number }): ReactNode {
  const { label, detail, steps = [], from, to, tone = 'down' } = stage;
  const start = (100 * from) / whole;
  const width = (100 * ((to ?? from) - from)) / whole;
  return (
    <li className={`moment${to === null ? ' moment-missed' : ''}`}>
      <span className="moment-label">
        <span className="clip" dir="auto">
          {label}
        </span>
        {steps.length > 0 && (
          <span className="moment-steps">
            {steps
              .map((step) => `${t(`stage.${step.stage}`)} ${step.ms === null ? '…' : took(step.ms)}`)
              .join(' · ')}
          </span>
        )}
        {detail !== undefined && (
          <span className="moment-detail clip" dir="ltr" title={detail}>
            {detail}
          </span>
        )}
      </span>
      <span className="moment-ms number">{to === null ? t('detail.notReached') : took(to - from)}</span>
      <svg className={`moment-bar moment-${tone}`} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden>
        <rect className="moment-track" width="100" height="4" />
        {to !== null && <rect x={start} width={Math.max(0.8, width)} height="4" />}
      </svg>
    </li>
  );
}

function stagesOf({ requestMs, name, attempts, repliedMs, firstByteMs }: ConnectionDetail): Stage[] {
  const stages: Stage[] = [{ label: t('detail.request'), from: 0, to: requestMs, tone: 'up' }];
  if (name !== null && name.ms !== null && requestMs !== null)
    stages.push({ label: t('detail.resolved'), from: requestMs, to: requestMs + name.ms });
  for (const [index, attempt] of attempts.entries())
    stages.push(...stagesOfAttempt(attempt, index, attempts.length));
  if (repliedMs !== null) stages.push({ label: t('detail.firstByte'), from: repliedMs, to: firstByteMs });
  return stages;
}

function stagesOfAttempt(attempt: AttemptTiming, index: number, count: number): Stage[] {
  const { startMs, endMs, hops, error, stages: steps } = attempt;
  const stages: Stage[] = [];
  for (const [at, hop] of hops.entries()) {
    const place = { number: at + 1, node: hop.node };
    stages.push({ label: t('detail.reach', place), from: hop.startMs, to: hop.reachedMs, steps: hop.reach });
    const next = at + 1 < hops.length ? t('detail.nextHop') : t('detail.theTarget');
    stages.push({
      label: t('detail.ask', { ...place, next }),
      from: hop.reachedMs ?? hop.startMs,
      to: hop.answeredMs,
      steps: hop.ask,
    });
  }
  if (hops.length === 0 && error === null)
    stages.push({ label: t('detail.dial'), from: startMs, to: endMs, steps });
  if (error !== null)
    stages.push({
      label: count > 1 ? t('detail.attemptFailed', { number: index + 1 }) : t('detail.failed'),
      detail: errorText(error),
      from: startMs,
      to: endMs,
      tone: 'bad',
    });
  return stages;
}

/** Who turned the name into an address, and into which. */
export function resolvedText(detail: ConnectionDetail, path: readonly string[]): string {
  const { name } = detail;
  if (name === null) return '';
  const where = t(`namedBy.${name.by}`, { number: path.length, hop: path.at(-1) ?? '' });
  return name.address === null ? where : `${name.address} · ${where}`;
}
