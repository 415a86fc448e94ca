import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editsBetween, valueAt, withValue } from './diff.ts';

test('only what changed becomes an edit', () => {
  const before = {
    name: 'local',
    addr: ':1080',
    handler: { type: 'socks5', metadata: { udp: true, notls: true } },
  };
  const after = {
    name: 'local',
    addr: ':1081',
    handler: { type: 'socks5', chain: 'work', metadata: { udp: true } },
  };
  assert.deepEqual(editsBetween(['services', 0], before, after), [
    { op: 'set', path: ['services', 0, 'addr'], value: ':1081' },
    { op: 'remove', path: ['services', 0, 'handler', 'metadata', 'notls'] },
    { op: 'set', path: ['services', 0, 'handler', 'chain'], value: 'work' },
  ]);
  assert.deepEqual(editsBetween(['x'], before, { ...before }), []);
});

test('lists are replaced whole, missing sections appear whole', () => {
  assert.deepEqual(editsBetween(['a'], [1, 2], [1, 3]), [{ op: 'set', path: ['a'], value: [1, 3] }]);
  assert.deepEqual(editsBetween(['a'], undefined, { b: 1 }), [{ op: 'set', path: ['a'], value: { b: 1 } }]);
  assert.deepEqual(editsBetween(['a'], { b: 1 }, undefined), [{ op: 'remove', path: ['a'] }]);
});

test('a value is set deep without touching the original, and empty parents go', () => {
  const before = { handler: { auth: { username: 'u' } }, name: 'x' };
  assert.deepEqual(withValue(before, ['handler', 'auth', 'password'], 'p'), {
    handler: { auth: { username: 'u', password: 'p' } },
    name: 'x',
  });
  assert.deepEqual(withValue(before, ['handler', 'auth', 'username'], undefined), { name: 'x' });
  assert.deepEqual(withValue({ nodes: ['a', 'b'] }, ['nodes', 0], undefined), { nodes: ['b'] });
  assert.deepEqual(before, { handler: { auth: { username: 'u' } }, name: 'x' });
});

test('reads deep, undefined when a step is missing', () => {
  assert.equal(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b']), 1);
  assert.equal(valueAt({ a: [{ b: 1 }] }, ['a', 1, 'b']), undefined);
});
