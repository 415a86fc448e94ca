/**
 * Reads YAML (and JSON, which is YAML) into a tree of places; `yaml` itself is used here only.
 * Limits against hostile files: size, depth, number of aliases, number of values after aliases are followed. A text that breaks a
 * limit or the rules of YAML gives problems with offsets and no tree. Long because the builder visits each kind of YAML node once.
 */
import {
  Composer,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Alias,
  type CST,
  type Document,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Json } from '../contract/config.ts';
import {
  dataOf,
  type AliasPlace,
  type Entry,
  type Item,
  type ListPlace,
  type MapPlace,
  type Place,
  type ScalarPlace,
  type Base,
} from './tree.ts';

export const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_ALIASES = 100;
const MAX_VALUES = 200_000;

interface Problem {
  readonly code: 'syntax' | 'too_big' | 'too_deep' | 'alias' | 'tag' | 'duplicate_key' | 'documents';
  readonly offset: number;
  readonly message: string;
}

export interface Tree {
  /** Null for an empty text. */
  readonly root: Place | null;
  readonly problems: readonly Problem[];
  /** True when the whole text is JSON: edits must keep it so. */
  readonly json: boolean;
}

/** Reads `text` (without byte order mark). Never throws. */
export function parseTree(text: string): Tree {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return failed([{ code: 'too_big', offset: 0, message: 'The file is larger than 1 MiB.' }]);
  }
  const json = isJson(text);
  const tokens = tokensOf(json ? text.replaceAll('\t', ' ') : text); // a tab may not indent in YAML, but may in JSON
  if (!Array.isArray(tokens)) return failed([tokens]);
  const documents = [
    ...new Composer({
      keepSourceTokens: true,
      uniqueKeys: false,
      merge: true,
      version: '1.2',
      strict: true,
    }).compose(tokens),
  ];
  const document = documents[0];
  if (document === undefined) return { root: null, problems: [], json };
  const problems = syntaxOf(document);
  const second = documents[1];
  if (second !== undefined) {
    problems.push({
      code: 'documents',
      offset: second.range[0],
      message:
        'A second YAML document begins here; one file holds one configuration. Remove the `---` or split the file.',
    });
  }
  if (problems.length > 0) return failed(problems);
  const builder = new Builder();
  const root =
    document.contents === null ? null : builder.place(document.contents, document.contents.range[0], [], 0);
  return builder.problems.length > 0
    ? failed(builder.problems)
    : { root: emptyRoot(root), problems: [], json };
}

function failed(problems: readonly Problem[]): Tree {
  return { root: null, problems: problems.slice(0, 20), json: false };
}

