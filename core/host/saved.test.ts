// The configuration file under a running host: changed by others, broken, locked, and the problems that tell of it.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ConfigState } from '../contract/api.ts';
import type { ProxyError } from '../errors.ts';
import { silentLog } from '../log.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { composeHost } from './compose.ts';
import type { Host } from './host.ts';
import { LogRing } from './logs.ts';
import { openMemory } from './memory.ts';
import { CONFIG_NAME, openSaved } from './saved.ts';

const baseline = liveResources();
const root = mkdtempSync(join(tmpdir(), 'sockeye-saved-'));
after(async () => {
  rmSync(root, { recursive: true });
  await assertNoLeaks(baseline);
});

const yaml = (...names: string[]): string =>
  `services:\n${names.map((name) => `- name: ${name}\n  addr: 127.0.0.1:0\n  handler: {type: socks5}\n  listener: {type: tcp}\n`).join('')}`;

async function open(name: string, text: string): Promise<{ host: Host; path: string }> {
  const dataDir = mkdtempSync(join(root, `${name}-`));
  const path = join(dataDir, CONFIG_NAME);
  writeFileSync(path, text, { mode: 0o600 });
  const host = composeHost({
    runtime: 'headless',
    dataDir,
    storage: await openSaved(path, silentLog),
    memory: await openMemory(dataDir, silentLog),
    kept: false,
    log: silentLog,
    logs: new LogRing(),
    forbidden: () => [],
  });
  await host.open();
  return { host, path };
}

/** The first configuration event after the present one. */
function nextConfig(host: Host): Promise<ConfigState> {
  return new Promise((resolve) => {
    let first = true;
    const subscription = host.events.config((state) => {
      if (!first) {
        subscription.stop();
        resolve(state);
      }
      first = false;
    });
    subscription.ack();
  });
}

const states = (host: Host): string[] => host.services().map(({ name, state }) => `${name} ${state}`);

test('a change by another program is applied and ends the undo history', async () => {
  const { host, path } = await open('changed', yaml('a'));
  await host.configuration.edit(
    null,
    [{ op: 'set', path: ['services', 0, 'addr'], value: '127.0.0.1:0' }],
    'nothing',
  );
  const heard = nextConfig(host);
  writeFileSync(path, yaml('a', 'b'));
  assert.equal((await heard).undo, null);
  assert.deepEqual(states(host), ['a up', 'b up']);
  await host.close(0);
});

test('a change that is no configuration is a problem, what ran runs on, and putting it right ends the problem', async () => {
  const { host, path } = await open('broken', yaml('a'));
  let heard = nextConfig(host);
  writeFileSync(path, 'services:\n- name: [');
  assert.ok((await heard).findings.some(({ grade }) => grade === 'blocks'));
  assert.deepEqual(states(host), ['a up']);
  const [problem] = host.problems();
  assert.equal(problem?.id, 'config:rejected');
  assert.deepEqual(problem.actions, [{ kind: 'text', line: 2, label: 'Show in the text' }]);
  assert.equal(readFileSync(path, 'utf8'), 'services:\n- name: [');
  heard = nextConfig(host);
  writeFileSync(path, yaml('a', 'b'));
  await heard;
  assert.deepEqual(host.problems(), []);
  assert.deepEqual(states(host), ['a up', 'b up']);
  await host.close(0);
});

test('a file that is broken at the start is set aside and told', async () => {
  const { host, path } = await open('aside', 'services: [');
  assert.deepEqual(states(host), []);
  const [problem] = host.problems();
  assert.match(problem?.what ?? '', /set aside/);
  assert.deepEqual(problem?.actions, [{ kind: 'text', line: 1, label: 'Show in the text' }]);
  assert.ok(readdirSync(join(path, '..')).some((name) => name.startsWith(`${CONFIG_NAME}.broken-`)));
  await host.close(0);
});

test('a service that was switched off stays off at the next start', async () => {
  const { host, path } = await open('off', yaml('a', 'b'));
  await host.deps.engine.stop('a');
  await host.close(0);
  const again = composeHost({
    runtime: 'headless',
    dataDir: join(path, '..'),
    storage: await openSaved(path, silentLog),
    memory: await openMemory(join(path, '..'), silentLog),
    kept: false,
    log: silentLog,
    logs: new LogRing(),
    forbidden: () => [],
  });
  await again.open();
  assert.deepEqual(states(again), ['a stopped', 'b up']);
  await again.close(0);
});

test('a second Sockeye on the same folder is refused with the first one named, and disturbs nothing', async () => {
  const { host, path } = await open('twice', yaml('a'));
  const lock = readFileSync(`${path}.lock`, 'utf8');
  assert.match(lock, new RegExp(`^${process.pid} `));
  // the lock of this very process counts as left behind, so let it be that of the process that runs these tests
  writeFileSync(`${path}.lock`, String(process.ppid));
  await assert.rejects(openSaved(path, silentLog), (error: ProxyError) => {
    assert.equal(error.code, 'config');
    assert.match(error.message, new RegExp(`running already .*process ${process.ppid}.*--data DIR`));
    return true;
  });
  assert.deepEqual(states(host), ['a up']);
  assert.equal(readFileSync(`${path}.lock`, 'utf8'), String(process.ppid));
  writeFileSync(`${path}.lock`, lock);
  await host.close(0);
});
