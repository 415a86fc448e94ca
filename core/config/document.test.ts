import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KEPT_SECRET, type Edit, type Json, type Path } from '../contract/config.ts';
import { ProxyError } from '../errors.ts';
import { OwnTime } from '../testing/own-time.ts';
import { canonical } from './canonical.ts';
import { ConfigDocument } from './document.ts';
import { isList, isMap } from './gost-values.ts';
import { editData } from './model.ts';

const HAND_WRITTEN = `# my gateway
services:
- name: "s0"   # keep me
  addr: :1080
  handler:
    type: socks5    # standard
    metadata: {udp: true, bind: false}   # both

# the second one
- name: 's1'
  addr: ":8080"
  handler: { type: http }

chains:
  # only one
  - name: c
    hops:
      - name: h
        nodes: [ {name: n0, addr: 'a:1'}, {name: n1, addr: 'b:2'} ]
empty:
none: []
`;

const ANCHORED = `base: &base
  type: socks5
  metadata: &meta
    udp: true
services:
  - name: a
    handler: *base
  - name: b
    handler:
      <<: *base
      type: http
    listener: &l {type: tcp}
  - name: c
    handler: {metadata: *meta}
    listener: *l
`;

const BLOCKS = `log:
  output: |
    stderr

  level: >-
    in
    fo
services:
  - addr: |+
      :1

  -
    name: x

  - - deep
    - - deeper
  - last`;

const JSON_FILE = `{
\t"services": [
\t\t{"name": "a", "addr": ":1"},
\t\t{
\t\t\t"name": "b"
\t\t}
\t],
\t"log": {}
}
`;

const CORPUS: Readonly<Record<string, string>> = {
  handWritten: HAND_WRITTEN,
  windows: HAND_WRITTEN.replaceAll('\n', '\r\n'),
  byteOrderMark: `\uFEFF${HAND_WRITTEN}`,
  noLastLine: HAND_WRITTEN.trimEnd(),
  anchored: ANCHORED,
  blocks: BLOCKS,
  json: JSON_FILE,
  flow: 'services: [{name: a, addr: :1}, {name: b, handler: {}},]\nchains: [\n  {name: c}, # note\n  {name: d}\n]\n',
  comments: '# nothing here\n\n# yet\n',
  nothing: '',
  marked: '---\nservices:\n  - name: a\n...\n',
  odd: `a: !!str 12
b: "two
  lines"   # quoted
c: plain
  continued # not quoted

d: {x: 1, # one
  y: [1,
    2]} # end
e: &e
  # inside
  - &f !!map
    k: v # f
  -   wide: 1
      deep:
          deeper: 2
    # below
# outside
g: [*f, "x": 1, [a: b]]
h: *e
`,
  explicit: '? services\n: - ? name\n    : a\n',
};

/** Words that need care: they mean something else in YAML, or carry its punctuation. */
const words = fc.oneof(
  fc.constantFrom(
    'true',
    'yes',
    'null',
    '12',
    '1:20',
    ':1080',
    '*.a.b',
    '~x',
    '- a',
    'a: b',
    'a #b',
    "it's",
    '"',
    '',
    ' ',
    'é',
    '[',
    '{',
    '0x1',
    '<<',
    '%',
    '@',
    '`',
    '&a',
    '!t',
    '1e3',
    '#',
    '?',
    'a,b',
    'line\nbreak',
    '\t',
    '...',
    '---',
    '\u2028',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const scalars: fc.Arbitrary<Json> = fc.oneof(
  words,
  fc.integer({ min: -9, max: 99_999 }),
  fc.boolean(),
  fc.constant(null),
);
const keys = fc.oneof(
  fc.constantFrom('name', 'addr', 'handler', 'metadata', 'type', 'udp', 'x.y', 'a b', '- k', '#k', 'k:'),
  fc.stringMatching(/^[a-z]{1,4}$/),
);
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(keys, tie('value')), { maxLength: 3, selector: ([key]) => key.toLowerCase() })
      .map((pairs): Json => Object.fromEntries(pairs)),
  ),
})).value;

