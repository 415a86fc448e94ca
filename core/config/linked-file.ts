/**
 * A configuration file that is somebody's own: it stays where it is, with its mode, owner and neighbours. Read when asked, watched, and written
 * back at once; never written over a change of somebody else. store.ts is the counterpart for Sockeye's own file.
 */
import { randomBytes } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { open, readFile, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { errnoOf, ProxyError } from '../errors.ts';
import { ConfigDocument } from './document.ts';
import { isV2 } from './gost-v2.ts';
import { MAX_BYTES } from './parse-tree.ts';

const SETTLE_MS = 100;
const ENDINGS = new Set(['.yaml', '.yml', '.json']);

export class LinkedFile {
  /** As the user named it. */
  readonly path: string;
  /** Where links lead. */
  readonly #real: string;
  #watcher: FSWatcher | null = null;
  #settling: NodeJS.Timeout | null = null;
  #changed: () => void = () => undefined;

  private constructor(path: string, real: string) {
    this.path = path;
    this.#real = real;
  }

  /**
   * Rejects with `config` for anything but a readable GOST v3 file of at most 1 MiB, named like one: whoever holds the window must not get to read
   * other files by linking them.
   */
  static async open(path: string): Promise<LinkedFile> {
    const refused = (message: string): ProxyError => new ProxyError('config', { where: path, message });
    if (!isAbsolute(path)) throw refused('give the whole path of the file, from the root on');
    if (!ENDINGS.has(extname(path).toLowerCase()))
      throw refused('its name should end in .yaml, .yml or .json');
    let file: LinkedFile;
    let text: string;
    try {
      const real = await realpath(path);
      const about = await stat(real);
      if (!about.isFile()) throw refused('it is not a file');
      if (about.size > MAX_BYTES) throw refused('it is larger than 1 MiB');
      file = new LinkedFile(path, real);
      text = await file.read();
    } catch (error) {
      if (error instanceof ProxyError) throw error;
      throw refused(errnoOf(error) === 'ENOENT' ? 'there is no such file' : 'it can not be read');
    }
    const { errors, config } = ConfigDocument.parse(text, basename(path));
    if (errors[0] !== undefined) throw refused(`line ${errors[0].line}: ${errors[0].message}`);
    if (isV2(config)) throw refused('it is a file of GOST v2; import it to make a v3 file of it');
    const known = [
      'services',
      'chains',
      'hops',
      'log',
      'authers',
      'bypasses',
      'limiters',
      'resolvers',
      'hosts',
    ];
    if (text.trim() !== '' && !known.some((key) => config[key] !== undefined))
      throw refused('it is not a GOST configuration');
    return file;
  }

  read(): Promise<string> {
    return readFile(this.#real, 'utf8');
  }

  /** Puts `text` in place at once, keeping the mode of the file; `expected` is what must still be there. False: it is not. */
  async write(text: string, expected: string): Promise<boolean> {
    const now = await this.read().catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return expected; // removed: written anew
      throw error;
    });
    if (now !== expected) return false;
    const about = await stat(this.#real).catch(() => null);
    const temporary = join(
      dirname(this.#real),
      `.${basename(this.#real)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`,
    );
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(text, 'utf8');
        if (about !== null && process.platform !== 'win32') await file.chmod(about.mode & 0o777);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#real);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    return true;
  }

  /** Calls back after anybody wrote the file, Sockeye too; `failed` when that can no longer be seen. */
  watch(changed: () => void, failed: (message: string) => void): void {
    this.#changed = changed;
    const name = basename(this.#real);
    this.#watcher = watch(dirname(this.#real), (_, which) => {
      if (which !== null && which !== name) return;
      if (this.#settling !== null) clearTimeout(this.#settling);
      this.#settling = setTimeout(() => this.#changed(), SETTLE_MS);
    });
    this.#watcher.on('error', (error) => failed(error.message));
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
    this.#changed = () => undefined;
  }
}
