// npm test: everything that can run on this machine. Stages: unit (node:test), build, interop (real peers), browser (Playwright).
// `npm test -- unit` runs one stage; `npm test -- unit core/net` only files below a folder. Each stage prints counts and fails if it ran nothing.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['core', 'electron', 'renderer', 'packages', 'scripts'];
const STAGES = { unit, build, interop, browser };
const [only, ...paths] = process.argv.slice(2);

if (only !== undefined && !(only in STAGES)) {
  console.error(`npm test: there is no stage "${only}"; stages are ${Object.keys(STAGES).join(', ')}`);
  process.exit(2);
}
const results = [];
for (const [name, stage] of Object.entries(STAGES)) {
  if (only !== undefined && only !== name) continue;
  const started = performance.now();
  console.log(`\n== ${name}`);
  const code = stage();
  results.push({ name, code, seconds: (performance.now() - started) / 1000 });
  if (code !== 0 && name === 'build') break;
}
console.log('');
for (const { name, code, seconds } of results)
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(0)} s)`);
process.exit(results.some(({ code }) => code !== 0) ? 1 : 0);

function unit() {
  const files = (paths.length > 0 ? paths : FOLDERS).flatMap(testsBelow);
  if (files.length === 0) {
    console.log('no test files were found');
    return 1;
  }
  return run(process.execPath, [
    '--import',
    'tsx',
    '--test',
    '--test-concurrency=2',
    '--test-timeout=180000',
    '--test-reporter=./scripts/reporter.mjs',
    ...files,
  ]);
}

function build() {
  return run(process.execPath, ['scripts/build.mjs']);
}

function interop() {
  return run(process.execPath, ['scripts/interop.mjs', '--slice', ...paths]);
}

function browser() {
  return run(process.execPath, ['scripts/e2e.mjs', ...paths]);
}

function testsBelow(path) {
  if (path.endsWith('.test.ts') || path.endsWith('.test.tsx')) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    const below = join(path, entry.name);
    if (entry.isDirectory()) return testsBelow(below);
    return /\.test\.tsx?$/.test(entry.name) ? [below] : [];
  });
}

function run(command, args) {
  return spawnSync(command, args, { stdio: 'inherit' }).status ?? 1;
}
