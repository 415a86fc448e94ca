// Brings Debian packages without starting their services, now or at the next boot.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { which } from './list.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const SAVED = `${POLICY}.before-sockeye`;
const DENY =
  '#!/bin/sh\n# Written by sockeye scripts/peers.mjs while it installs packages; removed afterwards.\nexit 101\n';
const LOCKED = /Could not get lock|Unable to lock|Unable to acquire/;
const LOCK_WAIT_S = 300;
const LOCK_STEP_S = 3;

/** Versions of installed packages, by name; empty where there is no dpkg. */
export function installedVersions(packages) {
  const query = which('dpkg-query');
  if (query === null) return new Map();
  const found = spawnSync(query, ['-W', '-f', '${Package} ${Version} ${db:Status-Abbrev}\n', ...packages], {
    encoding: 'utf8',
  });
  const lines = found.stdout.split('\n').map((line) => line.split(' '));
  return new Map(
    lines.filter(([, , status]) => status?.startsWith('ii')).map(([name, version]) => [name, version]),
  );
}

/** Why apt can not be used here, or null. */
export function aptObstacle() {
  if (which('apt-get') === null) return 'this system has no apt-get';
  if (process.getuid?.() !== 0) return 'installing packages needs root';
  return null;
}

/** Installs packages; `units` are kept from starting at boot. Throws with the tail of apt's output. */
export function aptInstall(packages, units) {
  const restore = denyServiceStarts();
  const stop = (signal) => {
    restore();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    if (existsSync('/run/systemd/system'))
      for (const unit of units) spawnSync('systemctl', ['disable', unit]);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    restore();
  }
}

/** apt waits for dpkg's lock by itself, not for those of its lists and archives: another run may hold any of them. */
function apt(args) {
  const options = {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  };
  const giveUp = Date.now() + LOCK_WAIT_S * 1000;
  for (;;) {
    const done = spawnSync(which('apt-get'), ['-o', `DPkg::Lock::Timeout=${LOCK_WAIT_S}`, ...args], options);
    if (done.status === 0) return;
    if (!LOCKED.test(done.stderr) || Date.now() > giveUp) {
      throw new Error(
        `apt-get ${args[0]} failed:\n${(done.stderr || done.stdout).trim().split('\n').slice(-8).join('\n')}`,
      );
    }
    spawnSync('sleep', [String(LOCK_STEP_S)]);
  }
}

/** Debian's packages ask policy-rc.d before they start a service. Returns what puts the machine's own policy back. */
function denyServiceStarts() {
  // a run that was killed left ours in place
  if (existsSync(SAVED)) renameSync(SAVED, POLICY);
  else if (existsSync(POLICY) && readFileSync(POLICY, 'utf8') === DENY) rmSync(POLICY);
  if (existsSync(POLICY)) {
    if (spawnSync(POLICY, ['probe', 'start']).status === 101) return () => undefined;
    renameSync(POLICY, SAVED);
  }
  writeFileSync(POLICY, DENY);
  chmodSync(POLICY, 0o755);
  return () => {
    if (existsSync(SAVED)) renameSync(SAVED, POLICY);
    else rmSync(POLICY, { force: true });
  };
}
