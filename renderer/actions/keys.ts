/** Shortcuts as text ("mod+shift+z", "alt+arrowleft", "?"): matching them against key events and showing them to people. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** `mod` is Command on a Mac and Control elsewhere. Shift is only compared where it does not merely make the character. */
export function pressed(keys: string, event: KeyPress, mac: boolean): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const wanted = new Set(parts.slice(0, -1));
  if (wanted.has('mod') !== (mac ? event.metaKey : event.ctrlKey)) return false;
  if (mac ? event.ctrlKey : event.metaKey) return false;
  if (wanted.has('alt') !== event.altKey) return false;
  const typed = SPELT[event.key] ?? event.key.toLowerCase();
  if (typed !== key) return false;
  return isSymbol(key) || wanted.has('shift') === event.shiftKey;
}

/** A key without modifiers that would type something: it acts only where nothing is typed. */
export function isLetter(keys: string): boolean {
  if (keys.includes('mod+') || keys.includes('alt+')) return false;
  return keys === 'plus' || keys.replace('shift+', '').length === 1;
}

function isSymbol(key: string): boolean {
  return key === 'plus' || (key.length === 1 && !/[a-z0-9]/.test(key));
}

/** Keys whose character could not stand in a shortcut. */
const SPELT: Readonly<Record<string, string>> = { ' ': 'space', '+': 'plus' };

const NAMES: Readonly<Record<string, string>> = {
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  escape: 'Esc',
  delete: 'Del',
  backspace: '⌫',
  space: 'Space',
  plus: '+',
};
const MAC: Readonly<Record<string, string>> = { mod: '⌘', alt: '⌥', shift: '⇧' };
const OTHERS: Readonly<Record<string, string>> = { mod: 'Ctrl', alt: 'Alt', shift: 'Shift' };

/** The keys of a shortcut as caps: ["Ctrl", "K"]. */
export function keyCaps(keys: string, mac: boolean): readonly string[] {
  return keys.split('+').map((part) => (mac ? MAC : OTHERS)[part] ?? NAMES[part] ?? part.toUpperCase());
}
