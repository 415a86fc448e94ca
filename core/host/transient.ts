/** A configuration that lives as long as the process: what the window edits when it was started with -L, -F or several -C. */
import type { Storage } from './configuration.ts';

export class TransientStorage implements Storage {
  readonly path: string;
  #text: string;

  constructor(path: string, text: string) {
    this.path = path;
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
    return [
      'What is changed here is kept until Sockeye ends: it was started with a configuration on the command line.',
    ];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
