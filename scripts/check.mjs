// npm run check: everything that can be known without running the product. Runs all parts, prints each result, fails if any failed.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

const only = process.argv.slice(2);
const parts = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['--max-warnings', '0', '.']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['types:renderer', 'tsc', ['-p', 'tsconfig.renderer.json']],
  ['types:renderer-tests', 'tsc', ['-p', 'tsconfig.renderer-tests.json']],
  ['imports', 'node', ['scripts/imports.mjs']],
  ['unused', 'knip', ['--no-progress']],
  ['docs', 'tsx', ['scripts/docs.ts', '--check']],
].filter(([name]) => only.length === 0 || only.includes(name));

/** Runs one part; resolves with its exit code and output. */
function run([name, command, args]) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env: {
        ...process.env,
        PATH: `node_modules/.bin:${process.env.PATH}`,
        FORCE_COLOR: process.stdout.isTTY ? '1' : '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ name, code: 1, output: String(error), seconds: 0 }));
    child.on('close', (code) =>
      resolve({ name, code, output, seconds: (performance.now() - started) / 1000 }),
    );
  });
}

const queue = [...parts];
const results = [];
async function worker() {
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    const result = await run(part);
    results.push(result);
    console.log(`${result.code === 0 ? 'ok  ' : 'FAIL'} ${result.name} (${result.seconds.toFixed(1)} s)`);
    if (result.code !== 0) console.log(result.output.trimEnd());
  }
}
await Promise.all(Array.from({ length: Math.min(2, cpus().length) }, worker));
const failed = results.filter((result) => result.code !== 0);
console.log(`check: ${results.length - failed.length} of ${results.length} parts passed`);
process.exit(failed.length === 0 && results.length > 0 ? 0 : 1);
