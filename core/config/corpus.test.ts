// Files as people write them, byte by byte: read and written without an edit they are the same, and an edit of one value touches its bytes
// only. Then the same files damaged at random: the reader and the import answer, and never throw.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Json, Path } from '../contract/config.ts';
import { ConfigDocument } from './document.ts';
import { isList, isMap } from './gost-values.ts';
import { reviewImport } from './import/review.ts';

const PLAIN = `# gateway
services:
  - name: web        # first
    addr: 127.0.0.1:1080
    handler:
      type: socks5
      auth: { username: me, password: "p: #x" }
    listener: {type: tcp}

  # the second one
  - name: 'it''s'
    addr: "[::1]:1081"
    handler:   { type: http , metadata: { knock: "a\\tb" } }
    listener:
      type:    tcp
log:
  level: debug   # loud
`;

const CORPUS: Readonly<Record<string, string>> = {
  plain: PLAIN,
  'CRLF line ends': PLAIN.replaceAll('\n', '\r\n'),
  'byte order mark': `\uFEFF${PLAIN}`,
  'byte order mark and CRLF': `\uFEFF${PLAIN.replaceAll('\n', '\r\n')}`,
  'no line end at the end': PLAIN.trimEnd(),
  'blank lines at the end': `${PLAIN}\n\n\n`,
  'spaces at line ends': PLAIN.replaceAll('tcp\n', 'tcp   \n'),
  'tabs behind values': PLAIN.replaceAll('socks5\n', 'socks5\t# tab\n').replace(
    'level: debug',
    'level:\tdebug',
  ),
  'document marks': `---\n${PLAIN}...\n`,
  'a directive': `%YAML 1.2\n---\n${PLAIN}`,
  'lists at the column of their key': `services:\n- name: a\n  addr: :1\n  handler:\n    type: socks5\n- name: b\n  addr: :2\n`,
  'deep indents': `services:\n        -    name: a\n             addr: :1\n             handler:\n                   type: socks5\n`,
  'anchors and aliases': `x: &auth { username: me, password: pw }\nservices:\n- name: a\n  addr: :1\n  handler: { type: socks5, auth: *auth }\n- name: b\n  addr: :2\n  handler:\n    type: http\n    auth:\n      <<: *auth\n      username: you\n`,
  'block texts': `services:\n- name: a\n  addr: :1\n  note: |\n    two\n      lines\n\n  other: >-\n    folded\n    text\n  handler: { type: socks5 }\n`,
  'flow over several lines': `services: [\n  { name: a, addr: ":1",\n    handler: { type: socks5 } },   # one\n  { name: b, addr: ":2" },\n]\n`,
  JSON: `{\n\t"services": [\n\t\t{ "name": "a", "addr": ":1", "handler": { "type": "socks5" } }\n\t]\n}\n`,
  'JSON on one line': `{"services":[{"name":"a","addr":":1","retries":3}],"log":{"level":"info"}}`,
  'keys in any case': `Services:\n- NAME: a\n  Addr: :1\n  Handler: { TYPE: socks5 }\n`,
  'complex keys and empty values': `services:\n- ? name\n  : a\n  addr:\n  handler: ~\n  bypass: ""\n`,
  'letters of all kinds': `services:\n- name: 网关 🐟\n  addr: :1\n  note: "naïve \\u00e9"\n`,
  'only comments': '# nothing\n\n# yet\n',
  empty: '',
};

interface Leaf {
  readonly path: Path;
  readonly value: string | number | boolean;
}

function leaves(value: Json | undefined, path: Path = []): Leaf[] {
  if (isList(value)) return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (isMap(value)) return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
  return value === null || value === undefined ? [] : [{ path, value }];
}

function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const rows = text.split('\n').slice(0, line - 1);
  return rows.reduce((sum, row) => sum + row.length + 1, 0) + column - 1;
}

