/**
 * Collects what a person should know about a configuration, each with its place, and answers whether an item can run.
 */
import type { Edit, Finding, Grade, Path } from '../contract/config.ts';

/** Tells where a path stands: in a file, or which command-line URL it came from (line 0). */
export type Locate = (
  path: Path,
  what: 'key' | 'value',
) => { readonly file: string; readonly line: number; readonly column: number };

export interface Remarks {
  readonly fix?: Finding['fix'];
  /** Point at the key instead of the value. */
  readonly at?: 'key' | 'value';
}

export class Findings {
  readonly list: Finding[];
  readonly #locate: Locate;
  readonly #blocking: Path[];

  /** `known`: findings from before that count as well. */
  constructor(locate: Locate, known: readonly Finding[] = []) {
    this.#locate = locate;
    this.list = [...known];
    this.#blocking = known.filter(({ grade }) => grade === 'blocks').map(({ path }) => path);
  }

  add(grade: Grade, code: string, path: Path, message: string, { fix, at = 'value' }: Remarks = {}): void {
    const finding = { grade, code, ...this.#locate(path, at), path, message };
    if (grade === 'blocks') this.#blocking.push(path);
    this.list.push(fix === undefined ? finding : { ...finding, fix });
  }

  /** True when something at or below the path, or the whole file, can not run; what stands below `except` is judged by itself. */
  blocked(path: Path, except: Path = []): boolean {
    const below = (at: Path, start: Path): boolean => start.every((step, index) => at[index] === step);
    return this.#blocking.some(
      (at) =>
        (at.length === 0 || below(at, path)) &&
        (except.length === 0 || !below(at.slice(path.length), except)),
    );
  }

  /** In the order of the text, each said once. */
  sorted(): Finding[] {
    const seen = new Set<string>();
    return this.list
      .filter(({ code, path, message }) => {
        const key = JSON.stringify([code, path, message]);
        return !seen.has(key) && seen.add(key);
      })
      .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0));
  }
}

export function fix(label: string, ...edits: readonly Edit[]): NonNullable<Finding['fix']> {
  return { label, edits };
}

/** A path as people read it: `services[0].handler.type`. */
export function pathText(path: Path): string {
  return (
    path
      .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
      .join('') || 'the file'
  );
}
