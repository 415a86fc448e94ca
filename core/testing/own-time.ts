/**
 * Time that a busy computer can not falsify: what passed on the clock less what processes spent ready to run while others
 * had the processor (Linux counts that in /proc/PID/schedstat). For promises in milliseconds on a machine that is shared.
 * Where the system does not count, it is the time on the clock. For tests.
 */
import { readFileSync } from 'node:fs';

export class OwnTime {
  readonly #startedAt = performance.now();
  readonly #waitedBefore: ReadonlyMap<string, number>;

  /** Starts now. This process counts and those named: one of them must be at work all the time, as in a question and its answer. */
  constructor(...pids: readonly number[]) {
    this.#waitedBefore = new Map(['self', ...pids.map(String)].map((pid) => [pid, schedule(pid).waitedMs]));
  }

  /** Milliseconds so far. */
  get elapsed(): number {
    let waited = 0;
    // a process that has ended is not asked any more: what it waited counts as its own
    for (const [pid, before] of this.#waitedBefore) waited += Math.max(0, schedule(pid).waitedMs - before);
    return performance.now() - this.#startedAt - waited;
  }
}

/** Milliseconds of processor time that the main thread of a process has used. */
export function processorMs(pid: number): number {
  return schedule(String(pid)).ranMs;
}

function schedule(pid: string): { ranMs: number; waitedMs: number } {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 };
  } catch {
    return { ranMs: 0, waitedMs: 0 };
  }
}
