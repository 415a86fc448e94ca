/** All traffic of the last five minutes: a chart, the same as a table, and a sentence for those who see neither. */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ChartArea, Table } from 'lucide-react';
import uPlot from 'uplot';
import { IconButton } from '../../components/button.tsx';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { bytes, rate } from '../../format/bytes.ts';
import { clock } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import { CHART_SECONDS } from '../../store/traffic.ts';

const HEIGHT = 168;
const TABLE_STEP_S = 15;
/** Lowest top of the scale: an idle line stays flat. */
const TOP_BPS = 10_000;

export function TrafficPanel(): ReactNode {
  const model = useModel();
  const [table, setTable] = useState(false);
  useSignal(model.traffic.changed);
  const { upRate, downRate } = model.traffic;
  const { totals } = model.live;
  return (
    <section className="panel traffic" aria-labelledby="traffic-title">
      <header className="panel-head">
        <h3 id="traffic-title">{t('traffic.title')}</h3>
        <span className="legend legend-down">
          {t('traffic.down')} <span className="number">{rate(downRate)}</span>
        </span>
        <span className="legend legend-up">
          {t('traffic.up')} <span className="number">{rate(upRate)}</span>
        </span>
        <span className="traffic-totals number">
          {t('traffic.totals', { down: bytes(totals.down), up: bytes(totals.up) })}
        </span>
        <IconButton
          label={table ? t('traffic.asChart') : t('traffic.asTable')}
          onClick={() => setTable(!table)}
        >
          {table ? <ChartArea aria-hidden /> : <Table aria-hidden />}
        </IconButton>
      </header>
      {table ? (
        <RateTable />
      ) : (
        <Chart summary={t('traffic.summary', { down: rate(downRate), up: rate(upRate) })} />
      )}
    </section>
  );
}

function Chart({ summary }: { summary: string }): ReactNode {
  const model = useModel();
  const theme = useUi((state) => state.prefs.theme);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const host = box.current;
    if (host === null) return undefined;
    const { traffic } = model;
    const plot = new uPlot(options(host), data(), host);
    function data(): uPlot.AlignedData {
      return [traffic.times, traffic.down, traffic.up];
    }
    const stop = traffic.changed.subscribe(() => plot.setData(data()));
    const resize = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    resize.observe(host);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const repaint = (): void => plot.redraw(false, true);
    scheme.addEventListener('change', repaint);
    return () => {
      scheme.removeEventListener('change', repaint);
      resize.disconnect();
      stop();
      plot.destroy();
    };
  }, [model, theme]);
  return <div ref={box} className="chart" role="img" aria-label={summary} />;
}

function options(host: HTMLElement): uPlot.Options {
  const paint = (name: string) => (): string => getComputedStyle(host).getPropertyValue(name).trim();
  const axis = {
    stroke: paint('--muted'),
    ticks: { show: false },
    font: '11px "Inter Variable", sans-serif',
  };
  return {
    width: host.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    padding: [8, 8, 0, 0],
    scales: {
      x: {
        range: () => {
          const now = Date.now() / 1000;
          return [now - CHART_SECONDS, now];
        },
      },
      y: { range: (_, __, max) => [0, Math.max(TOP_BPS, max) * 1.08] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        grid: { show: false },
        space: 90,
        values: (_, splits) => splits.map((at) => clock(at * 1000).slice(0, 5)),
      },
      {
        ...axis,
        size: 76,
        space: 36,
        grid: { stroke: paint('--line'), width: 1 },
        values: (_, splits) => splits.map((value) => (value === 0 ? '0' : rate(value))),
      },
    ],
    series: [
      {},
      { stroke: paint('--down'), fill: paint('--down-soft'), width: 1.5, points: { show: false } },
      { stroke: paint('--up'), fill: paint('--up-soft'), width: 1.5, points: { show: false } },
    ],
  };
}

/** Means of a quarter of a minute, newest first. */
function RateTable(): ReactNode {
  const { traffic } = useModel();
  const rows = new Map<number, { up: number; down: number; samples: number }>();
  for (const [index, time] of traffic.times.entries()) {
    const up = traffic.up[index];
    const down = traffic.down[index];
    if (up == null || down == null) continue;
    const slice = Math.floor(time / TABLE_STEP_S) * TABLE_STEP_S;
    const row = rows.get(slice) ?? { up: 0, down: 0, samples: 0 };
    rows.set(slice, { up: row.up + up, down: row.down + down, samples: row.samples + 1 });
  }
  return (
    <div className="rate-table" tabIndex={0} role="region" aria-label={t('traffic.title')}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('traffic.time')}</th>
            <th scope="col" className="right">
              {t('traffic.down')}
            </th>
            <th scope="col" className="right">
              {t('traffic.up')}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...rows.entries()].reverse().map(([time, row]) => (
            <tr key={time}>
              <td className="number">{clock(time * 1000)}</td>
              <td className="number right">{rate(row.down / row.samples)}</td>
              <td className="number right">{rate(row.up / row.samples)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
