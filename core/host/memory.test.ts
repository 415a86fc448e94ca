import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLog, silentLog } from '../log.ts';
import { Memory } from './memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'sockeye-memory-'));
after(() => rmSync(folder, { recursive: true }));

test('remembers what was started and what was switched off', () => {
  const path = join(folder, 'deep', 'memory.json');
  const first = new Memory(path, silentLog);
  assert.equal(first.firstRun, true);
  first.started();
  first.switched('a', false);
  first.switched('b', false);
  first.switched('a', true);
  const second = new Memory(path, silentLog);
  assert.equal(second.firstRun, false);
  assert.equal(second.isOff('a'), false);
  assert.equal(second.isOff('b'), true);
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a damaged file is set aside and told, not fatal', () => {
  for (const content of ['', '{', '{"version":2,"started":true,"off":[]}', '{"version":1,"started":1}']) {
    const path = join(folder, 'damaged.json');
    writeFileSync(path, content);
    const events: string[] = [];
    const memory = new Memory(
      path,
      createLog('warn', ({ event }) => events.push(event)),
    );
    assert.equal(memory.firstRun, true);
    assert.deepEqual(events, ['memory_set_aside']);
    assert.equal(readFileSync(`${path}.damaged`, 'utf8'), content);
    assert.equal(existsSync(path), false);
  }
});

test('without a path it writes nothing', () => {
  const memory = new Memory(null, silentLog);
  memory.started();
  assert.equal(memory.firstRun, false);
});
