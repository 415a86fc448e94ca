/** What the window costs the engine: the time its statistics take, the throughput that is lost to them, and memory over minutes. */
import type { Page } from '@playwright/test';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { median, percentile, type Report } from './ui-report.ts';
import type { Measured, Order } from './ui-orders.ts';

const TRAFFIC = '.cache/peers/traffic';
/** The host sends this often to a window that looks. */
const FRAME_MS = 250;
/** Frames a second while the throughput is measured: the most that a window asks for. */
const WATCH_HZ = 4;
/** Pairs of rounds with and without statistics, in turns: what the machine does meanwhile hits both. */
const PAIRS = 40;
const ROUND_S = 1;

/**
 * The statistics of ten thousand open rows while the engine relays as fast as it can. First the time they take on the engine's thread with
 * the window looking; then what is lost of the throughput, with nobody on the machine but the engine and its load.
 */
export async function cost(
  host: ChildProcess,
  port: number,
  page: Page,
  report: Report,
  rows: number,
): Promise<void> {
  if (!existsSync(TRAFFIC)) {
    console.log(
      'left out: the cost of statistics; the load generator is missing: node scripts/peers.mjs install',
    );
    return;
  }
  await measure(host);
  await load(port, 5);
  const { frames, cpuMs, elapsedMs } = await measure(host);
  // an engine at its limit uses one core whole: what the statistics take of that core is what is lost
  report.add(
    'statistics, share of a core',
    (median(frames) / FRAME_MS) * 100,
    1,
    '%',
    'real',
    `${median(frames).toFixed(2)} ms a frame, JSON included, median of ${frames.length}; ${cpuMs.toFixed(0)} ms CPU in ${elapsedMs.toFixed(0)} ms, 64 streams, ${rows} open rows, 500 changes a frame`,
  );
  await page.evaluate('bench.hide(true)');
  const lost: number[] = [];
  const dearer: number[] = [];
  const rates: number[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const round = async (hz: number): Promise<{ rate: number; cpuMsPerGbit: number }> => {
      host.send({ kind: 'watch', hz } satisfies Order);
      await measure(host);
      const rate = await load(port, ROUND_S);
      const { cpuMs: spent } = await measure(host);
      return { rate, cpuMsPerGbit: spent / (rate * ROUND_S) };
    };
    // whichever comes first has the machine as the pair before left it: they take turns
    const first = await round(pair % 2 === 0 ? 0 : WATCH_HZ);
    const second = await round(pair % 2 === 0 ? WATCH_HZ : 0);
    const [plain, watched] = pair % 2 === 0 ? [first, second] : [second, first];
    rates.push(plain.rate);
    lost.push((1 - watched.rate / plain.rate) * 100);
    dearer.push((watched.cpuMsPerGbit / plain.cpuMsPerGbit - 1) * 100);
  }
  host.send({ kind: 'watch', hz: 0 } satisfies Order);
  await page.evaluate('bench.hide(false)');
  const spread = (list: readonly number[]): string => {
    const sorted = [...list].sort((x, y) => x - y);
    return `quarters at ${percentile(sorted, 0.25).toFixed(1)} and ${percentile(sorted, 0.75).toFixed(1)} %`;
  };
  report.add(
    `throughput lost to statistics at ${WATCH_HZ} Hz, median of ${PAIRS} pairs`,
    median(lost),
    1,
    '%',
    'real',
    `${spread(lost)}; of ${median(rates).toFixed(1)} Gbit/s down in 64 streams, ${rows} open rows, 500 changes every ${FRAME_MS} ms`,
  );
  // where something else runs beside it, throughput says little; what a byte costs still does
  report.add(
    `CPU a bit costs more with statistics at ${WATCH_HZ} Hz, median of ${PAIRS} pairs`,
    median(dearer),
    1,
    '%',
    'real',
    spread(dearer),
  );
}

/** Gbit/s of 64 downloads at once through the proxy; in a process of its own, so that the bench goes on. */
async function load(port: number, seconds: number): Promise<number> {
  const child = fork(join(import.meta.dirname, 'ui-load.ts'), [TRAFFIC, String(port), String(seconds)], {
    execArgv: ['--import', 'tsx'],
  });
  const ended = once(child, 'exit');
  let rate = 0;
  child.on('message', (measured) => {
    rate = Number(measured);
  });
  const [code] = (await ended) as [number];
  if (code !== 0 || !(rate > 0)) throw new Error('the load generator failed');
  return rate;
}

/** 2,000 connections, 200 new ones a second: memory after a warm-up and in the end. */
export async function soak(
  host: ChildProcess,
  page: Page,
  report: Report,
  soakMinutes: number,
): Promise<void> {
  host.send({ kind: 'rows', count: 2000 } satisfies Order);
  host.send({ kind: 'churn', perSecond: 200 } satisfies Order);
  const session = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  };
  const warmUpMs = Math.min(120_000, soakMinutes * 30_000);
  await page.waitForTimeout(warmUpMs);
  const before = { window: await heap(), host: (await measure(host)).heapMb };
  await page.waitForTimeout(soakMinutes * 60_000);
  const after = { window: await heap(), host: (await measure(host)).heapMb };
  const note = (one: 'window' | 'host'): string =>
    `${before[one].toFixed(1)} to ${after[one].toFixed(1)} MB in ${soakMinutes} min after ${warmUpMs / 1000} s`;
  report.add('growth of the window', after.window - before.window, 20, 'MB', 'injected', note('window'));
  report.add('growth of the host', after.host - before.host, 20, 'MB', 'injected', note('host'));
}

async function measure(host: ChildProcess): Promise<Measured> {
  const answer = once(host, 'message');
  host.send({ kind: 'measure' } satisfies Order);
  const [measured] = (await answer) as [Measured];
  return measured;
}
