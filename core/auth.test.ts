import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { userTable } from './auth.ts';

const table = userTable([
  { username: 'fred', password: 'secret' },
  { username: 'guest', password: '' },
  { username: 'zoë', password: 'pässword' },
]);
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('userTable', () => {
  const SIGN_INS: readonly (readonly [user: string, password: string, identity: string | null])[] = [
    ['fred', 'secret', 'fred'],
    ['zoë', 'pässword', 'zoë'],
    ['guest', '', 'guest'],
    ['guest', 'anything', null],
    ['fred', '', null],
    ['fred', 'Secret', null],
    ['fred', 'secret\0junk', null],
    ['fred\0junk', 'secret', null],
    ['fred\0', 'secret', null],
    ['', '', null],
    ['nobody', 'secret', null],
    ['fred', 'pässword', null],
  ];
  for (const [user, password, identity] of SIGN_INS) {
    test(`${JSON.stringify(user)} with ${JSON.stringify(password)} is ${identity ?? 'nobody'}`, () => {
      assert.equal(table.check(bytes(user), bytes(password)), identity);
    });
  }

  test('compares bytes, not text that was repaired', () => {
    const odd = userTable([{ username: '\ufffd', password: 'x' }]);
    assert.equal(odd.check(Buffer.of(0xff), bytes('x')), null);
  });

  test('lets a user id alone in only where no password is configured', () => {
    assert.equal(table.checkUserId(bytes('guest')), 'guest');
    for (const user of ['fred', '', 'nobody', 'guest\0']) assert.equal(table.checkUserId(bytes(user)), null);
  });

  test('rejects everybody when there is nobody', () => {
    const empty = userTable([]);
    assert.equal(empty.required, true);
    assert.equal(empty.check(bytes(''), bytes('')), null);
    assert.equal(empty.checkUserId(bytes('')), null);
  });
});
