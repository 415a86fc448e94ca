import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem, ServiceState } from '../core/contract/api.ts';
import { trayModel, type TrayItem, type TrayState } from './tray-menu.ts';
import { wordsFor } from './words.ts';

const service = (name: string, fields: Partial<ServiceState> = {}): ServiceState => ({
  name,
  state: 'up',
  address: '127.0.0.1:0',
  bound: [{ host: '127.0.0.1', port: 1080 }],
  handler: 'socks5',
  listener: 'tcp',
  chain: null,
  auth: false,
  udp: true,
  exposed: false,
  error: null,
  ...fields,
});
const problem = (severity: Problem['severity']): Problem => ({
  id: 'x',
  severity,
  what: '',
  where: '',
  why: '',
  actions: [],
  since: 0,
});
const model = (
  services: readonly ServiceState[],
  more: Partial<TrayState> = {},
): ReturnType<typeof trayModel> =>
  trayModel(
    { services, problems: [], chains: [], traffic: null, platform: 'linux', ...more },
    wordsFor('en-GB'),
  );
const itemsOf = (item: TrayItem | undefined): readonly TrayItem[] => {
  assert.ok(item?.kind === 'menu');
  return item.items;
};
const labels = (model: ReturnType<typeof trayModel>): string[] =>
  model.items.map((item) => (item.kind === 'separator' ? '-' : item.label));

test('with nothing configured it can be opened and quit', () => {
  const shown = model([]);
  assert.equal(shown.shape, 'off');
  assert.deepEqual(labels(shown), ['Sockeye: all services off', '-', 'Open Sockeye', 'Quit']);
});

test('lists services with their real address, and counts those that are on', () => {
  const shown = model([
    service('local'),
    service('lab', { state: 'stopped', bound: [], address: '127.0.0.1:1081' }),
    service('six', { bound: [{ host: '::1', port: 9 }] }),
    service('dead', { state: 'failed', bound: [], address: ':80' }),
  ]);
  assert.equal(shown.shape, 'on');
  assert.deepEqual(labels(shown).slice(0, 6), [
    'Sockeye: 2 services on',
    '-',
    'local  127.0.0.1:1080',
    'lab  127.0.0.1:1081',
    'six  [::1]:9',
    'dead  :80  (failed)',
  ]);
  const [, , local, lab] = shown.items;
  assert.ok(local?.kind === 'menu' && lab?.kind === 'menu');
  assert.deepEqual(local.items[0], {
    kind: 'action',
    label: 'On',
    checked: true,
    action: { kind: 'switch', service: 'local', on: false },
  });
  assert.deepEqual(lab.items[0], {
    kind: 'action',
    label: 'On',
    checked: false,
    action: { kind: 'switch', service: 'lab', on: true },
  });
});

test('errors change the shape and lead to the window, warnings do not', () => {
  assert.equal(model([service('a')], { problems: [problem('warning')] }).shape, 'on');
  const shown = model([service('a')], { problems: [problem('error'), problem('error')] });
  assert.equal(shown.shape, 'problem');
  assert.ok(labels(shown).includes('2 problems…'));
});

test('a name from a file is shortened and can not make shortcut letters', () => {
  const [, , item] = model([service(`R&D ${'x'.repeat(500)}`)]).items;
  assert.ok(item?.kind === 'menu');
  assert.ok(item.label.startsWith('R&&D') && item.label.length <= 61);
});

test('the way of a service is one of Direct and the chains; what listens far away has no such choice', () => {
  const chains = ['work', 'lab & co'];
  const shown = model([service('local', { chain: 'work' }), service('far', { listener: 'rtcp' })], {
    chains,
  });
  const [, , local, far] = shown.items;
  const choices = itemsOf(local).filter((item) => item.kind === 'action' && item.radio === true);
  assert.deepEqual(
    choices.map((item) => item.kind === 'action' && [item.label, item.checked, item.action]),
    [
      ['Direct', false, { kind: 'chain', service: 'local', chain: null }],
      ['work', true, { kind: 'chain', service: 'local', chain: 'work' }],
      ['lab && co', false, { kind: 'chain', service: 'local', chain: 'lab & co' }],
    ],
  );
  assert.ok(!itemsOf(far).some((item) => item.kind === 'action' && item.radio === true));
});

test('commands for the terminal are the ones of the window, and only for a proxy that runs', () => {
  const commands = (state: ServiceState, platform: NodeJS.Platform): readonly TrayItem[] => {
    const menu = itemsOf(model([state], { platform }).items[2]).at(-1);
    return menu?.kind === 'menu' ? menu.items : [];
  };
  const anywhere = service('a', { bound: [{ host: '0.0.0.0', port: 9 }], auth: true });
  assert.deepEqual(commands(anywhere, 'linux')[0], {
    kind: 'action',
    label: 'bash, zsh',
    action: {
      kind: 'copy',
      text: 'export ALL_PROXY=socks5h://USER:PASSWORD@127.0.0.1:9 all_proxy=socks5h://USER:PASSWORD@127.0.0.1:9',
    },
  });
  assert.deepEqual([commands(anywhere, 'linux').length, commands(anywhere, 'win32').length], [3, 4]);
  assert.deepEqual(commands(service('b', { bound: [], state: 'stopped' }), 'linux'), []);
  assert.deepEqual(commands(service('c', { handler: 'tcp' }), 'linux'), []);
});

test('tells the traffic while something is on', () => {
  const traffic = { upBps: 1_234_567, downBps: 340_000, open: 42 };
  assert.equal(labels(model([service('a')], { traffic }))[1], '↑ 1.2 MB/s  ↓ 340 kB/s · 42 open');
  assert.equal(labels(model([service('a', { state: 'stopped' })], { traffic }))[1], '-');
});

test('speaks the language of the system', () => {
  const state: TrayState = { services: [], problems: [], chains: [], traffic: null, platform: 'linux' };
  assert.deepEqual(labels(trayModel(state, wordsFor('zh-CN'))), [
    'Sockeye: 所有服务已关闭',
    '-',
    '打开 Sockeye',
    '退出',
  ]);
});
