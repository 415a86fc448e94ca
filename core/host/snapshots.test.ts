import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { silentLog } from '../log.ts';
import { composeHost } from './compose.ts';
import { openConfiguration } from './linked.ts';
import { LogRing } from './logs.ts';
import { forgetful } from './memory.ts';
import { Snapshots, type Moment } from './snapshots.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sockeye-snapshots-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const moment = (text: string, more: Partial<Moment> = {}): Moment => ({
  kind: 'start',
  label: '',
  text,
  services: 1,
  chains: 0,
  ...more,
});
const kinds = async (snapshots: Snapshots): Promise<string[]> =>
  (await snapshots.list('')).map(({ kind }) => kind);

test('the first start of another version keeps the state as it was found, once', async () => {
  const states = join(folder, 'upgrade');
  const old = new Snapshots(states, '1.0.0', silentLog);
  await old.keep(moment('a', { kind: 'edit', label: 'add a' }));
  const fresh = new Snapshots(states, '1.1.0', silentLog);
  await fresh.keep(moment('a'));
  assert.deepEqual(
    await kinds(fresh),
    ['upgrade', 'edit'],
    'the text has not changed, and is kept all the same',
  );
  await fresh.keep(moment('a'));
  assert.equal((await kinds(fresh)).length, 2);
  const later = new Snapshots(states, '1.1.0', silentLog);
  await later.keep(moment('a'));
  await later.keep(moment('b', { kind: 'edit' }));
  assert.deepEqual(await kinds(later), ['edit', 'upgrade', 'edit']);
  assert.equal(await later.text('000002'), 'a');
});

test('a state that can not be read is passed over, not a reason to fail', async () => {
  const states = join(folder, 'broken');
  await new Snapshots(states, '1.0.0', silentLog).keep(moment('a'));
  await writeFile(join(states, '000002.json'), '{"format":1,');
  await writeFile(join(states, '000003.json'), '{"format":99}');
  assert.deepEqual(await kinds(new Snapshots(states, '1.0.0', silentLog)), ['start']);
});

test('what another program writes into the file is kept as a state from outside, with the one before it', async () => {
  const data = join(folder, 'outside');
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
  await host.open();
  try {
    const service = (name: string): string =>
      `services:\n- name: ${name}\n  addr: 127.0.0.1:0\n  handler: { type: socks5 }\n  listener: { type: tcp }\n`;
    await host.configuration.rewrite(null, () => service('mine'), 'add mine');
    const taken = new Promise<void>((resolve) => {
      const subscription = host.events.config((state) => {
        queueMicrotask(() => {
          if (state.config.services?.[0]?.name !== 'theirs') return subscription.ack();
          subscription.stop();
          resolve();
        });
      });
    });
    const { path } = host.configuration.state();
    await writeFile(path, service('theirs'));
    await taken;
    await host.deps.snapshots.settled();
    const kept = await host.deps.snapshots.list(service('theirs'));
    assert.deepEqual(
      kept.slice(0, 2).map(({ kind, label, current }) => [kind, label, current]),
      [
        ['outside', '', true],
        ['edit', 'add mine', false],
      ],
    );
    assert.equal(await host.deps.snapshots.text(kept[1]?.id ?? ''), service('mine'));
  } finally {
    await host.close(0);
  }
});
