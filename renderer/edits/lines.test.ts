import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffLines, hunks, linesOf, merge, type Stretch } from './lines.ts';

const some = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
const joined = (stretches: readonly Stretch[], side: 'ours' | 'theirs'): string[] =>
  stretches.flatMap((stretch) => [...(stretch.kind === 'settled' ? stretch.lines : stretch[side])]);

test('a difference gives back both texts, and is as short as it can be', () => {
  fc.assert(
    fc.property(some, some, (before, after) => {
      const lines = diffLines(before, after);
      assert.deepEqual(
        lines.filter(({ kind }) => kind !== 'added').map(({ text }) => text),
        before,
      );
      assert.deepEqual(
        lines.filter(({ kind }) => kind !== 'removed').map(({ text }) => text),
        after,
      );
      assert.equal(lines.filter(({ kind }) => kind === 'same').length, commonLength(before, after));
    }),
  );
});

test('shows what differs with some lines around it', () => {
  const before = Array.from({ length: 40 }, (_, at) => `line ${at}`);
  const after = before.map((line, at) => (at === 5 || at === 30 ? `${line}!` : line));
  const shown = hunks(diffLines(before, after), 1);
  assert.deepEqual(
    shown.map((line) => line?.text ?? '…'),
    ['line 4', 'line 5', 'line 5!', 'line 6', '…', 'line 29', 'line 30', 'line 30!', 'line 31'],
  );
  assert.deepEqual(hunks(diffLines(before, before)), []);
  assert.deepEqual(linesOf('a\nb\n'), ['a', 'b']);
});

test('changes in different places are settled by themselves, in one place they are a conflict', () => {
  const base = ['1', '2', '3', '4', '5'];
  const apart = merge(base, ['1', 'x', '3', '4', '5'], ['1', '2', '3', '4', 'y']);
  assert.ok(apart.every(({ kind }) => kind === 'settled'));
  assert.deepEqual(joined(apart, 'ours'), ['1', 'x', '3', '4', 'y']);
  const same = merge(base, ['1', 'x', '3', '4', '5'], ['1', 'y', '3', '4', '5']);
  assert.deepEqual(
    same.find(({ kind }) => kind === 'conflict'),
    {
      kind: 'conflict',
      base: ['2'],
      ours: ['x'],
      theirs: ['y'],
    },
  );
});

test('when one side changed nothing, the other side is the result', () => {
  fc.assert(
    fc.property(some, some, (base, changed) => {
      assert.deepEqual(joined(merge(base, base, changed), 'ours'), changed);
      assert.deepEqual(joined(merge(base, changed, base), 'theirs'), changed);
      assert.ok(merge(base, changed, changed).every(({ kind }) => kind === 'settled'));
    }),
  );
});

function commonLength(a: readonly string[], b: readonly string[]): number {
  let row: number[] = b.map(() => 0);
  for (const x of a) {
    const next: number[] = [];
    for (const [at, y] of b.entries()) {
      const best = x === y ? (row[at - 1] ?? 0) + 1 : Math.max(next[at - 1] ?? 0, row[at] ?? 0);
      next.push(best);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
