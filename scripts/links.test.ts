/** What the documents point to is there: relative links with their headings, and paths in backticks that begin with a folder of ours. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const FOREIGN = new Set(['node_modules', 'dist', 'release', '.cache', '.git', 'test-results']);
const OURS = [
  'assets',
  'bench',
  'core',
  'docs',
  'e2e',
  'electron',
  'interop',
  'packages',
  'renderer',
  'scripts',
];

function documents(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (FOREIGN.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? documents(path) : path.endsWith('.md') ? [path] : [];
  });
}

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The text without code blocks, which quote what is elsewhere. */
function proseOf(text: string): string {
  return text.replace(/^(```|~~~)[^]*?^\1/gm, '');
}

/** Fragments of a document's headings, as GitHub makes them. */
function headings(path: string): Set<string> {
  return new Set(
    [...proseOf(textOf(path)).matchAll(/^#+ +(.+?) *$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
}

/** What a document points to that is not there; `written`: as if that stood in it. */
function broken(path: string, written?: string): string[] {
  const whole = written ?? textOf(path);
  const text = proseOf(whole);
  const links = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/i.test(target)) return [];
    const [file = '', fragment] = decodeURI(target).split('#');
    const to = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, to))) return [target];
    return fragment === undefined || !to.endsWith('.md') || headings(to).has(fragment) ? [] : [target];
  });
  const there = (named: string): boolean =>
    existsSync(join(ROOT, named)) || existsSync(join(ROOT, dirname(path), named));
  const paths = [...text.matchAll(/`([\w.-]+\/[\w./-]+)`/g)].flatMap(([, named = '']) =>
    OURS.includes(named.split('/')[0] ?? '') && !there(named) ? [named] : [],
  );
  // sources, in whatever way they are written down; documents about core/ leave that out
  const sources = [...whole.matchAll(/(?:^|[\s`("])((?:[\w-]+\/)+[\w.-]+\.(?:ts|tsx|mjs))\b/gm)].flatMap(
    ([, named = '']) => (there(named) || existsSync(join(ROOT, 'core', named)) ? [] : [named]),
  );
  return [...new Set([...links, ...paths, ...sources])];
}

for (const path of documents('.'))
  test(`${path} points to what is there`, () => assert.deepEqual(broken(path), []));

test('what points to nothing is found', () => {
  const text =
    '[a](core) [b](no/file.md) [c](README.md#no-such-heading) `core/roles.ts` `core/nothing.ts`\n```\n[d](x) chains/none.ts\n```\n';
  assert.deepEqual(broken('README.md', text), [
    'no/file.md',
    'README.md#no-such-heading',
    'core/nothing.ts',
    'chains/none.ts',
  ]);
});
