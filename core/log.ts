/**
 * Levelled, structured log lines. One line per event; secrets are masked here, at the source, by field name and in URLs;
 * control characters never reach a terminal. Where lines go is the sink's business (stderr as JSON, the window's ring).
 */
export type Level = 'error' | 'warn' | 'info' | 'debug';
export type Fields = Readonly<Record<string, unknown>>;

export interface LogEntry {
  readonly at: number;
  readonly level: Level;
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

export type LogSink = (entry: LogEntry) => void;

/** Fields that cost something to gather are given as a function, which is called only for a line that is written. */
type GivenFields = Fields | (() => Fields);

export interface Log {
  error(event: string, fields?: GivenFields): void;
  warn(event: string, fields?: GivenFields): void;
  info(event: string, fields?: GivenFields): void;
  debug(event: string, fields?: GivenFields): void;
  /** The same log with fields that every line then carries. */
  with(fields: Fields): Log;
}

const ORDER: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };
const SECRET_KEY = /pass(word|phrase)?$|secret|token|privatekey|cipherkey|^auth$|^key$/i;
/** Up to the last @ before a path: a password may hold one. */
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/gi;

/** Whether a line of level `at` is written by a log of `level`. */
export function passes(at: Level, level: Level): boolean {
  return ORDER[at] <= ORDER[level];
}

/** A log that writes lines up to `level` to `sink`; a function is asked each time. */
export function createLog(level: Level | (() => Level), sink: LogSink, base: Fields = {}): Log {
  return new Lines(level, sink, base);
}

/** A class, since every connection has a log of its own. */
class Lines implements Log {
  readonly #level: Level | (() => Level);
  readonly #sink: LogSink;
  readonly #base: Fields;

  constructor(level: Level | (() => Level), sink: LogSink, base: Fields) {
    this.#level = level;
    this.#sink = sink;
    this.#base = base;
  }

  error(event: string, fields: GivenFields = {}): void {
    this.#write('error', event, fields);
  }

  warn(event: string, fields: GivenFields = {}): void {
    this.#write('warn', event, fields);
  }

  info(event: string, fields: GivenFields = {}): void {
    this.#write('info', event, fields);
  }

  debug(event: string, fields: GivenFields = {}): void {
    this.#write('debug', event, fields);
  }

  with(fields: Fields): Log {
    return new Lines(this.#level, this.#sink, { ...this.#base, ...fields });
  }

  #write(at: Level, event: string, given: GivenFields): void {
    const level = this.#level;
    if (!passes(at, typeof level === 'function' ? level() : level)) return;
    const fields = typeof given === 'function' ? given() : given;
    const plain: Record<string, string | number | boolean | null> = {};
    for (const [key, value] of Object.entries({ ...this.#base, ...fields })) {
      if (value !== undefined) plain[key] = mask(key, value);
    }
    this.#sink({ at: Date.now(), level: at, event, fields: plain });
  }
}

/** Swallows everything; for tests and tools. */
export const silentLog: Log = createLog('error', () => undefined);

/** One JSON line per entry, as the command line prints them on stderr. */
export function formatLine(entry: LogEntry): string {
  return JSON.stringify({
    time: new Date(entry.at).toISOString(),
    level: entry.level,
    event: entry.event,
    ...entry.fields,
  });
}

function mask(key: string, value: unknown): string | number | boolean | null {
  if (SECRET_KEY.test(key)) return '***';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = value instanceof Error ? value.message : typeof value === 'string' ? value : describe(value);
  return masked(text);
}

/** A text for a terminal or a log: without the users and passwords of URLs, and without what a terminal obeys. */
export function masked(text: string): string {
  return printable(text.replace(USERINFO, '$1***@'));
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'host' in value && 'port' in value) {
    const host = String(value.host);
    return `${host.includes(':') ? `[${host}]` : host}:${String(value.port)}`;
  }
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(' > ');
  return JSON.stringify(value);
}

/** Names, addresses and ports of others, wherever they stand in a text. File names that end like a name of a host go with them. */
const PLACES =
  /\[[0-9a-f:.]+\](:\d+)?|\b[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*\b|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b|\b[\w-]+(\.[\w-]+)*\.[a-z][\w-]+(:\d+)?/gi;

/** A text that may leave this computer: without the places it names. */
export function publicText(text: string): string {
  return text.replace(USERINFO, '$1').replace(PLACES, '…');
}

/** Control characters and bidirectional overrides become visible escapes, so that a name can not forge a line or a terminal sequence. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