/** All paths of the data, to choose one from. */
function pathsOf(data: Json, at: Path = []): { path: Path; value: Json }[] {
  const here = { path: at, value: data };
  if (isList(data)) return [here, ...data.flatMap((item, index) => pathsOf(item, [...at, index]))];
  if (isMap(data))
    return [
      here,
      ...Object.entries(data).flatMap(([key, item]) =>
        item === undefined ? [] : pathsOf(item, [...at, key]),
      ),
    ];
  return [here];
}

/** An edit that fits the data, chosen by numbers, so that it shrinks. */
function editOf(
  data: Json,
  pick: number,
  kind: number,
  where: number,
  key: string,
  value: Json,
): Edit | null {
  const all = pathsOf(data);
  const { path, value: here } = all[pick % all.length] ?? { path: [], value: data };
  switch (kind % 5) {
    case 0:
      return path.length === 0 ? null : { op: 'set', path, value };
    case 1:
      return path.length === 0 ? null : { op: 'remove', path };
    case 2:
      return isMap(here) ? { op: 'set', path: [...path, key], value } : null;
    case 3:
      return isList(here) ? { op: 'insert', path, index: where % (here.length + 1), value } : null;
    default:
      return isList(here) && here.length > 1
        ? { op: 'move', path, from: where % here.length, to: (where * 7 + kind) % here.length }
        : null;
  }
}

