/**
 * Slices of time that traffic is summed in: minutes, hours and days of the local clock, named by where they begin. A day that is an hour
 * short or long is still one day.
 */
export const LEVELS = ['minute', 'hour', 'day'] as const;
export type Level = (typeof LEVELS)[number];

/** How often what was carried is taken from the statistics. */
export const FOLD_MS = 5_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Where the slice begins that `at` lies in. */
export function sliceOf(level: Level, at: number): number {
  const date = new Date(at);
  switch (level) {
    case 'minute':
      return date.setSeconds(0, 0);
    case 'hour':
      return date.setMinutes(0, 0, 0);
    case 'day':
      return date.setHours(0, 0, 0, 0);
  }
}

/** Where the day begins that lies `days` before the one of `at`. */
export function daysBefore(at: number, days: number): number {
  const date = new Date(sliceOf('day', at));
  return date.setDate(date.getDate() - days);
}
