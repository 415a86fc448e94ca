/**
 * What was copied in the lanes last, passwords included: they never leave the host, and a paste of the same text gets them back. Kept in
 * memory only.
 */
import { clipOf, clipText, readClip } from '../config/clip.ts';
import { redact, restoreSecrets } from '../config/secrets.ts';
import type { ClipItem, PastedItem } from '../contract/clip.ts';
import type { Config, Edit, Path } from '../contract/config.ts';
import { ProxyError } from '../errors.ts';

/** First step of a path that means the clipboard instead of the configuration. */
const CLIPBOARD = 'clipboard';

export class Clipboard {
  #text = '';
  #items: readonly ClipItem[] = [];

  /** Remembers what stands at the paths and gives it as text. Throws `config` when nothing of that kind stands there. */
  copy(config: Config, paths: readonly Path[]): string {
    const items = clipOf(config, paths);
    if (items.length === 0)
      throw new ProxyError('config', { where: 'clipboard', message: 'there is nothing to copy' });
    this.#items = items;
    this.#text = clipText(items);
    return this.#text;
  }

  /** What a text means; null when it is nothing for a lane. */
  read(text: string): PastedItem[] | null {
    if (same(text, this.#text) && this.#items.length > 0)
      return this.#items.map(({ kind, value }, index) => ({
        kind,
        value: redact(value),
        from: [CLIPBOARD, index],
      }));
    return readClip(text)?.map((item) => ({ ...item, from: null })) ?? null;
  }

  /** The edit with the secrets of the clipboard where it asks for them. */
  filled(edit: Edit): Edit {
    if (edit.op !== 'insert' || edit.from?.[0] !== CLIPBOARD) return edit;
    const [, index] = edit.from;
    const item = typeof index === 'number' ? this.#items[index] : undefined;
    const { op, path, index: at, value } = edit;
    return { op, path, index: at, value: restoreSecrets(value, item?.value, path) };
  }
}

function same(a: string, b: string): boolean {
  return a.replaceAll('\r\n', '\n').trim() === b.trim();
}
