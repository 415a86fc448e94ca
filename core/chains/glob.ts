/**
 * Glob patterns over host text: `*` any run, `?` one character, `[abc]`, `[a-z]`, `[!a]` one of a class, `{a,b}` one of
 * several. Matching never backtracks further than the last `*`, so no pattern of a configuration can make it slow.
 */
type Token = '*' | ((character: string) => boolean);

/** More alternatives than a person writes; the rest of a larger pattern is taken literally. */
const MAX_ALTERNATIVES = 64;

export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/** A test for whole texts in lower case. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const programs = alternatives(pattern).map(tokens);
  return (text) => programs.some((program) => matches(program, text));
}

function matches(program: readonly Token[], text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const token = program[next];
    if (token === '*') {
      star = next;
      resume = at;
      next += 1;
    } else if (token?.(text.charAt(at)) === true) {
      at += 1;
      next += 1;
    } else if (star !== -1) {
      resume += 1;
      at = resume;
      next = star + 1;
    } else {
      return false;
    }
  }
  while (program[next] === '*') next += 1;
  return next === program.length;
}

function tokens(pattern: string): Token[] {
  const program: Token[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    const end = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') {
      if (program.at(-1) !== '*') program.push('*');
    } else if (character === '?') {
      program.push(() => true);
    } else if (end !== -1) {
      program.push(characterClass(pattern.slice(at + 1, end)));
      at = end;
    } else {
      program.push((other) => other === character);
    }
  }
  return program;
}

function characterClass(body: string): (character: string) => boolean {
  const negated = /^[!^]/.test(body);
  const ranges = [...body.slice(negated ? 1 : 0).matchAll(/(.)-(.)|(.)/g)].map(([, from, to, one]) => ({
    from: from ?? one ?? '',
    to: to ?? one ?? '',
  }));
  return (character) => ranges.some(({ from, to }) => character >= from && character <= to) !== negated;
}

/** Writes `{a,b}` out; braces do not nest. */
function alternatives(pattern: string): string[] {
  let done = [''];
  let rest = pattern;
  for (let group = /\{([^{}]*)\}/.exec(rest); group !== null; group = /\{([^{}]*)\}/.exec(rest)) {
    const before = rest.slice(0, group.index);
    const choices = (group[1] ?? '').split(',');
    if (done.length * choices.length > MAX_ALTERNATIVES) break;
    done = done.flatMap((start) => choices.map((choice) => start + before + choice));
    rest = rest.slice(group.index + group[0].length);
  }
  return done.map((start) => start + rest);
}
