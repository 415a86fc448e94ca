/** How the window looks: kept by the window itself, because it is about this screen and not about the engine. */
import { GROUPINGS, type Grouping } from './groups.ts';
import { field, parsed, recall, remember } from './remembered.ts';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;
export const LANGUAGES = ['en', 'zh'] as const;

export type Theme = (typeof THEMES)[number];
type Density = (typeof DENSITIES)[number];
export type Language = (typeof LANGUAGES)[number];

export interface Prefs {
  readonly theme: Theme;
  readonly density: Density;
  readonly language: Language;
  /** Single letters act when a list or the lane has the focus. */
  readonly letterKeys: boolean;
  readonly inspectorPx: number;
  /** Filters of the connections kept by the user, in the order they were kept. */
  readonly filters: readonly string[];
  /** Plain words of a filter are looked for in hidden columns too. */
  readonly searchHidden: boolean;
  /** What connections are counted together by. */
  readonly grouping: Grouping;
}

const KEY = 'sockeye.prefs.1';
export const FILTERS_KEPT = 12;

/** The saved choices, each checked on its own; anything unreadable falls back to its default. */
export function readPrefs(saved: string | null, systemLanguage: string): Prefs {
  const value = parsed(saved);
  const read = (key: keyof Prefs): unknown => field(value, key);
  const width = read('inspectorPx');
  return {
    theme: THEMES.find((theme) => theme === read('theme')) ?? 'system',
    density: DENSITIES.find((density) => density === read('density')) ?? 'comfortable',
    language:
      LANGUAGES.find((language) => language === read('language')) ??
      (systemLanguage.toLowerCase().startsWith('zh') ? 'zh' : 'en'),
    letterKeys: read('letterKeys') !== false,
    filters: texts(read('filters')),
    searchHidden: read('searchHidden') !== false,
    grouping: GROUPINGS.find((grouping) => grouping === read('grouping')) ?? 'process',
    inspectorPx: typeof width === 'number' ? clampInspector(width) : 360,
  };
}

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((text) => typeof text === 'string').slice(0, FILTERS_KEPT);
}

export function clampInspector(px: number): number {
  return Math.round(Math.min(640, Math.max(300, px)));
}

export function loadPrefs(): Prefs {
  return readPrefs(recall(KEY), navigator.language);
}

export function savePrefs(prefs: Prefs): void {
  remember(KEY, prefs);
}
