/** The first run: nothing to choose, one button. Or a proxy URL first, and then the same button. */
import { useState, type ReactNode } from 'react';
import { Play } from 'lucide-react';
import { addHopToService, quickStart } from '../../actions/host.ts';
import { openImport } from '../../actions/transfer.ts';
import { AddUri } from '../../components/add-uri.tsx';
import { Button } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { RefusedCall } from '../../components/failure.tsx';
import { Stream } from '../../components/stream.tsx';
import type { WireError } from '../../../core/contract/errors.ts';
import { t } from '../../i18n/index.ts';

export function FirstRun(): ReactNode {
  const model = useModel();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const [through, setThrough] = useState(false);

  const start = async (): Promise<WireError | null> => {
    setBusy(true);
    setError(null);
    const refused = await quickStart(model, null);
    setBusy(false);
    setError(refused);
    return refused;
  };
  const startThrough = async (uri: string): Promise<WireError | null> => {
    const refused = await start();
    const service = model.host.getState().quick?.service;
    if (refused !== null || service === undefined) return refused;
    return addHopToService(model, service, uri);
  };

  return (
    <div className="page first-run">
      <section className="first-card" aria-labelledby="first-title">
        <Stream
          label={t('stream.label')}
          stations={[
            { kind: 'end', label: t('stream.programs') },
            { kind: 'service', label: 'Sockeye', detail: '127.0.0.1:1080', tone: 'idle' },
            { kind: 'end', label: t('stream.internet'), tone: 'idle' },
          ]}
        />
        <h2 id="first-title">{t('first.title')}</h2>
        <p>{t('first.text')}</p>
        {!through && (
          <div className="first-do">
            <Button
              look="primary"
              className="button-big"
              icon={<Play aria-hidden />}
              disabled={busy}
              onClick={() => void start()}
            >
              {busy ? t('first.starting') : t('first.start')}
            </Button>
            <Button look="quiet" onClick={() => openImport(model)}>
              {t('first.importFile')}
            </Button>
            <Button look="quiet" onClick={() => setThrough(true)}>
              {t('first.through')}
            </Button>
          </div>
        )}
        {through && (
          <AddUri
            label={t('hop.paste')}
            button={t('first.start')}
            submit={startThrough}
            cancel={() => setThrough(false)}
          />
        )}
        {error !== null && <RefusedCall what={t('first.failed')} error={error} />}
      </section>
    </div>
  );
}
