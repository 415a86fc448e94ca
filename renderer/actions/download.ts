/** Gives the user a file, made here of what is shown. */

/** `name` without a path; the browser asks or puts it where downloads go. */
export function download(name: string, type: 'text/csv' | 'text/plain', text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // the browser has taken it by then
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** `sockeye-<what>-2026-03-01T10-15.<ending>`. */
export function fileName(what: string, ending: string, at: Date = new Date()): string {
  return `sockeye-${what}-${at.toISOString().slice(0, 16).replace(':', '-')}.${ending}`;
}
