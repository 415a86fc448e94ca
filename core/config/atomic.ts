/**
 * Files that survive a crash and are nobody else's business: written beside the old one, flushed, then put in its place; mode 0600 in folders of
 * mode 0700. Nothing here knows what the files hold.
 */
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, lstat, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf, ProxyError } from '../errors.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Replaces a file at once or not at all. Rejects with the system's error; then the old file is as it was. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`,
  );
  try {
    const file = await open(temporary, 'wx', FILE_MODE);
    try {
      await file.chmod(FILE_MODE); // whatever the umask says
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Copies a file to a new private one. */
export async function copyPrivate(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, FILE_MODE);
}

/** Makes the folder, and tightens one that others may enter. Warns about what was changed. */
export async function privateFolder(path: string): Promise<string[]> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  return tighten(path, FOLDER_MODE);
}

/**
 * Tightens a file that others may read. Warns about what was changed. Rejects with `config` when it is no plain file or
 * belongs to somebody else, who could then decide what runs here.
 */
export async function privateFile(path: string): Promise<string[]> {
  const about = await lstat(path);
  if (about.isSymbolicLink()) throw refused(path, 'it is a link to another file; put the file itself there');
  if (!about.isFile()) throw refused(path, 'it is not a plain file');
  if (process.getuid !== undefined && about.uid !== process.getuid())
    throw refused(path, 'it belongs to another user; take it over or remove it');
  return tighten(path, FILE_MODE);
}

/** Removes temporary files that a crash left behind, older than a minute so that nobody is writing them. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\..+\.tmp$/.test(name)) continue;
    const about = await stat(join(folder, name)).catch(() => null);
    if (about !== null && Date.now() - about.mtimeMs > 60_000)
      await unlink(join(folder, name)).catch(() => undefined);
  }
}

async function tighten(path: string, mode: number): Promise<string[]> {
  if (process.platform === 'win32') return []; // no such modes there; the profile folder is private already
  const about = await stat(path);
  if ((about.mode & 0o777 & ~mode) === 0) return [];
  await chmod(path, mode);
  return [`${path} could be read by others on this computer; it is private now.`];
}

function refused(path: string, why: string): ProxyError {
  return new ProxyError('config', { where: path, message: why });
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // folders can not be opened there
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error; // some file systems have nothing to flush
  } finally {
    await folder.close();
  }
}
