/** Whether the order of a table should rest: the pointer is on its rows, or it was scrolled a moment ago. */
import { useCallback, useEffect, useRef, useState } from 'react';

const AFTER_SCROLL_MS = 1_500;

export type Rest = 'over' | 'away' | 'scroll';

export function useResting(): { readonly resting: boolean; readonly rest: (how: Rest) => void } {
  const [over, setOver] = useState(false);
  const [scrolling, setScrolling] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const rest = useCallback((how: Rest): void => {
    if (how !== 'scroll') return setOver(how === 'over');
    clearTimeout(timer.current);
    setScrolling(true);
    timer.current = setTimeout(() => setScrolling(false), AFTER_SCROLL_MS);
  }, []);
  return { resting: over || scrolling, rest };
}

/**
 * Keeps the order of rows while `frozen`: rows that are gone leave their place empty to the next, new ones are only counted.
 * Letting go brings everything up to date.
 */
export function useFrozen(
  ids: readonly string[],
  frozen: boolean,
): { readonly ids: readonly string[]; readonly fresh: number } {
  const [kept, setKept] = useState<readonly string[]>(ids);
  const [wasFrozen, setWasFrozen] = useState(frozen);
  if (frozen !== wasFrozen) {
    setWasFrozen(frozen);
    setKept(ids);
  }
  if (!frozen) return { ids, fresh: 0 };
  const known = new Set(kept);
  return { ids: kept, fresh: ids.reduce((count, id) => count + (known.has(id) ? 0 : 1), 0) };
}
