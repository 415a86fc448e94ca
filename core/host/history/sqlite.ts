/**
 * History in one database file, through `node:sqlite` where the runtime has it (Node 22.13 and later, Electron). Write-ahead log, one
 * transaction per addition: a process that is killed loses the last seconds and nothing else.
 *
 * Layout: a subject is a kind with a name; a row is a level, a beginning and a subject. Level 3 is the sum since the reset, with 0 as its beginning.
 * Over 300 lines: what is written and what is read know the same layout.
 */
import { chmodSync, closeSync, openSync, renameSync, statSync } from 'node:fs';
import { OTHERS, type TrafficKind, type TrafficSum } from '../../contract/traffic.ts';
import { errnoOf } from '../../errors.ts';
import { LEVELS, type Level } from './buckets.ts';
import { NAMES_KEPT, type Addition, type HistoryStore, type Slice } from './store.ts';

const SCHEMA_VERSION = 1;
const EVER = LEVELS.length;
const KINDS: readonly TrafficKind[] = ['all', 'service', 'chain', 'node', 'host', 'process'];
/** Kinds with names without end. */
const OPEN_ENDED = [KINDS.indexOf('host'), KINDS.indexOf('process')].join(', ');

const SCHEMA = `
  CREATE TABLE subject (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));
  CREATE TABLE sum (
    level INTEGER NOT NULL, at INTEGER NOT NULL, subject INTEGER NOT NULL,
    up INTEGER NOT NULL, down INTEGER NOT NULL, packetsUp INTEGER NOT NULL, packetsDown INTEGER NOT NULL,
    opened INTEGER NOT NULL, failed INTEGER NOT NULL, open INTEGER NOT NULL,
    PRIMARY KEY (level, at, subject)
  ) WITHOUT ROWID;
  CREATE TABLE about (since INTEGER NOT NULL);
`;
const COLUMNS = 'up, down, packetsUp, packetsDown, opened, failed';
const SUMS = COLUMNS.split(', ')
  .map((column) => `sum(s.${column}) AS ${column}`)
  .join(', ');
const MERGE = `DO UPDATE SET ${COLUMNS.split(', ')
  .map((column) => `${column} = ${column} + excluded.${column}`)
  .join(', ')}, open = max(open, excluded.open)`;

/** The part of `node:sqlite` used here; @types/node of the oldest supported Node does not have it. */
interface Statement {
  run(...values: (number | string)[]): { readonly changes: number | bigint };
  get(...values: (number | string)[]): Readonly<Record<string, unknown>> | undefined;
  all(...values: (number | string)[]): Readonly<Record<string, unknown>>[];
}
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
interface Sqlite {
  readonly DatabaseSync: new (path: string) => Database;
}

/** Why there is no database; `broken` ones were set aside. */
export type Refusal = 'runtime' | 'newer' | 'failed';

/** `node:sqlite`, or null where the runtime does not have it. */
export function loadSqlite(): Sqlite | null {
  // the loader knows the module by name only where it exists
  const found: unknown = Reflect.get(process, 'getBuiltinModule');
  if (typeof found !== 'function') return null;
  const module: unknown = Reflect.apply(found, process, ['node:sqlite']);
  return typeof module === 'object' && module !== null && 'DatabaseSync' in module
    ? (module as Sqlite) // as Node documents it
    : null;
}

/**
 * Opens or makes the file. One that is no database is set aside with a word to `warn`; one of a newer Sockeye is left alone.
 */
export function openSqlite(
  path: string,
  now: number,
  warn: (message: string) => void,
): SqliteHistory | Refusal {
  const sqlite = loadSqlite();
  if (sqlite === null) return 'runtime';
  try {
    return open(sqlite, path, now);
  } catch (error) {
    if (!isBroken(error)) {
      warn(`The traffic history can not be kept on disk: ${messageOf(error)}`);
      return 'failed';
    }
    const aside = `${path}.broken-${new Date(now).toISOString().replaceAll(':', '-')}`;
    try {
      for (const suffix of ['', '-wal', '-shm']) moveAway(`${path}${suffix}`, `${aside}${suffix}`);
      warn(`The traffic history could not be read and was set aside as ${aside}.`);
      return open(sqlite, path, now);
    } catch (again) {
      warn(`The traffic history can not be kept on disk: ${messageOf(again)}`);
      return 'failed';
    }
  }
}

function open(sqlite: Sqlite, path: string, now: number): SqliteHistory | 'newer' {
  // SQLite gives its side files the mode of this one
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new sqlite.DatabaseSync(path);
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > SCHEMA_VERSION) {
      database.close();
      return 'newer';
    }
    if (version === 0) create(database, now);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;');
    return new SqliteHistory(database, path);
  } catch (error) {
    database.close();
    throw error;
  }
}

