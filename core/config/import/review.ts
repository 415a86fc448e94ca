/**
 * What a text would bring in, before anything is changed: each thing with its state beside what is there already, what it needs, and everything
 * a person should know about it. Pure; apply.ts does what is then chosen. A little long because an item is told in one place.
 */
import type { Config, Finding, Json, Path } from '../../contract/config.ts';
import { KEPT_SECRET } from '../../contract/config.ts';
import type {
  ImportItem,
  ImportKind,
  ImportReview,
  ImportSource,
  ImportState,
} from '../../contract/imports.ts';
import { isList, isMap } from '../gost-values.ts';
import { loadSources } from '../load.ts';
import { sameData } from '../model.ts';
import { blockLines, GOST_LAYOUT } from '../render.ts';
import { redact } from '../secrets.ts';
import { fieldOf } from '../shape.ts';
import { freeName, idOf, listOf, nameOf, referencesIn, SECTIONS } from './names.ts';
import { readSource, type ReadSource } from './read.ts';
import { namedFiles, portClashes } from './surroundings.ts';

type Lines = ReadSource['lines'];

export interface Reviewed extends ImportReview {
  readonly read: ReadSource;
}

/** Reviews a text against the configuration that is there. `current` holds its passwords; the review does not. */
export function reviewImport(given: ImportSource, current: Config): Reviewed {
  const read = readSource(given);
  const { config } = read.source;
  const loaded = loadSources([read.source], { desktop: true });
  const pruned = withoutBlockedNodes(config, loaded.findings);
  const settled =
    pruned === config
      ? loaded.findings
      : loadSources([{ ...read.source, config: pruned, findings: [] }], { desktop: true }).findings;
  const items = new Items(config, current, read.lines, loaded.findings, settled).all();
  const more = [...portClashes(config, current, read), ...namedFiles(config, read)];
  const findings = [...loaded.findings, ...more].map((finding) =>
    read.document === null ? withoutFix(finding) : finding,
  );
  return {
    format: read.format,
    text: given.text,
    items,
    findings: findings.sort((a, b) => a.line - b.line || a.column - b.column),
    secrets: secretsIn(config),
    whole: read.document !== null && isEmpty(current),
    repair: read.repair,
    read,
  };
}

function isEmpty(config: Config): boolean {
  return Object.values(config).every(
    (value) => value === undefined || value === null || (isList(value) && value.length === 0),
  );
}

/** A fix is a change of a v3 file; of anything else it would change another text. */
function withoutFix({ grade, code, file, line, column, path, message }: Finding): Finding {
  return { grade, code, file, line, column, path, message };
}

class Items {
  readonly #config: Config;
  readonly #current: Config;
  readonly #lines: Lines;
  readonly #findings: readonly Finding[];
  readonly #settled: readonly Finding[];

  constructor(
    config: Config,
    current: Config,
    lines: Lines,
    findings: readonly Finding[],
    settled: readonly Finding[],
  ) {
    this.#config = config;
    this.#current = current;
    this.#lines = lines;
    this.#findings = findings;
    this.#settled = settled;
  }

