/**
 * Every sentence of the host that can reach a window, collected from the sources: string and template literals of core/ that
 * end like a sentence, gaps as {0}, {1}, …; the labels of fixes, of buttons and of what can be undone; and the titles and descriptions
 * of all options. Catalogues of other languages are held against it (host-sentences.test.ts).
 *
 *   tsx scripts/host-sentences.ts      prints what the Chinese catalogue lacks and what it has too much
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { catalog } from '../core/catalog.ts';
import { jsonSchemas } from '../core/config/json-schema.ts';
import { ERRORS } from '../core/contract/errors.ts';
import { DROP_REASONS } from '../core/contract/stats.ts';
import { zhHost } from '../renderer/i18n/zh-host.ts';

/** Seen in a terminal only, or written into files. */
const TERMINAL = ['args.ts', 'cli.ts', 'run-engine.ts', 'run-host.ts', 'start-text.ts'];

/** Templates of all sentences, in the order they were found. */
export function hostSentences(): Set<string> {
  const found = new Set<string>(optionTexts());
  for (const path of sources('core')) {
    const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const text = templateOf(node);
      if (text !== null && isSentence(text)) found.add(text);
      for (const label of labelsIn(node)) found.add(label);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  // these have keys of their own in the catalogues
  for (const text of [
    ...Object.values(ERRORS).map(({ sentence }) => sentence),
    ...Object.values(DROP_REASONS),
  ])
    found.delete(text);
  return found;
}

function templateOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map(({ literal }, at) => `{${at}}${literal.text}`).join('');
}

/** What a fix, a button of a problem or a step to undo is called, and where a problem is: `fix('…', …)`, `label: '…'`, `configuration.edit(…, '…')`. */
function labelsIn(node: ts.Node): string[] {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'label') return wordsOf(node.initializer);
  // a place is a path or an address, but for what has words
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'where')
    return wordsOf(node.initializer).filter((text) => /\s/.test(text));
  if (!ts.isCallExpression(node)) return [];
  const { expression, arguments: given } = node;
  if (ts.isIdentifier(expression) && ['fix', 'move'].includes(expression.text)) return wordsOf(given[0]);
  const changes =
    ts.isPropertyAccessExpression(expression) && ['edit', 'rewrite'].includes(expression.name.text);
  return changes ? wordsOf(given.at(-1)) : [];
}

function wordsOf(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isConditionalExpression(node)) return [...wordsOf(node.whenTrue), ...wordsOf(node.whenFalse)];
  const text = templateOf(node);
  return text === null || !/[A-Za-z]{2}/.test(text.replace(/\{\d+\}/g, '')) ? [] : [text];
}

function isSentence(text: string): boolean {
  return /\s/.test(text) && /[.!]$/.test(text.trim()) && /[a-z]{2}/.test(text);
}

function optionTexts(): string[] {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (['title', 'summary', 'description', 'unit'].includes(key) && typeof inner === 'string')
        texts.push(inner);
      else visit(inner);
    }
  };
  visit(jsonSchemas(catalog));
  return texts.filter((text) => text !== '');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'testing' ? [] : sources(path);
    return /(?<!\.test)\.ts$/.test(entry.name) && !TERMINAL.includes(entry.name) ? [path] : [];
  });
}

/** What a catalogue lacks, and what it has that the host no longer says. */
export function compare(catalogue: Readonly<Record<string, string>>): {
  missing: string[];
  unused: string[];
} {
  const wanted = hostSentences();
  return {
    missing: [...wanted].filter((text) => !(text in catalogue)),
    unused: Object.keys(catalogue).filter((text) => !wanted.has(text)),
  };
}

if (process.argv[1]?.endsWith('host-sentences.ts') === true) {
  const { missing, unused } = compare(zhHost);
  for (const text of missing) console.log(`+ ${text}`);
  for (const text of unused) console.log(`- ${text}`);
}
