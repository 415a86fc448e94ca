/**
 * Words of the window: i18next over two complete catalogues with typed keys. Placeholders are `{name}`, as in the error table
 * of the contract, whose sentences are part of the English catalogue.
 */
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { ERRORS, type WireError } from '../../core/contract/errors.ts';
import type { Language } from '../store/prefs.ts';
import type { UiStore } from '../store/ui.ts';
import { en } from './en.ts';
import { HostTexts } from './host-text.ts';
import { zh } from './zh.ts';
import { zhHost } from './zh-host.ts';

type Singular<K extends string> = K extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : K;
type Leaves<T> = {
  [K in keyof T & string]: T[K] extends string ? Singular<K> : `${K}.${Leaves<T[K]>}`;
}[keyof T & string];

/** Every key there is; the plural forms of one are one key. */
export type Key = Leaves<typeof en>;

void i18next.init({
  lng: 'en',
  fallbackLng: false,
  resources: { en: { translation: en }, zh: { translation: zh } },
  interpolation: { prefix: '{', suffix: '}', escapeValue: false },
  initAsync: false,
});

/** Texts without values, which tables ask for by the thousand; of the language spoken now. */
const plain = new Map<Key, string>();
i18next.on('languageChanged', () => plain.clear());

export function t(key: Key, values?: Readonly<Record<string, string | number>>): string {
  if (values !== undefined) return i18next.t(key, values);
  let text = plain.get(key);
  if (text === undefined) plain.set(key, (text = i18next.t(key)));
  return text;
}

export function language(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

/** The sentence of an error. The host's own words in English; in another language the same sentence with the same details. */
export function errorText(error: WireError): string {
  if (language() === 'en' && error.message !== '') return error.message;
  const needs = ERRORS[error.code].sentence.includes('{');
  if (needs && error.detail === undefined) return error.message;
  const detail: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(error.detail ?? {}))
    detail[name] = typeof value === 'string' ? hostText(value) : value;
  return t(`error.${error.code}`, detail);
}

/** What to do about an error, in a sentence. */
export function nextStep({ code }: WireError): string {
  return t(`next.${code}`);
}

let chinese: HostTexts | null = null;

/** A sentence, title or description of the host as the window says it. */
export function hostText(text: string): string {
  if (language() !== 'zh') return text;
  chinese ??= new HostTexts(zhHost);
  return chinese.find(text) ?? text;
}

/** Follows the chosen language from now on. */
export function startLanguage(ui: UiStore): void {
  const follow = (): void => {
    const chosen = ui.getState().prefs.language;
    if (chosen !== i18next.language) void i18next.changeLanguage(chosen);
  };
  follow();
  ui.subscribe(follow);
}

function onChange(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
}

/** Renders again when the language changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(onChange, language);
}
