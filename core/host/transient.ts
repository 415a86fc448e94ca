/** A configuration that lives as long as the process: what the window edits when it was started with -L, -F or several -C. */
import type { Storage } from './configuration.ts';

export class TransientStorage implements Storage {
  readonly path: string;
  readonly #notices: readonly string[];
  #text: string;

  constructor(path: string, text: string, notices: readonly string[] = []) {
    this.path = path;
    this.#notices = notices;
    this.#text = text;
  }

  load(): Promise<string> {
    return Promise.resolve(this.#text);
  }

  save(text: string): Promise<void> {
    this.#text = text;
    return Promise.resolve();
  }

  /** Nobody else can change it. */
  watch(): void {}

  notices(): readonly string[] {
    return this.#notices;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
