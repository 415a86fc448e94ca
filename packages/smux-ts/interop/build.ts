/** Builds the Go peer (interop/go) into the repository's .cache folder; needs Go and, the first time, its module proxy. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SYSTEM_GO = '/usr/local/go/bin/go';

/** Resolves with the path of the program. Go's own build cache makes a repeated call cheap. */
export async function buildPeer(): Promise<string> {
  const folder = fileURLToPath(new URL('../../../.cache/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const program = `${folder}smux-peer${process.platform === 'win32' ? '.exe' : ''}`;
  const go = existsSync(SYSTEM_GO) ? SYSTEM_GO : 'go';
  const cwd = fileURLToPath(new URL('go/', import.meta.url));
  await promisify(execFile)(go, ['build', '-o', program, '.'], { cwd });
  return program;
}
