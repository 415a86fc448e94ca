/** What GOST has and Sockeye has not: every section and every type of GOST is a finding with its place, and never passes in silence. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../catalog.ts';
import { typesOf } from './gost-types.ts';
import { loadPlan } from './load.ts';
import { SHAPES } from './shape.ts';

const NODE = 'connector: {type: socks5}, dialer: {type: tcp}';
const FILE = `services:
- {name: s, addr: "127.0.0.1:1", handler: {type: socks5, chain: c}, listener: {type: tcp}}
chains:
- {name: c, hops: [{name: h, nodes: [{name: n, addr: "127.0.0.1:2", ${NODE}}]}]}
`;

for (const { key, unused } of SHAPES.config) {
  if (unused === undefined) continue;
  test(`the section ${key}`, () => {
    const { plan, findings } = loadPlan(`${FILE}${key}: [{name: x}]\n`, { file: 'f' });
    assert.deepEqual(
      findings.map((one) => [one.grade, one.line, one.column, one.message]),
      [[unused.grade, 5, 1, `${key}: ${unused.says}`]],
    );
    assert.equal(plan.services.length, 1);
  });
}

for (const [role, ours, written] of [
  ['handler', catalog.handlers, 'handler: {type: socks5'],
  ['listener', catalog.listeners, 'listener: {type: tcp'],
  ['connector', catalog.connectors, 'connector: {type: socks5'],
  ['dialer', catalog.dialers, 'dialer: {type: tcp'],
] as const) {
  test(`each type of ${role} that GOST has works here or keeps what uses it from running`, () => {
    const has = (type: string): boolean =>
      ours.some((one) => one.type === type || (one.aliases ?? []).includes(type));
    const foreign = typesOf(role).filter((type) => !has(type));
    assert.ok(foreign.length > 0);
    for (const type of foreign) {
      const text = FILE.replace(written, written.replace(/\w+$/, type));
      const { plan, findings } = loadPlan(text, { file: 'f' });
      const told = findings.filter(({ code }) => code === 'unsupported_type');
      assert.deepEqual(
        told.map(({ grade, line }) => [grade, line]),
        [['blocks', role === 'handler' || role === 'listener' ? 2 : 4]],
        type,
      );
      assert.equal(plan.services.length, 0, type);
    }
  });
}
