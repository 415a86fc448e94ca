/** Copying and pasting in the lanes: one text that holds YAML and URLs, and passwords that stay here. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadPlan } from '../config/load.ts';
import type { Config } from '../contract/config.ts';
import { Clipboard } from './clipboard.ts';

const CONFIG: Config = {
  chains: [
    {
      name: 'work',
      hops: [
        {
          name: 'hop-0',
          selector: { strategy: 'fifo' },
          nodes: [
            {
              name: 'a',
              addr: 'a.example:1080',
              connector: { type: 'socks5', auth: { username: 'me', password: 'hunter2' } },
              dialer: { type: 'tls' },
            },
            { name: 'b', addr: 'b.example:8080', connector: { type: 'http' } },
          ],
        },
      ],
    },
  ],
};
const NODE = ['chains', 0, 'hops', 0, 'nodes', 0] as const;

describe('the clipboard', () => {
  test('holds GOST YAML and URLs in one text, without passwords', () => {
    const text = new Clipboard().copy(CONFIG, [NODE]);
    assert.match(text, /^# socks5\+tls:\/\/me@a\.example:1080/);
    assert.match(text, /^nodes:\n {2}- name: a\n/m);
    assert.doesNotMatch(text, /hunter2|•/);
  });

  test('a hop that was copied is a hop GOST can read', () => {
    const text = new Clipboard().copy(CONFIG, [['chains', 0, 'hops', 0]]);
    const { findings } = loadPlan(text, { file: 'x.yaml' });
    assert.deepEqual(
      findings.filter(({ grade }) => grade === 'blocks'),
      [],
    );
    assert.equal(text.split('\n').filter((line) => line.startsWith('# ')).length, 2);
  });

  test('gives a password back to an insert of what was copied here, and to nothing else', () => {
    const clipboard = new Clipboard();
    const text = clipboard.copy(CONFIG, [NODE]);
    const [item] = clipboard.read(text.replaceAll('\n', '\r\n')) ?? [];
    assert.ok(item !== undefined);
    assert.doesNotMatch(JSON.stringify(item), /hunter2/);
    const path = ['chains', 0, 'hops', 0, 'nodes'];
    const insert = { op: 'insert', path, index: 2, value: item.value, from: item.from ?? [] } as const;
    assert.match(JSON.stringify(clipboard.filled(insert)), /hunter2/);
    const [foreign] = clipboard.read(text.replace('a.example', 'c.example')) ?? [];
    assert.deepEqual([foreign?.kind, foreign?.from], ['node', null]);
    assert.throws(() => new Clipboard().filled(insert), { code: 'config' });
  });

  test('reads what others write: URLs, command lines, chains of a GOST file', () => {
    const clipboard = new Clipboard();
    const kinds = (text: string): string[] | null => clipboard.read(text)?.map(({ kind }) => kind) ?? null;
    assert.deepEqual(kinds('socks5://u:p@h:1\nhttp://h:2\n'), ['node', 'node']);
    assert.deepEqual(kinds(`-F "socks5://h:1"`), ['node']);
    assert.deepEqual(kinds('chains:\n- name: c\n  hops:\n  - name: h\n    nodes: []\n'), ['chain']);
    for (const nothing of ['', 'hello', 'services:\n- name: s\n', 'a: [', '- 1'])
      assert.equal(kinds(nothing), null);
  });

  test('refuses to copy what is none of it', () => {
    assert.throws(() => new Clipboard().copy(CONFIG, [['services', 0]]), { code: 'config' });
  });
});
