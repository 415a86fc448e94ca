// npm run interop: Sockeye against real clients and real servers. Without arguments everything, and docs/interop.md is written; with
// `--slice` the part that npm test runs. Absent peers are printed as skipped; in CI they are installed first and none may be absent.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const run = (args, env = {}) =>
  spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;

if (process.env.CI === 'true' && run(['scripts/peers.mjs', 'install']) !== 0) process.exit(1);
if (!existsSync('dist/headless.js') && run(['scripts/build.mjs']) !== 0) process.exit(1);
const args = process.argv.slice(2);
const status = [run(['--import', 'tsx', 'interop/run.ts', ...args], { SOCKEYE_ENTRY: 'dist/headless.js' })];
// the multiplexer against xtaci/smux, unless single files were asked for
if (args.every((arg) => arg.startsWith('--')))
  status.push(run(['--import', 'tsx', 'packages/smux-ts/interop/run.ts', ...args]));
process.exit(Math.max(...status));
