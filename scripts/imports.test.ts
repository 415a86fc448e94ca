/** The import rules must catch what they are for: each breach is planted and has to be told by its rule's name. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { checkImports } from './imports.mjs';

const BREACHES: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['contract-is-pure', 'core/contract/breach.ts', "import '../net/a.ts';\n"],
  ['net-knows-no-socks', 'core/net/breach.ts', "import '../socks/a.ts';\n"],
  ['socks-is-wire-only', 'core/socks/breach.ts', "import '../handlers/a.ts';\n"],
  ['handlers-are-strangers', 'core/handlers/breach.ts', "import '../connectors/a.ts';\n"],
  ['protocols-see-no-app', 'core/chains/breach.ts', "import '../engine.ts';\n"],
  [
    'renderer-sees-contract-only',
    'renderer/breach.ts',
    "import type { A } from '../core/net/a.ts';\nexport type B = A;\n",
  ],
  ['electron-is-thin', 'electron/breach.ts', "import '../core/net/a.ts';\n"],
  ['e2e-drives-from-outside', 'e2e/breach.ts', "import '../core/engine.ts';\n"],
  ['no-cycles', 'core/net/a.ts', "import './b.ts';\nexport type A = string;\n"],
];
const CLEAN: Readonly<Record<string, string>> = {
  'core/net/b.ts': "import './a.ts';\n",
  'core/socks/a.ts': 'export const a = 1;\n',
  'core/handlers/a.ts': 'export const a = 1;\n',
  'core/connectors/a.ts': 'export const a = 1;\n',
  'core/engine.ts': 'export const a = 1;\n',
};

const folder = mkdtempSync(join(process.cwd(), '.cache-imports-'));
after(() => rmSync(folder, { recursive: true }));

test('every planted breach is caught by name', async () => {
  for (const [path, text] of [
    ...Object.entries(CLEAN),
    ...BREACHES.map(([, path, text]) => [path, text] as const),
  ]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { violations, modules } = await checkImports(['core', 'renderer', 'electron', 'e2e'], folder);
  assert.equal(modules, BREACHES.length + Object.keys(CLEAN).length, 'all files were read');
  const found = new Set(violations.map(({ rule, from }) => `${rule.name} ${from}`));
  for (const [rule, file] of BREACHES)
    assert.ok(found.has(`${rule} ${file}`), `${rule} says nothing about ${file}`);
});
