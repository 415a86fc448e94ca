// Import, export, history and links over the contract, with the real engine and real files.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Calls } from '../contract/api.ts';
import type { ImportSource } from '../contract/imports.ts';
import { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import { createApi } from './api.ts';
import { composeHost } from './compose.ts';
import type { Host } from './host.ts';
import { openConfiguration } from './linked.ts';
import { LogRing } from './logs.ts';
import { forgetful } from './memory.ts';

let folder = '';
const opened: Host[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sockeye-imports-'));
});
after(async () => {
  await Promise.all(opened.map((host) => host.close(0)));
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  readonly host: Host;
  readonly data: string;
  readonly call: <K extends keyof Calls>(name: K, arg: Calls[K]['in']) => Promise<Calls[K]['out']>;
  readonly close: () => Promise<void>;
}

let folders = 0;
async function open(data = join(folder, `data-${(folders += 1)}`)): Promise<Opened> {
  const host = composeHost({
    runtime: 'headless',
    dataDir: data,
    storage: await openConfiguration(data, silentLog),
    memory: forgetful(),
    kept: true,
    log: silentLog,
    logs: new LogRing(),
    forbidden: () => [],
  });
  opened.push(host);
  await host.open();
  const api = createApi(host);
  return {
    host,
    data,
    close: () => host.close(0),
    call: async <K extends keyof Calls>(name: K, arg: Calls[K]['in']) => {
      const reply = await api.call(name, arg);
      if (!reply.ok) throw new ProxyError(reply.error.code, reply.error.detail);
      return reply.value as Calls[K]['out']; // the api's own type for this call
    },
  };
}

const service = (name: string, note = ''): string =>
  `services:\n  - name: ${name}   # kept\n    addr: 127.0.0.1:0\n    handler: { type: socks5 }\n    listener: { type: tcp }\n${note}`;
const source = (text: string): ImportSource => ({ name: 'gost.yaml', text, list: 'hop', dialect: 'v3' });

/** Resolves once the window would be told that a conflict is there or gone. */
async function conflict(host: Host, wanted: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const subscription = host.events.config((state) => {
      if (state.link?.conflict !== wanted) {
        queueMicrotask(() => subscription.ack());
        return;
      }
      queueMicrotask(() => {
        subscription.stop();
        resolve();
      });
    });
  });
}

test('an import runs, is one step back, and is kept as a state', async () => {
  const { call, close, data } = await open();
  const text = service('a', '    strange: 1\n');
  const shown = await call('import.review', { source: source(text), repair: null, edits: [] });
  assert.equal(shown.findings.find(({ code }) => code === 'unknown_key')?.line, 6);
  const { revision } = await call('config.get', null);
  const choice = { take: shown.items.map(({ id }) => id), clashes: {} };
  const stale = { revision: revision + 1, source: source(text), choice, label: 'x' };
  await assert.rejects(call('import.apply', stale), { code: 'config' });
  const { state, taken } = await call('import.apply', { ...stale, revision, label: 'Import gost.yaml' });
  assert.deepEqual([taken, state.undo, state.config.services?.length], [1, 'Import gost.yaml', 1]);
  assert.equal(await readFile(join(data, 'sockeye.yaml'), 'utf8'), text, 'the same bytes');
  assert.equal((await call('services.list', null))[0]?.state, 'up');
  const [snapshot] = await call('snapshots.list', null);
  assert.deepEqual([snapshot?.label, snapshot?.services, snapshot?.current], ['Import gost.yaml', 1, true]);
  assert.equal((await call('config.undo', null)).config.services, undefined);
  await close();
});

test('a fix of the review changes the text that is reviewed', async () => {
  const { call, close } = await open();
  const text = service('a').replace('{ type: socks5 }', '{ type: socks5, metadata: { udp: yes } }');
  const first = await call('import.review', { source: source(text), repair: null, edits: [] });
  const fix = first.findings.find((finding) => finding.fix !== undefined)?.fix;
  assert.ok(fix !== undefined);
  const second = await call('import.review', { source: source(text), repair: null, edits: [...fix.edits] });
  assert.match(second.text, /udp: true/);
  await close();
});

