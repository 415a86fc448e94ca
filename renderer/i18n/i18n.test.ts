import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import i18next from 'i18next';
import { ERRORS, type ErrorCode } from '../../core/contract/errors.ts';
import { en } from './en.ts';
import { errorText, hostText, nextStep, t } from './index.ts';
import { zh } from './zh.ts';

function leaves(value: object, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? leaves(inner, `${prefix}${key}.`)
      : [[`${prefix}${key}`, String(inner)] satisfies [string, string]],
  );
}

const stem = (key: string): string => key.replace(/_(one|other)$/, '');
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

test('both catalogues have the same keys and the same placeholders', () => {
  const english = new Map(leaves(en).map(([key, text]) => [stem(key), text]));
  const chinese = new Map(leaves(zh).map(([key, text]) => [stem(key), text]));
  assert.deepEqual([...chinese.keys()].sort(), [...english.keys()].sort());
  for (const [key, text] of chinese) {
    // a plural form may leave its number out, and so may the singular of the other language
    const wanted = placeholders(english.get(key) ?? '');
    assert.deepEqual(
      placeholders(text).filter((name) => name !== '{count}'),
      wanted.filter((name) => name !== '{count}'),
      key,
    );
    assert.notEqual(text.trim(), '', key);
  }
});

test('every key is used somewhere', () => {
  const sources = files('renderer')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const unused = [...new Set(leaves(en).map(([key]) => stem(key)))].filter((key) => {
    if (sources.includes(`'${key}'`)) return false;
    const dot = key.indexOf('.');
    return dot < 0 || !sources.includes(`\`${key.slice(0, dot)}.\${`);
  });
  assert.deepEqual(unused, []);
});

test('plurals, numbers and errors in both languages', async () => {
  assert.equal(t('status.problems', { count: 1 }), '1 problem');
  assert.equal(t('status.problems', { count: 2 }), '2 problems');
  assert.equal(errorText({ code: 'refused', message: 'as the host says it' }), 'as the host says it');
  await i18next.changeLanguage('zh');
  try {
    assert.equal(t('status.problems', { count: 1 }), '1 个问题');
    assert.equal(errorText({ code: 'refused', message: 'x', detail: { target: 'a:1' } }), 'a:1 拒绝了连接。');
    assert.equal(errorText({ code: 'refused', message: 'only words came' }), 'only words came');
    assert.equal(errorText({ code: 'limit', message: 'x', detail: { count: 5 } }), '此服务已有 5 个连接。');
    // what the host calls a step to undo, a fix and a button
    assert.equal(hostText('Use port 1081'), '使用端口 1081');
    assert.equal(hostText('Move it to connector.tls'), '移到 connector.tls');
    assert.equal(hostText('Show'), '显示');
    assert.equal(hostText('gost.yml, line 12'), 'gost.yml，第 12 行');
  } finally {
    await i18next.changeLanguage('en');
  }
});

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    const words = /^(en|zh)\.ts$|\.test\./.test(entry.name);
    return /\.tsx?$/.test(entry.name) && !words ? [path] : [];
  });
}

test('every error says what failed and what to do next, in both languages, and not the same twice', async () => {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  assert.ok(codes.length > 30);
  for (const [language, end] of [
    ['en', '.'],
    ['zh', '。'],
  ] as const) {
    await i18next.changeLanguage(language);
    for (const code of codes) {
      const next = nextStep({ code, message: '' });
      const why = t(`error.${code}`);
      assert.ok(next.endsWith(end) && !next.includes('{'), `${language} ${code}: ${next}`);
      assert.ok(why !== `error.${code}` && why !== next, `${language} ${code}`);
    }
  }
  await i18next.changeLanguage('en');
});
