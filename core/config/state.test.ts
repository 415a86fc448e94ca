import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { migrate } from './migrate.ts';
import { readState, StateFile } from './state.ts';

function refuse(message: string): void {
  assert.equal(message, '', 'nothing should be said');
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sockeye-state-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('a new folder has the state of a first run, and what is written is read again', async (t) => {
  const path = join(await folder(t), 'state.json');
  const first = await StateFile.open(path, refuse);
  assert.deepEqual(first.state, {
    started: false,
    running: [],
    history: { days: 30, mb: 200 },
    window: null,
  });
  await Promise.all([first.update({ running: ['a'] }), first.update({ started: true })]);
  const again = await StateFile.open(path, refuse);
  assert.deepEqual(again.state, {
    started: true,
    running: ['a'],
    history: { days: 30, mb: 200 },
    window: null,
  });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('the sample of every version is read', async () => {
  const samples = await readdir(new URL('fixtures/state', import.meta.url));
  assert.deepEqual(samples, ['v1.json']);
  const text = await readFile(new URL('fixtures/state/v1.json', import.meta.url), 'utf8');
  assert.deepEqual(readState(text), {
    started: true,
    running: ['quick', 'work'],
    history: { days: 30, mb: 200 },
    window: { x: 120, y: 40, width: 1180, height: 760, maximized: false },
  });
});

test('a file of a newer Sockeye is not touched', async (t) => {
  const path = join(await folder(t), 'state.json');
  const text = '{"version": 99, "started": true}';
  await writeFile(path, text, { mode: 0o600 });
  const said: string[] = [];
  const file = await StateFile.open(path, (message) => said.push(message));
  await file.update({ started: true });
  assert.equal(await readFile(path, 'utf8'), text);
  assert.match(said.join(), /newer/);
});

test('a file that is none is set aside', async (t) => {
  for (const text of [
    '',
    '{',
    '[]',
    '{"version":1}',
    '{"version":0}',
    '\0\0\0',
    '{"version":1,"started":"x","running":[],"window":null}',
  ]) {
    const path = join(await folder(t), 'state.json');
    await writeFile(path, text, { mode: 0o600 });
    const said: string[] = [];
    const file = await StateFile.open(path, (message) => said.push(message));
    assert.equal(file.state.started, false);
    assert.match(said.join(), /set aside/);
    const names = await readdir(join(path, '..'));
    assert.equal(names.filter((name) => name.includes('.broken-')).length, 1);
  }
});

test('steps run one after the other and a missing one is no data', () => {
  const steps = { 1: () => ({ b: 1 }), 2: ({ b }: Readonly<Record<string, unknown>>) => ({ c: b }) };
  assert.deepEqual(migrate({ version: 1 }, 3, steps), { c: 1, version: 3 });
  assert.deepEqual(migrate({ version: 3, c: 5 }, 3, steps), { version: 3, c: 5 });
  assert.equal(migrate({ version: 4 }, 3, steps), 'newer');
  assert.equal(migrate({ version: 1 }, 3, { 2: steps[2] }), null);
  assert.equal(migrate({ version: 'x' }, 3, steps), null);
});