describe('states of before', () => {
  test('can be looked at without passwords, and brought back; fifty are kept, over a restart', async () => {
    const first50 = await open();
    const { call, data } = first50;
    const auth = service('a').replace(
      '{ type: socks5 }',
      '{ type: socks5, auth: { username: u, password: hunter2 } }',
    );
    const write = async (text: string, label: string): Promise<void> => {
      const { revision } = await call('config.get', null);
      await call('config.write', { revision, text, label });
    };
    await write(auth, 'first');
    const [first] = await call('snapshots.list', null);
    for (let step = 0; step < 52; step += 1)
      await write(`${auth}log: { level: info } # ${step}\n`, `step ${step}`);
    const list = await call('snapshots.list', null);
    assert.deepEqual([list.length, list[0]?.label, list.at(-1)?.label], [50, 'step 51', 'step 2']);
    assert.equal((await readdir(join(data, 'state', 'snapshots'))).length, 50);
    await assert.rejects(call('snapshots.diff', { id: first?.id ?? '' }), { code: 'config' });
    await first50.close();

    const again = await open(data);
    const kept = await again.call('snapshots.list', null);
    assert.equal(kept.length, 50, 'a start with the same text adds nothing');
    const old = kept.at(-1)?.id ?? '';
    const { before: was, after: is } = await again.call('snapshots.diff', { id: old });
    assert.match(was, /# 2\n$/);
    assert.match(is, /# 51\n$/);
    assert.doesNotMatch(was + is, /hunter2/);
    const { revision } = await again.call('config.get', null);
    await again.call('snapshots.restore', { revision, id: old, label: 'Restore' });
    assert.match((await again.call('config.text', null)).text, /# 2\n$/);
    assert.equal((await again.call('config.undo', null)).redo, 'Restore');
    if (process.platform !== 'win32') {
      const kept50 = join(data, 'state', 'snapshots', `${kept[0]?.id ?? ''}.json`);
      assert.equal((await stat(kept50)).mode & 0o777, 0o600);
    }
    await again.close();
  });
});

describe('a linked file', () => {
  test('is read and written in place: its mode, its other bytes, its neighbours', async () => {
    const path = join(folder, 'mine.yaml');
    await writeFile(path, service('a'));
    await chmod(path, 0o644);
    const before = (await stat(folder)).mode;
    const linked = await open();
    const state = await linked.call('config.link', { path });
    assert.deepEqual([state.link, state.path], [{ path, conflict: false }, path]);
    const edits = [{ op: 'set' as const, path: ['services', 0, 'name'], value: 'b' }];
    await linked.call('config.edit', { revision: state.revision, edits, label: 'x' });
    assert.equal(await readFile(path, 'utf8'), service('b'));
    if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o644);
    assert.equal((await stat(folder)).mode, before);
    await linked.close();

    const again = await open(linked.data);
    assert.equal((await again.call('config.get', null)).path, path, 'remembered');
    const own = await again.call('config.link', { path: null });
    assert.deepEqual([own.link, own.config.services?.[0]?.name], [null, 'b']);
    await again.close();
  });

  test('that somebody else changes waits for a decision; edits meanwhile run and are not lost', async () => {
    const path = join(folder, 'shared.yaml');
    await writeFile(path, service('a'));
    const { call, host, close } = await open();
    const { revision } = await call('config.link', { path });
    await writeFile(path, service('theirs'));
    await conflict(host, true);
    assert.equal(
      (await call('config.get', null)).config.services?.[0]?.name,
      'a',
      'nothing is taken over unseen',
    );
    const edits = [{ op: 'set' as const, path: ['services', 0, 'name'], value: 'ours' }];
    await call('config.edit', { revision, edits, label: 'x' });
    assert.equal((await call('services.list', null))[0]?.name, 'ours');
    assert.equal(await readFile(path, 'utf8'), service('theirs'), 'theirs is not written over');
    const texts = await call('config.conflict', null);
    assert.deepEqual(
      [texts.base, texts.ours, texts.theirs],
      [service('a'), service('ours'), service('theirs')],
    );
    const settled = await call('config.settle', { text: service('both'), label: 'Settle' });
    assert.deepEqual([settled.link?.conflict, settled.undo], [false, 'Settle']);
    assert.equal(await readFile(path, 'utf8'), service('both'));
    await assert.rejects(call('config.conflict', null), { code: 'config' });
    await close();
  });

  test('a save that meets a change nobody has noticed yet does not write over it', async () => {
    const path = join(folder, 'race.yaml');
    await writeFile(path, service('a'));
    const { call, close } = await open();
    const { revision } = await call('config.link', { path });
    await writeFile(path, service('theirs'));
    const edits = [{ op: 'set' as const, path: ['services', 0, 'name'], value: 'ours' }];
    const state = await call('config.edit', { revision, edits, label: 'x' });
    assert.equal(state.link?.conflict, true);
    assert.equal(await readFile(path, 'utf8'), service('theirs'));
    await close();
  });

  test('only a GOST file can be linked, and a link to one is followed', async () => {
    const { call, close } = await open();
    const other = join(folder, 'notes.yaml');
    await writeFile(other, 'secret: words\n');
    const text = join(folder, 'id_rsa');
    await writeFile(text, 'services: []\n');
    for (const path of [other, text, join(folder, 'none.yaml'), 'mine.yaml', folder])
      await assert.rejects(call('config.link', { path }), { code: 'config' }, path);
    if (process.platform !== 'win32') {
      const real = join(folder, 'real.yaml');
      await writeFile(real, service('r'));
      await symlink(real, join(folder, 'link.yaml'));
      const { revision } = await call('config.link', { path: join(folder, 'link.yaml') });
      const edits = [{ op: 'set' as const, path: ['services', 0, 'name'], value: 's' }];
      await call('config.edit', { revision, edits, label: 'x' });
      assert.equal(await readFile(real, 'utf8'), service('s'));
    }
    await close();
  });
});
