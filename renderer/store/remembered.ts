/** What the window keeps for itself between two starts, in the browser's storage; where that is forbidden, as long as the window lives. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // forbidden or full: the choice then lasts as long as the window
  }
}

/** What was kept, to be checked part by part; null when it can not be read. */
export function parsed(saved: string | null): unknown {
  try {
    return JSON.parse(saved ?? 'null');
  } catch {
    return null;
  }
}

/** A part of something that may be anything. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
