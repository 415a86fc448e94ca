import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentSchema } from '../../core/contract/api.ts';
import {
  fieldsOf,
  goDuration,
  shownFlag,
  shownValue,
  spelling,
  validDuration,
  writtenFlag,
  writtenValue,
} from './fields.ts';

const SCHEMA: ComponentSchema = {
  type: 'socks5',
  title: 'SOCKS5',
  summary: '',
  facts: { auth: true, udp: true, tls: false, forward: false },
  options: {
    type: 'object',
    properties: {
      udp: {
        type: 'boolean',
        default: false,
        title: 'UDP',
        description: 'd',
        kind: 'boolean',
        aliases: ['enableUDP'],
      },
      size: { type: 'integer', default: 4096, title: 'Size', kind: 'integer', unit: 'bytes', aliases: [] },
      idle: { type: 'number', default: 90_000, title: 'Idle', kind: 'duration', aliases: [] },
      header: { type: 'object', default: {}, title: 'Header', kind: 'map', aliases: [] },
      hosts: { type: 'array', default: [], title: 'Hosts', kind: 'list', aliases: [] },
      strange: { type: 'object' },
    },
  },
};
const [udp, size, idle, header, hosts] = fieldsOf(SCHEMA);

test('every option with a kind is a field, defaults as a person writes them', () => {
  assert.deepEqual(
    fieldsOf(SCHEMA).map(({ name, fallback }) => `${name}=${fallback}`),
    ['udp=false', 'size=4096', 'idle=1m30s', 'header=', 'hosts='],
  );
  assert.deepEqual(fieldsOf(undefined), []);
});

test('an option is found under any spelling and case and keeps it', () => {
  assert.ok(udp);
  assert.equal(spelling({ EnableUdp: 1 }, udp), 'EnableUdp');
  assert.equal(shownFlag({ EnableUdp: 1 }, udp), true);
  assert.equal(shownFlag({ udp: 'yes' }, udp), false);
  assert.equal(shownFlag(undefined, udp), false);
});

test('a flag is written only when it says something', () => {
  assert.ok(udp);
  assert.equal(writtenFlag({}, udp, false), undefined);
  assert.equal(writtenFlag({}, udp, true), true);
  assert.equal(writtenFlag({ udp: true }, udp, false), false);
});

test('lists, maps and numbers go both ways', () => {
  assert.ok(size && idle && header && hosts);
  assert.equal(writtenValue(size, '8192'), 8192);
  assert.equal(writtenValue(size, ''), undefined);
  assert.equal(writtenValue(size, 'many'), 'many');
  assert.deepEqual(writtenValue(hosts, 'a, b\nc'), ['a', 'b', 'c']);
  assert.equal(shownValue({ hosts: ['a', 'b'] }, hosts), 'a, b');
  assert.deepEqual(writtenValue(header, 'X-A: 1\nHost: a:80'), { 'X-A': '1', Host: 'a:80' });
  assert.equal(shownValue({ header: { 'X-A': 1 } }, header), 'X-A: 1');
  assert.equal(writtenValue(idle, '2m'), '2m');
});

test('durations as Go writes them', () => {
  assert.deepEqual([0, 250, 1_500, 60_000, 5_400_000].map(goDuration), [
    '0s',
    '250ms',
    '1.5s',
    '1m',
    '1h30m',
  ]);
  assert.deepEqual(['10s', '1h30m', '15', '1.5s', 'soon', '10 s'].map(validDuration), [
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});
