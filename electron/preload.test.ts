import './fixtures/hook.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bridge } from '../core/contract/api.ts';
import { CHANNEL } from './channel.ts';
import { exposed, ipcRenderer } from './fixtures/electron.ts';

await import('./preload.ts');

test('exposes the three functions of the bridge and nothing else', () => {
  assert.deepEqual([...exposed.keys()], ['sockeye']);
  const bridge = exposed.get('sockeye') as Bridge;
  assert.deepEqual(Object.getOwnPropertyNames(bridge).sort(), ['onClose', 'onMessage', 'send']);
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
