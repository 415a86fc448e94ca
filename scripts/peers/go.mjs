// Builds the Go peers into .cache/peers. A stamp beside each program holds the hash of what it was built from, so that a
// second run has nothing to do and a changed source is noticed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT, which } from './list.mjs';

/** Why Go programs can not be built here, or null. */
export function goObstacle() {
  return which('go') === null ? 'there is no go command (https://go.dev/dl)' : null;
}

/** True if the program was built from the sources as they are now. */
export function upToDate(peer) {
  const stamp = stampPath(peer);
  return (
    existsSync(join(BUILT, peer.name)) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === sourceHash(peer)
  );
}

/** Version of a Go peer: that of the module it wraps, from go.mod; our own programs have none. */
export function goVersion(peer) {
  if (peer.module === null) return 'own';
  const line = readFileSync(join(peer.folder, 'go.mod'), 'utf8')
    .split('\n')
    .find((text) => text.includes(`${peer.module} v`));
  return /v[^\s]+/.exec(line ?? '')?.[0] ?? 'unknown';
}

/** Builds one peer. Throws with the tail of go's output. A program that is in use is replaced, never written into. */
export function goBuild(peer) {
  mkdirSync(BUILT, { recursive: true });
  const target = join(BUILT, peer.name);
  const fresh = `${target}.${process.pid}`;
  const hash = sourceHash(peer);
  const done = spawnSync(which('go'), ['build', '-trimpath', '-ldflags=-s -w', '-o', fresh, peer.package], {
    cwd: peer.folder,
    encoding: 'utf8',
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (done.status !== 0)
    throw new Error(`go build failed:\n${done.stderr.trim().split('\n').slice(-8).join('\n')}`);
  renameSync(fresh, target);
  writeFileSync(stampPath(peer), hash);
}

function sourceHash(peer) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${peer.package}\n`);
  for (const file of readdirSync(peer.folder).sort()) {
    if (/\.(go|mod|sum)$/.test(file)) hash.update(`${file}\n`).update(readFileSync(join(peer.folder, file)));
  }
  return hash.digest('hex');
}

function stampPath(peer) {
  return join(BUILT, `${peer.name}.stamp`);
}
