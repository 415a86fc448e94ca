/** The hosts file of this computer as a map, read again when it has changed. */
import { readFileSync, statSync } from 'node:fs';
import { familyOf } from './address.ts';

const CHECK_MS = 1000;

/** Where this system keeps it. */
export const HOSTS_FILE =
  process.platform === 'win32'
    ? `${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts';

/** Addresses of a lower-case name, or null when the file does not have it. A file that can not be read is an empty one. */
export function hostsFile(path: string): (name: string) => string[] | null {
  let entries: ReadonlyMap<string, string[]> = new Map();
  let stamp = '';
  let checkedAt = -Infinity;
  return (name) => {
    const now = performance.now();
    if (now - checkedAt >= CHECK_MS) {
      checkedAt = now;
      const stat = statSync(path, { throwIfNoEntry: false });
      const current = stat === undefined ? '' : `${stat.mtimeMs} ${stat.size}`;
      if (current !== stamp) entries = read(path);
      stamp = current;
    }
    return entries.get(name) ?? null;
  };
}

function read(path: string): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  for (const line of textOf(path).split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
    if (address === undefined || familyOf(address) === 0) continue;
    for (const name of names) entries.set(name, [...(entries.get(name) ?? []), address]);
  }
  return entries;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
