import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter, type FilterRow } from './filter.ts';

const ROW: FilterRow = {
  target: 'cdn.example.com',
  port: '443',
  client: '127.0.0.1:40001',
  service: 'local',
  chain: 'work',
  hop: 'nl-1 se-2',
  user: '',
  type: 'socks5 connect',
  id: 'c17',
  process: 'Google Chrome',
  state: 'open',
  why: '',
  idle: 45_000,
  setup: 120,
  up: 2_000,
  down: 3_000_000,
  age: 90_000,
  text: 'cdn.example.com:443 127.0.0.1:40001 local work nl-1 se-2 socks5 connect c17',
};

const matches = (input: string): boolean => parseFilter(input).matches(ROW);

test('finds by program, state, silence and set-up time', () => {
  for (const input of [
    'proc:chrome',
    'proc:google*',
    'state:open',
    'idle>30',
    'idle<1m',
    'setup>100',
    'setup<1s',
  ])
    assert.equal(matches(input), true, input);
  for (const input of ['proc:firefox', '-state:open', 'idle>1m', 'setup>1s', 'why:refused'])
    assert.equal(matches(input), false, input);
});

test('words and terms must all match', () => {
  for (const input of [
    '',
    'cdn',
    'CDN work',
    'host:example',
    'chain:work hop:se-2',
    'port:443',
    'type:socks5',
    'id:c17',
  ])
    assert.equal(matches(input), true, input);
  for (const input of ['cdn nowhere', 'host:work', 'port:44', 'chain:wörk'])
    assert.equal(matches(input), false, input);
});

test('a star makes the value whole', () => {
  assert.equal(matches('host:*.example.com'), true);
  assert.equal(matches('host:example*'), false);
  assert.equal(matches('host:cdn.*'), true);
});

test('amounts compare with units', () => {
  for (const input of ['down>1mb', 'down<3.1m', 'up<1gb', 'age>1m', 'age<2min'])
    assert.equal(matches(input), true, input);
  for (const input of ['down>3mb', 'age>5m', 'up>2kb']) assert.equal(matches(input), false, input);
});

test('a minus turns a term round', () => {
  assert.equal(matches('-service:dev'), true);
  assert.equal(matches('-service:local'), false);
  assert.equal(matches('-down>1mb'), false);
});

test('an unknown key is text and is reported; an address is not a key', () => {
  const filter = parseFilter('flavour:sweet cdn.example.com:443 localhost:80 1.2.3.4:5');
  assert.deepEqual(filter.unknown, ['flavour']);
  assert.equal(matches('cdn.example.com:443'), true);
  assert.equal(parseFilter('  - ').empty, true);
  assert.equal(matches('down>5zb'), false);
});

test('pattern characters are plain text', () => {
  assert.equal(matches('host:cdn.example.c[o]m*'), false);
  assert.equal(matches('(cdn'), false);
});
