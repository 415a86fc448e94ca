import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ProxyError } from '../errors.ts';
import { ConfigDocument } from './document.ts';
import { ConfigStore } from './store.ts';

interface Opened {
  readonly store: ConfigStore;
  readonly warnings: string[];
  /** Resolves with the next foreign change. */
  readonly next: () => Promise<ConfigDocument>;
}

async function file(t: TestContext, text?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sockeye-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'gost.yml');
  if (text !== undefined) await writeFile(path, text, { mode: 0o600 });
  return path;
}

async function opened(t: TestContext, path: string, fallback?: string): Promise<Opened> {
  const warnings: string[] = [];
  const waiting: ((document: ConfigDocument) => void)[] = [];
  const store = await ConfigStore.open(
    path,
    {
      changed: (document) => waiting.splice(0).forEach((resolve) => resolve(document)),
      warn: (message) => warnings.push(message),
    },
    fallback,
  );
  t.after(() => store.close());
  return { store, warnings, next: () => new Promise((resolve) => waiting.push(resolve)) };
}

const named = (name: string): string => `# mine\nservices:\n- name: ${name}\n  addr: :1080\n`;
const rename0 = (document: ConfigDocument, name: string): ConfigDocument =>
  document.apply([{ op: 'set', path: ['services', 0, 'name'], value: name }]);

test('a save changes the file at once, keeps the last five contents, and is private', async (t) => {
  const path = await file(t, named('v0'));
  const { store, warnings } = await opened(t, path);
  for (let number = 1; number <= 7; number += 1)
    await store.save(rename0(store.document, `v${number}`), store.revision);
  assert.equal(await readFile(path, 'utf8'), named('v7'));
  const copies = await Promise.all(
    [1, 2, 3, 4, 5].map((number) => readFile(`${path}.bak.${number}`, 'utf8')),
  );
  assert.deepEqual(copies, ['v6', 'v5', 'v4', 'v3', 'v2'].map(named));
  const names = await readdir(join(path, '..'));
  assert.deepEqual(names.sort(), [
    'gost.yml',
    'gost.yml.bak.1',
    'gost.yml.bak.2',
    'gost.yml.bak.3',
    'gost.yml.bak.4',
    'gost.yml.bak.5',
    'gost.yml.lock',
  ]);
  for (const name of names) assert.equal((await stat(join(path, '..', name))).mode & 0o077, 0, name);
  assert.deepEqual(warnings, []);
});

test('a new file is not written before the first save', async (t) => {
  const path = await file(t);
  const { store } = await opened(t, path, 'services: []\n');
  assert.deepEqual(store.document.config, { services: [] });
  await assert.rejects(readFile(path), { code: 'ENOENT' });
  await store.save(store.document, store.revision);
  assert.equal(await readFile(path, 'utf8'), 'services: []\n');
});

test('an edit made on an older revision is refused, and so is a broken text', async (t) => {
  const path = await file(t, named('a'));
  const { store } = await opened(t, path);
  const before = store.revision;
  await store.save(rename0(store.document, 'b'), before);
  await assert.rejects(store.save(rename0(store.document, 'c'), before), /changed since/);
  await assert.rejects(store.save(ConfigDocument.parse('a: [', 'x'), store.revision), ProxyError);
  assert.equal(await readFile(path, 'utf8'), named('b'));
});

test('an edit by somebody else is noticed, whether it writes into the file or replaces it', async (t) => {
  const path = await file(t, named('a'));
  const { store, next } = await opened(t, path);
  const first = next();
  await writeFile(path, named('b'));
  assert.equal((await first).text, named('b'));
  assert.equal(store.document.text, named('b'));
  const second = next();
  await writeFile(`${path}.new`, named('c'), { mode: 0o600 });
  await rename(`${path}.new`, path);
  assert.equal((await second).text, named('c'));
});

test('a save after a foreign edit that nobody has seen yet is refused, nothing is lost', async (t) => {
  const path = await file(t, named('a'));
  const { store } = await opened(t, path);
  const mine = rename0(store.document, 'mine');
  const { revision } = store;
  await writeFile(path, named('theirs'));
  await assert.rejects(store.save(mine, revision), /changed since/);
  assert.equal(await readFile(path, 'utf8'), named('theirs'));
  assert.equal(store.document.text, named('theirs'));
});

