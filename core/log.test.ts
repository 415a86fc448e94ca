import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, formatLine, printable, type Fields, type LogEntry } from './log.ts';

function line(fields: Fields): string {
  const entries: LogEntry[] = [];
  createLog('debug', (entry) => entries.push(entry)).debug('event', fields);
  const [entry] = entries;
  assert.ok(entry !== undefined);
  return formatLine(entry);
}

test('secrets are masked by the name of their field and inside of URLs, at every level', () => {
  for (const key of [
    'password',
    'proxyPass',
    'passphrase',
    'clientSecret',
    'token',
    'privateKey',
    'cipherKey',
    'auth',
    'key',
  ])
    assert.doesNotMatch(line({ [key]: 'hunter2' }), /hunter2/, key);
  for (const url of [
    'socks5://me:hunter2@h:1',
    'see http+tls://hunter2@h/ and ws://a:hunter2@b',
    'tls://a:x@hunter2@b',
  ])
    assert.doesNotMatch(line({ where: url }), /hunter2/, url);
  assert.match(line({ where: 'socks5://me:hunter2@h:1' }), /socks5:\/\/\*\*\*@h:1/);
  assert.match(line({ passed: 3 }), /"passed":3/);
});

test('a name can forge neither a line nor a terminal sequence nor the direction of text', () => {
  const hostile = 'a\r\n{"level":"error"}\u001b[2J\u0007\u202etxt\u2066\u009b';
  const text = line({ user: hostile, error: new Error(hostile), list: [hostile, 'b'] });
  assert.equal(text.split('\n').length, 1);
  assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  assert.equal(printable('\u001b[31m'), '\\u001b[31m');
  assert.match(text, /\\"level\\":\\"error/);
});

test('lines above the level are not made', () => {
  const events: string[] = [];
  const log = createLog('warn', ({ event }) => events.push(event)).with({ service: 'a' });
  log.debug('d');
  log.info('i');
  log.warn('w');
  log.error('e');
  assert.deepEqual(events, ['w', 'e']);
});
