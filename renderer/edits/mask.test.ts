import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskedLine } from './mask.ts';

test('hides passwords in every form an import takes, and nothing else', () => {
  const lines = [
    '    auth: { username: me, password: hunter2 }',
    '  "password": "hunter2",',
    "password: 'hunter2' # mine",
    'passphrase: hunter2',
    '-F socks5+tls://me:hunter2@host:1080?x=1',
    '"ServeNodes": ["socks5://me:hunter2@:1080"]',
  ];
  for (const line of lines) assert.doesNotMatch(maskedLine(line), /hunter2/);
  assert.match(maskedLine(lines[0] ?? ''), /username: me, password: •+ \}/);
  for (const line of ['addr: host:1080', 'name: key', '-L socks5://:1080', 'http://host/a@b'])
    assert.equal(maskedLine(line), line);
});