function create(database: Database, now: number): void {
  // before the first table, or it has no effect; it lets the file shrink
  database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  database.exec(
    `BEGIN; ${SCHEMA} INSERT INTO about VALUES (${Math.trunc(now)}); PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
  );
}

export class SqliteHistory implements HistoryStore {
  since: number;
  readonly #database: Database;
  readonly #path: string;
  readonly #insertSubject: Statement;
  readonly #findSubject: Statement;
  readonly #insertSum: Statement;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
    this.#insertSubject = database.prepare('INSERT OR IGNORE INTO subject (kind, name) VALUES (?, ?)');
    this.#findSubject = database.prepare('SELECT id FROM subject WHERE kind = ? AND name = ?');
    this.#insertSum = database.prepare(
      `INSERT INTO sum (level, at, subject, ${COLUMNS}, open) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ${MERGE}`,
    );
    this.since = number(database.prepare('SELECT since FROM about').get()?.['since']);
  }

  add(additions: readonly Addition[]): void {
    this.#transaction(() => {
      for (const { delta, slices } of additions) {
        const subject = this.#subject(delta.kind, delta.name);
        const { up, down, packetsUp, packetsDown, opened, failed } = delta;
        for (const { level, at } of [
          ...slices.map(({ level, at }) => ({ level: LEVELS.indexOf(level), at })),
          { level: EVER, at: 0 },
        ])
          this.#insertSum.run(
            level,
            at,
            subject,
            up,
            down,
            packetsUp,
            packetsDown,
            opened,
            failed,
            delta.open,
          );
      }
    });
  }

  slices(level: Level, kind: TrafficKind, from: number): Slice[] {
    return this.#database
      .prepare(
        `SELECT s.at, u.name, ${COLUMNS.split(', ')
          .map((column) => `s.${column}`)
          .join(', ')}, s.open
         FROM sum s JOIN subject u ON u.id = s.subject WHERE s.level = ? AND s.at >= ? AND u.kind = ? ORDER BY s.at`,
      )
      .all(LEVELS.indexOf(level), from, KINDS.indexOf(kind))
      .map((row) => ({ ...sumOf(row), at: number(row['at']), open: number(row['open']) }));
  }

  sums(kind: TrafficKind, from: number | null): TrafficSum[] {
    return this.#database
      .prepare(
        `SELECT u.name, ${SUMS} FROM sum s JOIN subject u ON u.id = s.subject
         WHERE s.level = ? AND s.at >= ? AND u.kind = ? GROUP BY s.subject`,
      )
      .all(from === null ? EVER : LEVELS.indexOf('day'), from ?? 0, KINDS.indexOf(kind))
      .map(sumOf);
  }

  forget(level: Level, before: number): void {
    const { changes } = this.#database
      .prepare('DELETE FROM sum WHERE level = ? AND at < ?')
      .run(LEVELS.indexOf(level), before);
    if (changes > 0) this.#tidy();
  }

  bytes(): number {
    return [this.#path, `${this.#path}-wal`].reduce(
      (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  shrink(): boolean {
    return (
      this.#dropOldest('minute', '') ||
      this.#dropOldest('hour', '') ||
      this.#dropOldest('day', OPEN_ENDED) ||
      this.#mergeSmallest()
    );
  }

  clear(now: number): void {
    this.#transaction(() => {
      this.#database.exec('DELETE FROM sum; DELETE FROM subject; DELETE FROM about');
      this.#database.prepare('INSERT INTO about VALUES (?)').run(Math.trunc(now));
    });
    this.since = now;
    this.#tidy();
  }

  close(): void {
    this.#database.close();
  }

  #subject(kind: TrafficKind, name: string): number {
    const index = KINDS.indexOf(kind);
    this.#insertSubject.run(index, name);
    return number(this.#findSubject.get(index, name)?.['id']);
  }

  /** The oldest quarter of the slices of a level, of the given kinds only; never the newest slice. */
  #dropOldest(level: Level, kinds: string): boolean {
    const index = LEVELS.indexOf(level);
    const of = kinds === '' ? '' : ` AND subject IN (SELECT id FROM subject WHERE kind IN (${kinds}))`;
    const beginnings = this.#database
      .prepare(`SELECT DISTINCT at FROM sum WHERE level = ?${of} ORDER BY at`)
      .all(index)
      .map((row) => number(row['at']));
    const kept = beginnings[Math.max(1, Math.floor(beginnings.length / 4))];
    if (kept === undefined) return false;
    this.#database.prepare(`DELETE FROM sum WHERE level = ? AND at < ?${of}`).run(index, kept);
    this.#tidy();
    return true;
  }

  #mergeSmallest(): boolean {
    let merged = false;
    for (const kind of ['host', 'process'] as const) {
      const small = this.#database
        .prepare(
          `SELECT s.subject FROM sum s JOIN subject u ON u.id = s.subject
           WHERE s.level = ? AND u.kind = ? AND u.name <> ? ORDER BY s.up + s.down DESC LIMIT -1 OFFSET ?`,
        )
        .all(EVER, KINDS.indexOf(kind), OTHERS, NAMES_KEPT - 1)
        .map((row) => number(row['subject']));
      if (small.length === 0) continue;
      this.#transaction(() => {
        const others = this.#subject(kind, OTHERS);
        const move = this.#database.prepare(
          `INSERT INTO sum (level, at, subject, ${COLUMNS}, open)
           SELECT level, at, ?, ${COLUMNS}, open FROM sum WHERE level = ? AND at = 0 AND subject = ? ON CONFLICT ${MERGE}`,
        );
        const drop = this.#database.prepare('DELETE FROM sum WHERE level = ? AND at = 0 AND subject = ?');
        for (const subject of small) {
          move.run(others, EVER, subject);
          drop.run(EVER, subject);
        }
      });
      merged = true;
    }
    if (merged) this.#tidy();
    return merged;
  }

  /** Names nobody counts any more go, and the file gives its free pages back. */
  #tidy(): void {
    this.#database.exec(
      'DELETE FROM subject WHERE id NOT IN (SELECT subject FROM sum); PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)',
    );
  }

  #transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function sumOf(row: Readonly<Record<string, unknown>>): TrafficSum {
  return {
    name: String(row['name']),
    up: number(row['up']),
    down: number(row['down']),
    packetsUp: number(row['packetsUp']),
    packetsDown: number(row['packetsDown']),
    opened: number(row['opened']),
    failed: number(row['failed']),
  };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number(value ?? 0);
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: what lies there is no history. */
function isBroken(error: unknown): boolean {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'errcode') : null;
  return code === 11 || code === 26;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function moveAway(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