test('a foreign edit that is no YAML leaves the good content in use and is never overwritten unseen', async (t) => {
  const path = await file(t, named('a'));
  const { store, next } = await opened(t, path);
  const { revision } = store;
  const told = next();
  await writeFile(path, 'services: [');
  assert.notEqual((await told).errors.length, 0);
  assert.equal(store.document.text, named('a'));
  await assert.rejects(store.save(rename0(store.document, 'b'), revision), /changed since/);
  await store.save(rename0(store.document, 'b'), store.revision);
  await assert.rejects(
    readFile(`${path}.bak.1`),
    { code: 'ENOENT' },
    'the broken text must not become a good copy',
  );
  const aside = (await readdir(join(path, '..'))).find((name) => name.includes('.broken-'));
  assert.equal(await readFile(join(path, '..', aside ?? ''), 'utf8'), 'services: [');
});

test('a file that can not be read at start is set aside, whatever broke it, and the last good copy is used', async (t) => {
  const good = named('good');
  for (const broken of [
    'services: [',
    '\0\0\0\0: {',
    `${named('x').slice(0, 30)}\n\t- y`,
    '- a\n',
    'a: 1\na: 2\n',
    'x'.repeat(2 * 1024 * 1024),
  ]) {
    const path = await file(t, broken);
    await writeFile(`${path}.bak.1`, 'also: [broken', { mode: 0o600 });
    await writeFile(`${path}.bak.2`, good, { mode: 0o600 });
    const { store, warnings } = await opened(t, path);
    assert.equal(store.document.text, good);
    assert.match(warnings.join(), /set aside as gost\.yml\.broken-/);
    const aside = (await readdir(join(path, '..'))).find((name) => name.includes('.broken-'));
    assert.equal(await readFile(join(path, '..', aside ?? ''), 'utf8'), broken);
    assert.equal(await readFile(path, 'utf8'), good);
  }
});

test('without a good copy the configuration is empty and that is said', async (t) => {
  const path = await file(t, 'services: [');
  const { store, warnings } = await opened(t, path);
  assert.deepEqual(store.document.config, {});
  assert.match(warnings.join(), /no good copy/);
});

test('loose modes are tightened with a warning, links are refused', async (t) => {
  const path = await file(t, named('a'));
  await chmod(path, 0o644);
  await chmod(join(path, '..'), 0o755);
  const { warnings } = await opened(t, path);
  assert.equal(warnings.length, 2);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(path, '..'))).mode & 0o777, 0o700);
  const link = join(path, '..', 'link.yml');
  await symlink(path, link);
  await assert.rejects(ConfigStore.open(link, { changed: () => undefined, warn: () => undefined }), /link/);
});

test('a removed file keeps running and comes back with the next save', async (t) => {
  const path = await file(t, named('a'));
  const { store, warnings } = await opened(t, path);
  await rm(path);
  await store.reload();
  assert.match(warnings.join(), /removed/);
  await store.save(rename0(store.document, 'b'), store.revision);
  assert.equal(await readFile(path, 'utf8'), named('b'));
});

test('a second program on the same file is told, a stale lock is not', async (t) => {
  const path = await file(t, named('a'));
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(other, 'spawn');
  await writeFile(`${path}.lock`, String(other.pid));
  const { store } = await opened(t, path);
  assert.equal(store.sharedWith, other.pid);
  await store.close();
  if (process.platform === 'linux') {
    await writeFile(`${path}.lock`, `${other.pid} 1`); // left behind by a process that began at another time
    const reused = await opened(t, path);
    assert.equal(reused.store.sharedWith, null);
    await reused.store.close();
    await writeFile(`${path}.lock`, String(other.pid));
  }
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  const alone = await opened(t, path);
  assert.deepEqual([alone.warnings, alone.store.sharedWith], [[], null]);
});

test('kill -9 during saves always leaves a file that loads', { timeout: 120_000 }, async (t) => {
  const path = await file(t, named('v0'));
  const writer = join(path, '..', 'save-loop.mjs'); // one file, so that it starts fast
  await build({
    entryPoints: [fileURLToPath(new URL('fixtures/save-loop.ts', import.meta.url))],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  for (let round = 0; round < 40; round += 1) {
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data'); // the first save is done, the next ones are under way
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store, warnings } = await opened(t, path);
    assert.deepEqual(warnings, []);
    assert.match(store.document.text, /^# mine\nservices:\n- name: v\d+\n {2}addr: :1080\n$/);
    await store.close();
  }
});
