/** Writes docs/interop.md from the results of a run: what was run, with which versions, when, and how each cell ended. */
import type { Result } from './matrix.ts';

const MARKS: Readonly<Record<Result['outcome'], string>> = {
  pass: 'yes',
  fail: '**FAIL**',
  absent: 'absent',
  cannot: 'no',
};

/** What was run, besides the cells. */
export interface RunFacts {
  readonly date: string;
  readonly commit: string;
  readonly system: string;
  readonly versions: readonly { readonly name: string; readonly version: string }[];
}

/** The whole document. Cells that the peer can not do carry the number of their reason and are not counted as passed. */
export function reportOf(results: readonly Result[], facts: RunFacts): string {
  const counted = (outcome: Result['outcome']): number =>
    results.filter((one) => one.outcome === outcome).length;
  return [
    '# Interop',
    '',
    '<!-- Written by `npm run interop`; edits are lost. -->',
    '',
    `Run on ${facts.date} at commit ${facts.commit}, ${facts.system}. ${counted('pass')} cells passed, ${counted('fail')} failed, ` +
      `${counted('absent')} had no peer on the machine; ${counted('cannot')} were not run because the peer can not do them.`,
    '',
    `**yes**: run and passed. **no** with a number: the peer can not do it, reason below. Empty: not asked of this program.`,
    '',
    ...[...new Set(results.map((one) => one.table))]
      .toSorted()
      .flatMap((table) => tableOf(results.filter((one) => one.table === table))),
    '## Versions',
    '',
    '| program | version |',
    '| --- | --- |',
    ...facts.versions.map(({ name, version }) => `| ${name} | ${version} |`),
    '',
  ].join('\n');
}

function tableOf(unordered: readonly Result[]): string[] {
  const results = unordered.toSorted((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1]);
  const columns = [
    ...new Set(unordered.toSorted((a, b) => a.place[1] - b.place[1]).map((one) => one.column)),
  ];
  const rows = [...new Set(results.map((one) => one.row))];
  const reasons = [...new Set(results.flatMap((one) => (one.reason === undefined ? [] : [one.reason])))];
  const cell = (row: string, column: string): string => {
    const result = results.find((one) => one.row === row && one.column === column);
    if (result === undefined) return '';
    const mark = MARKS[result.outcome];
    return result.reason === undefined ? mark : `${mark} ${reasons.indexOf(result.reason) + 1}`;
  };
  const commands = new Map(
    results.map((one) => [one.command, results.filter(({ command }) => command === one.command)]),
  );
  return [
    `## ${results[0]?.table ?? ''}`,
    '',
    `| | ${columns.join(' | ')} |`,
    `| --- |${columns.map(() => ' --- |').join('')}`,
    ...rows.map((row) => `| ${row} | ${columns.map((column) => cell(row, column)).join(' | ')} |`),
    '',
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
    '',
    'How it was run:',
    '',
    ...[...commands].map(([command, of]) => `- ${groupOf(of)}: \`${command}\``),
    '',
  ];
}

/** The rows that share a command: one by name, many by what their names end with. */
function groupOf(results: readonly Result[]): string {
  const rows = [...new Set(results.map((one) => one.row))];
  const [first = ''] = rows;
  return rows.length === 1 ? first : `${first.split(', ').at(-1) ?? first} (${rows.length} rows)`;
}
