import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokens } from './token.ts';

test('a one-time secret is good once, the session secret from then on', () => {
  const tokens = new Tokens();
  for (const guess of ['', 'undefined', 'null']) {
    assert.equal(tokens.redeem(guess), null);
    assert.equal(tokens.accepts(guess), false);
  }
  const once = tokens.issue();
  assert.ok(Buffer.from(once, 'base64url').length * 8 >= 128);
  assert.equal(tokens.accepts(once), false, 'the one-time secret is not the session secret');
  assert.equal(tokens.redeem(`${once}x`), null);
  const session = tokens.redeem(once);
  assert.ok(session !== null && session !== once);
  assert.equal(tokens.redeem(once), null);
  assert.equal(tokens.accepts(session), true);
  assert.equal(tokens.accepts(`${session} `), false);
});

test('a newer one-time secret voids the older', () => {
  const tokens = new Tokens();
  const older = tokens.issue();
  const newer = tokens.issue();
  assert.equal(tokens.redeem(older), null);
  assert.notEqual(tokens.redeem(newer), null);
});
