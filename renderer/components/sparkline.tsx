/** The last minute of a service as a small filled line. Decoration: the rates beside it say the same in numbers. */
import type { ReactNode } from 'react';
import { SPARK_SECONDS } from '../store/traffic.ts';

const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ values }: { values: readonly number[] }): ReactNode {
  // below 10 kB/s a line at full height would shout about nothing
  const top = Math.max(10_000, ...values);
  const step = WIDTH / (SPARK_SECONDS - 1);
  const first = WIDTH - (values.length - 1) * step;
  const points = values.map(
    (value, index) =>
      `${(first + index * step).toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1)}`,
  );
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="sparkline-base" />
      {points.length > 1 && (
        <>
          <polygon
            points={`${first},${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}`}
            className="sparkline-area"
          />
          <polyline points={points.join(' ')} className="sparkline-line" />
        </>
      )}
    </svg>
  );
}
