import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem, ServiceState } from '../core/contract/api.ts';
import { trayModel } from './tray-menu.ts';

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
const labels = (model: ReturnType<typeof trayModel>): string[] =>
  model.items.map((item) => (item.kind === 'separator' ? '-' : item.label));

test('with nothing configured it can be opened and quit', () => {
  const model = trayModel([], []);
  assert.equal(model.shape, 'off');
  assert.deepEqual(labels(model), ['Sockeye: all services off', '-', 'Open Sockeye', 'Quit']);
});

test('lists services with their real address, and counts those that are on', () => {
  const model = trayModel(
    [
      service('local'),
      service('lab', { state: 'stopped', bound: [], address: '127.0.0.1:1081' }),
      service('six', { bound: [{ host: '::1', port: 9 }] }),
      service('dead', { state: 'failed', bound: [], address: ':80' }),
    ],
    [],
  );
  assert.equal(model.shape, 'on');
  assert.deepEqual(labels(model).slice(0, 6), [
    'Sockeye: 2 services on',
    '-',
    'local  127.0.0.1:1080',
    'lab  127.0.0.1:1081',
    'six  [::1]:9',
    'dead  :80  (failed)',
  ]);
  const [, , local, lab] = model.items;
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
  assert.equal(trayModel([service('a')], [problem('warning')]).shape, 'on');
  const model = trayModel([service('a')], [problem('error'), problem('error')]);
  assert.equal(model.shape, 'problem');
  assert.ok(labels(model).includes('2 problems…'));
});

test('a name from a file is shortened and can not make shortcut letters', () => {
  const [, , item] = trayModel([service(`R&D ${'x'.repeat(500)}`)], []).items;
  assert.ok(item?.kind === 'menu');
  assert.ok(item.label.startsWith('R&&D') && item.label.length <= 61);
});
