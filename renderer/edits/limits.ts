/** The lines of GOST's limiters as the few figures a form shows. Lines it does not know stay as they are. Pure. */

/** Bytes per second as GOST writes sizes ("512KB", "1.5MB"); '' is no limit. */
export interface Rates {
  readonly up: string;
  readonly down: string;
}

/** At most so many connections at once; '' is no limit. */
export interface Counts {
  readonly all: string;
  readonly perClient: string;
}

/** `$ IN OUT`: what the whole service may read from its clients and write to them. */
export function ratesOf(lines: readonly string[]): Rates {
  const [, up = '', down = ''] = lines.map(words).find(([key]) => key === '$') ?? [];
  return { up: shown(up), down: shown(down) };
}

export function withRates(lines: readonly string[], { up, down }: Rates): string[] {
  const rest = lines.filter((line) => words(line)[0] !== '$');
  return up === '' && down === '' ? rest : [`$ ${up || '0'} ${down || '0'}`, ...rest];
}

/** `$ N` for the whole service, `$$ N` for each client address. */
export function countsOf(lines: readonly string[]): Counts {
  const of = (scope: string): string => shown(lines.map(words).find(([key]) => key === scope)?.[1] ?? '');
  return { all: of('$'), perClient: of('$$') };
}

export function withCounts(lines: readonly string[], { all, perClient }: Counts): string[] {
  const rest = lines.filter((line) => !['$', '$$'].includes(words(line)[0] ?? ''));
  return [...(all === '' ? [] : [`$ ${all}`]), ...(perClient === '' ? [] : [`$$ ${perClient}`]), ...rest];
}

/** What GOST reads as a size: a number and a unit of powers of 1,024. */
export function validSize(text: string): boolean {
  return text === '' || /^\d+(\.\d+)?[kmgtp]?(i?b)?$/i.test(text.trim());
}

export function validCount(text: string): boolean {
  return /^\d*$/.test(text.trim());
}

function shown(figure: string): string {
  return /^0+(\.0+)?\D*$/.test(figure) ? '' : figure;
}

function words(line: string): string[] {
  return line.trim().split(/\s+/);
}
