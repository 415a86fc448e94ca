import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pipe, ToHost, ToWindow } from '../contract/api.ts';
import { Feed, type Source } from './feed.ts';
import { RpcClient, serve, type Served } from './rpc.ts';

/** Two ends of a pipe that deliver in a later turn, as real ones do. */
function pipes(): {
  host: Pipe<ToWindow, unknown>;
  window: Pipe<ToHost, ToWindow>;
  raw: (message: unknown) => void;
  close: () => void;
} {
  let toHost: (message: unknown) => void = () => undefined;
  let toWindow: (message: ToWindow) => void = () => undefined;
  const closed: (() => void)[] = [];
  return {
    host: {
      send: (message) => queueMicrotask(() => toWindow(message)),
      onMessage: (listener) => (toHost = listener),
      onClose: (listener) => void closed.push(listener),
    },
    window: {
      send: (message) => queueMicrotask(() => toHost(message)),
      onMessage: (listener) => (toWindow = listener),
      onClose: (listener) => void closed.push(listener),
    },
    raw: (message) => toHost(message),
    close: () => closed.forEach((listener) => listener()),
  };
}

const never: Source<never> = () => ({ ack: () => undefined, stop: () => undefined });
const quiet = { stats: never, services: never, config: never, problems: never, log: never, runs: never };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('pairs replies with calls and turns errors back into rejections', async () => {
  const { host, window } = pipes();
  const api: Served = {
    events: quiet,
    call: (name, arg) =>
      Promise.resolve(
        name === 'log.recent'
          ? { ok: true, value: [arg] }
          : { ok: false, error: { code: 'config', message: 'x', detail: { where: 'a', message: 'b' } } },
      ),
  };
  serve(host, api);
  const client = new RpcClient(window);
  assert.deepEqual(await client.call('log.recent', { after: 3 }), [{ after: 3 }]);
  await assert.rejects(client.call('config.undo', null), { code: 'config', message: 'a: b' });
});

test('feeds one subscription per event, latest wins, until it is unsubscribed', async () => {
  const { host, window } = pipes();
  let value = 0;
  let stopped = 0;
  const feed = Feed.of(() => [value] as never);
  const services: Source<never> = (sink) => {
    const { ack, stop } = feed.subscribe(sink);
    return { ack, stop: () => ((stopped += 1), stop()) };
  };
  serve(host, { call: () => Promise.reject(new Error()), events: { ...quiet, services } });
  const seen: ToWindow[] = [];
  window.onMessage((message) => seen.push(message));
  window.send({ t: 'subscribe', name: 'services' });
  window.send({ t: 'subscribe', name: 'services' });
  await turn();
  for (value = 1; value < 4; value += 1) feed.changed();
  await turn();
  assert.deepEqual(seen, [{ t: 'event', name: 'services', value: [0] }]);
  window.send({ t: 'ack', name: 'services' });
  await turn();
  assert.deepEqual(seen.slice(1), [{ t: 'event', name: 'services', value: [4] }]);
  window.send({ t: 'unsubscribe', name: 'services' });
  await turn();
  feed.changed();
  await turn();
  assert.equal(seen.length, 2);
  assert.equal(stopped, 1);
});

test('a closed pipe ends subscriptions and pending calls, and a late reply goes nowhere', async () => {
  const { host, window, close } = pipes();
  let answer: (reply: { ok: true; value: null }) => void = () => undefined;
  let stopped = 0;
  const stats: Source<never> = () => ({ ack: () => undefined, stop: () => (stopped += 1) });
  serve(host, {
    call: () => new Promise((resolve) => (answer = resolve)),
    events: { ...quiet, stats },
  });
  const client = new RpcClient(window);
  client.listen('stats', () => undefined);
  const pending = client.call('app.info', null);
  await turn();
  close();
  await assert.rejects(pending, { code: 'aborted' });
  assert.equal(stopped, 1);
  let late = 0;
  window.onMessage(() => (late += 1));
  answer({ ok: true, value: null });
  await turn();
  assert.equal(late, 0);
});

test('what is no message of the contract is counted and otherwise ignored', () => {
  const { host, raw } = pipes();
  let misfits = 0;
  let calls = 0;
  serve(
    host,
    {
      call: () => {
        calls += 1;
        return Promise.resolve({ ok: true, value: null });
      },
      events: quiet,
    },
    () => (misfits += 1),
  );
  const wrong: unknown[] = [
    null,
    7,
    'call',
    [],
    {},
    { t: '__proto__' },
    { t: 'call', name: 'app.info', arg: null },
    { t: 'call', id: -1, name: 'app.info', arg: null },
    { t: 'call', id: 1e300, name: 'app.info', arg: null },
    { t: 'call', id: 1.5, name: 'app.info', arg: null },
    { t: 'call', id: 1, name: 'x'.repeat(65), arg: null },
    { t: 'call', id: 1, name: 'app.info', arg: null, extra: true },
    { t: 'subscribe', name: '__proto__' },
    { t: 'subscribe', name: 'constructor' },
    { t: 'ack', name: 'toString' },
    JSON.parse('{"__proto__":{"t":"call"},"id":1}'),
  ];
  for (const message of wrong) raw(message);
  assert.equal(misfits, wrong.length);
  assert.equal(calls, 0);
  raw({ t: 'call', id: 1, name: '__proto__', arg: null });
  assert.equal(calls, 1, 'an unknown name is answered by the api, not here');
});
