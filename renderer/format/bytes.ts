/** Amounts of data for people: SI units, three significant digits, so that columns do not jitter. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1240000` as "1.24 MB". */
export function bytes(amount: number): string {
  let value = Math.max(0, amount);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? 'B'}`;
}

/** Bytes per second. */
export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond < 0.5 ? 0 : bytesPerSecond)}/s`;
}

/** `12345` as "12,345" with a narrow separator of the locale. */
export function count(amount: number, language: string): string {
  let format = formats.get(language);
  if (format === undefined) formats.set(language, (format = new Intl.NumberFormat(language)));
  return format.format(amount);
}

/** Making one takes a thousand times as long as using it. */
const formats = new Map<string, Intl.NumberFormat>();