/** A file of only comments has an empty scalar as its root. */
function emptyRoot(root: Place | null): Place | null {
  return root?.kind === 'scalar' && root.style === 'empty' ? null : root;
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The tokens of the text, or the problem of being nested too deeply: found while reading, before anything recurses. */
function tokensOf(text: string): CST.Token[] | Problem {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH + 4) {
      return {
        code: 'too_deep',
        offset: parser.offset,
        message: `Values are nested more than ${MAX_DEPTH} deep here.`,
      };
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

function syntaxOf(document: Document.Parsed): Problem[] {
  const problems = document.errors.map((error): Problem => ({
    code: 'syntax',
    offset: error.pos[0],
    message: plain(error.code, error.message),
  }));
  for (const warning of document.warnings) {
    if (warning.code !== 'TAG_RESOLVE_FAILED') continue;
    problems.push({
      code: 'tag',
      offset: warning.pos[0],
      message: 'Tags of your own (`!name`) are not allowed in a configuration. Remove the tag.',
    });
  }
  return problems;
}

/** The sentences people meet most, in words; the others as the parser says them. */
function plain(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT')
    return 'A tab is used to indent here. YAML allows only spaces; replace the tab.';
  if (code === 'BAD_INDENT') return 'This line is indented differently from the lines it belongs to.';
  if (code === 'MISSING_CHAR' && message.includes('Implicit keys')) return 'A key is missing its colon here.';
  if (code === 'MULTILINE_IMPLICIT_KEY') return 'This line is neither `key: value` nor a list item.';
  const first = message.split('\n')[0] ?? message;
  return first.endsWith('.') ? first : `${first}.`;
}

type Value = Scalar | Alias | YAMLMap | YAMLSeq;

class Builder {
  readonly problems: Problem[] = [];
  readonly #anchors = new Map<string, { place: Place | null; value: Json; size: number }>();
  #aliases = 0;
  #values = 0;

  /** `at`: where an empty value would stand. `tokens`: what stands before the value, for its anchor and tag. */
  place(node: unknown, at: number, tokens: readonly CST.SourceToken[], depth: number): Place {
    const before = this.#values;
    const place = this.#plainPlace(node, at, tokens, depth);
    if (place.anchor !== null) {
      this.#anchors.set(place.anchor, { place, value: dataOf(place), size: this.#values - before });
    }
    return place;
  }

  #plainPlace(node: unknown, at: number, tokens: readonly CST.SourceToken[], depth: number): Place {
    this.#count(1, at);
    if (depth > MAX_DEPTH) {
      this.#problem('too_deep', at, `Values are nested more than ${MAX_DEPTH} deep here.`);
      return empty(at);
    }
    if (!isValue(node)) return empty(at);
    const base = this.#base(node, at, tokens);
    if (isAlias(node)) return this.#alias(node, base);
    if (isScalar(node)) return scalar(node, base);
    if (isSeq(node)) return this.#list(node, base, depth);
    return this.#map(node, base, depth);
  }

  #base(node: Value, at: number, tokens: readonly CST.SourceToken[]): Base {
    const anchor = isAlias(node) ? null : (node.anchor ?? null);
    const tag = isAlias(node) ? null : (node.tag ?? null);
    const first = tokens.find(
      ({ type, source }) => (type === 'anchor' && source === `&${anchor ?? ''}`) || type === 'tag',
    );
    const start = node.range?.[0] ?? at;
    return {
      start,
      end: contentEnd(node) ?? start,
      props: first !== undefined && (anchor !== null || tag !== null) ? first.offset : start,
      anchor,
      tagged: tokens.some(({ type }) => type === 'tag'),
    };
  }

  #alias(node: Alias, base: Base): AliasPlace {
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES)
      this.#problem('alias', base.start, `There are more than ${MAX_ALIASES} aliases (\`*name\`).`);
    const known = this.#anchors.get(node.source);
    if (known === undefined)
      this.#problem('alias', base.start, `The alias *${node.source} names no anchor above it.`);
    this.#count(known?.size ?? 0, base.start);
    return {
      ...base,
      kind: 'alias',
      name: node.source,
      target: known?.place ?? null,
      value: known?.value ?? null,
    };
  }

  #list(node: YAMLSeq, base: Base, depth: number): ListPlace {
    const source = node.srcToken;
    const dashes =
      source?.type === 'block-seq'
        ? source.items.filter(({ start }) => start.some(({ type }) => type === 'seq-item-ind'))
        : source?.type === 'flow-collection'
          ? source.items
          : [];
    const block = source?.type === 'block-seq';
    const items = node.items.map((item, index): Item => {
      const tokens = dashes[index]?.start ?? [];
      const dash = tokens.find(({ type }) => type === 'seq-item-ind');
      const after = dash === undefined ? null : dash.offset + dash.source.length;
      const bare = isPair(item) ? item : null;
      const place =
        bare === null
          ? this.place(item, after ?? base.end, tokens, depth + 1)
          : this.#bare(bare, base.end, depth + 1);
      return { start: dash?.offset ?? place.props, after: after ?? place.props, place };
    });
    return { ...base, kind: 'list', style: block ? 'block' : 'flow', items };
  }

  #bare(pair: Pair, at: number, depth: number): MapPlace {
    const entry = this.#entry(pair, at, depth);
    const base = {
      start: entry.start,
      end: Math.max(entry.keyEnd, entry.place.end),
      props: entry.start,
      anchor: null,
      tagged: false,
    };
    return { ...base, kind: 'map', style: 'bare', entries: [entry] };
  }

  #map(node: YAMLMap, base: Base, depth: number): MapPlace {
    const style =
      node.srcToken?.type === 'block-map'
        ? 'block'
        : node.srcToken?.type === 'flow-collection'
          ? 'flow'
          : 'bare';
    const entries = node.items.map((pair) => this.#entry(pair, base.start, depth));
    const seen = new Map<string, Entry>();
    for (const entry of entries) {
      const twin = seen.get(entry.key.toLowerCase());
      if (twin !== undefined && !entry.merge) {
        const spelled = twin.key === entry.key ? '' : ` (as ${twin.key}; case does not matter)`;
        this.#problem(
          'duplicate_key',
          entry.start,
          `The key ${entry.key} is given twice in the same place${spelled}. Keep one of them.`,
        );
      }
      seen.set(entry.key.toLowerCase(), entry);
    }
    return { ...base, kind: 'map', style, entries };
  }

  #entry(pair: Pair, at: number, depth: number): Entry {
    const source = pair.srcToken;
    const keyNode = isValue(pair.key) ? pair.key : null;
    const key = this.#key(keyNode, at);
    const start = keyNode?.range?.[0] ?? source?.start.at(-1)?.offset ?? at;
    const keyEnd = keyNode?.range?.[1] ?? start;
    const lead = source?.start.find(
      ({ type }) => type === 'explicit-key-ind' || type === 'anchor' || type === 'tag',
    );
    const colon = source?.sep?.find(({ type }) => type === 'map-value-ind');
    const after = colon === undefined ? null : colon.offset + colon.source.length;
    const place = this.place(pair.value, after ?? keyEnd, source?.sep ?? [], depth + 1);
    const plainKey = isScalar(keyNode) && keyNode.type === 'PLAIN';
    return { key, start: lead?.offset ?? start, keyEnd, after, place, merge: plainKey && key === '<<' };
  }

  #key(node: Value | null, at: number): string {
    if (node === null) return '';
    if (isAlias(node)) {
      const value = this.#anchors.get(node.source)?.value;
      return typeof value === 'string' ? value : node.source;
    }
    if (isCollection(node)) {
      this.#problem(
        'syntax',
        node.range?.[0] ?? at,
        'A key must be a single word here, not a list or a map.',
      );
      return '';
    }
    const key =
      node.srcToken !== undefined && 'source' in node.srcToken && node.type === 'PLAIN'
        ? node.source
        : undefined;
    const text = key ?? String(node.value);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { place: null, value: text, size: 1 });
    return text;
  }

  #count(values: number, offset: number): void {
    const before = this.#values;
    this.#values += values;
    if (this.#values > MAX_VALUES && before <= MAX_VALUES) {
      this.#problem('too_big', offset, 'The file means too many values once its aliases are followed.');
    }
  }

  #problem(code: Problem['code'], offset: number, message: string): void {
    if (this.problems.length < 20) this.problems.push({ code, offset, message });
  }
}