for (const [name, text] of Object.entries(CORPUS)) {
  test(`reads ${name} without a problem and keeps every byte`, () => {
    const document = ConfigDocument.parse(text, 'f.yml');
    assert.deepEqual(document.errors, []);
    assert.equal(document.apply([]).text, text);
  });

  test(`random edits of ${name} come out as on plain data`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(999), fc.nat(99), fc.nat(99), keys, values), { minLength: 1, maxLength: 4 }),
        (picks) => {
          let document = ConfigDocument.parse(text, 'f.yml');
          let model: Json = document.config;
          for (const [pick, kind, where, key, value] of picks) {
            const edit = editOf(model, pick, kind, where, key, value);
            if (edit === null) continue;
            model = canonical(editData(model, edit));
            document = document.apply([edit]);
            assert.deepEqual(plain(document.config), plain(model), document.text);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
}

/** The data without the difference between an absent key and an undefined one. */
function plain(data: Json): unknown {
  return JSON.parse(JSON.stringify(data));
}

test('a scalar change touches its own bytes only, in the quotes it had', () => {
  const document = ConfigDocument.parse(HAND_WRITTEN, 'f.yml');
  const edited = document.apply([
    { op: 'set', path: ['services', 0, 'name'], value: 'new "name"' },
    { op: 'set', path: ['services', 0, 'addr'], value: '127.0.0.1:1081' },
    { op: 'set', path: ['services', 1, 'name'], value: "it's" },
    { op: 'set', path: ['services', 0, 'handler', 'metadata', 'UDP'], value: false },
    { op: 'set', path: ['chains', 0, 'hops', 0, 'nodes', 1, 'addr'], value: 'c:3' },
  ]);
  const expected = HAND_WRITTEN.replace('"s0"', '"new \\"name\\""')
    .replace(':1080', '127.0.0.1:1081')
    .replace("'s1'", "'it''s'")
    .replace('udp: true', 'udp: false')
    .replace("'b:2'", "'c:3'");
  assert.equal(edited.text, expected);
});

test('adding, removing and moving keep all other lines, comments with their item', () => {
  const document = ConfigDocument.parse(HAND_WRITTEN, 'f.yml');
  const moved = document.apply([{ op: 'move', path: ['services'], from: 1, to: 0 }]);
  assert.match(
    moved.text,
    /^# my gateway\nservices:\n# the second one\n- name: 's1'[\s\S]*both\n\n?- name|- name: "s0" {3}# keep me/,
  );
  const removed = document.apply([{ op: 'remove', path: ['services', 1] }]);
  assert.equal(removed.text, HAND_WRITTEN.replace(/# the second one\n[\s\S]*?http }\n/, ''));
  const added = document.apply([
    {
      op: 'insert',
      path: ['services'],
      index: 2,
      value: { name: 's2', handler: { type: 'socks5', metadata: { udp: true } } },
    },
  ]);
  assert.equal(
    added.text,
    HAND_WRITTEN.replace(
      '{ type: http }\n',
      '{ type: http }\n- name: s2\n  handler:\n    type: socks5\n    metadata:\n      udp: true\n',
    ),
  );
  const key = document.apply([{ op: 'set', path: ['services', 0, 'handler', 'chain'], value: 'c' }]);
  assert.equal(key.text, HAND_WRITTEN.replace('# both\n', '# both\n    chain: c\n'));
});

test('lines that an edit does not concern stay byte for byte', () => {
  const lines = new Set(HAND_WRITTEN.split('\n'));
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1),
      fc.constantFrom('name', 'addr', 'handler', 'limiter'),
      values,
      (index, key, value) => {
        const edited = ConfigDocument.parse(HAND_WRITTEN, 'f.yml').apply([
          { op: 'set', path: ['services', index, key], value },
        ]);
        const kept = new Set(edited.text.split('\n'));
        const other = index === 0 ? /s1|8080|http|second/ : /s0|1080|socks5|standard|both/;
        for (const line of lines) {
          if (other.test(line) || /gateway|chains|only one|hops|nodes|empty|none/.test(line))
            assert.ok(kept.has(line), line);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('an edit writes out the aliases that it would otherwise change', () => {
  const document = ConfigDocument.parse(ANCHORED, 'f.yml');
  const edited = document.apply([{ op: 'set', path: ['services', 0, 'handler', 'type'], value: 'socks4' }]);
  assert.match(edited.text, /handler: \{ type: socks4, metadata: \{ udp: true \} \}/);
  assert.match(edited.text, /<<: \*base/);
  const base = document.apply([{ op: 'set', path: ['base', 'type'], value: 'http' }]);
  assert.equal(base.config.services?.[0]?.handler?.type, 'socks5');
});

test('keys are found in any case and shown in the spelling of GOST', () => {
  const document = ConfigDocument.parse(
    'Services:\n- NAME: a\n  Handler: {TYPE: socks5, MetaData: {NoTLS: true}}\n',
    'f.yml',
  );
  assert.deepEqual(document.config, {
    services: [{ name: 'a', handler: { type: 'socks5', metadata: { notls: true } } }],
  });
  const edited = document.apply([
    { op: 'set', path: ['services', 0, 'handler', 'metadata', 'notls'], value: false },
  ]);
  assert.match(edited.text, /NoTLS: false/);
});

test('a place is told as line and column, the nearest one where the path ends early', () => {
  const document = ConfigDocument.parse(`\uFEFF${HAND_WRITTEN.replaceAll('\n', '\r\n')}`, 'f.yml');
  assert.deepEqual(document.locate(['services', 0, 'addr']), { line: 4, column: 9 });
  assert.deepEqual(document.locate(['services', 0, 'addr'], 'key'), { line: 4, column: 3 });
  assert.deepEqual(document.locate(['services', 1, 'handler', 'type']), { line: 12, column: 20 });
  assert.deepEqual(document.locate(['services', 1, 'nothing', 'here']), { line: 10, column: 3 });
});

const BROKEN: readonly [string, string, string, number, number][] = [
  ['a duplicate key', 'services:\n- name: a\n  Name: b\n', 'duplicate_key', 3, 3],
  ['a tab', 'services:\n\t- name: a\n', 'syntax', 2, 1],
  ['a second document', 'services: []\n---\nchains: []\n', 'documents', 2, 1],
  ['a tag of its own', 'services: !include x.yml\n', 'tag', 1, 11],
  ['an open bracket', 'services: [\n', 'syntax', 2, 1],
  ['a list as the file', '- a\n', 'syntax', 1, 1],
  ['an alias without anchor', 'services: *none\n', 'alias', 1, 11],
];
for (const [what, text, code, line, column] of BROKEN) {
  test(`names ${what} with its place`, () => {
    const [error] = ConfigDocument.parse(text, 'f.yml').errors;
    assert.equal(error?.code, code, error?.message);
    assert.deepEqual([error.line, error.column], [line, column]);
    assert.throws(
      () => ConfigDocument.parse(text, 'f.yml').apply([{ op: 'set', path: ['log'], value: {} }]),
      ProxyError,
    );
  });
}

test('hostile files end quickly in one clear problem', () => {
  const laughs = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`),
  ];
  const hostile: Readonly<Record<string, string>> = {
    too_big: `services: [${' '.repeat(1024 * 1024)}]`,
    too_deep: '['.repeat(5000),
    alias: laughs.join('\n'),
  };
  for (const [code, text] of Object.entries(hostile)) {
    const time = new OwnTime();
    const { errors } = ConfigDocument.parse(text, 'f.yml');
    assert.ok(
      errors.some((error) => error.code === code || (code === 'alias' && error.code === 'too_big')),
      JSON.stringify(errors[0]),
    );
    assert.ok(time.elapsed < 1000, code);
  }
  assert.equal(ConfigDocument.parse('- '.repeat(5000), 'f').errors[0]?.code, 'too_deep');
  assert.notEqual(ConfigDocument.parse('a: &a [*a]\n', 'f').errors.length, 0);
});

test('keys that could reach into prototypes are harmless', () => {
  const { config } = ConfigDocument.parse(
    '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\nservices:\n- __proto__: {polluted: 1}\n',
    'f',
  );
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.equal(Reflect.get(config, 'polluted'), undefined);
  assert.deepEqual(Object.keys(config), ['constructor', 'services']);
  assert.throws(
    () => ConfigDocument.parse('', 'f').apply([{ op: 'set', path: ['__proto__', 'x'], value: 1 }]),
    ProxyError,
  );
});

test('a secret written back as its stand-in keeps what is saved', () => {
  const document = ConfigDocument.parse(
    'services:\n- name: a\n  handler: {auth: {username: u, password: p1}}\n- name: b\n  handler: {auth: {username: u, password: p2}}\n',
    'f',
  );
  const swapped = document.apply([
    {
      op: 'set',
      path: ['services'],
      value: [
        { name: 'b', handler: { auth: { username: 'v', password: KEPT_SECRET } } },
        { name: 'a', handler: { auth: { username: 'u', password: KEPT_SECRET } } },
      ],
    },
  ]);
  assert.deepEqual(
    swapped.config.services?.map(({ handler }) => handler?.auth?.password),
    ['p2', 'p1'],
  );
  assert.throws(
    () =>
      document.apply([
        {
          op: 'insert',
          path: ['services'],
          index: 0,
          value: { name: 'c', handler: { auth: { password: KEPT_SECRET } } },
        },
      ]),
    /typed again/,
  );
});

test('an edit that does not fit is refused and changes nothing', () => {
  const document = ConfigDocument.parse(HAND_WRITTEN, 'f.yml');
  const misfits: readonly Edit[] = [
    { op: 'insert', path: ['services'], index: 9, value: {} },
    { op: 'set', path: ['services', 'x'], value: 1 },
    { op: 'set', path: ['services', 0, 'name', 'x'], value: 1 },
    { op: 'move', path: ['services'], from: 0, to: 2 },
    { op: 'remove', path: [] },
  ];
  for (const edit of misfits)
    assert.throws(
      () => document.apply([edit]),
      (error) => error instanceof ProxyError && error.code === 'config',
      JSON.stringify(edit),
    );
});
