/** The numbers of the window's bench: said as they come, judged by their budgets, written to bench/results/. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

interface Result {
  readonly name: string;
  readonly value: number;
  readonly budget: number;
  readonly unit: string;
  readonly over: 'injected' | 'real';
  readonly note?: string;
}

export class Report {
  readonly #results: Result[] = [];
  readonly #loadBefore = loadavg()[0] ?? 0;

  /** `over`: real sockets and clicks, or connections opened in the statistics. */
  add(name: string, value: number, budget: number, unit: string, over: Result['over'], note?: string): void {
    this.#results.push({ name, value, budget, unit, over, ...(note === undefined ? {} : { note }) });
    console.log(
      `${value <= budget ? 'ok    ' : 'MISSED'} ${name}: ${value.toFixed(2)} ${unit} (at most ${budget})${note === undefined ? '' : `; ${note}`}`,
    );
  }

  /** Writes the file of today; the exit code is 1 when a budget was missed. */
  write(command: string, chromium: string): void {
    const about = {
      command,
      date: new Date().toISOString(),
      commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
      node: process.version,
      chromium,
      cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
      load: [this.#loadBefore, loadavg()[0] ?? 0].map((load) => Number(load.toFixed(1))),
    };
    mkdirSync('bench/results', { recursive: true });
    const file = `bench/results/${about.date.slice(0, 10)}-ui.json`;
    writeFileSync(file, `${JSON.stringify({ ...about, results: this.#results }, null, 2)}\n`);
    const missed = this.#results.filter(({ value, budget }) => value > budget);
    console.log(
      `\n${this.#results.length - missed.length} of ${this.#results.length} budgets held; written to ${file}`,
    );
    if (missed.length > 0) process.exitCode = 1;
  }
}

export function median(list: readonly number[]): number {
  return percentile(list, 0.5);
}

export function percentile(list: readonly number[], share: number): number {
  if (list.length === 0) throw new Error('nothing was measured');
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
