/**
 * List files (GOST `file.path`): users, rules, names or limits, one per line, `#` begins a comment. Read together with the
 * configuration, so that a missing file or a line that makes no sense is a finding with its place, and again by the engine
 * (core/live-list.ts) with the same parser.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Grade } from '../contract/config.ts';
import { errnoOf, ProxyError } from '../errors.ts';
import { MAX_LIST_BYTES, type ListFile } from '../live-list.ts';
import type { Findings } from './findings.ts';
import type { Section } from './section.ts';

/** What a line means: an item, nothing (null), or the sentence that says why it makes no sense. */
export type ReadLine<T> = (line: string) => { readonly item: T } | { readonly wrong: string } | null;

/** GOST reads a file again once a second at most. */
const MIN_RELOAD_MS = 1000;

/**
 * The list file of an object; null when it names none, or when it can not be read, which is a finding of `grade`. `keepsHash`:
 * a `#` only begins a comment at the start of a line (passwords may hold one).
 */
export function readListFile<T>(
  section: Section,
  readLine: ReadLine<T>,
  grade: Grade,
  findings: Findings,
  keepsHash = false,
): ListFile<T> | null {
  const file = section.section('file');
  const path = file.text('path');
  if (path === '') return null;
  const at = [...file.path, 'path'];
  const parse = (text: string): readonly T[] => parseLines(text, path, readLine, keepsHash);
  try {
    const text = readBounded(path);
    const reloadMs = section.duration('reload') ?? 0;
    return {
      path,
      reloadMs: reloadMs > 0 ? Math.max(reloadMs, MIN_RELOAD_MS) : 0,
      text,
      items: parse(text),
      parse,
    };
  } catch (error) {
    findings.add(
      grade,
      'bad_file',
      at,
      error instanceof ProxyError ? error.message : unreadable(path, error),
    );
    return null;
  }
}

/** Throws `config` with file and line for the first line that makes no sense: half a list must not pass for a whole one. */
function parseLines<T>(text: string, path: string, readLine: ReadLine<T>, keepsHash: boolean): T[] {
  return text.split('\n').flatMap((raw, index): T[] => {
    const line = withoutComment(raw.replace(/[\t\r]/g, ' ').trim(), keepsHash);
    const read = line === '' ? null : readLine(line);
    if (read === null) return [];
    if ('item' in read) return [read.item];
    throw new ProxyError('config', { where: `${path}:${index + 1}`, message: read.wrong });
  });
}

function withoutComment(line: string, keepsHash: boolean): string {
  if (keepsHash) return line.startsWith('#') ? '' : line;
  const hash = line.indexOf('#');
  return hash === -1 ? line : line.slice(0, hash).trim();
}

/** Why a file can not be read, as a sentence. */
export function unreadable(path: string, error: unknown): string {
  return `${path} can not be read: ${reason(error)}`;
}

/** A pipe or device would block everything, so only plain files are read. */
export function readBounded(path: string): string {
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    if (!fstatSync(handle).isFile()) throw new Error('it is not a file');
    if (size > MAX_LIST_BYTES) throw new Error(`it is larger than ${MAX_LIST_BYTES} bytes`);
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

function reason(error: unknown): string {
  switch (errnoOf(error)) {
    case 'ENOENT':
      return 'there is no such file.';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it.';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