describe('the corpus', () => {
  for (const [name, text] of Object.entries(CORPUS)) {
    test(`${name}: no edit, no difference`, () => {
      const document = ConfigDocument.parse(text, name);
      assert.deepEqual(document.errors, []);
      assert.equal(document.text, text);
      assert.equal(document.apply([]).text, text);
    });

    test(`${name}: one value, its bytes only`, () => {
      const document = ConfigDocument.parse(text, name);
      const start = text.startsWith('\uFEFF') ? 1 : 0;
      for (const { path, value } of leaves(document.config)) {
        const next = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : 'changed';
        const after = document.apply([{ op: 'set', path, value: next }]);
        if (/block texts|anchors/.test(name)) {
          // a block text becomes another text, and an alias is written out first: more bytes, but no others' values
          assert.equal(leaves(after.config).length, leaves(document.config).length, path.join('.'));
          continue;
        }
        const at = start + offsetOf(text.slice(start), document.locate(path));
        assert.equal(after.text.slice(0, at), text.slice(0, at), `before ${path.join('.')}`);
        const tail = text.slice(at + sourceLength(text, at));
        assert.ok(after.text.endsWith(tail), `behind ${path.join('.')}: ${after.text.slice(at, at + 40)}`);
        assert.equal(
          after.apply([{ op: 'set', path, value }]).config.services?.length,
          document.config.services?.length,
        );
      }
    });
  }

  test('anchors: what is not edited stays, and so do the comments', () => {
    const text = CORPUS['anchors and aliases'] ?? '';
    const document = ConfigDocument.parse(text, 'anchors');
    const after = document.apply([{ op: 'set', path: ['services', 0, 'addr'], value: ':9' }]);
    assert.equal(after.text, text.replace('addr: :1', 'addr: :9'));
  });
});

/** How long the scalar at an offset is written. */
function sourceLength(text: string, at: number): number {
  const rest = text.slice(at);
  const quoted = /^"(?:[^"\\]|\\.)*"|^'(?:[^']|'')*'/.exec(rest)?.[0];
  if (quoted !== undefined) return quoted.length;
  return (/^[^\n\r,}\]]*?(?=\s*(?:\s#|[\n\r,}\]]|$))/.exec(rest)?.[0] ?? '').length;
}

test('damaged files are answered, never thrown at', () => {
  const texts = Object.values(CORPUS);
  const damage = fc.tuple(
    fc.constantFrom(...texts),
    fc.array(
      fc.tuple(
        fc.nat(2_000),
        fc.nat(20),
        fc.constantFrom(
          '',
          '\t',
          '"',
          "'",
          '{',
          '}',
          '[',
          ']',
          ':',
          '- ',
          '&a ',
          '*a',
          '!x ',
          '#',
          '\n',
          '\0',
          '---\n',
          '<<: ',
        ),
      ),
      { minLength: 1, maxLength: 6 },
    ),
  );
  fc.assert(
    fc.property(damage, ([text, edits]) => {
      let damaged = text;
      for (const [at, length, piece] of edits) {
        const from = damaged.length === 0 ? 0 : at % (damaged.length + 1);
        damaged = damaged.slice(0, from) + piece + damaged.slice(from + length);
      }
      const document = ConfigDocument.parse(damaged, 'damaged');
      assert.equal(document.text, damaged);
      for (const { line, column, message } of document.errors)
        assert.ok(line >= 1 && column >= 1 && message !== '', 'an error has a place and a sentence');
      const review = reviewImport({ name: 'damaged', text: damaged, list: 'hop', dialect: 'v3' }, {});
      assert.equal(review.text, damaged);
      if (document.errors.length > 0 && review.items.length === 0)
        assert.ok(review.findings.some(({ grade }) => grade === 'blocks'));
    }),
    { numRuns: 300 },
  );
});

test('command lines and lists of any words are answered, never thrown at', () => {
  const piece = fc.constantFrom(
    'gost',
    '-L',
    '-F',
    '-L=',
    '--',
    '-C',
    'socks5://u:p@h:1',
    ':1-9',
    'tcp://:1/:2,:3',
    '"',
    "'",
    '\\',
    '\n',
    'ss://YTpi@h:1',
    '%zz',
    '?a=b&c',
    'relay+tls://h?ip=x',
    '#',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.constantFrom('v2', 'v3'), (words, dialect) => {
      const text = words.join(' ');
      const review = reviewImport({ name: 'words', text, list: 'chains', dialect }, {});
      assert.equal(review.text, text);
    }),
    { numRuns: 300 },
  );
});
