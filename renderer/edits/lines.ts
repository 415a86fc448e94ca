/** Texts compared line by line: what differs between two, and what two people made of one. Myers' algorithm; pure. */

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  /** 1-based; null on the side that does not have it. */
  readonly before: number | null;
  readonly after: number | null;
}

/** A stretch of a three-way comparison. `conflict`: both sides changed it, and not in the same way. */
export type Stretch =
  | { readonly kind: 'settled'; readonly lines: readonly string[]; readonly from: 'both' | 'ours' | 'theirs' }
  | {
      readonly kind: 'conflict';
      readonly base: readonly string[];
      readonly ours: readonly string[];
      readonly theirs: readonly string[];
    };

/** Edits beyond this many are shown as one block: nobody reads them line by line, and the search would take long. */
const MAX_STEPS = 2_000;

export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let [a, b] = [0, 0];
  const same = (): void => {
    lines.push({ kind: 'same', text: after[b] ?? '', before: a + 1, after: b + 1 });
    a += 1;
    b += 1;
  };
  const upTo = (x: number, y: number): void => {
    for (; a < x; a += 1) lines.push({ kind: 'removed', text: before[a] ?? '', before: a + 1, after: null });
    for (; b < y; b += 1) lines.push({ kind: 'added', text: after[b] ?? '', before: null, after: b + 1 });
  };
  for (const [x, y] of matches(before, after)) {
    upTo(x, y);
    same();
  }
  upTo(before.length, after.length);
  return lines;
}

/** The lines that differ with `around` lines on both sides; null stands for what is left out. */
export function hunks(lines: readonly DiffLine[], around = 3): (DiffLine | null)[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same'),
  );
  return lines.flatMap((line, index) => {
    if (near[index] === true) return [line];
    return index > 0 && near[index - 1] === true && near.indexOf(true, index) !== -1 ? [null] : [];
  });
}

/** What two people made of one text. Joined, settled stretches and one side of each conflict give a whole text. */
export function merge(
  base: readonly string[],
  ours: readonly string[],
  theirs: readonly string[],
): Stretch[] {
  const inOurs = new Map(matches(base, ours));
  const inTheirs = new Map(matches(base, theirs));
  const stretches: Stretch[] = [];
  let [o, a, b] = [0, 0, 0];
  const stretch = (toO: number, toA: number, toB: number): void => {
    const part = { base: base.slice(o, toO), ours: ours.slice(a, toA), theirs: theirs.slice(b, toB) };
    [o, a, b] = [toO, toA, toB];
    if (part.base.length + part.ours.length + part.theirs.length === 0) return;
    const unchanged = { ours: equal(part.base, part.ours), theirs: equal(part.base, part.theirs) };
    if (equal(part.ours, part.theirs)) settle(part.ours, 'both');
    else if (unchanged.ours) settle(part.theirs, 'theirs');
    else if (unchanged.theirs) settle(part.ours, 'ours');
    else stretches.push({ kind: 'conflict', ...part });
  };
  const settle = (lines: readonly string[], from: 'both' | 'ours' | 'theirs'): void => {
    const last = stretches.at(-1);
    if (last?.kind === 'settled' && last.from === from)
      stretches[stretches.length - 1] = { ...last, lines: [...last.lines, ...lines] };
    else stretches.push({ kind: 'settled', lines, from });
  };
  for (let at = 0; at < base.length; at += 1) {
    const x = inOurs.get(at);
    const y = inTheirs.get(at);
    if (x === undefined || y === undefined) continue; // a line that all three have
    stretch(at, x, y);
    stretch(at + 1, x + 1, y + 1);
  }
  stretch(base.length, ours.length, theirs.length);
  return stretches;
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

/** Pairs of indexes of lines that stay, in order: a longest common subsequence. */
function matches(before: readonly string[], after: readonly string[]): [number, number][] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  const head = Array.from({ length: start }, (_, index): [number, number] => [index, index]);
  const tail = Array.from({ length: end }, (_, index): [number, number] => [
    before.length - end + index,
    after.length - end + index,
  ]);
  const middle = myers(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...head, ...middle.map(([x, y]): [number, number] => [x + start, y + start]), ...tail];
}

function myers(a: readonly string[], b: readonly string[]): [number, number][] {
  const limit = Math.min(MAX_STEPS, a.length + b.length);
  let reach = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let steps = 0; steps <= limit; steps += 1) {
    trace.push(new Map(reach));
    const next = new Map(reach);
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      let x = goesDown(reach, diagonal, steps)
        ? (reach.get(diagonal + 1) ?? 0)
        : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      next.set(diagonal, x);
      reach = next;
      if (x >= a.length && x - diagonal >= b.length) return backwards(trace, a.length, b.length);
    }
  }
  return [];
}

function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, steps: number): boolean {
  return (
    diagonal === -steps ||
    (diagonal !== steps && (reach.get(diagonal - 1) ?? -1) < (reach.get(diagonal + 1) ?? -1))
  );
}

function backwards(trace: readonly ReadonlyMap<number, number>[], x: number, y: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let steps = trace.length - 1; steps >= 0; steps -= 1) {
    const reach = trace[steps] ?? new Map<number, number>();
    const diagonal = x - y;
    const from = goesDown(reach, diagonal, steps) ? diagonal + 1 : diagonal - 1;
    const toX = steps === 0 ? 0 : (reach.get(from) ?? 0);
    const toY = steps === 0 ? 0 : toX - from;
    while (x > toX && y > toY) {
      x -= 1;
      y -= 1;
      pairs.push([x, y]);
    }
    if (steps > 0) [x, y] = [toX, toY];
  }
  return pairs.reverse();
}
