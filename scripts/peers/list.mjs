// The programs that the interop tests meet, where each comes from, and how to find it. Data and lookups only: installing
// is apt.mjs and go.mjs. Typed for the tests by list.d.mts.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Repository root, and the folder (ignored by git) where the Go peers are built. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT = join(ROOT, '.cache', 'peers');

/**
 * Peers from Debian packages: the program that proves the package is there, and the systemd units that the package would
 * start at boot. `candidates` are tried in order.
 */
const APT = [
  { name: 'curl', from: 'curl', candidates: ['curl'] },
  { name: 'danted', from: 'dante-server', candidates: ['danted', 'sockd'], units: ['danted'] },
  { name: 'microsocks', from: 'microsocks', candidates: ['microsocks'], units: ['microsocks'] },
  { name: 'sshd', from: 'openssh-server', candidates: ['sshd'], units: ['ssh'] },
  { name: 'ssh', from: 'openssh-client', candidates: ['ssh'] },
  { name: 'ssh-keygen', from: 'openssh-client', candidates: ['ssh-keygen'] },
  { name: 'proxychains4', from: 'proxychains4', candidates: ['proxychains4'] },
  { name: 'redsocks', from: 'redsocks', candidates: ['redsocks'], units: ['redsocks'] },
  { name: 'iperf3', from: 'iperf3', candidates: ['iperf3'], units: ['iperf3'] },
  { name: 'nc', from: 'netcat-openbsd', candidates: ['nc.openbsd'] },
  // Debian's module lives with Debian's python, which is not always the first python3 on PATH
  {
    name: 'pysocks',
    from: 'python3-socks',
    candidates: ['/usr/bin/python3', 'python3'],
    needs: ['-c', 'import socks'],
  },
  { name: 'ss-server', from: 'shadowsocks-libev', candidates: ['ss-server'], units: ['shadowsocks-libev'] },
  { name: 'ss-local', from: 'shadowsocks-libev', candidates: ['ss-local'] },
  { name: 'tor-resolve', from: 'tor', candidates: ['tor-resolve'], units: ['tor'] },
  { name: 'tor', from: 'tor', candidates: ['tor'], units: ['tor'] },
  { name: 'chromium', from: 'chromium', candidates: ['chromium', 'google-chrome'] },
].map((peer) => ({ units: [], needs: null, ...peer, kind: 'apt' }));

/** Peers built from Go sources: folder below interop/go, package to build, and the module whose version names the peer. */
const GO = [
  { name: 'gost3', package: '.', module: 'github.com/go-gost/x' },
  { name: 'gost2', package: 'github.com/ginuerzh/gost/cmd/gost', module: 'github.com/ginuerzh/gost' },
  { name: 'traffic', package: '.', module: null },
].map((peer) => ({
  ...peer,
  kind: 'go',
  from: `interop/go/${peer.name}`,
  folder: join(ROOT, 'interop', 'go', peer.name),
}));

export const PEERS = [...APT, ...GO];

/** Path of the peer's program, or null when this machine does not have it. */
export function locate(name) {
  const peer = PEERS.find((one) => one.name === name);
  if (peer === undefined) throw new Error(`there is no peer called ${name}`);
  if (peer.kind === 'go') return executable(join(BUILT, peer.name));
  for (const candidate of peer.candidates) {
    const path = which(candidate);
    if (path !== null && (peer.needs === null || spawnSync(path, peer.needs).status === 0)) return path;
  }
  return null;
}

/** The one command that brings an absent peer. */
export function remedy(name) {
  const peer = PEERS.find((one) => one.name === name);
  return peer?.kind === 'apt' ? `apt-get install -y ${peer.from}` : 'node scripts/peers.mjs install';
}

/** Finds a program on PATH and in the folders where Debian keeps servers. */
export function which(program) {
  if (program.includes('/')) return executable(program);
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const path = executable(join(folder, program));
    if (path !== null) return path;
  }
  return null;
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return null;
  }
}
