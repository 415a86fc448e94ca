// npm test: everything that can run on this machine. Stages: unit (node:test), node24 (the core's tests on the Node inside Electron),
// build, interop (real peers), browser (Playwright).
// `npm test -- unit` runs one stage; `npm test -- unit core/net` only files below a folder. Each stage prints counts and fails if it ran nothing.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24 as findNode24 } from './node24.mjs';

const FOLDERS = ['core', 'electron', 'renderer', 'packages', 'scripts'];
/** What runs on Node 24 as well: what touches its streams, sockets and TLS, and its database. docs/decisions/0010-node-24.md. */
const NODE24_FOLDERS = [
  'core/net',
  'core/socks',
  'core/handlers',
  'core/connectors',
  'core/transports',
  'core/host/history',
  'packages/smux-ts',
];
const STAGES = { unit, node24, build, interop, browser };
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
  return nodeTests(process.execPath, ['--import', 'tsx'], paths.length > 0 ? paths : FOLDERS);
}

/** Runs the sources as they are: Node 24 takes the types away by itself. */
function node24() {
  let node;
  try {
    node = findNode24();
  } catch (error) {
    console.log(`SKIP node24: ${error.message}`);
    return process.env.CI === 'true' ? 1 : 0;
  }
  // what a failed test left open must not keep the run from ending; the unit stage is where leaks are found
  return nodeTests(node, ['--test-force-exit'], paths.length > 0 ? paths : NODE24_FOLDERS);
}

function nodeTests(node, flags, places) {
  const files = places.flatMap(testsBelow);
  if (files.length === 0) {
    console.log('no test files were found');
    return 1;
  }
  return run(node, [
    ...flags,
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
