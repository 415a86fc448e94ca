/** The last log lines, in memory only. The host masks secrets before it sends; here nothing is changed, only kept and found. */
import type { LogLine } from '../../core/contract/api.ts';
import { Signal } from './signal.ts';

export const LINES_KEPT = 20_000;
/** Dropped in blocks, so that a busy log does not shift the array for every line. */
const DROP = 2_000;

export type Level = LogLine['level'];
/** Most serious first. */
export const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

export class Logs {
  readonly changed = new Signal();
  /** Oldest first. Replaced on every change. */
  lines: readonly LogLine[] = [];

  /** Sequence number of the newest line, 0 when there is none. */
  get last(): number {
    return this.lines.at(-1)?.seq ?? 0;
  }

  /** Lines may overlap with what is known; each is kept once. */
  add(lines: readonly LogLine[]): void {
    const after = this.last;
    const fresh = lines.filter((line) => line.seq > after);
    if (fresh.length === 0) return;
    const all = [...this.lines, ...fresh];
    this.lines = all.length > LINES_KEPT ? all.slice(all.length - LINES_KEPT + DROP) : all;
    this.changed.emit();
  }

  /** After the host restarted its numbers begin again. */
  clear(): void {
    this.lines = [];
    this.changed.emit();
  }
}

/** Lines at least as serious as `level` that contain every word of `text`. */
export function findLines(lines: readonly LogLine[], level: Level, text: string): readonly LogLine[] {
  const rank = LEVELS.indexOf(level);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => {
    if (LEVELS.indexOf(line.level) > rank) return false;
    if (words.length === 0) return true;
    const shown = lineText(line).toLowerCase();
    return words.every((word) => shown.includes(word));
  });
}

/** One line as text: `event id=… key=value …`. */
export function lineText(line: LogLine): string {
  const id = line.id === null ? '' : ` id=${line.id}`;
  return `${line.event}${id}${fieldText(line)}`;
}

/** ` key=value` of each field that says something, values with spaces in quotes. */
export function fieldText(line: LogLine): string {
  return Object.entries(line.fields)
    .filter(([, value]) => value !== null)
    .map(
      ([key, value]) =>
        ` ${key}=${typeof value === 'string' && /\s/.test(value) ? JSON.stringify(value) : String(value)}`,
    )
    .join('');
}
