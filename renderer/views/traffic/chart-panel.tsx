/** A chart with everything that belongs to it: its name, what it shows under the cursor, the same numbers as a table, and as a file. */
import { ChartArea, Download, Table } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { download, fileName } from '../../actions/download.ts';
import { IconButton } from '../../components/button.tsx';
import { csv } from '../../format/csv.ts';
import { t } from '../../i18n/index.ts';
import { thinned, type ChartData } from '../../store/chart.ts';
import { moment, TimeChart, type Area } from './time-chart.tsx';

/** What stands over the chart: under the cursor, or now. */
interface Key {
  readonly name: string;
  /** A colour token; null for what has no line of its own. */
  readonly color: string | null;
  readonly text: (index: number) => string;
  /** Room for the longest text, so that what stands behind it stays where it is. */
  readonly chars: number;
}

export interface Column {
  readonly name: string;
  readonly values: (chart: ChartData) => readonly (number | null)[];
  readonly text: (value: number) => string;
}

/** Rows of the table that people read; the file has all. */
const TABLE_ROWS = 60;
/** A table that changes faster can not be read. */
const TABLE_MS = 500;

export interface ChartPanelProps {
  readonly title: string;
  /** File name, without an ending. */
  readonly file: string;
  readonly chart: ChartData;
  readonly height: number;
  readonly keys: readonly Key[];
  readonly columns: readonly Column[];
  readonly axisPx: number;
  readonly drawn: readonly (readonly (number | null)[])[];
  readonly areas: readonly Area[];
  readonly least: number;
  readonly axis: (value: number) => string;
  readonly children?: ReactNode;
}

export function ChartPanel(props: ChartPanelProps): ReactNode {
  const { title, file, chart, height, keys, columns, axisPx, drawn, areas, least, axis, children } = props;
  const id = useId();
  const [table, setTable] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  /** The cursor moves in all charts; only the one with the focus speaks. */
  const [focused, setFocused] = useState(false);
  const { times, from, to } = chart;
  const last = times.length - 1;
  const at = pointed === null || pointed > last ? last : pointed;
  const when = pointed === null || at < 0 ? t('charts.now') : moment(times[at] ?? 0, to - from);
  const save = (): void => {
    const series = columns.map(({ values: read }) => read(chart));
    const rows = times.map((time, index) => [
      new Date(time * 1000).toISOString(),
      ...series.map((one) => exact(one[index] ?? null)),
    ]);
    download(
      fileName(file, 'csv'),
      'text/csv',
      csv([t('charts.time'), ...columns.map(({ name }) => name)], rows),
    );
  };
  return (
    <section
      className="panel chart-panel"
      aria-labelledby={id}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        <p className="chart-now" aria-live={pointed === null || !focused ? 'off' : 'polite'} aria-atomic>
          <span className="chart-when number">{when}</span>
          {keys.map(({ name, color, text, chars }) => (
            <span key={name} className="chart-value">
              {color !== null && (
                <span className="swatch" style={{ background: `var(${color})` }} aria-hidden />
              )}
              {name}{' '}
              <span className="number" style={{ minInlineSize: `${chars}ch` }}>
                {at < 0 ? '–' : text(at)}
              </span>
            </span>
          ))}
        </p>
        <IconButton
          label={table ? t('charts.asChart', { title }) : t('charts.asTable', { title })}
          onClick={() => setTable(!table)}
        >
          {table ? <ChartArea aria-hidden /> : <Table aria-hidden />}
        </IconButton>
        <IconButton label={t('charts.csv', { title })} disabled={times.length === 0} onClick={save}>
          <Download aria-hidden />
        </IconButton>
      </header>
      {table ? (
        <ChartTable title={title} chart={chart} columns={columns} height={height} />
      ) : (
        <TimeChart
          summary={summary(title, chart, columns)}
          height={height}
          times={times}
          from={from}
          to={to}
          values={drawn}
          areas={areas}
          least={least}
          axis={axis}
          axisPx={axisPx}
          pointed={setPointed}
        />
      )}
      {children}
    </section>
  );
}

function ChartTable({
  title,
  chart: newest,
  columns,
  height,
}: {
  title: string;
  chart: ChartData;
  columns: readonly Column[];
  height: number;
}): ReactNode {
  const steady = useEvery(newest, TABLE_MS);
  const chart = useMemo(() => thinned(steady, TABLE_ROWS), [steady]);
  const series = columns.map(({ values }) => values(chart));
  return (
    <div className="chart-table" style={{ height }} tabIndex={0} role="region" aria-label={title}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('charts.time')}</th>
            {columns.map(({ name }) => (
              <th key={name} scope="col" className="right">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chart.times
            .map((time, index) => (
              <tr key={time}>
                <td className="number">{moment(time, chart.to - chart.from)}</td>
                {columns.map(({ name, text }, column) => {
                  const value = series[column]?.[index] ?? null;
                  return (
                    <td key={name} className="number right">
                      {value === null ? '–' : text(value)}
                    </td>
                  );
                })}
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}

/** The newest of many values, no more often than every `ms`. */
function useEvery<T>(newest: T, ms: number): T {
  const [shown, setShown] = useState(newest);
  const latest = useRef(newest);
  useEffect(() => {
    latest.current = newest;
  });
  useEffect(() => {
    const timer = setInterval(() => setShown(latest.current), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return shown;
}

/** One sentence for those who do not see the chart: now, and the highest there was. */
function summary(title: string, chart: ChartData, columns: readonly Column[]): string {
  const parts = columns.slice(0, 2).map(({ name, values, text }) => {
    const series = values(chart);
    let most = 0;
    let when = -1;
    for (const [index, value] of series.entries()) {
      if (value === null || value <= most) continue;
      most = value;
      when = index;
    }
    const now = series.at(-1) ?? null;
    const words = { name, now: now === null ? '–' : text(now) };
    return when < 0
      ? t('charts.summaryQuiet', words)
      : t('charts.summary', {
          ...words,
          most: text(most),
          at: moment(chart.times[when] ?? 0, chart.to - chart.from),
        });
  });
  return `${title}. ${parts.join(' ')} ${t('charts.keys')}`;
}

function exact(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
