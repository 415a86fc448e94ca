/** How much of the past is kept, how much room it takes, and the way to forget it. */
import { useEffect, useState, type ReactNode } from 'react';
import { clearHistory, readStorage, setLimits } from '../../actions/logs.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { TextInput } from '../../form/inputs.tsx';
import { bytes } from '../../format/bytes.ts';
import { longDay } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';

const MOST_DAYS = 3650;
const MOST_MB = 10_000;

export function StorageSettings(): ReactNode {
  const model = useModel();
  const storage = useHost((state) => state.storage);
  const [draft, setDraft] = useState<{ days: string; mb: string } | null>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => void readStorage(model), [model]);
  if (storage === null) return null;
  const { limits, history, why, logs } = storage;
  const { days, mb } = draft ?? { days: String(limits.days), mb: String(limits.mb) };
  const wrongDays = wrong(days, MOST_DAYS);
  const wrongMb = wrong(mb, MOST_MB);
  const changed = days !== String(limits.days) || mb !== String(limits.mb);
  const since = { size: bytes(storage.bytes), day: longDay(storage.since, language()) };
  return (
    <>
      <form
        className="storage-limits"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrongDays !== undefined || wrongMb !== undefined || !changed) return;
          void setLimits(model, { days: Number(days), mb: Number(mb) }).then(() => setDraft(null));
        }}
      >
        <TextInput
          label={t('storage.days')}
          unit={t('storage.daysUnit')}
          numeric
          value={days}
          problem={wrongDays}
          change={(next) => setDraft({ days: next, mb })}
        />
        <TextInput
          label={t('storage.mb')}
          unit="MB"
          numeric
          value={mb}
          problem={wrongMb}
          change={(next) => setDraft({ days, mb: next })}
        />
        <Button type="submit" disabled={!changed || wrongDays !== undefined || wrongMb !== undefined}>
          {t('apply')}
        </Button>
      </form>
      {why !== null && <p className="muted">{t(`keeping.${why}`)}</p>}
      <div className="settings-line">
        <span>{t(history === 'disk' ? 'storage.onDisk' : 'storage.inMemory', since)}</span>
        <Button look="danger" onClick={() => setAsking(true)}>
          {t('storage.clear')}
        </Button>
      </div>
      <div className="settings-line">
        <span>
          {logs.folder === null
            ? t('logs.noFiles')
            : t('storage.logs', {
                size: bytes(logs.bytes),
                files: logs.maxFiles,
                most: bytes(logs.maxFileBytes),
              })}
        </span>
      </div>
      {asking && (
        <Dialog title={t('storage.clearTitle')} close={() => setAsking(false)}>
          <div className="dialog-body">
            <p>{t('storage.clearText', since)}</p>
            <div className="dialog-do">
              <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
              <Button
                look="danger"
                onClick={() => {
                  setAsking(false);
                  void clearHistory(model);
                }}
              >
                {t('storage.clear')}
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}

function wrong(text: string, most: number): string | undefined {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= 1 && value <= most ? undefined : t('storage.wrong', { most });
}
