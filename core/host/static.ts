/**
 * The window's files, from a list that is made once: what is not on it does not exist. No path from outside is ever joined to a folder,
 * so there is nothing to traverse; symbolic links are not followed.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface StaticFile {
  readonly type: string;
  read(): Promise<Buffer>;
}

/** Maps URL paths (`/`, `/assets/main.js`) to files. */
export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();

  /** Lists `folder` and below. Files of unknown types are left out. An absent folder gives an empty list. */
  constructor(folder: string) {
    this.#list(folder, '');
    const index = this.#files.get('/index.html');
    if (index !== undefined) this.#files.set('/', index);
  }

  get size(): number {
    return this.#files.size;
  }

  /** The file of a URL path exactly as it came, undecoded, without its query. */
  find(path: string): StaticFile | null {
    return this.#files.get(path) ?? null;
  }

  #list(folder: string, below: string): void {
    for (const entry of entries(folder)) {
      const path = join(folder, entry.name);
      const type = TYPES[extname(entry.name)];
      if (entry.isDirectory()) this.#list(path, `${below}/${entry.name}`);
      else if (entry.isFile() && type !== undefined)
        this.#files.set(`${below}/${entry.name}`, { type, read: () => readFile(path) });
    }
  }
}

function entries(folder: string): readonly { name: string; isFile(): boolean; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // no window was built; the host says so
  }
}
