/** The last minute of one connection: bytes per second up above the line, down below it. The rates beside it are the same in numbers. */
import type { ReactNode } from 'react';
import { useModel, useSignal } from '../../components/context.ts';
import { rate } from '../../format/bytes.ts';
import { t } from '../../i18n/index.ts';
import { HISTORY_SECONDS } from '../../store/history.ts';

const HALF = 32;

export function ByteChart({ id }: { id: string }): ReactNode {
  const { history, live, traffic } = useModel();
  useSignal(traffic.changed);
  const { up, down } = history.of(id, live);
  if (up.length < 2) return null;
  const top = Math.max(1_000, ...up, ...down);
  const first = HISTORY_SECONDS - up.length;
  const bars = (values: readonly number[], sign: 1 | -1): string =>
    values
      .map((value, index) => {
        const height = (value / top) * (HALF - 1);
        return height < 0.2 ? '' : `M${first + index + 0.5},${HALF}v${(-sign * height).toFixed(2)}`;
      })
      .join('');
  return (
    <section className="byte-chart">
      <h3>{t('detail.lastMinute')}</h3>
      <svg
        viewBox={`0 0 ${HISTORY_SECONDS} ${HALF * 2}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('detail.chart', {
          up: rate(Math.max(...up)),
          down: rate(Math.max(...down)),
        })}
      >
        <path className="bars-up" d={bars(up, 1)} />
        <path className="bars-down" d={bars(down, -1)} />
        <path className="bars-axis" d={`M0,${HALF}H${HISTORY_SECONDS}`} />
      </svg>
      <p className="byte-chart-legend">
        <span className="key-up">{t('traffic.up')}</span>
        <span className="key-down">{t('traffic.down')}</span>
        <span className="muted">{t('detail.highest', { rate: rate(top) })}</span>
      </p>
    </section>
  );
}
