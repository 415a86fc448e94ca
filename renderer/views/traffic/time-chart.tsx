/**
 * One chart over time: uPlot with a crosshair that all charts of the screen share, and the same cursor from the keyboard (arrows, Page Up and
 * Down, Home, End, Esc). Under the cursor or, without one, now: `pointed` tells which value, the parent says it in words.
 */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import uPlot from 'uplot';
import { useUi } from '../../components/context.ts';
import { clock, dayAndMonth, hourAndMinute } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';

export interface Area {
  /** Names of colour tokens. */
  readonly stroke: string;
  readonly fill: 'solid' | 'soft' | 'none' | 'bars';
}

export interface TimeChartProps {
  /** What a screen reader says of the whole. */
  readonly summary: string;
  readonly height: number;
  readonly times: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly values: readonly (readonly (number | null)[])[];
  readonly areas: readonly Area[];
  /** The scale reaches at least this far: an idle line stays flat. */
  readonly least: number;
  readonly axis: (value: number) => string;
  /** Width of the scale's numbers. */
  readonly axisPx: number;
  readonly pointed: (index: number | null) => void;
}

const SYNC = 'traffic';
const PAGE = 10;

export function TimeChart(props: TimeChartProps): ReactNode {
  const { summary, height, times, values, areas, pointed } = props;
  const theme = useUi((state) => state.prefs.theme);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const look = areas.map(({ stroke, fill }) => `${stroke} ${fill}`).join();

  useEffect(() => {
    const host = box.current;
    if (host === null) return undefined;
    const made = new uPlot(options(host, latest), data(latest.current), host);
    plot.current = made;
    const resize = new ResizeObserver(() =>
      made.setSize({ width: host.clientWidth, height: latest.current.height }),
    );
    resize.observe(host);
    // the theme is on the document a moment later than in the store
    const repaint = (): void => made.redraw(false, true);
    const themes = new MutationObserver(repaint);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      themes.disconnect();
      resize.disconnect();
      plot.current = null;
      made.destroy();
    };
  }, [look, theme, height]);

  useEffect(() => plot.current?.setData(data(latest.current)), [times, values]);

  const keys = (event: KeyboardEvent): void => {
    const made = plot.current;
    if (made === null || times.length === 0) return;
    const last = times.length - 1;
    const at = made.cursor.idx ?? null;
    const to = target(event.key, at, last);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (to === null) {
      moveAll(made, { left: -10, top: -10 });
      pointed(null);
      return;
    }
    const point = {
      left: made.valToPos(times[to] ?? 0, 'x'),
      top: made.bbox.height / devicePixelRatio / 2,
    };
    moveAll(made, point);
  };

  return (
    <div
      ref={box}
      className="time-chart"
      style={{ height }}
      role="application"
      aria-roledescription={t('charts.role')}
      aria-label={summary}
      tabIndex={0}
      onKeyDown={keys}
    />
  );
}

/** Moves the cursor and tells the other charts, as the pointer does. */
function moveAll(plot: uPlot, point: { left: number; top: number }): void {
  // uPlot's types leave out the third argument: publish it to the charts of the same key
  const move: (to: typeof point, fire: boolean, publish: boolean) => void = plot.setCursor.bind(plot);
  move(point, true, true);
}

/** Where a key moves the cursor; null: away; undefined: the key is not for the chart. */
function target(key: string, at: number | null, last: number): number | null | undefined {
  const to = (index: number): number => Math.max(0, Math.min(last, index));
  switch (key) {
    case 'ArrowLeft':
      return to((at ?? last + 1) - 1);
    case 'ArrowRight':
      return to((at ?? last - 1) + 1);
    case 'PageUp':
      return to((at ?? last) - PAGE);
    case 'PageDown':
      return to((at ?? last) + PAGE);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return at === null ? undefined : null;
    default:
      return undefined;
  }
}

function data({ times, values }: TimeChartProps): uPlot.AlignedData {
  // uPlot only reads what it is given
  return [times as number[], ...(values as (number | null)[][])];
}

function options(host: HTMLElement, latest: { readonly current: TimeChartProps }): uPlot.Options {
  const color = (name: string): string => getComputedStyle(host).getPropertyValue(name).trim();
  const axis = {
    stroke: () => color('--muted'),
    ticks: { show: false },
    font: '11px "Inter Variable", sans-serif',
  };
  const { areas, height } = latest.current;
  return {
    width: host.clientWidth,
    height,
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: false, y: false },
      sync: { key: SYNC, setSeries: false },
    },
    padding: [8, 10, 0, 0],
    scales: {
      x: { range: () => [latest.current.from, latest.current.to] },
      y: {
        range: (_, low, high) => {
          const { least, values } = latest.current;
          // nothing to draw: uPlot asks with null
          if (values.length === 0 || !Number.isFinite(high)) return [0, least];
          const top = Math.max(least, high, -low);
          return low < 0 ? [Math.min(-least, low) * 1.08, Math.max(least, high) * 1.08] : [0, top * 1.08];
        },
      },
    },
    hooks: {
      setCursor: [
        (made) => {
          const { pointed, times } = latest.current;
          const { idx, left } = made.cursor;
          pointed(idx == null || left === undefined || left < 0 || idx >= times.length ? null : idx);
        },
      ],
    },
    axes: [
      {
        ...axis,
        size: 24,
        grid: { show: false },
        space: 76,
        values: (_, splits) => splits.map((at) => moment(at, latest.current.to - latest.current.from)),
      },
      {
        ...axis,
        size: latest.current.axisPx,
        space: 30,
        grid: { stroke: () => color('--line'), width: 1 },
        values: (_, splits) => splits.map((value) => latest.current.axis(Math.abs(value))),
      },
    ],
    series: [
      {},
      ...areas.map(({ stroke, fill }): uPlot.Series => {
        const bars = uPlot.paths.bars;
        return {
          stroke: () => color(stroke),
          width: fill === 'solid' ? 1 : 1.5,
          points: { show: true, size: 5, filter: alone },
          ...(fill === 'none' ? {} : { fill: () => mixed(color(stroke), color('--raised'), FILL[fill]) }),
          ...(fill === 'bars' && bars !== undefined ? { paths: bars({ size: [0.7, 8], align: 0 }) } : {}),
        };
      }),
    ],
  };
}

/** A value between two holes has no line; it is drawn as a point. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  return [...values.keys()].filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

/** How much of the line's colour its area has. Stacked areas lie over each other, so no area is transparent. */
const FILL = { solid: 0.62, soft: 0.16, bars: 0.62 } as const;

function mixed(one: string, other: string, share: number): string {
  const [a, b] = [parts(one), parts(other)];
  if (a === null || b === null) return one;
  return `rgb(${a.map((value, at) => Math.round(value * share + (b[at] ?? 0) * (1 - share))).join(' ')})`;
}

/** `#rrggbb` or, as the build shortens it, `#rgb`. */
function parts(color: string): number[] | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  const found = long ?? short;
  return found === null ? null : found.slice(1).map((part) => parseInt(part.padEnd(2, part), 16));
}

/** A moment as exactly as the span asks for. */
export function moment(seconds: number, spanS: number): string {
  if (spanS <= 400) return clock(seconds * 1000);
  return spanS <= 100_000 ? hourAndMinute(seconds * 1000) : dayAndMonth(seconds * 1000);
}
