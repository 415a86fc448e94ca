/** Earlier states of the configuration: what each was, what differs from now, and the way back, which can be undone like any edit. */
import { RotateCcw } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { WireError } from '../../../core/contract/errors.ts';
import type { Snapshot, TextPair } from '../../../core/contract/imports.ts';
import { restore } from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { RefusedCall } from '../../components/failure.tsx';
import { linesOf } from '../../edits/lines.ts';
import { language, hostText, t } from '../../i18n/index.ts';
import { LineDiff } from './line-diff.tsx';

export function HistoryDialog(): ReactNode {
  const model = useModel();
  const revision = useHost((state) => state.config?.revision ?? 0);
  const [list, setList] = useState<readonly Snapshot[] | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [pair, setPair] = useState<{ id: string; texts: TextPair } | null>(null);
  const [error, setError] = useState<WireError | null>(null);

  useEffect(() => {
    let stale = false;
    void model.client.call('snapshots.list', null).then((reply) => {
      if (stale) return;
      if (reply.ok) setList(reply.value);
      else setError(reply.error);
    });
    return () => {
      stale = true;
    };
  }, [model, revision]);
  useEffect(() => {
    if (shown === null) return undefined;
    let stale = false;
    void model.client.call('snapshots.diff', { id: shown }).then((reply) => {
      if (stale) return;
      if (reply.ok) setPair({ id: shown, texts: reply.value });
      else setError(reply.error);
    });
    return () => {
      stale = true;
    };
  }, [model, shown, revision]);

  const selected = list?.find(({ id }) => id === shown) ?? null;
  const texts = pair?.id === shown ? pair.texts : null;
  const back = async (snapshot: Snapshot): Promise<void> =>
    setError(await restore(model, snapshot.id, timeOf(snapshot)));
  return (
    <Dialog title={t('transfer.historyTitle')} close={() => model.ui.setState({ dialog: null })} full>
      <div className="history">
        <div className="history-list" role="radiogroup" aria-label={t('transfer.historyTitle')}>
          {list?.length === 0 && <p className="import-none">{t('transfer.noHistory')}</p>}
          {list?.map((snapshot) => (
            <label key={snapshot.id} className="history-item">
              <input
                type="radio"
                name="snapshot"
                checked={shown === snapshot.id}
                onChange={() => setShown(snapshot.id)}
              />
              <span>
                <span className="history-label">{labelOf(snapshot)}</span>
                <span className="history-when">
                  {timeOf(snapshot)} · {holdingOf(snapshot)}
                </span>
              </span>
              {snapshot.current && (
                <span className="import-state import-state-same">{t('transfer.now')}</span>
              )}
            </label>
          ))}
        </div>
        <div className="history-diff">
          {error !== null && <RefusedCall what={t('transfer.historyFailed')} error={error} />}
          {selected === null && error === null && <p className="import-none">{t('transfer.historyHint')}</p>}
          {selected !== null && texts !== null && (
            <>
              <header>
                <h3>{t('transfer.sinceThen', { when: timeOf(selected) })}</h3>
                <Button
                  look="primary"
                  icon={<RotateCcw aria-hidden />}
                  disabled={selected.current}
                  onClick={() => void back(selected)}
                >
                  {t('transfer.restore')}
                </Button>
              </header>
              <LineDiff
                label={t('transfer.sinceThen', { when: timeOf(selected) })}
                before={linesOf(texts.before)}
                after={linesOf(texts.after)}
              />
            </>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function labelOf({ kind, label }: Snapshot): string {
  const said = hostText(label);
  return kind === 'edit' ? said : t(`kept.${kind}`, { label: said });
}

function holdingOf({ services, chains }: Snapshot): string {
  const parts = [t('importCount.service', { count: services }), t('importCount.chain', { count: chains })];
  return parts.join(language() === 'zh' ? '，' : ', ');
}

function timeOf({ at }: Snapshot): string {
  return new Intl.DateTimeFormat(language() === 'zh' ? 'zh-Hans' : 'en', {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at);
}
