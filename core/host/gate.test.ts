import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieName, hostAllowed, isSpeculative, originAllowed, signedIn } from './gate.ts';
import { Tokens } from './token.ts';

const loopback = { host: '127.0.0.1', port: 9000 };

test('a request must name us, not a name somebody points at us', () => {
  for (const host of ['127.0.0.1:9000', 'localhost:9000', 'LOCALHOST:9000', '[::1]:9000'])
    assert.equal(hostAllowed(host, loopback), true, host);
  for (const host of [
    undefined,
    '',
    'evil.test:9000',
    'localhost.evil.test:9000',
    '127.0.0.1',
    '127.0.0.1:9001',
    '127.0.0.1:9000.evil.test',
    'evil.test@127.0.0.1:9000',
    '127.0.0.2:9000',
    '0.0.0.0:9000',
    'localhost:9000, evil.test',
  ])
    assert.equal(hostAllowed(host, loopback), false, String(host));
});

test('on every interface any literal address will do, because no name can be rebound to it', () => {
  const everywhere = { host: '0.0.0.0', port: 9000 };
  for (const host of ['192.0.2.7:9000', '[2001:db8::1]:9000', 'localhost:9000'])
    assert.equal(hostAllowed(host, everywhere), true, host);
  for (const host of ['evil.test:9000', '192.0.2.7:80'])
    assert.equal(hostAllowed(host, everywhere), false, host);
  assert.equal(hostAllowed('192.0.2.7:9000', { host: '192.0.2.7', port: 9000 }), true);
  assert.equal(hostAllowed('127.0.0.1:9000', { host: '192.0.2.7', port: 9000 }), false);
});

test('only our own origin opens a WebSocket', () => {
  assert.equal(originAllowed('http://127.0.0.1:9000', '127.0.0.1:9000'), true);
  for (const origin of [
    undefined,
    '',
    'null',
    'http://evil.test',
    'https://127.0.0.1:9000',
    'http://127.0.0.1:9001',
    'http://127.0.0.1',
  ])
    assert.equal(originAllowed(origin, '127.0.0.1:9000'), false, String(origin));
});

test('signed in is exactly one cookie of our name with the right secret', () => {
  const tokens = new Tokens();
  const secret = tokens.redeem(tokens.issue()) ?? '';
  const name = cookieName(9000);
  const with_ = (cookie: string | undefined): boolean =>
    signedIn(cookie === undefined ? {} : { cookie }, 9000, tokens);
  assert.equal(with_(`${name}=${secret}`), true);
  assert.equal(with_(`other=1; ${name}=${secret}; more=2`), true);
  for (const cookie of [
    undefined,
    '',
    name,
    `${name}=`,
    `${name}=undefined`,
    `x${name}=${secret}`,
    `${cookieName(9001)}=${secret}`,
  ])
    assert.equal(with_(cookie), false, String(cookie));
  assert.equal(with_(`${name}=${secret}; ${name}=x`), false, 'two of our name is one too many');
});

test('a request ahead of a click is known', () => {
  assert.equal(isSpeculative({ 'sec-purpose': 'prefetch;prerender' }), true);
  assert.equal(isSpeculative({ purpose: 'prefetch' }), true);
  assert.equal(isSpeculative({}), false);
});
