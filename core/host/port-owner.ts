/**
 * Which program listens on a TCP port of this computer, as far as the system tells: "chrome (pid 4121)". Programs are started by
 * fixed paths with argument arrays, never through a shell. The parsers are apart, so that each system's is tested everywhere.
 */
import { execFile } from 'node:child_process';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fromTaskList } from './owner-tables.ts';

const PATIENCE_MS = 2000;
/** State column of /proc/net/tcp for a listening socket. */
const LISTEN = '0A';

/** Name and pid of the owner, or null when nobody listens or the system keeps it to itself. Never rejects. */
export async function portOwner(port: number): Promise<string | null> {
  try {
    switch (process.platform) {
      case 'linux':
        return await onLinux(port);
      case 'darwin':
        return fromLsof(await run('/usr/sbin/lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']));
      case 'win32':
        return await onWindows(port);
      default:
        return null;
    }
  } catch {
    return null; // a name is a courtesy: no answer is an answer
  }
}

async function onLinux(port: number): Promise<string | null> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const inodes = new Set(
    tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`),
  );
  if (inodes.size === 0) return null;
  const deadline = performance.now() + PATIENCE_MS;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    if (performance.now() > deadline) return null;
    const descriptors = await readdir(join('/proc', pid, 'fd')).catch(() => []);
    const links = await Promise.all(
      descriptors.map((fd) => readlink(join('/proc', pid, 'fd', fd)).catch(() => '')),
    );
    if (!links.some((link) => inodes.has(link))) continue;
    const name = (await readFile(join('/proc', pid, 'comm'), 'utf8').catch(() => '')).trim();
    return described(name, Number(pid));
  }
  return 'a program of another user';
}

/** Inodes of the sockets that listen on a port, from /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return local?.endsWith(suffix) === true && state === LISTEN && inode !== undefined ? [inode] : [];
  });
}

/** `lsof -Fpc`: a line `p<pid>` and a line `c<command>` for each process. */
export function fromLsof(output: string): string | null {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  return pid === undefined ? null : described(/^c(.+)$/m.exec(output)?.[1] ?? '', Number(pid));
}

async function onWindows(port: number): Promise<string | null> {
  const system = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32');
  // `-p TCP` would leave out everything that listens on IPv6 only
  const pid = fromNetstat(await run(join(system, 'netstat.exe'), ['-ano']), port);
  if (pid === null) return null;
  const list = await run(join(system, 'tasklist.exe'), ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']).catch(
    () => '',
  );
  return described(fromTaskList(list).get(pid) ?? '', pid);
}

/**
 * The pid that listens on a TCP port in `netstat -ano`, whose lines of IPv6 say TCP as well. The state word is translated, a foreign port
 * of 0 is not; the rows of UDP have `*:*` there.
 */
export function fromNetstat(output: string, port: number): number | null {
  for (const line of output.split('\n')) {
    const [protocol, local, foreign, , pid] = line.trim().split(/\s+/);
    if (protocol !== 'TCP' || foreign?.endsWith(':0') !== true || local?.endsWith(`:${port}`) !== true)
      continue;
    if (pid !== undefined && /^\d+$/.test(pid)) return Number(pid);
  }
  return null;
}

function described(name: string, pid: number): string {
  if (pid === process.pid) return 'Sockeye itself';
  return name === '' ? `a program (pid ${pid})` : `${name} (pid ${pid})`;
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { timeout: PATIENCE_MS, windowsHide: true, maxBuffer: 4 << 20 },
      (error, stdout) => {
        // lsof and tasklist end with 1 when they found nothing
        if (error !== null && stdout === '') reject(error);
        else resolve(stdout);
      },
    );
  });
}
