import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLine, type LogEntry } from '../core/log.ts';
import { sentence } from './start-lines.mjs';

const CASES: readonly (readonly [Omit<LogEntry, 'at'>, string | null])[] = [
  [{ level: 'info', event: 'listening', fields: { service: 'local', address: '127.0.0.1:1080' } }, null],
  [
    { level: 'warn', event: 'exposed', fields: { service: 'lab', address: '[::]:80', hint: 'No password.' } },
    'Note: lab at [::]:80: No password.',
  ],
  [
    {
      level: 'error',
      event: 'service_failed',
      fields: { service: 'lab', error: 'Port 80 is taken.', code: 'x' },
    },
    'Error: lab: Port 80 is taken.',
  ],
  [{ level: 'warn', event: 'odd', fields: { n: 3 } }, 'Note: odd n=3'],
  [
    { level: 'info', event: 'stopping', fields: { signal: 'SIGINT' } },
    'Ending; open connections get two seconds.',
  ],
];
for (const [entry, expected] of CASES) {
  test(`a person reads ${expected ?? 'nothing'} for ${entry.event}`, () => {
    assert.equal(sentence(formatLine({ at: 0, ...entry })), expected);
  });
}

test('what is no log line stays as it is', () => {
  assert.equal(
    sentence('sockeye: Port 1 needs administrator rights.'),
    'sockeye: Port 1 needs administrator rights.',
  );
  assert.equal(sentence('{half'), '{half');
});
