/** Traffic: how much, how fast and by whom, from the last minute to a month, and in sum. */
import { Info } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { readStorage } from '../../actions/logs.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel, useUi } from '../../components/context.ts';
import { Failure } from '../../components/failure.tsx';
import { Segments } from '../../components/segments.tsx';
import { bytes, count, rate } from '../../format/bytes.ts';
import { errorText, language, nextStep, t } from '../../i18n/index.ts';
import { isQuiet, OTHERS_LINE, type ChartData, type ChartLine } from '../../store/chart.ts';
import { goTo, TRAFFIC_SPANS } from '../../store/ui.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { ChartPanel, type ChartPanelProps, type Column } from './chart-panel.tsx';
import type { Area } from './time-chart.tsx';
import { Totals } from './totals.tsx';
import { useChart } from './use-chart.ts';

const BY = ['service', 'chain'] as const;
/** The scale of rates reaches at least this far. */
const LEAST_BPS = 10_000;
/** "1.24 MB/s", with a letter that is wider than a digit. */
const RATE_CHARS = 10;

export function TrafficScreen(): ReactNode {
  const { ui } = useModel();
  const span = useUi((state) => state.trafficSpan);
  const by = useUi((state) => state.trafficBy);
  const { chart, error } = useChart(span, by);
  return (
    <>
      <ScreenHead title={t('screen.traffic')}>
        <Segments
          label={t('charts.span')}
          options={TRAFFIC_SPANS}
          value={span}
          name={(one) => t(`span.${one}`)}
          choose={(trafficSpan) => ui.setState({ trafficSpan })}
        />
        <Segments
          label={t('charts.by')}
          options={BY}
          value={by}
          name={(one) => t(`trafficBy.${one}`)}
          choose={(trafficBy) => ui.setState({ trafficBy })}
        />
      </ScreenHead>
      <div className="page traffic-page">
        {error !== null && (
          <Failure what={t('charts.failed')} why={errorText(error)} next={nextStep(error)} />
        )}
        {chart !== null && <Charts chart={chart} by={by} />}
        <Keeping quiet={chart === null || isQuiet(chart)} />
        <Totals />
        <Definitions />
      </div>
    </>
  );
}

function Charts({ chart, by }: { chart: ChartData; by: 'service' | 'chain' }): ReactNode {
  const named = chart.lines.map((line, index) => ({
    ...line,
    title: lineTitle(line, by),
    color: line.name === OTHERS_LINE ? '--cat-8' : `--cat-${index + 1}`,
  }));
  const stack = stacked(chart.lines);
  const perSecond = (value: number): string => t('charts.perSecond', { amount: whole(value) });
  return (
    <>
      <ChartPanel
        title={t('charts.rate')}
        file={`rate-by-${by}`}
        chart={chart}
        height={220}
        least={LEAST_BPS}
        axis={(value) => (value === 0 ? '0' : rate(value))}
        drawn={stack.flatMap(({ down, up }) => [down, up])}
        areas={[...named].reverse().flatMap(({ color }) => [
          { stroke: color, fill: 'solid' as const },
          { stroke: color, fill: 'solid' as const },
        ])}
        axisPx={74}
        keys={[
          { name: t('traffic.down'), color: null, text: at(chart.down, rate), chars: RATE_CHARS },
          { name: t('traffic.up'), color: null, text: at(chart.up, rate), chars: RATE_CHARS },
          ...named.map(({ title, color, down, up }) => ({
            name: title,
            color,
            text: (index: number) => `↓ ${at(down, rate)(index)} ↑ ${at(up, rate)(index)}`,
            chars: 2 * RATE_CHARS + 4,
          })),
        ]}
        columns={[
          { name: t('traffic.down'), text: rate, values: ({ down }) => down },
          { name: t('traffic.up'), text: rate, values: ({ up }) => up },
          ...named.flatMap(({ name, title }): Column[] => [
            { name: `${title} ↓`, text: rate, values: ({ lines }) => lineOf(lines, name)?.down ?? [] },
            { name: `${title} ↑`, text: rate, values: ({ lines }) => lineOf(lines, name)?.up ?? [] },
          ]),
        ]}
      >
        <p className="chart-note">{t('charts.mirrored')}</p>
      </ChartPanel>
      <div className="chart-row">
        <SmallChart
          title={t('charts.open')}
          file="open-connections"
          chart={chart}
          least={5}
          lines={[
            {
              name: t('charts.openShort'),
              color: '--down',
              fill: 'soft',
              text: whole,
              chars: 6,
              values: ({ open }) => open,
            },
          ]}
        />
        <SmallChart
          title={t('charts.packets')}
          file="udp-packets"
          chart={chart}
          least={10}
          lines={[
            {
              name: t('traffic.down'),
              color: '--down',
              fill: 'soft',
              text: perSecond,
              chars: 6,
              values: ({ packetsDown }) => packetsDown,
            },
            {
              name: t('traffic.up'),
              color: '--up',
              fill: 'none',
              text: perSecond,
              chars: 6,
              values: ({ packetsUp }) => packetsUp,
            },
          ]}
        />
        <SmallChart
          title={t('charts.errors')}
          file="errors"
          chart={chart}
          least={4}
          lines={[
            {
              name: errorsPer(chart.stepS),
              color: '--bad',
              fill: 'bars',
              text: whole,
              chars: 6,
              values: ({ failed }) => failed,
            },
          ]}
        />
      </div>
    </>
  );
}

