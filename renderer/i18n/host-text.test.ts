import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostTexts } from './host-text.ts';

const texts = new HostTexts({
  'UDP port': 'UDP 端口',
  'Port {0} is used by {1}.': '{1} 占用了端口 {0}。',
  'Port {0} is free.': '端口 {0} 可用。',
  'The proxy {0} failed: {1}': '代理 {0} 失败：{1}',
  '{0}: {1}': '{0}：{1}',
});

test('finds fixed words and sentences with values, whose order may change', () => {
  assert.equal(texts.find('UDP port'), 'UDP 端口');
  assert.equal(texts.find('Port 1080 is used by a b (pid 1).'), 'a b (pid 1) 占用了端口 1080。');
  assert.equal(texts.find('Port 1080 is lost.'), null);
});

test('a value that is a sentence is said in the same language', () => {
  assert.equal(texts.find('The proxy a failed: Port 1 is free.'), '代理 a 失败：端口 1 可用。');
});

test('the template with the most fixed text wins, and values may hold anything', () => {
  assert.equal(texts.find('The proxy x: y failed: $& {0}'), '代理 x：y 失败：$& {0}');
  assert.equal(texts.find('a\nb: c'), 'a\nb：c');
});
