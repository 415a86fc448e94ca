import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Json } from '../../core/contract/config.ts';
import { bypassHost } from './bypass.ts';

function config(hop: { readonly [key: string]: Json }, bypasses?: readonly Json[]): Config {
  return {
    chains: [{ name: 'work', hops: [{ name: 'h', nodes: [{ name: 'n' }], ...hop }] }],
    ...(bypasses === undefined ? {} : { bypasses }),
  };
}
const HOP = ['chains', 0, 'hops', 0];

test('the first host makes a list and gives it to the first hop', () => {
  assert.deepEqual(bypassHost(config({}), 'work', 'a.example'), {
    kind: 'edits',
    edits: [
      { op: 'insert', path: ['bypasses'], index: 0, value: { name: 'work-bypass', matchers: ['a.example'] } },
      { op: 'set', path: [...HOP, 'bypass'], value: 'work-bypass' },
    ],
  });
});

test('the next one joins the list; one that is there changes nothing', () => {
  const known = config({ bypass: 'list' }, [{ name: 'list', matchers: ['a.example'] }]);
  assert.deepEqual(bypassHost(known, 'work', 'b.example'), {
    kind: 'edits',
    edits: [{ op: 'insert', path: ['bypasses', 0, 'matchers'], index: 1, value: 'b.example' }],
  });
  assert.deepEqual(bypassHost(known, 'work', 'a.example'), { kind: 'there' });
});

test('a list of what may not bypass is left alone, beside a new one', () => {
  const only = config({ bypasses: ['only'] }, [
    { name: 'only', whitelist: true, matchers: ['a.example'] },
    { name: 'work-bypass', matchers: [] },
  ]);
  assert.deepEqual(bypassHost(only, 'work', 'b.example'), {
    kind: 'edits',
    edits: [
      {
        op: 'insert',
        path: ['bypasses'],
        index: 2,
        value: { name: 'work-bypass-2', matchers: ['b.example'] },
      },
      { op: 'insert', path: [...HOP, 'bypasses'], index: 1, value: 'work-bypass-2' },
    ],
  });
});

test('a chain that is not there, or whose first hop is written elsewhere, is for the hand', () => {
  assert.deepEqual(bypassHost(config({}), 'other', 'a.example'), { kind: 'by_hand' });
  assert.deepEqual(bypassHost(config({ nodes: [] }), 'work', 'a.example'), { kind: 'by_hand' });
});