  all(): ImportItem[] {
    const sections = SECTIONS.flatMap(([section, kind]) => {
      const list = this.#config[section];
      return isList(list) ? list.map((value, index) => this.#named(section, kind, value, index)) : [];
    });
    const known = new Set(SECTIONS.map(([section]) => section));
    const settings = Object.entries(this.#config).flatMap(([key, value]) =>
      value === undefined || (known.has(key) && isList(value)) ? [] : [this.#setting(key, value)],
    );
    return [...sections, ...settings];
  }

  #named(section: string, kind: ImportKind, value: Json, index: number): ImportItem {
    const path: Path = [section, index];
    const name = nameOf(value);
    const others = listOf(this.#current, section);
    const there = name === '' ? undefined : others.find((other) => nameOf(other) === name);
    const children = this.#children(kind, value, path);
    const { needs, present } = this.#needs(value, path);
    return {
      ...this.#base(kind, value, path, children),
      name,
      state: this.#state(path, value, there),
      freeName:
        there === undefined || sameData(there, value)
          ? null
          : freeName(name, new Set([...others, ...listOf(this.#config, section)].map(nameOf))),
      needs,
      present,
      ...compared(section, there, value),
      children,
    };
  }

  #setting(key: string, value: Json): ImportItem {
    const there = this.#current[key];
    return {
      ...this.#base('setting', value, [key], []),
      name: key,
      detail: '',
      state: this.#state([key], value, there),
      freeName: null,
      needs: [],
      present: [],
      ...compared(key, there, value),
      children: [],
    };
  }

  #children(kind: ImportKind, value: Json, path: Path): ImportItem[] {
    const key = kind === 'chain' ? 'hops' : kind === 'hop' ? 'nodes' : null;
    const list = key === null || !isMap(value) ? undefined : value[key];
    if (key === null || !isList(list)) return [];
    return list.map((item, index) => {
      const at = [...path, key, index];
      const inner = kind === 'chain' ? 'hop' : 'node';
      const children = this.#children(inner, item, at);
      return {
        ...this.#base(inner, item, at, children),
        name: nameOf(item),
        state: this.#state(at, item, undefined),
        freeName: null,
        needs: [],
        present: [],
        ...compared(key, undefined, item),
        children,
      };
    });
  }

  #base(
    kind: ImportKind,
    value: Json,
    path: Path,
    children: readonly ImportItem[],
  ): Pick<ImportItem, 'id' | 'path' | 'kind' | 'detail' | 'line' | 'endLine'> {
    const { from, to } = this.#lines(path);
    const end = children.reduce((last, { endLine }) => Math.max(last, endLine), to);
    return { id: idOf(path), path, kind, detail: detailOf(kind, value), line: from, endLine: end };
  }

  #state(path: Path, value: Json, there: Json | undefined): ImportState {
    if (this.#blocked(path)) return 'blocked';
    if (there === undefined) return 'new';
    return sameData(there, value) ? 'same' : 'changed';
  }

  /** A node is judged by itself; everything around it as it is without the nodes that can not run. */
  #blocked(path: Path): boolean {
    const node = path.at(-2) === 'nodes';
    return (node ? this.#findings : this.#settled).some(
      (finding) => finding.grade === 'blocks' && (starts(path, finding.path) || starts(finding.path, path)),
    );
  }

  #needs(value: Json, path: Path): { needs: string[]; present: string[] } {
    const needs = new Set<string>();
    const present = new Set<string>();
    for (const { section, name } of referencesIn(value)) {
      const index = listOf(this.#config, section).findIndex((other) => nameOf(other) === name);
      if (index !== -1 && !(section === path[0] && index === path[1])) needs.add(idOf([section, index]));
      if (index !== -1 && listOf(this.#current, section).some((other) => nameOf(other) === name))
        present.add(idOf([section, index]));
    }
    return { needs: [...needs], present: [...present] };
  }
}

/** The configuration without nodes that can not run, where their hop has others. The same object when there are none. */
function withoutBlockedNodes(config: Config, findings: readonly Finding[]): Config {
  const blocked = (path: Path): boolean =>
    findings.some(
      ({ grade, path: at }) => grade === 'blocks' && at.length >= path.length && starts(at, path),
    );
  const hop = (value: Json, path: Path): Json => {
    const nodes = isMap(value) ? value['nodes'] : undefined;
    if (!isMap(value) || !isList(nodes)) return value;
    const kept = nodes.filter((_, index) => !blocked([...path, 'nodes', index]));
    return kept.length === nodes.length || kept.length === 0 ? value : { ...value, nodes: kept };
  };
  const chain = (value: Json, at: number): Json => {
    const hops = isMap(value) ? value['hops'] : undefined;
    if (!isMap(value) || !isList(hops)) return value;
    const kept = hops.map((one, index) => hop(one, ['chains', at, 'hops', index]));
    return kept.every((one, index) => one === hops[index]) ? value : { ...value, hops: kept };
  };
  const lists = [
    ['chains', listOf(config, 'chains').map(chain)],
    ['hops', listOf(config, 'hops').map((value, index) => hop(value, ['hops', index]))],
  ] as const;
  const changed = lists.filter(([section, list]) =>
    list.some((value, index) => value !== listOf(config, section)[index]),
  );
  return changed.length === 0 ? config : { ...config, ...Object.fromEntries(changed) };
}

function compared(
  section: string,
  there: Json | undefined,
  value: Json,
): Pick<ImportItem, 'before' | 'after' | 'secretsDiffer'> {
  const before = there === undefined ? null : yamlOf(section, there);
  const after = yamlOf(section, value);
  return { before, after, secretsDiffer: before === after && !sameData(there, value) };
}

/** The value as YAML with its passwords masked. */
function yamlOf(section: string, value: Json): string {
  const list = isList(redact({ [section]: [value] })[section])
    ? redact({ [section]: [value] })[section]
    : null;
  const masked = isList(list) ? (list[0] ?? null) : null;
  if (fieldOf('config', section)?.kind !== 'objects' && section !== 'hops' && section !== 'nodes')
    return blockLines({ [section]: redact({ [section]: value })[section] ?? null }, 0, GOST_LAYOUT).join(
      '\n',
    );
  return blockLines(masked, 0, GOST_LAYOUT).join('\n');
}

/** Passwords and keys that a configuration holds. */
export function secretsIn(config: Config): number {
  const count = (value: Json | undefined): number => {
    if (value === KEPT_SECRET) return 1;
    if (isList(value)) return value.reduce<number>((sum, item) => sum + count(item), 0);
    return isMap(value) ? Object.values(value).reduce<number>((sum, item) => sum + count(item), 0) : 0;
  };
  return count(redact(config));
}

function detailOf(kind: ImportKind, value: Json): string {
  if (!isMap(value)) return '';
  const addr = typeof value['addr'] === 'string' ? value['addr'] : '';
  const type = (key: string): string => {
    const component = value[key];
    const own = isMap(component) ? component['type'] : undefined;
    return typeof own === 'string' ? own : '';
  };
  const joined = (a: string, b: string): string => (b === '' || b === 'tcp' || b === a ? a : `${a}+${b}`);
  if (kind === 'service') return `${joined(type('handler'), type('listener'))} ${addr}`.trim();
  if (kind === 'node') return `${joined(type('connector'), type('dialer'))} ${addr}`.trim();
  const list = Object.values(value).find(
    (item) => isList(item) && item.every((part) => typeof part === 'string'),
  );
  return isList(list) ? list.slice(0, 3).join(', ') + (list.length > 3 ? ', …' : '') : '';
}

/** True when `path` begins with `start`. */
function starts(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
