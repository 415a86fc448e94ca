/** Spans and moments for people. Units are international symbols, so the same text serves every language. */

/** A span as its two largest units: "4 s", "2 min 05 s", "1 h 20 min", "3 d 4 h". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A measured duration: "<1 ms", "38 ms", "1.2 s". */
export function took(ms: number): string {
  if (ms < 1) return '<1 ms';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}

/** A moment of today as "10:32:05". */
export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A moment of today or yesterday as "10:32". */
export function hourAndMinute(at: number): string {
  return clock(at).slice(0, 5);
}

/** A day of the last weeks as "03-14". */
export function dayAndMonth(at: number): string {
  const date = new Date(at);
  return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A day in the words of a language. */
export function longDay(at: number, language: string): string {
  return new Date(at).toLocaleDateString(language, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** "10:32:05.123" for log lines. */
export function clockMs(at: number): string {
  return `${clock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

/** A day and minute as "2026-11-26 20:41". */
export function day(at: number): string {
  const date = new Date(at);
  const ymd = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${ymd} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
