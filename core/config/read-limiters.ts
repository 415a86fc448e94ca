/** Limiters: lines of whom a limit holds for and how much it is, `$ 1MB 2MB` or `10.0.0.0/8 100`, here and in files. */
import type { CountLimiterPlan, LimiterPlan, LimitRule, TrafficRate } from '../plan.ts';
import { familyOf } from '../net/address.ts';
import type { Findings } from './findings.ts';
import { parseSize } from './gost-values.ts';
import { readListFile, type ReadLine } from './list-file.ts';
import type { Section } from './section.ts';

/** `KEY in out burst`; all but `in` may be left out. */
export function readTrafficLimiter(section: Section, name: string, findings: Findings): LimiterPlan {
  const readLine = limitLine<TrafficRate>((words) => {
    const [upBps, downBps = 0, burst = 0] = words.map(parseSize);
    if (upBps === undefined || upBps === null || downBps === null || burst === null) return null;
    return { upBps, downBps, burst: burst > 0 ? burst : null };
  });
  for (const [index, line] of section.texts('limits').entries()) {
    const bare = line
      .trim()
      .split(/\s+/)
      .slice(1)
      .find((word) => /^[1-9]\d*(\.\d+)?$/.test(word));
    if (bare === undefined) continue;
    findings.add(
      'changes',
      'no_unit',
      [...section.path, 'limits', index],
      `GOST takes ${bare} without a unit for no limit at all; Sockeye reads bytes per second. Write ${bare}B.`,
    );
  }
  return {
    name,
    rules: fixedRules(section, readLine, findings),
    file: readListFile(section, readLine, 'blocks', findings),
  };
}

/** climiter (`whole`) and rlimiter: `KEY number`. */
export function readCountLimiter(
  section: Section,
  name: string,
  findings: Findings,
  whole: boolean,
): CountLimiterPlan {
  const pattern = whole ? /^\d+$/ : /^\d+(\.\d+)?$/;
  const readCount = limitLine(([count = '']) => (pattern.test(count) ? Number(count) : null));
  // GOST sets no limit for a zero
  const readLine: typeof readCount = (line) => {
    const read = readCount(line);
    return read !== null && 'item' in read && read.item.value === 0 ? null : read;
  };
  return {
    name,
    rules: fixedRules(section, readLine, findings),
    file: readListFile(section, readLine, 'blocks', findings),
  };
}

function limitLine<T>(read: (words: readonly string[]) => T | null): ReadLine<LimitRule<T>> {
  return (line) => {
    const [key = '', ...words] = line.trim().split(/\s+/);
    const value = words.length === 0 ? null : read(words);
    if (value === null)
      return {
        wrong: `"${line}" is no limit; write whom it holds for, then the amount, such as "$ 1MB 1MB" or "$ 100"`,
      };
    if (!isWhom(key))
      return { wrong: `"${key}" is nobody a limit could hold for; write $, $$, an address or a CIDR` };
    return { item: { key, value } };
  };
}

function isWhom(key: string): boolean {
  if (key === '$' || key === '$$') return true;
  const [host = '', length, ...rest] = key.split('/');
  const family = familyOf(host);
  if (family === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

function fixedRules<T>(
  section: Section,
  readLine: ReadLine<LimitRule<T>>,
  findings: Findings,
): LimitRule<T>[] {
  return section.texts('limits').flatMap((line, index) => {
    const read = line.trim() === '' ? null : readLine(line);
    if (read === null) {
      const says = `"${line}" sets no limit, in GOST neither.`;
      findings.add('hint', 'no_limit', [...section.path, 'limits', index], says);
      return [];
    }
    if ('item' in read) return [read.item];
    findings.add('blocks', 'bad_value', [...section.path, 'limits', index], `${read.wrong}.`);
    return [];
  });
}
