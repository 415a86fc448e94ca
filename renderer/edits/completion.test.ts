import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schemas } from '../../core/contract/api.ts';
import type { FileShapes } from '../../core/contract/imports.ts';
import { completionsAt } from './completion.ts';

const field = (key: string, kind = 'text', of: string | null = null) => ({ key, kind, of });
const SHAPES: FileShapes = {
  shapes: {
    config: [
      field('services', 'objects', 'service'),
      field('chains', 'objects', 'chain'),
      field('log', 'object', 'log'),
    ],
    service: [field('name'), field('addr'), field('handler', 'object', 'handler'), field('bypass')],
    handler: [field('type'), field('chain'), field('metadata', 'metadata')],
    chain: [field('name'), field('hops', 'objects', 'hop')],
    hop: [field('name'), field('nodes', 'objects', 'node')],
    node: [field('name'), field('addr')],
    log: [field('level')],
  },
  words: { 'handler.type': ['socks5', 'http'], 'log.level': ['info', 'debug'] },
};
const NONE = {} as const;
const SCHEMAS: Schemas = {
  handlers: {
    socks5: {
      type: 'socks5',
      title: '',
      summary: '',
      options: { properties: { udp: { type: 'boolean', title: 'UDP' }, notls: { type: 'boolean' } } },
      facts: { auth: true, udp: true, tls: false, forward: false },
    },
  },
  listeners: NONE,
  connectors: NONE,
  dialers: NONE,
};
const at = (text: string): string[] =>
  completionsAt(text.split('\n'), SHAPES, SCHEMAS).map(({ label }) => label);

test('keys of the map the cursor is in, without those that are there', () => {
  assert.deepEqual(at(''), ['services', 'chains', 'log']);
  assert.deepEqual(at('services:\n- '), ['name', 'addr', 'handler', 'bypass']);
  assert.deepEqual(at('services:\n- name: a\n  '), ['addr', 'handler', 'bypass']);
  assert.deepEqual(at('services:\n  - name: a\n    # note\n    addr: :1\n    '), ['handler', 'bypass']);
  assert.deepEqual(at('services:\n- name: a\n  handler:\n    '), ['type', 'chain', 'metadata']);
  assert.deepEqual(at('services:\n- name: a\n  handler:\n    type: http\n- '), [
    'name',
    'addr',
    'handler',
    'bypass',
  ]);
  assert.deepEqual(at('services:\n- name: a\nlog:\n  '), ['level']);
  assert.deepEqual(at('chains:\n- name: c\n  hops:\n  - name: h\n    nodes:\n    - name: n\n      '), [
    'addr',
  ]);
  assert.deepEqual(at('chains:\n- hops:\n  - nodes:\n    - '), ['name', 'addr']);
});

test('words of a key: types, levels, names of other things above', () => {
  assert.deepEqual(at('services:\n- handler:\n    type: so'), ['socks5', 'http']);
  assert.deepEqual(at('log:\n  level: '), ['info', 'debug']);
  assert.deepEqual(
    at('chains:\n- name: out\n  hops:\n  - name: inner\n- name: other\nservices:\n- handler:\n    chain: '),
    ['out', 'other'],
  );
  assert.deepEqual(at('services:\n- addr: '), []);
});

test('options of the component whose type stands above', () => {
  const above = 'services:\n- name: a\n  handler:\n    type: socks5\n    metadata:\n      ';
  assert.deepEqual(at(above), ['udp', 'notls']);
  assert.deepEqual(at(`${above}udp: `), ['true', 'false']);
  assert.deepEqual(at(`${above}udp: true\n      `), ['notls']);
  assert.deepEqual(at(above.replace('socks5', 'http')), []);
});
