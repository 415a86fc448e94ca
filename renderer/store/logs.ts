/** The last log lines, in memory only. The host masks secrets before it sends; here nothing is changed, only kept and found. */
import type { LogLine } from '../../core/contract/api.ts';
import { Signal } from './signal.ts';

export const LINES_KEPT = 20_000;
/** Dropped in blocks, so that a busy log does not shift the array for every line. */
const DROP = 2_000;
/** A line is looked into this far: nobody reads further, and an expression must come to an end. */
const LOOKED_INTO = 2_000;

export type Level = LogLine['level'];
/** Most serious first. */
export const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/** Which lines are wanted. Nothing here changes what is captured. */
export interface LogFilter {
  readonly level: Level;
  readonly text: string;
  /** `text` is a regular expression. */
  readonly pattern: boolean;
  /** Only lines of one service, chain or connection. */
  readonly source: LogSource | null;
}

export interface LogSource {
  readonly kind: 'service' | 'chain' | 'id';
  readonly name: string;
}

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

  /** Lines from before those that are known. False when there is no room or nothing new in them. */
  addOlder(lines: readonly LogLine[]): boolean {
    const first = this.lines[0]?.seq ?? Infinity;
    const older = lines.filter((line) => line.seq < first);
    const room = LINES_KEPT - DROP - this.lines.length;
    if (older.length === 0 || room <= 0) return false;
    this.lines = [...older.slice(-room), ...this.lines];
    this.changed.emit();
    return true;
  }

  /** After the host restarted its numbers begin again. */
  clear(): void {
    this.lines = [];
    this.changed.emit();
  }
}

/** Lines that a filter wants, or why its expression is none. */
export function findLines(
  lines: readonly LogLine[],
  { level, text, pattern, source }: LogFilter,
): { readonly lines: readonly LogLine[]; readonly problem: string | null } {
  let matches: (line: LogLine) => boolean = () => true;
  if (pattern && text !== '') {
    const expression = expressionOf(text);
    if (typeof expression === 'string') return { lines: [], problem: expression };
    matches = (line) => expression.test(lineText(line).slice(0, LOOKED_INTO));
  } else if (text.trim() !== '') {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    matches = (line) => {
      const shown = searched(line);
      return words.every((word) => shown.includes(word));
    };
  }
  const rank = LEVELS.indexOf(level);
  return {
    lines: lines.filter(
      (line) =>
        LEVELS.indexOf(line.level) <= rank && (source === null || isOf(line, source)) && matches(line),
    ),
    problem: null,
  };
}

/** One line as text: `event id=… key=value …`. */
export function lineText(line: LogLine): string {
  const id = line.id === null ? '' : ` id=${line.id}`;
  return `${line.event}${id}${fieldText(line)}`;
}

/** ` key=value` of each field that says something, values with spaces in quotes. */
export function fieldText(line: LogLine): string {
  return fieldsOf(line)
    .map(({ key, text }) => ` ${key}=${text}`)
    .join('');
}

/** The fields that say something, and what a line links to. */
export function fieldsOf(
  line: LogLine,
): { readonly key: string; readonly text: string; readonly link: LogSource | null }[] {
  return Object.entries(line.fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ({
      key,
      text: typeof value === 'string' && /\s/.test(value) ? JSON.stringify(value) : String(value),
      link:
        (key === 'service' || key === 'chain') && typeof value === 'string'
          ? { kind: key, name: value }
          : null,
    }));
}

/** A line of a file: time, level, text. */
export function fileLine(line: LogLine, hidden: boolean): string {
  const shown = hidden ? withoutPlaces(line) : line;
  return `${new Date(line.at).toISOString()} ${line.level} ${lineText(shown)}`;
}

/** Fields that say who went where. */
const PRIVATE: ReadonlySet<string> = new Set(['target', 'client', 'user', 'peer', 'path']);
/** Names and addresses in running text. */
const PLACES =
  /\[[0-9a-f:.]+\](:\d+)?|\b[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*\b|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\b[\w-]+(\.[\w-]+)*\.[a-z][\w-]+(:\d+)?/gi;

/** The same line for somebody else to read. */
function withoutPlaces(line: LogLine): LogLine {
  const fields = Object.fromEntries(
    Object.entries(line.fields).map(([key, value]) => [
      key,
      PRIVATE.has(key) && value !== null
        ? '…'
        : typeof value === 'string'
          ? value.replace(PLACES, '…')
          : value,
    ]),
  );
  return { ...line, fields };
}

function isOf(line: LogLine, { kind, name }: LogSource): boolean {
  return kind === 'id' ? line.id === name : line.fields[kind] === name;
}

function expressionOf(text: string): RegExp | string {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Made once a line, however often it is looked for. */
const texts = new WeakMap<LogLine, string>();

function searched(line: LogLine): string {
  let text = texts.get(line);
  if (text === undefined) {
    text = lineText(line).slice(0, LOOKED_INTO).toLowerCase();
    texts.set(line, text);
  }
  return text;
}
