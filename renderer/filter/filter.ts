/**
 * The filter language of the connection tables: words and `key:value` terms, all of which must match.
 * `host:*.example.com chain:work down>1mb age>5m proc:firefox state:open -service:dev text`. `-` turns a term round; a value may hold `*`.
 * A key nobody knows makes the whole term plain text, and is reported so that the view can hint at it.
 */
export interface FilterRow {
  readonly target: string;
  readonly port: string;
  readonly client: string;
  readonly service: string;
  readonly chain: string;
  readonly hop: string;
  readonly user: string;
  readonly type: string;
  readonly id: string;
  readonly process: string;
  readonly state: 'setup' | 'open' | 'ended' | 'failed';
  /** Why it ended, in words; empty while it is open. */
  readonly why: string;
  readonly up: number;
  readonly down: number;
  /** Milliseconds. */
  readonly age: number;
  /** Milliseconds without a byte. */
  readonly idle: number;
  /** Milliseconds until the request was answered. */
  readonly setup: number;
  /** Lower-case text of the whole row. */
  readonly text: string;
}

export interface Filter {
  /** True when there is nothing to match. */
  readonly empty: boolean;
  /** Keys that are not keys. */
  readonly unknown: readonly string[];
  matches(row: FilterRow): boolean;
}

type TextKey =
  | 'host'
  | 'port'
  | 'proc'
  | 'client'
  | 'service'
  | 'chain'
  | 'hop'
  | 'state'
  | 'user'
  | 'type'
  | 'why'
  | 'id';
type AmountKey = 'up' | 'down' | 'age' | 'idle' | 'setup';

const TEXT_KEYS: Readonly<Record<TextKey, (row: FilterRow) => string>> = {
  host: (row) => row.target,
  port: (row) => row.port,
  proc: (row) => row.process,
  client: (row) => row.client,
  service: (row) => row.service,
  chain: (row) => row.chain,
  hop: (row) => row.hop,
  state: (row) => row.state,
  user: (row) => row.user,
  type: (row) => row.type,
  why: (row) => row.why,
  id: (row) => row.id,
};
const AMOUNT_KEYS: Readonly<Record<AmountKey, ReadonlyMap<string, number>>> = {
  up: sizes(),
  down: sizes(),
  age: spans(1_000),
  idle: spans(1_000),
  setup: spans(1),
};

/** Every key, for suggestions. */
export const FILTER_KEYS: readonly string[] = [
  ...Object.keys(TEXT_KEYS).map((key) => `${key}:`),
  ...Object.keys(AMOUNT_KEYS).map((key) => `${key}>`),
];

export function parseFilter(input: string): Filter {
  const unknown: string[] = [];
  const terms = input
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .map((word) => {
      const negative = word.startsWith('-');
      const term = parseTerm(negative ? word.slice(1) : word, unknown);
      return negative ? (row: FilterRow) => !term(row) : term;
    });
  return {
    empty: terms.length === 0,
    unknown,
    matches: (row) => terms.every((term) => term(row)),
  };
}

function parseTerm(word: string, unknown: string[]): (row: FilterRow) => boolean {
  const amount = /^(up|down|age|idle|setup)([<>])(\d+(?:\.\d+)?)([a-z]*)$/.exec(word);
  if (amount !== null) {
    // the expression above admits these keys only
    const key = amount[1] as AmountKey;
    const unit = AMOUNT_KEYS[key].get(amount[4] ?? '');
    if (unit !== undefined) {
      const limit = Number(amount[3]) * unit;
      return amount[2] === '>' ? (row) => row[key] > limit : (row) => row[key] < limit;
    }
  }
  const colon = word.indexOf(':');
  const key = word.slice(0, Math.max(0, colon));
  if (isTextKey(key)) {
    const read = TEXT_KEYS[key];
    const test = pattern(word.slice(colon + 1), key === 'port');
    return (row) => test(read(row).toLowerCase());
  }
  if (/^[a-z]+$/.test(key) && !/^\d+$/.test(word.slice(colon + 1))) unknown.push(key);
  const test = pattern(word, false);
  return (row) => test(row.text);
}

function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(TEXT_KEYS, key);
}

/** Contains, or a whole match where `*` stands for anything. */
function pattern(value: string, whole: boolean): (text: string) => boolean {
  if (value.includes('*')) {
    const parts = value.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const expression = new RegExp(`^${parts.join('.*')}$`, 's');
    return (text) => expression.test(text);
  }
  return whole ? (text) => text === value : (text) => text.includes(value);
}

/** `bare` is what a number without a unit means. */
function spans(bare: number): ReadonlyMap<string, number> {
  return new Map([
    ['', bare],
    ['ms', 1],
    ['s', 1_000],
    ['m', 60_000],
    ['min', 60_000],
    ['h', 3_600_000],
    ['d', 86_400_000],
  ]);
}

function sizes(): ReadonlyMap<string, number> {
  return new Map([
    ['', 1],
    ['b', 1],
    ['k', 1e3],
    ['kb', 1e3],
    ['m', 1e6],
    ['mb', 1e6],
    ['g', 1e9],
    ['gb', 1e9],
  ]);
}
