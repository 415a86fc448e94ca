import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToHost, ToWindow } from '../../core/contract/api.ts';
import { Client, LINK_LOST } from './client.ts';
import type { Link, LinkStatus } from './link.ts';

function link(): {
  link: Link;
  sent: ToHost[];
  receive: (message: ToWindow) => void;
  become: (status: LinkStatus) => void;
} {
  const sent: ToHost[] = [];
  let receive: (message: ToWindow) => void = () => undefined;
  let become: (status: LinkStatus) => void = () => undefined;
  return {
    sent,
    receive: (message) => receive(message),
    become: (status) => become(status),
    link: {
      send: (message) => sent.push(message),
      onMessage: (listener) => (receive = listener),
      onStatus: (listener) => {
        become = listener;
        listener('open');
      },
    },
  };
}

test('pairs replies with calls by id, in any order', async () => {
  const host = link();
  const client = new Client(host.link);
  const first = client.call('services.list', null);
  const second = client.call('problems.list', null);
  const ids = host.sent.map((message) => (message.t === 'call' ? message.id : -1));
  host.receive({ t: 'reply', id: ids[1] ?? -1, reply: { ok: true, value: ['second'] } });
  host.receive({ t: 'reply', id: ids[0] ?? -1, reply: { ok: true, value: ['first'] } });
  assert.deepEqual(await first, { ok: true, value: ['first'] });
  assert.deepEqual(await second, { ok: true, value: ['second'] });
});

test('acknowledges an event after its listener returned, also when it threw', () => {
  const host = link();
  const client = new Client(host.link);
  const order: string[] = [];
  client.listen('services', () => {
    order.push(`applied after ${host.sent.length} messages`);
    throw new Error('a broken view');
  });
  assert.throws(() => host.receive({ t: 'event', name: 'services', value: [] }), /a broken view/);
  assert.deepEqual(order, ['applied after 1 messages']);
  assert.deepEqual(host.sent, [
    { t: 'subscribe', name: 'services' },
    { t: 'ack', name: 'services' },
  ]);
});

test('answers pending and new calls when the link is lost, and subscribes again when it is back', async () => {
  const host = link();
  const client = new Client(host.link);
  client.listen('log', () => undefined);
  const pending = client.call('app.info', null);
  host.become('lost');
  assert.deepEqual(await pending, { ok: false, error: LINK_LOST });
  assert.deepEqual(await client.call('app.info', null), { ok: false, error: LINK_LOST });
  host.sent.length = 0;
  host.become('open');
  assert.deepEqual(host.sent, [{ t: 'subscribe', name: 'log' }]);
});

test('a paused window is subscribed to nothing, not even after a reconnect', () => {
  const host = link();
  const client = new Client(host.link);
  let seen = 0;
  client.listen('stats', () => (seen += 1));
  client.pause();
  host.become('lost');
  host.sent.length = 0;
  host.become('open');
  assert.deepEqual(host.sent, []);
  host.receive({ t: 'event', name: 'stats', value: {} });
  assert.equal(seen, 0);
  client.resume();
  assert.deepEqual(host.sent, [{ t: 'subscribe', name: 'stats' }]);
});
