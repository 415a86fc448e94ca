/**
 * Which programs of this computer are at the client's end of connections to us: many at once, in the background. Linux reads
 * /proc, macOS asks lsof, Windows asks PowerShell and tasklist; programs are started by fixed paths with argument arrays.
 */
import { execFile } from 'node:child_process';
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessOwner } from '../contract/stats.ts';
import {
  fromLsofList,
  fromPowerShell,
  fromTaskList,
  keysOf,
  ProcTable,
  type ClientSocket,
} from './owner-tables.ts';

/** Owners in the order asked; null where the system does not tell. Never rejects. */
export type OwnersOf = (sockets: readonly ClientSocket[]) => Promise<readonly (ProcessOwner | null)[]>;

const PATIENCE_MS = 5000;
const TABLE_BYTES = 64 * 1024;
/** Descriptors of a program that are read together: few enough that files of others never wait long behind them. */
const TOGETHER = 32;
/** Programs that had connections lately and are looked at before all others. */
const MAX_RECENT = 64;

/** The look-up of this system, with a memory of its own. */
export function ownerLookup(platform: string = process.platform): OwnersOf {
  const find =
    platform === 'linux' ? linux() : platform === 'darwin' ? macos : platform === 'win32' ? windows() : none;
  return async (sockets) => {
    try {
      return await find(sockets);
    } catch {
      return sockets.map(() => null); // a name is a courtesy: no answer is an answer
    }
  };
}

/**
 * Sockets to inodes by the tables of the network, inodes to processes by their open files. Programs that opened connections
 * before are looked at first: a browser opens a hundred in a row, and then nobody else has to be searched.
 */
function linux(): OwnersOf {
  const recent = new Map<number, string>();
  return async (sockets) => {
    const inodes = await inodesOf(sockets);
    const owners: (ProcessOwner | null)[] = sockets.map(() => null);
    const missing = new Map<string, number[]>();
    for (const [index, inode] of inodes) {
      const link = `socket:[${inode}]`;
      missing.set(link, [...(missing.get(link) ?? []), index]);
    }
    const search = async (pid: number): Promise<void> => {
      let name: string | null = null;
      for await (const links of openFiles(pid)) {
        const mine = links.filter((link) => missing.has(link));
        if (mine.length === 0) continue;
        name ??= await nameOf(pid);
        for (const link of mine) {
          for (const index of missing.get(link) ?? []) owners[index] = { pid, name };
          missing.delete(link);
        }
        if (missing.size === 0) break;
      }
      if (name === null) return;
      recent.delete(pid);
      recent.set(pid, name);
    };
    for (const pid of [...recent.keys()].reverse()) if (missing.size > 0) await search(pid);
    if (missing.size > 0) {
      // newest first: whoever just connected was often just started
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
      for (const pid of pids.reverse()) {
        if (missing.size === 0) break;
        if (!recent.has(pid)) await search(pid);
      }
    }
    for (const pid of recent.keys()) {
      if (recent.size <= MAX_RECENT) break;
      recent.delete(pid);
    }
    return owners;
  };
}

async function inodesOf(sockets: readonly ClientSocket[]): Promise<Map<number, string>> {
  const inodes = new Map<number, string>();
  for (const udp of [false, true]) {
    const table = new ProcTable(sockets, udp);
    if (table.idle) continue;
    for (const name of udp ? ['udp', 'udp6'] : ['tcp', 'tcp6']) await readTable(`/proc/net/${name}`, table);
    for (const [index, inode] of table.inodes) inodes.set(index, inode);
  }
  return inodes;
}

/** In pieces, so that ten thousand lines never hold up the loop. */
async function readTable(path: string, table: ProcTable): Promise<void> {
  const file = await open(path).catch(() => null);
  if (file === null) return;
  try {
    const buffer = Buffer.allocUnsafe(TABLE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      table.take(buffer.toString('latin1', 0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/**
 * What the descriptors of a process are, the newest first and a few at a time: who looks for a connection that was just opened finds
 * it in the first of them. Nothing for a process that is gone or not ours to see.
 */
async function* openFiles(pid: number): AsyncGenerator<string[]> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = (await readdir(folder).catch(() => [])).reverse();
  for (let at = 0; at < descriptors.length; at += TOGETHER) {
    const some = descriptors.slice(at, at + TOGETHER);
    yield await Promise.all(some.map((name) => readlink(join(folder, name)).catch(() => '')));
  }
}

/** The name as people know it: the kernel cuts it after 15 bytes, the file of the program does not. */
async function nameOf(pid: number): Promise<string> {
  const short = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
  const file = (await readlink(`/proc/${pid}/exe`).catch(() => '')).replace(/ \(deleted\)$/, '');
  const whole = file.slice(file.lastIndexOf('/') + 1);
  return short === '' || (short.length === 15 && whole.startsWith(short)) ? whole : short;
}

async function macos(sockets: readonly ClientSocket[]): Promise<(ProcessOwner | null)[]> {
  const list = fromLsofList(await run('/usr/sbin/lsof', ['-nP', '-iTCP', '-iUDP', '-FpcPn']));
  return sockets.map((socket) => firstOf(socket, list));
}

function windows(): OwnersOf {
  const system = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32');
  const shell = join(system, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const script = [
    'Get-NetTCPConnection | Select-Object LocalAddress,LocalPort,RemotePort,OwningProcess | ConvertTo-Csv -NoTypeInformation',
    'Get-NetUDPEndpoint | Select-Object LocalAddress,LocalPort,OwningProcess | ConvertTo-Csv -NoTypeInformation',
  ].join('; ');
  return async (sockets) => {
    const [table, tasks] = await Promise.all([
      run(shell, ['-NoProfile', '-NonInteractive', '-Command', script]),
      run(join(system, 'tasklist.exe'), ['/FO', 'CSV', '/NH']),
    ]);
    const pids = fromPowerShell(table);
    const names = fromTaskList(tasks);
    return sockets.map((socket) => {
      const pid = firstOf(socket, pids);
      return pid === null ? null : { pid, name: names.get(pid) ?? '' };
    });
  };
}

function firstOf<T>(socket: ClientSocket, found: ReadonlyMap<string, T>): T | null {
  for (const key of keysOf(socket)) {
    const value = found.get(key);
    if (value !== undefined) return value;
  }
  return null;
}

function none(sockets: readonly ClientSocket[]): Promise<null[]> {
  return Promise.resolve(sockets.map(() => null));
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: PATIENCE_MS, windowsHide: true, maxBuffer: 16 << 20 };
    execFile(program, args, options, (error, stdout) => {
      // lsof ends with 1 when a part of what it was asked for was not there
      if (error !== null && stdout === '') reject(error);
      else resolve(stdout);
    });
  });
}
