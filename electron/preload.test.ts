import './fixtures/hook.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bridge } from '../core/contract/api.ts';
import { CHANNEL } from './channel.ts';
import { exposed, ipcRenderer, paths } from './fixtures/electron.ts';

await import('./preload.ts');

test('exposes the four functions of the bridge and nothing else', () => {
  assert.deepEqual([...exposed.keys()], ['sockeye']);
  const bridge = exposed.get('sockeye') as Bridge;
  assert.deepEqual(Object.getOwnPropertyNames(bridge).sort(), ['onClose', 'onMessage', 'pathOf', 'send']);
  for (const member of Object.values(bridge)) assert.equal(typeof member, 'function');
});

test('sends on the one channel, whatever it is given, and hands on messages without their event', () => {
  const bridge = exposed.get('sockeye') as Bridge;
  (bridge.send as (...args: unknown[]) => void)({ t: 'ack', name: 'stats' }, 'other-channel');
  assert.deepEqual(ipcRenderer.sent, [[CHANNEL, { t: 'ack', name: 'stats' }]]);
  const heard: unknown[][] = [];
  bridge.onMessage((...args: unknown[]) => heard.push(['first', ...args]));
  bridge.onMessage((...args: unknown[]) => heard.push(['second', ...args]));
  ipcRenderer.emit(CHANNEL, { sender: ipcRenderer }, { t: 'event' });
  assert.deepEqual(heard, [['second', { t: 'event' }]]);
});

test('tells the path of a file, and of nothing that is no file', () => {
  const { pathOf } = exposed.get('sockeye') as Bridge;
  const dropped = new File(['services: []'], 'gost.yaml');
  paths.set(dropped, '/home/anna/gost.yaml');
  assert.equal(pathOf?.(dropped), '/home/anna/gost.yaml');
  assert.equal(pathOf(new File([], 'made-up.yaml')), '');
  const forged = { name: 'passwd' };
  paths.set(forged, '/etc/passwd');
  assert.equal(pathOf(forged), '');
});
