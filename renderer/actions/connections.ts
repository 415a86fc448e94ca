/** What can be done with connections: close some of them, many only after a question, and let a host past the proxy. No React. */
import { bypassHost } from '../edits/bypass.ts';
import { errorText, t } from '../i18n/index.ts';
import { membersOf } from '../store/groups.ts';
import type { Model } from '../model.ts';
import { NOTHING, say, toast } from '../store/ui.ts';
import { closeConnections, edit } from './host.ts';

/** More than this are only closed after the user has said so: closing can not be undone. */
const CONFIRM_ABOVE = 20;

/** Closes connections, after a question when they are many. */
export function closeAsked(model: Model, ids: readonly string[]): void {
  const open = ids.filter((id) => model.live.slotOf.has(id));
  if (open.length === 0) say(model.ui, t('connections.closedSome', { count: 0 }));
  else if (open.length > CONFIRM_ABOVE) model.ui.setState({ closing: open });
  else void closeNow(model, open);
}

export async function closeNow(model: Model, ids: readonly string[]): Promise<void> {
  model.ui.setState({ closing: null, picked: NOTHING });
  await closeConnections(model, ids);
}

/** The open connections that are picked, those of the groups that are picked, or else the one in the inspector. */
export function pickedConnections({ ui, live }: Model): readonly string[] {
  const { picked, selected, screen, tab, prefs } = ui.getState();
  if (screen !== 'connections') return [];
  if (tab === 'groups') return [...picked].flatMap((name) => membersOf(live, prefs.grouping, name));
  const open = [...picked].filter((id) => live.slotOf.has(id));
  if (open.length > 0) return open;
  const one = selected?.kind === 'connection' || selected?.kind === 'association' ? selected.id : null;
  return one !== null && live.slotOf.has(one) ? [one] : [];
}

/** Sends a host past a chain from now on: an edit of the file, with undo. Open connections stay where they are. */
export async function bypass(model: Model, chain: string, host: string): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined) return;
  const outcome = bypassHost(config, chain, host);
  if (outcome.kind !== 'edits') {
    toast(
      model.ui,
      t(outcome.kind === 'there' ? 'detail.bypassThere' : 'detail.bypassByHand', { host, chain }),
    );
    return;
  }
  const label = t('detail.bypassed', { host, chain });
  const refused = await edit(model, outcome.edits, label);
  if (refused === null) toast(model.ui, label, { undo: true });
  else toast(model.ui, errorText(refused), { tone: 'bad' });
}
