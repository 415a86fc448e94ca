/** Puts the chosen theme and density on the document; "system" follows the system's light, dark or higher contrast. */
import { useEffect } from 'react';
import { useUi } from './context.ts';
import type { Theme } from '../store/prefs.ts';

const DARK = '(prefers-color-scheme: dark)';
const CONTRAST = '(prefers-contrast: more)';

export function useTheme(): void {
  const theme = useUi((state) => state.prefs.theme);
  const density = useUi((state) => state.prefs.density);
  useEffect(() => {
    const root = document.documentElement;
    const queries = [DARK, CONTRAST].map((query) => window.matchMedia(query));
    const paint = (): void => {
      root.dataset['theme'] = shownTheme(theme);
      root.dataset['density'] = density;
    };
    paint();
    for (const query of queries) query.addEventListener('change', paint);
    return () => {
      for (const query of queries) query.removeEventListener('change', paint);
    };
  }, [theme, density]);
}

function shownTheme(theme: Theme): Exclude<Theme, 'system'> {
  if (theme !== 'system') return theme;
  if (window.matchMedia(CONTRAST).matches) return 'contrast';
  return window.matchMedia(DARK).matches ? 'dark' : 'light';
}