function isValue(node: unknown): node is Value {
  return isAlias(node) || isScalar(node) || isMap(node) || isSeq(node);
}

function scalar(node: Scalar, base: Base): ScalarPlace {
  return {
    ...base,
    kind: 'scalar',
    style: styleOf(node, base),
    value: plainValue(node.value),
  };
}

/** What is no plain data (infinities, dates) stays the text it would be. */
function plainValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
}

function styleOf(node: Scalar, base: Base): ScalarPlace['style'] {
  switch (node.type) {
    case 'QUOTE_SINGLE':
      return 'single';
    case 'QUOTE_DOUBLE':
      return 'double';
    case 'BLOCK_FOLDED':
    case 'BLOCK_LITERAL':
      return 'block';
    default:
      return base.end === base.start ? 'empty' : 'plain';
  }
}

function empty(at: number): ScalarPlace {
  return {
    kind: 'scalar',
    style: 'empty',
    value: null,
    start: at,
    end: at,
    props: at,
    anchor: null,
    tagged: false,
  };
}

/** Where the last character of a value that is not white space or a comment ends. */
function contentEnd(node: unknown): number | null {
  if (isPair(node)) return contentEnd(node.value) ?? contentEnd(node.key);
  if (!isValue(node)) return null;
  const range = node.range;
  if (range == null) return null;
  if (!isCollection(node) || node.srcToken?.type === 'flow-collection') return range[1];
  const last: unknown = node.items.at(-1);
  const end = last === undefined ? null : contentEnd(last);
  return end === null ? range[1] : Math.max(end, range[0]);
}
