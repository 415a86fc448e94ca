import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from '../../core/contract/api.ts';
import { fieldsOf, fileLine, findLines, lineText, LINES_KEPT, Logs, type LogFilter } from './logs.ts';

function line(seq: number, more: Partial<LogLine> = {}): LogLine {
  return { seq, at: seq, level: 'info', event: 'listening', id: null, fields: {}, ...more };
}

const ALL: LogFilter = { level: 'debug', text: '', pattern: false, source: null };

function found(lines: readonly LogLine[], filter: Partial<LogFilter>): number[] {
  return findLines(lines, { ...ALL, ...filter }).lines.map(({ seq }) => seq);
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

test('goes back in time as far as there is room', () => {
  const logs = new Logs();
  logs.add([line(101), line(102)]);
  assert.equal(logs.addOlder([line(99), line(100), line(101)]), true);
  assert.deepEqual(
    logs.lines.map(({ seq }) => seq),
    [99, 100, 101, 102],
  );
  assert.equal(logs.addOlder([line(100)]), false);
  logs.clear();
  logs.add(Array.from({ length: LINES_KEPT }, (_, index) => line(index + 50_000)));
  assert.equal(logs.addOlder([line(1)]), false);
});

const LINES = [
  line(1, { level: 'error', event: 'service_failed', fields: { service: 'local', reason: 'port in use' } }),
  line(2, { level: 'debug', id: 'c9', event: 'session_ended', fields: { chain: 'work', service: 'office' } }),
  line(3, { id: 'c91', fields: { service: 'local' } }),
];

test('finds by level and by words anywhere in the line', () => {
  assert.deepEqual(found(LINES, { level: 'warn' }), [1]);
  assert.deepEqual(found(LINES, { text: 'LOCAL port' }), [1]);
  assert.deepEqual(found(LINES, { text: 'id=c9' }), [2, 3]);
  assert.equal(lineText(LINES[0] ?? line(0)), 'service_failed service=local reason="port in use"');
});

test('finds by where a line comes from', () => {
  assert.deepEqual(found(LINES, { source: { kind: 'service', name: 'local' } }), [1, 3]);
  assert.deepEqual(found(LINES, { source: { kind: 'chain', name: 'work' } }), [2]);
  assert.deepEqual(found(LINES, { source: { kind: 'id', name: 'c9' } }), [2], 'not c91');
});

test('finds by an expression, and says when it is none', () => {
  assert.deepEqual(found(LINES, { text: 'id=c9\\b', pattern: true }), [2]);
  assert.deepEqual(found(LINES, { text: '^SERVICE_', pattern: true }), [1]);
  const { lines, problem } = findLines(LINES, { ...ALL, text: '(', pattern: true });
  assert.deepEqual(lines, []);
  assert.match(problem ?? '', /expression/i);
});

test('twenty thousand lines are filtered in no time', () => {
  const many = Array.from({ length: LINES_KEPT }, (_, index) =>
    line(index, { id: `c${index}`, fields: { service: 'local', target: `host-${index}.example:443` } }),
  );
  found(many, { text: 'host-1' });
  const before = process.cpuUsage();
  assert.equal(found(many, { text: 'host-19999' }).length, 1);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 200_000, `${user} µs`);
});

test('services and chains are links', () => {
  assert.deepEqual(
    fieldsOf(LINES[1] ?? line(0)).map(({ key, link }) => [key, link?.name]),
    [
      ['chain', 'work'],
      ['service', 'office'],
    ],
  );
});

test('a file for others names no places', () => {
  const private1 = line(0, {
    event: 'session_ended',
    id: 'c1',
    fields: {
      target: 'secret.example:443',
      error: 'secret.example:443 refused the connection. [2001:db8::1]:80 and 192.0.2.1:9 too.',
      service: 'local',
      ms: 12,
    },
  });
  assert.equal(
    fileLine(private1, true),
    '1970-01-01T00:00:00.000Z info session_ended id=c1 target=… error="… refused the connection. … and … too." service=local ms=12',
  );
  assert.match(fileLine(private1, false), /target=secret\.example:443/);
});
