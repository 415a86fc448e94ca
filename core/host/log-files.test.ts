import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createLog, type LogEntry } from '../log.ts';
import { LogFiles } from './log-files.ts';
import { limitFlood } from './log-flood.ts';
import { LogRing } from './logs.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sockeye-logs-'));
  t.after(() => rmSync(path, { recursive: true }));
  return join(path, 'logs');
}

function entry(event: string, more: Partial<LogEntry> = {}): LogEntry {
  return { at: 1_700_000_000_000, level: 'info', event, fields: {}, ...more };
}

const refuse = (error: unknown): void => assert.fail(String(error));

test('lines are on disk as JSON, masked, in private files; a warning at once', (t) => {
  const path = folder(t);
  const files = new LogFiles(path, refuse);
  const ring = new LogRing();
  ring.toFiles(files);
  const log = createLog('info', ring.add);
  log.info('dialled', { url: 'socks5://me:hunter2@host:1', password: 'hunter2' });
  assert.deepEqual(ring.state().files, 1, 'whoever asks sees what waited');
  log.warn('careful', { n: 1 });
  const text = readFileSync(join(path, 'sockeye.log'), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map(({ event, level }) => [event, level]),
    [
      ['dialled', 'info'],
      ['careful', 'warn'],
    ],
  );
  assert.doesNotMatch(text, /hunter2/);
  assert.equal(statSync(join(path, 'sockeye.log')).mode & 0o777, 0o600);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  ring.close();
  log.warn('late');
  assert.equal(readFileSync(join(path, 'sockeye.log'), 'utf8'), text);
});

test('a full file moves on, the oldest goes, and no line is torn', (t) => {
  const path = folder(t);
  const files = new LogFiles(path, refuse, { files: 3, fileBytes: 1000 });
  for (let at = 0; at < 100; at += 1) files.add(entry('step', { level: 'warn', fields: { at } }));
  files.close();
  const names = readdirSync(path).sort();
  assert.deepEqual(names, ['sockeye.1.log', 'sockeye.2.log', 'sockeye.log']);
  const numbers = ['sockeye.2.log', 'sockeye.1.log', 'sockeye.log'].flatMap((name) => {
    const text = readFileSync(join(path, name), 'utf8');
    assert.ok(text.length <= 1000 && text.endsWith('\n'), `${name}: ${text.length}`);
    return text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { at: number }).at);
  });
  assert.equal(numbers.at(-1), 99);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => (numbers[0] ?? 0) + index),
    'nothing missing in between',
  );
});

test('goes on in the file of the last run, and past one that is full', (t) => {
  const path = folder(t);
  const first = new LogFiles(path, refuse);
  first.add(entry('one'));
  first.close();
  const second = new LogFiles(path, refuse);
  second.add(entry('two'));
  second.close();
  assert.equal(readFileSync(join(path, 'sockeye.log'), 'utf8').trimEnd().split('\n').length, 2);
  writeFileSync(join(path, 'sockeye.log'), `${'x'.repeat(999)}\n`);
  const third = new LogFiles(path, refuse, { files: 2, fileBytes: 1000 });
  third.add(entry('three'));
  third.close();
  assert.match(readFileSync(join(path, 'sockeye.log'), 'utf8'), /three/);
  assert.match(readFileSync(join(path, 'sockeye.1.log'), 'utf8'), /^x+\n$/);
});

test('a disk that refuses is told once and ends nothing', (t) => {
  const path = folder(t);
  writeFileSync(path, 'a file where the folder should be');
  const told: unknown[] = [];
  const files = new LogFiles(path, (error) => told.push(error));
  files.add(entry('one', { level: 'error' }));
  files.add(entry('two', { level: 'error' }));
  files.close();
  assert.equal(told.length, 1);
});

test('one event that repeats itself is cut short and counted, others are heard', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_700_000_000_000 });
  const heard: LogEntry[] = [];
  const sink = limitFlood((line) => heard.push(line));
  for (let at = 0; at < 10_000; at += 1) sink(entry('flood', { level: 'warn', at: Date.now() }));
  sink(entry('other', { level: 'warn', at: Date.now() }));
  assert.ok(heard.length < 30, `${heard.length} lines`);
  assert.equal(heard.at(-1)?.event, 'other');
  const passed = heard.filter(({ event }) => event === 'flood').length;
  t.mock.timers.tick(5000);
  assert.deepEqual(
    { event: heard.at(-1)?.event, ...heard.at(-1)?.fields },
    { event: 'lines_left_out', of: 'flood', lines: 10_000 - passed },
  );
  sink(entry('flood', { level: 'warn', at: Date.now() }));
  assert.equal(heard.at(-1)?.event, 'flood', 'after a while it is heard again');
});

test('a clock that was set back does not silence the log for ever', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const heard: LogEntry[] = [];
  const sink = limitFlood((line) => heard.push(line));
  for (let at = 0; at < 100; at += 1) sink(entry('flood', { level: 'error', at: 1e12 }));
  heard.length = 0;
  for (let second = 1; second < 10; second += 1)
    sink(entry('flood', { level: 'error', at: 1e12 - 1e9 + second * 1000 }));
  assert.ok(heard.filter(({ event }) => event === 'flood').length >= 7);
});

test('detail is captured for ten minutes and then no longer, by itself', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const ring = new LogRing();
  const changes: number[] = [];
  const log = createLog(() => ring.level('info'), ring.add);
  log.debug('before', () => assert.fail('fields of a line that is not written are not gathered'));
  ring.capture(true, () => changes.push(ring.state().detailLeftMs));
  log.debug('step', () => ({ n: 1 }));
  t.mock.timers.tick(10 * 60_000);
  log.debug('after');
  assert.deepEqual(
    ring.after(0).map(({ event, fields }) => [event, fields['n']]),
    [['step', 1]],
  );
  assert.equal(changes.length, 2);
  assert.ok((changes[0] ?? 0) > 599_000 && changes[1] === 0, String(changes));
  ring.capture(true, () => undefined);
  ring.capture(false, () => undefined);
  assert.equal(ring.level('warn'), 'warn');
});
