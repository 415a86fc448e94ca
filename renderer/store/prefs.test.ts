import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clampInspector, readPrefs } from './prefs.ts';

const DEFAULTS = {
  theme: 'system',
  density: 'comfortable',
  language: 'en',
  letterKeys: true,
  inspectorPx: 360,
  filters: [],
  searchHidden: true,
  grouping: 'process',
};

test('each choice is read on its own; what can not be read falls back', () => {
  assert.deepEqual(readPrefs(null, 'de-DE'), DEFAULTS);
  assert.deepEqual(readPrefs('{broken', 'en'), DEFAULTS);
  assert.deepEqual(readPrefs('"text"', 'en'), DEFAULTS);
  const saved = JSON.stringify({ theme: 'dark', density: 'tight', letterKeys: false, inspectorPx: 9_999 });
  assert.deepEqual(readPrefs(saved, 'en'), {
    ...DEFAULTS,
    theme: 'dark',
    letterKeys: false,
    inspectorPx: 640,
  });
});

test('the language of the system is the first choice', () => {
  assert.equal(readPrefs(null, 'zh-CN').language, 'zh');
  assert.equal(readPrefs('{"language":"en"}', 'zh-CN').language, 'en');
  assert.equal(clampInspector(10), 300);
});
