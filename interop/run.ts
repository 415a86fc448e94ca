/**
 * npm run interop: the peers against each other, then the tables with Sockeye, and docs/interop.md from what happened.
 *   tsx interop/run.ts               everything; writes the document
 *   tsx interop/run.ts --slice       a third of the cells that touches every row and column; leaves the document alone
 *   tsx interop/run.ts FILE…         only these test files; leaves the document alone
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../scripts/peers/list.mjs';
import type { Result } from './matrix.ts';
import { reportOf, type RunFacts } from './report.ts';

const DOCUMENT = join(ROOT, 'docs', 'interop.md');
const FOLDERS = ['interop', 'interop/peers'];

const args = process.argv.slice(2);
const slice = args.includes('--slice');
const files = args.filter((arg) => !arg.startsWith('--'));
process.exitCode = main();

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-results-'));
  try {
    const status = runTests(files.length > 0 ? files : FOLDERS.flatMap(testsIn), folder);
    if (!slice && files.length === 0) writeDocument(resultsIn(folder));
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runTests(tests: readonly string[], folder: string): number {
  const env = { ...process.env, SOCKEYE_INTEROP_RESULTS: folder, SOCKEYE_INTEROP_SLICE: slice ? '1' : '0' };
  const reporter = '--test-reporter=./scripts/reporter.mjs';
  const done = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-concurrency=2', reporter, ...tests],
    { cwd: ROOT, env, stdio: 'inherit' },
  );
  return done.status ?? 1;
}

function testsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}

function resultsIn(folder: string): Result[] {
  const lines = readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').trim().split('\n'),
  );
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result); // written by matrix.ts in this very run
}

function writeDocument(results: readonly Result[]): void {
  writeFileSync(DOCUMENT, reportOf(results, facts()));
  console.log(`wrote ${DOCUMENT}`);
}

function facts(): RunFacts {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  }).trim();
  const system = `${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  return { date: new Date().toISOString().slice(0, 10), commit, system, versions: peerVersions() };
}

function peerVersions(): { name: string; version: string }[] {
  const status = spawnSync(process.execPath, ['scripts/peers.mjs', 'status', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const peers: unknown = JSON.parse(status.stdout);
  if (!Array.isArray(peers)) throw new Error('peers.mjs status --json prints a list');
  return peers.flatMap((peer: unknown) => {
    if (typeof peer !== 'object' || peer === null || !('name' in peer) || !('version' in peer)) return [];
    return [{ name: String(peer.name), version: typeof peer.version === 'string' ? peer.version : 'absent' }];
  });
}
