/**
 * What the host says, in the language of the window. The host speaks English sentences, for its log and its command line as
 * well; other languages find the sentence again by its template ("Port {0} is taken.") and say it with the same values. A
 * value that is a sentence itself is found again too. What no catalogue knows stays as the host said it.
 */
interface Pattern {
  readonly expression: RegExp;
  /** Place of the value in the template, in the order of the text. */
  readonly gaps: readonly number[];
  readonly translation: string;
}

/** Fixed text of a template: the more of it, the surer the match. */
const GAP = /\{(\d+)\}/g;

export class HostTexts {
  readonly #fixed: ReadonlyMap<string, string>;
  readonly #patterns: readonly Pattern[];

  constructor(catalogue: Readonly<Record<string, string>>) {
    const entries = Object.entries(catalogue);
    this.#fixed = new Map(entries.filter(([template]) => template.search(GAP) < 0));
    this.#patterns = entries
      .filter(([template]) => template.search(GAP) >= 0)
      .sort(([a], [b]) => b.replace(GAP, '').length - a.replace(GAP, '').length)
      .map(([template, translation]) => ({
        expression: expressionOf(template),
        gaps: [...template.matchAll(GAP)].map(([, index]) => Number(index)),
        translation,
      }));
  }

  /** The sentence in the catalogue's language; null when it is not in there. */
  find(text: string): string | null {
    const fixed = this.#fixed.get(text);
    if (fixed !== undefined) return fixed;
    for (const { expression, gaps, translation } of this.#patterns) {
      const match = expression.exec(text);
      if (match === null) continue;
      const values = new Map(gaps.map((gap, at) => [gap, match[at + 1] ?? '']));
      return translation.replace(GAP, (whole, index: string) => {
        const value = values.get(Number(index));
        return value === undefined ? whole : (this.find(value) ?? value);
      });
    }
    return null;
  }
}

/** Gaps take as little as possible, so that fixed text between two of them is found where it stands first. */
function expressionOf(template: string): RegExp {
  const parts = template.split(/\{\d+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('(.*?)')}$`, 's');
}
