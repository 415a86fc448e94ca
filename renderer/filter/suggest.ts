/** What the filter box proposes for the word under the caret: keys of the language first, then values that are really there. */
import { FILTER_KEYS } from './filter.ts';

export interface Suggestion {
  /** The whole filter with the word completed. */
  readonly filter: string;
  /** Where typing goes on. */
  readonly caret: number;
  /** What is shown: the completed word. */
  readonly word: string;
  /** Key of its explanation, or null for a value. */
  readonly key: string | null;
}

/** Values by key, best first. */
export type Facts = Readonly<Partial<Record<string, readonly string[]>>>;

const SHOWN = 8;
/** Examples for amounts, which have no values to choose from. */
const AMOUNTS: Facts = {
  'down>': ['100kb', '1mb', '100mb'],
  'up>': ['100kb', '1mb', '100mb'],
  'age>': ['1m', '10m', '1h'],
  'idle>': ['30s', '5m', '1h'],
  'setup>': ['100', '1s'],
};

export function suggest(input: string, caret: number, facts: Facts): Suggestion[] {
  const before = input.slice(0, caret);
  const start = before.search(/\S*$/);
  const end = caret + (/^\S*/.exec(input.slice(caret))?.[0].length ?? 0);
  const typed = before.slice(start);
  const minus = typed.startsWith('-') ? '-' : '';
  const word = typed.slice(minus.length).toLowerCase();
  const complete = (text: string, key: string | null): Suggestion => {
    const rest = input.slice(end).trimStart();
    const space = key === null || rest !== '' ? ' ' : '';
    const done = start + minus.length + text.length;
    return {
      caret: key === null ? done + 1 : done,
      filter: `${input.slice(0, start)}${minus}${text}${space}${rest}`,
      word: `${minus}${text}`,
      key,
    };
  };
  const key = FILTER_KEYS.find((each) => word.startsWith(each) || word.startsWith(each.replace('>', '<')));
  if (key === undefined)
    return FILTER_KEYS.filter((each) => each.startsWith(word) && each !== word)
      .slice(0, SHOWN * 2)
      .map((each) => complete(each, each.slice(0, -1)));
  const value = word.slice(key.length);
  const sign = word.slice(0, key.length);
  return (facts[key] ?? AMOUNTS[key] ?? [])
    .map((each) => each.toLowerCase().replaceAll(/\s+/g, '*'))
    .filter((each) => each !== '' && each.includes(value) && each !== value)
    .slice(0, SHOWN)
    .map((each) => complete(`${sign}${each}`, null));
}
