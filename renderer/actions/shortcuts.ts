/** Turns key events into actions. One listener for the window. */
import type { Model } from '../model.ts';
import { NOTHING } from '../store/ui.ts';
import { toggleShelf } from './shelf.ts';
import { isLetter, pressed } from './keys.ts';
import { ACTIONS, type Action } from './list.ts';

export const MAC = navigator.platform.startsWith('Mac');

/** Starts listening; returns how to stop. */
export function listenToKeys(model: Model): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === 'Escape') {
      escape(model, event);
      return;
    }
    const action = ACTIONS.find((candidate) => applies(candidate, event, model));
    if (action === undefined) return;
    event.preventDefault();
    void action.run(model);
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}

function applies(action: Action, event: KeyboardEvent, model: Model): boolean {
  const keys = action.keys?.find((candidate) => pressed(candidate, event, MAC));
  if (keys === undefined || action.byEvent === true) return false;
  const { dialog, prefs } = model.ui.getState();
  if (dialog !== null && action.id !== 'view.palette') return false;
  const focused = event.target instanceof Element ? event.target : null;
  const typing =
    focused?.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]') != null;
  if (typing && (!keys.includes('mod+') || TEXT_KEYS.includes(keys))) return false;
  if (isLetter(keys) && keys !== '?' && keys !== '/' && !prefs.letterKeys) return false;
  const scope = action.scope ?? 'app';
  if (scope !== 'app' && focused?.closest(`[data-keys="${scope}"]`) == null) return false;
  return action.can(model);
}

/** What a text field does itself. */
const TEXT_KEYS: readonly string[] = ['mod+z', 'mod+shift+z', 'mod+y', 'mod+d', 'mod+c', 'mod+x'];

/** Esc lets go of one thing at a time: the field for a new hop, the inspector, the shelf, the picked rows, the filter. */
function escape(model: Model, event: KeyboardEvent): void {
  const { ui } = model;
  const { adding, dialog, selected, filter, screen, shelf, picked } = ui.getState();
  if (dialog !== null) return;
  if (adding !== null) ui.setState({ adding: null });
  else if (selected !== null) ui.setState({ selected: null, picked: picked.size > 1 ? picked : NOTHING });
  else if (screen === 'chains' && shelf) toggleShelf(model);
  else if (picked.size > 0) ui.setState({ picked: NOTHING });
  else if (screen === 'connections' && filter !== '') ui.setState({ filter: '' });
  else return;
  event.preventDefault();
}
