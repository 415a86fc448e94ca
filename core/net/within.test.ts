import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { ProxyError } from '../errors.ts';
import { inTime, within } from './within.ts';

const forever = (): Promise<never> => new Promise(() => undefined);

/** A parent, and how many listeners are on it. */
function parent(): { signal: AbortSignal; abort: (reason?: unknown) => void; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    signal,
    abort: (reason) => controller.abort(reason),
    listeners: () => getEventListeners(signal, 'abort').length,
  };
}

for (const [name, run] of [
  ['within', within],
  ['inTime', inTime],
] as const) {
  describe(name, () => {
    test('gives what the work gives and leaves nothing on the parent', async () => {
      const { signal, listeners } = parent();
      assert.equal(await run(signal, 1000, () => Promise.resolve('done')), 'done');
      await assert.rejects(
        run(signal, null, () => Promise.reject(new RangeError('mine'))),
        RangeError,
      );
      await assert.rejects(
        run(signal, 1000, () => {
          throw new SyntaxError('at once');
        }),
        SyntaxError,
      );
      assert.equal(listeners(), 0);
      assert.ok(!process.getActiveResourcesInfo().includes('Timeout'), 'its timer is gone');
    });

    test('ends with what `late` says, and discards what comes after', async () => {
      const { signal, listeners } = parent();
      let finish: (value: string) => void = () => undefined;
      const work = new Promise<string>((resolve) => (finish = resolve));
      const discarded: string[] = [];
      const late = (): Error => new ProxyError('name_timeout', { host: 'x', seconds: 1 });
      const outcome = run(
        signal,
        1,
        () => work,
        late,
        (value) => void discarded.push(value),
      );
      await assert.rejects(outcome, { code: 'name_timeout' });
      assert.equal(listeners(), 0);
      finish('too late');
      await work;
      assert.deepEqual(discarded, ['too late']);
      await assert.rejects(run(signal, 1, forever), { code: 'timed_out' });
    });

    test('ends with the reason of the parent', async () => {
      const { signal, abort, listeners } = parent();
      const outcome = assert.rejects(run(signal, null, forever), { code: 'stopping' });
      const other = assert.rejects(run(signal, 1000, forever), { code: 'stopping' });
      abort(new ProxyError('stopping'));
      await Promise.all([outcome, other]);
      assert.equal(listeners(), 0);
      let begun = false;
      const begin = (): Promise<void> => Promise.resolve(void (begun = true));
      await assert.rejects(run(signal, 1000, begin), { code: 'stopping' });
      assert.equal(begun, false);
    });

    test('a failure after the end is nobody’s', async () => {
      const { signal, abort } = parent();
      let fail: (error: Error) => void = () => undefined;
      const work = new Promise<never>((_, reject) => (fail = reject));
      const outcome = assert.rejects(
        run(signal, null, () => work),
        { code: 'aborted' },
      );
      abort();
      await outcome;
      fail(new Error('unheard')); // an unhandled rejection would fail the test
      await new Promise((resolve) => setImmediate(resolve));
    });
  });
}

test('the signal of the work tells why: late, or the reason of the parent', async () => {
  const { signal, abort } = parent();
  const reasons: unknown[] = [];
  const work = (own: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      own.addEventListener('abort', () => {
        reasons.push(own.reason);
        reject(new Error('the work says something else'));
      });
    });
  await assert.rejects(within(signal, 1, work), { code: 'timed_out' });
  const running = assert.rejects(within(signal, 1000, work), { code: 'stopping' });
  abort(new ProxyError('stopping'));
  await running;
  assert.deepEqual(
    reasons.map((reason) => (reason instanceof ProxyError ? reason.code : reason)),
    ['timed_out', 'stopping'],
  );
});
