/**
 * Any text that may hold proxies as a GOST v3 configuration: a file of GOST v3 or v2, command lines, a list of addresses. What it is, is found
 * from the text. Reading never opens another file and never runs anything; the limits on size, depth and aliases are those of parse-tree.ts.
 */
import type { Finding, Path } from '../../contract/config.ts';
import type { ImportFormat, ImportRepair, ImportSource } from '../../contract/imports.ts';
import { ConfigDocument } from '../document.ts';
import { routesToConfig } from '../gost-url.ts';
import { v2RoutesToConfig } from '../gost-v2.ts';
import { fromDocument } from '../load.ts';
import { mergeSources, type Source } from '../merge.ts';
import { MAX_BYTES } from '../parse-tree.ts';
import { isCommandLine, readCommandLine } from './command.ts';
import { urisOf, uriSource, withoutEmptyServices } from './uri-list.ts';

export interface ReadSource {
  readonly format: ImportFormat;
  readonly source: Source;
  /** The text as one GOST v3 document, which can be taken over as it is and whose findings' fixes fit it. */
  readonly document: ConfigDocument | null;
  readonly repair: ImportRepair | null;
  /** Lines of what a path of the configuration came from. */
  readonly lines: (path: Path) => { readonly from: number; readonly to: number };
}

export function readSource({ name, text, list, dialect }: ImportSource): ReadSource {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') return refused(name, 'empty', 'There is nothing in it.');
  if (Buffer.byteLength(body) > MAX_BYTES) return refused(name, 'too_big', 'It is larger than 1 MiB.');
  if (/[\0\uFFFD]/.test(body.slice(0, 4096)))
    return refused(name, 'binary', 'It is not a text file. Sockeye reads YAML, JSON and lists of addresses.');
  if (isCommandLine(body)) return fromCommand(body, name, dialect);
  const uris = urisOf(body);
  if (uris !== null) {
    const source = uriSource(uris, name, list, dialect);
    return { format: 'uris', source, document: null, repair: null, lines: originLines(source) };
  }
  return fromFile(text, name);
}

function refused(file: string, code: string, message: string): ReadSource {
  const finding: Finding = { grade: 'blocks', code, file, line: 0, column: 0, path: [], message };
  const source: Source = {
    config: {},
    locate: () => ({ file, line: 0, column: 0 }),
    findings: [finding],
  };
  return { format: 'none', source, document: null, repair: null, lines: () => ({ from: 0, to: 0 }) };
}

function fromFile(text: string, name: string): ReadSource {
  const document = ConfigDocument.parse(text, name);
  const codes = new Set(document.errors.map(({ code }) => code));
  if (codes.has('documents')) return fromSeveral(text, name);
  const source = fromDocument(document);
  const v3 = source.config === document.config;
  const known = Object.keys(document.config).length > 0;
  const repair = codes.has('duplicate_key') ? 'duplicates' : hasTabs(document) ? 'tabs' : null;
  return {
    format: !known && document.errors.length === 0 ? 'none' : v3 ? 'gost' : 'gost-v2',
    source: known || document.errors.length > 0 ? source : nothing(source, name),
    document: v3 && document.errors.length === 0 ? document : null,
    repair,
    lines: v3 ? (path) => document.lines(path) : originLines(source),
  };
}

function nothing(source: Source, file: string): Source {
  const message = 'It holds no configuration: only comments or blank lines.';
  return {
    ...source,
    findings: [{ grade: 'blocks', code: 'empty', file, line: 1, column: 1, path: [], message }],
  };
}

function hasTabs({ errors, text }: ConfigDocument): boolean {
  const lines = text.split('\n');
  return errors.some(({ line }) => /^ *\t/.test(lines[line - 1] ?? ''));
}

/** Several YAML documents in one text, each read by itself, their lines kept. GOST reads the first and drops the others without a word. */
function fromSeveral(text: string, file: string): ReadSource {
  const parts: ConfigDocument[] = [];
  const rows = text.split('\n');
  let start = 0;
  const take = (end: number): void => {
    const own = rows.slice(start, end).join('\n');
    if (own.replace(/^\s*#.*$/gm, '').trim() !== '')
      parts.push(ConfigDocument.parse('\n'.repeat(start) + own, file));
  };
  for (const [index, row] of rows.entries()) {
    if (!/^(---|\.\.\.)(\s|$)/.test(row)) continue;
    take(index);
    start = index + 1;
  }
  take(rows.length);
  const sources = parts.map(fromDocument);
  const merged = mergeSources(sources);
  const [, second] = parts;
  const row = second === undefined ? 1 : (second.text.match(/^\n*/)?.[0].length ?? 0) + 1;
  const several: Finding = {
    grade: 'changes',
    code: 'documents',
    file,
    line: row,
    column: 1,
    path: [],
    message: `The text holds ${parts.length} YAML documents. GOST reads only the first; here all of them are offered.`,
  };
  return {
    format: 'gost',
    source: { ...merged, findings: [several, ...merged.findings] },
    document: null,
    repair: null,
    lines: originLines(merged),
  };
}

function originLines({ locate }: Source): ReadSource['lines'] {
  return (path) => {
    const { line } = locate(path, 'key');
    return { from: line, to: line };
  };
}

function fromCommand(text: string, name: string, dialect: ImportSource['dialect']): ReadSource {
  const { routes, findings } = readCommandLine(text, name);
  const read = dialect === 'v2' ? v2RoutesToConfig(routes) : routesToConfig(routes);
  const source = withoutEmptyServices(read, findings);
  return { format: 'command', source, document: null, repair: null, lines: originLines(source) };
}

/** The text with what can be put right by itself put right. */
export function repaired(text: string, repair: ImportRepair): string {
  if (repair === 'tabs') return text.replace(/^[ \t]+/gm, (indent) => indent.replaceAll('\t', '  '));
  let now = text;
  for (let round = 0; round < 20; round += 1) {
    const document = ConfigDocument.parse(now, '');
    const twin = document.errors.find(({ code }) => code === 'duplicate_key');
    if (twin === undefined) return now;
    const rows = now.split('\n');
    const row = rows[twin.line - 1];
    if (row === undefined) return now;
    rows[twin.line - 1] = `${row.slice(0, twin.column - 1)}# given twice: ${row.slice(twin.column - 1)}`;
    const depth = twin.column - 1;
    for (let below = twin.line; below < rows.length; below += 1) {
      const next = rows[below] ?? '';
      const indent = /^ */.exec(next)?.[0].length ?? 0;
      if (next.trim() === '' || indent <= depth) break;
      rows[below] = `${next.slice(0, depth)}# ${next.slice(depth)}`;
    }
    const changed = rows.join('\n');
    if (changed === now) return now;
    now = changed;
  }
  return now;
}
