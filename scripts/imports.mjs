// Checks who imports whom (docs/architecture.md, "Who may import whom") with dependency-cruiser, and that the checker really saw the code:
// a checker that reads nothing must not look green (ADR 0002).
import { cruise } from 'dependency-cruiser';
import { createRequire } from 'node:module';

const MINIMUM_MODULES = 60;
const require = createRequire(import.meta.url);
const { options, ...ruleSet } = require('../.dependency-cruiser.cjs');

/** Cruises folders below `baseDir`; returns violations and how many modules were read. */
export async function checkImports(folders, baseDir = process.cwd()) {
  const { output } = await cruise(folders, { ...options, baseDir, ruleSet, validate: true });
  return { violations: output.summary.violations, modules: output.summary.totalCruised };
}

if (process.argv[1] !== undefined && import.meta.url.endsWith(process.argv[1].split('/').pop())) {
  const { violations, modules } = await checkImports([
    'core',
    'electron',
    'renderer',
    'e2e',
    'packages/smux-ts/src',
  ]);
  for (const { rule, from, to } of violations) console.log(`${rule.name}: ${from} -> ${to}`);
  console.log(`imports: ${modules} modules, ${violations.length} violations`);
  if (modules < MINIMUM_MODULES)
    console.log(`imports: fewer than ${MINIMUM_MODULES} modules were read; the checker is blind`);
  process.exit(violations.length === 0 && modules >= MINIMUM_MODULES ? 0 : 1);
}
