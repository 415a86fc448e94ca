// Both stores against the same expectations. The database needs a runtime that has one; elsewhere its half is skipped with the reason.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { describe, test, type TestContext } from 'node:test';
import { OTHERS } from '../../contract/traffic.ts';
import { HOUR_MS, MINUTE_MS } from './buckets.ts';
import { MemoryHistory } from './memory.ts';
import { loadSqlite, openSqlite, SqliteHistory } from './sqlite.ts';
import { NAMES_KEPT, type Addition, type Delta, type HistoryStore } from './store.ts';

const NO_SQLITE =
  loadSqlite() === null ? `needs a newer Node: ${process.versions.node} has no node:sqlite` : false;
const T = Date.UTC(2026, 2, 3, 10, 15);

function delta(more: Partial<Delta>): Delta {
  return {
    kind: 'service',
    name: 'local',
    up: 0,
    down: 0,
    packetsUp: 0,
    packetsDown: 0,
    opened: 0,
    failed: 0,
    open: 0,
    ...more,
  };
}

function at(time: number, more: Partial<Delta>): Addition {
  const slices = [
    { level: 'minute', at: time },
    { level: 'hour', at: Math.floor(time / HOUR_MS) * HOUR_MS },
    { level: 'day', at: Math.floor(time / (24 * HOUR_MS)) * 24 * HOUR_MS },
  ] as const;
  return { delta: delta(more), slices };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sockeye-history-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function silent(message: string): void {
  assert.fail(message);
}

function sqlite(t: TestContext, path = join(folder(t), 'history.sqlite')): SqliteHistory {
  const opened = openSqlite(path, T, silent);
  assert.ok(opened instanceof SqliteHistory);
  t.after(() => {
    try {
      opened.close();
    } catch {
      // the test closed it
    }
  });
  return opened;
}

const STORES: readonly { name: string; open: (t: TestContext) => HistoryStore; skip: string | false }[] = [
  { name: 'memory', open: () => new MemoryHistory(T), skip: false },
  { name: 'sqlite', open: (t) => sqlite(t), skip: NO_SQLITE },
];

for (const { name, open, skip } of STORES) {
  describe(name, { skip }, () => {
    test('adds to what is there and keeps the most that were open', (t) => {
      const store = open(t);
      store.add([at(T, { up: 5, down: 7, opened: 1, open: 3 }), at(T, { up: 1, packetsUp: 2, open: 2 })]);
      store.add([at(T + MINUTE_MS, { down: 1, failed: 1, open: 1 })]);
      assert.deepEqual(
        store.slices('minute', 'service', 0).map((slice) => ({ ...slice })),
        [
          {
            at: T,
            name: 'local',
            up: 6,
            down: 7,
            packetsUp: 2,
            packetsDown: 0,
            opened: 1,
            failed: 0,
            open: 3,
          },
          {
            at: T + MINUTE_MS,
            name: 'local',
            up: 0,
            down: 1,
            packetsUp: 0,
            packetsDown: 0,
            opened: 0,
            failed: 1,
            open: 1,
          },
        ],
      );
      assert.equal(store.slices('minute', 'service', T + 1).length, 1);
      assert.deepEqual(
        store.slices('hour', 'service', 0).map(({ up, down, open: most }) => [up, down, most]),
        [[6, 8, 3]],
      );
      assert.deepEqual(store.slices('minute', 'chain', 0), []);
      for (const from of [null, 0]) {
        assert.deepEqual(
          store.sums('service', from).map((sum) => ({ ...sum })),
          [{ name: 'local', up: 6, down: 8, packetsUp: 2, packetsDown: 0, opened: 1, failed: 1 }],
        );
      }
      store.close();
    });

    test('names are told apart whatever they hold, and large numbers stay exact', (t) => {
      const store = open(t);
      const names = ['', 'a', 'A', "'; DROP TABLE sum; --", '名前', '__proto__'];
      store.add(names.map((one, index) => at(T, { kind: 'host', name: one, up: 2 ** 50 + index })));
      const sums = new Map(store.sums('host', null).map(({ name: one, up }) => [one, up]));
      assert.deepEqual([...sums.keys()].sort(), [...names].sort());
      for (const [index, one] of names.entries()) assert.equal(sums.get(one), 2 ** 50 + index);
      store.close();
    });

    test('forgets by age, and clears', (t) => {
      const store = open(t);
      store.add([at(T, { up: 1 }), at(T + MINUTE_MS, { up: 2 })]);
      store.forget('minute', T + MINUTE_MS);
      assert.deepEqual(
        store.slices('minute', 'service', 0).map(({ up }) => up),
        [2],
      );
      assert.deepEqual(
        store.sums('service', null).map(({ up }) => up),
        [3],
        'the sum since the reset has no age',
      );
      store.clear(T + 5);
      assert.equal(store.since, T + 5);
      assert.deepEqual(store.sums('service', null), []);
      assert.deepEqual(store.slices('hour', 'service', 0), []);
      store.close();
    });

    test('shrinks step by step, never losing a byte of the sum since the reset', (t) => {
      const store = open(t);
      const hosts = NAMES_KEPT + 200;
      const additions = Array.from({ length: hosts }, (_, index) =>
        at(T + (index % 50) * MINUTE_MS, { kind: 'host', name: `host-${index}.example`, up: index, down: 1 }),
      );
      store.add(additions);
      store.add([at(T - 24 * HOUR_MS, { kind: 'host', name: 'yesterday', up: 9 }), at(T, { up: 4 })]);
      const before = store.bytes();
      let steps = 0;
      while (store.shrink()) steps += 1;
      assert.ok(steps > 2 && steps < 100, `${steps} steps`);
      assert.ok(store.bytes() < before, `${store.bytes()} of ${before}`);
      const sums = store.sums('host', null);
      assert.equal(sums.length, NAMES_KEPT);
      assert.equal(
        sums.reduce((sum, { up }) => sum + up, 0),
        (hosts * (hosts - 1)) / 2 + 9,
      );
      assert.ok(sums.some(({ name: one }) => one === OTHERS));
      assert.deepEqual(
        store.sums('service', null).map(({ up }) => up),
        [4],
      );
      store.close();
    });
  });
}

test('from Node 24 on there is a database', () => {
  const [major = 0] = process.versions.node.split('.').map(Number);
  assert.equal(major >= 24 && NO_SQLITE !== false, false);
});

describe('the database file', { skip: NO_SQLITE }, () => {
  test('is private and holds what it held when it is opened again', (t) => {
    const path = join(folder(t), 'history.sqlite');
    const first = sqlite(t, path);
    first.add([at(T, { up: 3 })]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(`${path}-wal`).mode & 0o777, 0o600);
    first.close();
    const again = openSqlite(path, T + 99, silent);
    assert.ok(again instanceof SqliteHistory);
    assert.equal(again.since, T, 'counting began when it was made');
    assert.deepEqual(
      again.sums('service', null).map(({ up }) => up),
      [3],
    );
    again.close();
  });

  test('survives a process that is killed in the middle of writing', (t) => {
    const path = join(folder(t), 'history.sqlite');
    const script = `
      const { openSqlite } = await import(${JSON.stringify(join(import.meta.dirname, 'sqlite.ts'))});
      const store = openSqlite(${JSON.stringify(path)}, 1, () => process.exit(3));
      const slices = [{ level: 'day', at: 0 }];
      const delta = { kind: 'host', up: 1, down: 1, packetsUp: 0, packetsDown: 0, opened: 1, failed: 0, open: 1 };
      let written = 0;
      for (;;) {
        store.add(Array.from({ length: 50 }, (_, index) => ({ delta: { ...delta, name: 'h' + index }, slices })));
        written += 1;
        if (written === 20) process.kill(process.pid, 'SIGKILL');
      }`;
    const { signal, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    assert.equal(signal, 'SIGKILL', stderr);
    const store = sqlite(t, path);
    const sums = store.sums('host', null);
    assert.equal(sums.length, 50);
    // each addition is whole or not there
    assert.deepEqual(new Set(sums.map(({ up }) => up)).size, 1);
    assert.deepEqual(sums[0]?.up, 20);
    store.close();
  });

  test('that is none is set aside and said so', (t) => {
    const path = join(folder(t), 'history.sqlite');
    writeFileSync(path, 'no database at all, and long enough to be looked at as one. '.repeat(200));
    const said: string[] = [];
    const opened = openSqlite(path, T, (message) => said.push(message));
    assert.ok(opened instanceof SqliteHistory);
    opened.add([at(T, { up: 1 })]);
    opened.close();
    assert.match(said.join(), /set aside/);
    const aside = readdirSync(join(path, '..')).find((one) => one.includes('.broken-'));
    assert.match(readFileSync(join(path, '..', aside ?? ''), 'utf8'), /^no database/);
  });

  test('of a newer Sockeye is left alone', (t) => {
    const path = join(folder(t), 'history.sqlite');
    const sqliteModule = loadSqlite();
    assert.ok(sqliteModule !== null);
    const database = new sqliteModule.DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    assert.equal(openSqlite(path, T, silent), 'newer');
  });

  test('that can not be written is told, not thrown', (t) => {
    const said: string[] = [];
    assert.equal(
      openSqlite(join(folder(t), 'absent', 'history.sqlite'), T, (message) => said.push(message)),
      'failed',
    );
    assert.match(said.join(), /can not be kept on disk/);
  });
});
