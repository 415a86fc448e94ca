/** Nodes of a hop's file and users of a node's file, GOST v3. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPlan, type Loaded } from './load.ts';

const FOLDER = 'core/config/fixtures/nodes'; // as somebody writes it who starts Sockeye here

function load(hop: string): Loaded {
  const text = `services:
  - name: s
    addr: 127.0.0.1:1080
    handler: { type: socks5, chain: c }
    listener: { type: tcp }
chains:
  - name: c
    hops:
      - name: h
${hop}`;
  return loadPlan(text, { file: 'gost.yml' });
}

function said({ findings }: Loaded): string[] {
  return findings.map(({ grade, code, line }) => `${grade} ${code} ${line}`);
}

test("a hop's file adds nodes; one that can not be used is left out and named, without a fix for this file", () => {
  const loaded = load(`        nodes: [{ name: own, addr: '10.0.0.1:1080', connector: { type: socks5 } }]
        reload: 10s
        file: { path: ${FOLDER}/nodes.json }
`);
  assert.deepEqual(
    loaded.plan.chains[0]?.hops[0]?.nodes.map(({ name, at, addr, connectorAuth }) => [
      name,
      at,
      addr.host,
      connectorAuth,
    ]),
    [
      ['own', 0, '10.0.0.1', null],
      ['spare', 1, '10.0.0.9', { username: 'ann', password: 'a b#c' }],
    ],
  );
  assert.deepEqual(
    said(loaded).filter((one) => !one.startsWith('hint')),
    ['blocks bad_address 10', 'changes node_file_once 11'],
  );
  const broken = loaded.findings.find(({ code }) => code === 'bad_address');
  assert.match(broken?.message ?? '', /nodes\.json: "1080" is not an address/);
  assert.equal(broken?.fix, undefined);
  assert.equal(loaded.plan.services.length, 1);
});

test('a hop with nothing but a file has its nodes from there', () => {
  const loaded = load(`        file: { path: ${FOLDER}/nodes.json }\n`);
  assert.deepEqual(
    loaded.plan.chains[0]?.hops[0]?.nodes.map(({ name }) => name),
    ['spare'],
  );
});

for (const [name, code] of [
  ['nowhere.json', 'bad_file'],
  ['wrong.json', 'bad_file'],
] as const) {
  test(`${name}: the chain does not run, where GOST would go on without the file`, () => {
    const loaded = load(`        nodes: [{ name: own, addr: '10.0.0.1:1080' }]
        file: { path: ${FOLDER}/${name} }
`);
    assert.ok(said(loaded).includes(`blocks ${code} 11`), said(loaded).join());
    assert.deepEqual(loaded.plan.services, []);
  });
}

test('a node whose user is in a file that is not there is left out: it would sign in as nobody', () => {
  const loaded = load(
    `        nodes: [{ name: own, addr: '10.0.0.1:1080', connector: { type: socks5, auth: { file: ${FOLDER}/nowhere.txt } } }]\n`,
  );
  assert.ok(said(loaded).includes('blocks bad_file 10'), said(loaded).join());
  assert.deepEqual(loaded.plan.services, []);
});
