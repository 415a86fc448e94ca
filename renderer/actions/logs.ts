/** What one does with the log and with what is kept: capture more, go back, take along, clear. */
import type { HistoryLimits, StorageState } from '../../core/contract/traffic.ts';
import type { LogLine, Reply } from '../../core/contract/api.ts';
import { errorText, t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { fileLine } from '../store/logs.ts';
import { toast } from '../store/ui.ts';
import { download, fileName } from './download.ts';

/** Asks what is kept of the past; the answer is in the host store. */
export async function readStorage(model: Model): Promise<void> {
  adopt(model, await model.client.call('storage.get', null));
}

/** Captures every step for ten minutes, or no longer. */
export async function capture(model: Model, detail: boolean): Promise<void> {
  adopt(model, await model.client.call('log.capture', { detail }));
}

export async function setLimits(model: Model, limits: HistoryLimits): Promise<void> {
  if (adopt(model, await model.client.call('storage.set', limits))) toast(model.ui, t('storage.saved'));
}

export async function clearHistory(model: Model): Promise<void> {
  if (adopt(model, await model.client.call('traffic.clear', null))) toast(model.ui, t('storage.cleared'));
}

export async function openFolder(model: Model, folder: 'data' | 'logs'): Promise<void> {
  const reply = await model.client.call('folder.open', { folder });
  if (!reply.ok) toast(model.ui, errorText(reply.error), { tone: 'bad' });
}

/** Fetches older lines until there are none or no room is left. */
export async function readOlderLines(model: Model): Promise<void> {
  for (;;) {
    const before = model.logs.lines[0]?.seq ?? 0;
    if (before <= 1) return;
    const reply = await model.client.call('log.recent', { after: 0, before });
    if (!reply.ok || !model.logs.addOlder(reply.value)) return;
  }
}

/** Gives the user the lines as a file; `hidden` without names and addresses. */
export function saveLines(lines: readonly LogLine[], hidden: boolean): void {
  const text = lines.map((line) => fileLine(line, hidden)).join('\n');
  download(fileName('log', 'log'), 'text/plain', `${text}\n`);
}

function adopt(model: Model, reply: Reply<StorageState>): boolean {
  if (reply.ok) model.host.setState({ storage: { ...reply.value, readAt: Date.now() } });
  else toast(model.ui, errorText(reply.error), { tone: 'bad' });
  return reply.ok;
}