/** A line that is drawn, said over the chart, and a column of its table. */
interface Line extends Column {
  readonly chars: number;
  readonly color: string;
  readonly fill: Area['fill'];
}

/** A chart of whole numbers, each line of its own. */
function SmallChart({
  lines,
  ...about
}: Pick<ChartPanelProps, 'title' | 'file' | 'chart' | 'least'> & { lines: readonly Line[] }): ReactNode {
  const { chart } = about;
  return (
    <ChartPanel
      {...about}
      height={120}
      axis={whole}
      axisPx={44}
      drawn={lines.map(({ values }) => values(chart))}
      areas={lines.map(({ color, fill }) => ({ stroke: color, fill }))}
      keys={lines.map(({ name, color, values, text, chars }) => ({
        name,
        color,
        text: at(values(chart), text),
        chars,
      }))}
      columns={lines}
    />
  );
}

function whole(value: number): string {
  return count(Math.round(value), language());
}

/** What one value of the errors counts. */
function errorsPer(stepS: number): string {
  if (stepS < 60) return t('charts.errorsSecond', { count: stepS });
  return stepS < 3600
    ? t('charts.errorsMinute', { count: stepS / 60 })
    : t('charts.errorsHour', { count: stepS / 3600 });
}

function lineTitle({ name }: Pick<ChartLine, 'name'>, by: string): string {
  if (name === OTHERS_LINE) return t('charts.others');
  return name === '' && by === 'chain' ? t('direct') : name;
}

/** Areas from the axis outwards, the widest first so that the others lie on it: down above the axis, up below. */
function stacked(
  lines: readonly ChartLine[],
): { down: readonly (number | null)[]; up: readonly (number | null)[] }[] {
  const add = (
    under: readonly (number | null)[] | undefined,
    own: readonly (number | null)[],
    turn: 1 | -1,
  ) => own.map((value, index) => (value === null ? null : (under?.[index] ?? 0) + turn * value));
  const stack: { down: readonly (number | null)[]; up: readonly (number | null)[] }[] = [];
  for (const { down, up } of lines) {
    const under = stack.at(-1);
    stack.push({ down: add(under?.down, down, 1), up: add(under?.up, up, -1) });
  }
  return stack.reverse();
}

/** One value of a line in words. */
function at(values: readonly (number | null)[], text: (value: number) => string): (index: number) => string {
  return (index) => {
    const value = values[index] ?? null;
    return value === null ? '–' : text(value);
  };
}

function lineOf(lines: readonly ChartLine[], name: string): ChartLine | undefined {
  return lines.find((line) => line.name === name);
}

/** How long the history is kept, and why it may not be for long. */
function Keeping({ quiet }: { quiet: boolean }): ReactNode {
  const model = useModel();
  const { ui } = model;
  const storage = useHost((state) => state.storage);
  useEffect(() => void readStorage(model), [model]);
  if (storage === null) return null;
  const { history, why, limits } = storage;
  if (history === 'disk' && !quiet) return null;
  return (
    <p className="traffic-keeping">
      <Info aria-hidden />
      <span>
        {history === 'memory' && why !== null
          ? t(`keeping.${why}`)
          : t('keeping.disk', { days: limits.days, size: bytes(limits.mb * 1e6) })}
      </span>
      <Button look="quiet" onClick={() => goTo(ui, 'settings')}>
        {t('keeping.settings')}
      </Button>
    </p>
  );
}

const DEFINITIONS = ['rate', 'total', 'chain', 'direct', 'open', 'errors', 'packets', 'process'] as const;

function Definitions(): ReactNode {
  return (
    <details className="definitions">
      <summary>{t('definitions.title')}</summary>
      <dl>
        {DEFINITIONS.map((name) => (
          <div key={name}>
            <dt>{t(`definitions.${name}`)}</dt>
            <dd>{t(`definition.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
