import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from '../../core/contract/api.ts';
import { findLines, lineText, LINES_KEPT, Logs } from './logs.ts';

function line(seq: number, more: Partial<LogLine> = {}): LogLine {
  return { seq, at: seq, level: 'info', event: 'listening', id: null, fields: {}, ...more };
}

test('keeps each line once and a bounded number of them', () => {
  const logs = new Logs();
  logs.add([line(1), line(2)]);
  logs.add([line(2), line(3)]);
  assert.deepEqual(
    logs.lines.map(({ seq }) => seq),
    [1, 2, 3],
  );
  logs.add(Array.from({ length: LINES_KEPT + 5 }, (_, index) => line(index + 4)));
  assert.ok(logs.lines.length <= LINES_KEPT);
  assert.equal(logs.last, LINES_KEPT + 8);
});

test('finds by level and by words anywhere in the line', () => {
  const lines = [
    line(1, { level: 'error', event: 'service failed', fields: { service: 'local', reason: 'port in use' } }),
    line(2, { level: 'debug', id: 'c9' }),
  ];
  assert.deepEqual(
    findLines(lines, 'info', '').map(({ seq }) => seq),
    [1],
  );
  assert.deepEqual(
    findLines(lines, 'debug', 'LOCAL port').map(({ seq }) => seq),
    [1],
  );
  assert.deepEqual(
    findLines(lines, 'debug', 'id=c9').map(({ seq }) => seq),
    [2],
  );
  assert.equal(lineText(lines[0] ?? line(0)), 'service failed service=local reason="port in use"');
});
