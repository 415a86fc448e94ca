import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zhHost } from '../renderer/i18n/zh-host.ts';
import { compare, hostSentences } from './host-sentences.ts';

const gaps = (text: string): string[] => (text.match(/\{\d+\}/g) ?? []).sort();

test('the collection sees sentences of findings, of failures and of options', () => {
  const sentences = hostSentences();
  assert.ok(sentences.has('"{0}" is not an address; write it as host:port, IPv6 in brackets.'));
  assert.ok(sentences.has('it hung up.'));
  assert.ok(sentences.has('Require TLS'));
  for (const label of ['Move it to {0}', 'Use {0}', 'Show', 'Use port {0}', 'Add a hop'])
    assert.ok(sentences.has(label), label);
  assert.ok(sentences.size > 300, `only ${sentences.size} were found`);
});

test('every sentence of the host has its Chinese, and no translation is left over', () => {
  assert.deepEqual(compare(zhHost), { missing: [], unused: [] });
});

test('a translation has the gaps of its sentence', () => {
  for (const [template, translation] of Object.entries(zhHost))
    assert.deepEqual(gaps(translation), gaps(template), template);
});
