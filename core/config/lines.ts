/**
 * Offsets and lines of a text: where a line begins and ends, how far in something stands.
 */
export class Lines {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Behind anchors and tags that stand right behind a colon or dash. */
  propsEnd(after: number): number {
    return after + (/^(?:[ ]+[&!]\S*)*/.exec(this.#text.slice(after, this.lineEnd(after)))?.[0].length ?? 0);
  }

  ownsLine(start: number): boolean {
    return this.#text.slice(this.lineStart(start), start).trim() === '';
  }

  column(offset: number): number {
    return offset - this.lineStart(offset);
  }

  lineStart(offset: number): number {
    return this.#text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** The end of the line before its line break. */
  lineEnd(offset: number): number {
    const found = this.#text.indexOf('\n', offset);
    if (found === -1) return this.#text.length;
    return found > offset && this.#text[found - 1] === '\r' ? found - 1 : found;
  }

  nextLine(offset: number): number {
    const found = this.#text.indexOf('\n', offset);
    return found === -1 ? this.#text.length : found + 1;
  }

  /** The end of the line above the one that begins at `start`. */
  lineBefore(start: number): number {
    return this.#text[start - 2] === '\r' ? start - 2 : start - 1;
  }

  /** True when a line has just ended at `offset`. */
  endsLine(offset: number): boolean {
    return this.#text[offset - 1] === '\n';
  }
}
