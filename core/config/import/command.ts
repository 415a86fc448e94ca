/**
 * Command lines of GOST as people copy them: with the program's name, a prompt, quotes, line ends that are continued, several of them, inside of
 * scripts, unit files and compose files. Only -L and -F are read; nothing is run and no file that is named is opened.
 */
import type { Finding, Grade } from '../../contract/config.ts';
import type { SourceUrl, UrlRoute } from '../gost-url.ts';

interface Word {
  readonly text: string;
  readonly offset: number;
}

export interface CommandLine {
  readonly routes: readonly UrlRoute[];
  /** About what is not -L or -F. */
  readonly findings: readonly Finding[];
}

/** True for a text with -L or -F that is no file of its own. */
export function isCommandLine(text: string): boolean {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  if (lines.some((line) => /^\s*["{[]?\s*"?(services|chains|ServeNodes|ChainNodes)"?\s*:/i.test(line)))
    return false;
  return wordsOf(text).some((word) => flagOf(word.text) !== null);
}

/** Reads every command line of the text; each is a route of its own, and so is each part behind a lone `--`. */
export function readCommandLine(text: string, file: string): CommandLine {
  const routes: { services: SourceUrl[]; nodes: SourceUrl[] }[] = [];
  const findings: Finding[] = [];
  const place = placesOf(text);
  const words = wordsOf(text);
  let route: { services: SourceUrl[]; nodes: SourceUrl[] } | null = null;
  const say = (grade: Grade, word: Word, message: string): void => {
    findings.push({ grade, code: 'command_option', file, ...place(word.offset), path: [], message });
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    if (word.text === '--' || word.text === '\n') {
      route = null;
      continue;
    }
    const flag = flagOf(word.text);
    if (flag !== null) {
      const next = flag.value === null ? words[at + 1] : undefined;
      const value = flag.value ?? next?.text;
      if (value === undefined || value === '\n') {
        say('blocks', word, `${word.text} has no address behind it.`);
        continue;
      }
      if (next !== undefined) at += 1;
      if (route === null) {
        route = { services: [], nodes: [] };
        routes.push(route);
      }
      const url = { text: value, origin: { file, ...place(next?.offset ?? word.offset) } };
      if (flag.name === 'L') route.services.push(url);
      else route.nodes.push(url);
      continue;
    }
    const other = /^--?(C|O|R|D{1,2}|V|M|I|api|metrics)(?:=(.*))?$/.exec(word.text)?.[1];
    if (other === undefined) continue;
    if (other === 'C')
      say(
        'changes',
        word,
        'The file named by -C is not opened: an import reads only what it is given. Drop that file here too.',
      );
    else if (other === 'M' || other === 'I')
      say(
        'changes',
        word,
        `-${other} is left out: the system chooses the way out, and Sockeye sets no socket marks.`,
      );
    else say('ignored', word, `-${other} concerns the GOST program itself and has no effect here.`);
  }
  return { routes, findings };
}

function flagOf(word: string): { readonly name: 'L' | 'F'; readonly value: string | null } | null {
  const match = /^--?([LF])(?:=(.*))?$/s.exec(word);
  if (match === null) return null;
  return { name: match[1] === 'L' ? 'L' : 'F', value: match[2] ?? null };
}

/**
 * The words of the text by the rules of a POSIX shell, as far as GOST lines need them: quotes, backslashes, continued lines. A line that ends
 * without a backslash gives the word "\n". Also what surrounds arguments in lists of YAML and JSON (`- "-L=:1080"`, `["-L", ":1080"]`).
 */
function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const listed = /^\s*-\s+["']?--?[LF]|\[[^\]\n]*["']--?[LF]/m.test(text);
  let open: { text: string; offset: number }[] = [];
  let quote = '';
  const add = (char: string, at: number): void => {
    const [word] = open;
    if (word === undefined) open = [{ text: char, offset: at }];
    else word.text += char;
  };
  const end = (): void => {
    words.push(...open);
    open = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && (next === '"' || next === '\\')) {
        add(next, at);
        at += 1;
      } else add(char, at);
    } else if (char === '"' || char === "'") {
      quote = char;
      add('', at);
    } else if (char === '\\' && /^\r?\n/.test(text.slice(at + 1, at + 3))) {
      end();
      at += next === '\r' ? 2 : 1;
    } else if (char === '\n') {
      end();
      if (!listed) words.push({ text: '\n', offset: at });
    } else if (
      /\s/.test(char) ||
      (listed && /[[\],]/.test(char) && (open.length === 0 || /^[\s\]]?$/.test(next)))
    ) {
      end();
    } else if (char === '#' && open.length === 0) {
      while (at + 1 < text.length && text.charAt(at + 1) !== '\n') at += 1;
    } else if (char === '\\' && next !== '') {
      add(next, at);
      at += 1;
    } else add(char, at);
  }
  end();
  return words;
}

/** Line and column of an offset, 1-based. */
export function placesOf(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}
