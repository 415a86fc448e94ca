import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrafficHistory } from '../../core/contract/traffic.ts';
import { csv } from '../format/csv.ts';
import { frame } from '../dev/samples.ts';
import { chartOfHistory, chartOfSamples, continued, isQuiet, OTHERS_LINE, thinned } from './chart.ts';
import { Live } from './live.ts';
import { Samples } from './samples.ts';

const TOTALS = { up: 0, down: 0, open: 0, associations: 0, packetsUp: 0, packetsDown: 0 };

function row(name: string, down: number, failed = 0) {
  return { name, up: 0, down, open: 1, opened: 1, failed, packetsUp: 0, packetsDown: 0 };
}

function feed(samples: Samples, live: Live, at: number, down: number, names = ['a']): void {
  live.apply(
    frame({
      at,
      totals: { ...TOTALS, down, open: 2 },
      services: names.map((name) => row(name, down / names.length)),
      chains: [row('', down)],
    }),
  );
  samples.take(live);
}

test('a steady rate is drawn as it is, four times a second, however late a frame was', () => {
  const samples = new Samples();
  const live = new Live();
  let at = 1_000_000;
  for (let step = 0; step < 40; step += 1) {
    feed(samples, live, at, ((at - 1_000_000) / 1000) * 4000);
    at += step % 7 === 3 ? 400 : 250;
  }
  const { down, lines, times, open } = chartOfSamples(samples.fast, 60, 'service', at);
  assert.equal(times.length, 39);
  for (const value of down) assert.ok(Math.abs((value ?? 0) - 4000) < 1, String(value));
  assert.deepEqual(
    lines.map(({ name }) => name),
    ['a'],
  );
  assert.equal(open.at(-1), 2);
  assert.deepEqual(
    chartOfSamples(samples.fast, 60, 'chain', at).lines.map(({ name }) => name),
    [''],
  );
});

test('what nobody saw is a hole, not a peak', () => {
  const samples = new Samples();
  const live = new Live();
  for (let at = 0; at < 10; at += 1) feed(samples, live, 1_000_000 + at * 250, at * 100);
  for (let at = 0; at < 10; at += 1) feed(samples, live, 1_060_000 + at * 250, 9_000_000 + at * 100);
  const { down, times } = chartOfSamples(samples.fast, 60, 'service', 1_062_500);
  const hole = times.findIndex((time) => time >= 1060);
  assert.equal(down[hole], null);
  for (const value of down) assert.ok((value ?? 0) <= 401, String(value));
});

test('a minute at four a second and five at one a second are kept, not more', () => {
  const samples = new Samples();
  const live = new Live();
  for (let at = 0; at < 4 * 400; at += 1) feed(samples, live, 1_000_000 + at * 250, at);
  assert.ok(samples.fast.length >= 240 && samples.fast.length <= 250, String(samples.fast.length));
  assert.ok(samples.slow.length >= 298 && samples.slow.length <= 304, String(samples.slow.length));
  feed(samples, live, 500_000, 1);
  assert.equal(samples.fast.length, 1, 'a clock that was set back begins anew');
});

test('what has no colour of its own is one line, and nothing is lost in it', () => {
  const samples = new Samples();
  const live = new Live();
  const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
  for (let at = 0; at < 10; at += 1) feed(samples, live, 1_000_000 + at * 250, at * 12_000, names);
  const { down, lines } = chartOfSamples(samples.fast, 60, 'service', 1_002_500);
  assert.equal(lines.length, 8);
  assert.equal(lines.at(-1)?.name, OTHERS_LINE);
  const sum = lines.reduce((total, line) => total + (line.down.at(-1) ?? 0), 0);
  assert.ok(Math.abs(sum - (down.at(-1) ?? 0)) < 1);
});

function history(more: Partial<TrafficHistory> = {}): TrafficHistory {
  const values = [null, 600, 300];
  return {
    at: 150_000,
    stepMs: 60_000,
    times: [0, 60_000, 120_000],
    all: {
      name: '',
      up: values,
      down: values,
      packetsUp: values,
      packetsDown: values,
      failed: [null, 1, 2],
      open: [null, 3, 4],
    },
    lines: [{ name: 'a', up: values, down: values }],
    ...more,
  };
}

test('slices become rates; the one that is not over is measured by how far it got', () => {
  const { up, failed, times, lines } = chartOfHistory(history());
  assert.deepEqual(up, [null, 10, 10]);
  assert.deepEqual(
    [failed, times],
    [
      [null, 1, 2],
      [30, 90, 135],
    ],
  );
  assert.deepEqual(lines[0]?.down, [null, 10, 10]);
});

test('a window that was just opened continues what the host remembers', () => {
  const samples = new Samples();
  const live = new Live();
  for (let at = 0; at < 5; at += 1) feed(samples, live, 140_000 + at * 1000, at * 1000, ['b']);
  const seen = chartOfSamples(samples.slow, 300, 'service', 150_000);
  const all = continued(chartOfHistory(history()), seen);
  assert.deepEqual(all.times.slice(0, 3), [30, 90, 135]);
  assert.equal(all.times.length, 3 + seen.times.length);
  assert.deepEqual(new Set(all.lines.map(({ name }) => name)), new Set(['a', 'b']));
  for (const line of all.lines) assert.equal(line.down.length, all.times.length);
  assert.equal(continued(chartOfHistory(history({ times: [], lines: [] })), seen), seen);
});

test('a table has few rows, with means of rates and sums of errors', () => {
  const chart = thinned(chartOfHistory(history()), 2);
  assert.deepEqual([chart.up, chart.failed, chart.times.length], [[10, 10], [1, 2], 2]);
  assert.equal(isQuiet(chart), false);
  assert.equal(isQuiet(chartOfSamples([], 60, 'service', 0)), true);
});

test('CSV keeps commas, quotes and line ends in one field, and formulas out', () => {
  assert.equal(
    csv(
      ['name', 'bytes'],
      [
        ['a,"b"\n', 1],
        ['=cmd|x', null],
        ['-x', -2],
      ],
    ),
    'name,bytes\r\n"a,""b""\n",1\r\n\'=cmd|x,\r\n\'-x,-2\r\n',
  );
});
