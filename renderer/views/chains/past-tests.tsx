/** The last tests of a chain as dots, and as a list in a dialog. */
import { Check, X } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { PastTest } from '../../../core/contract/runs.ts';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { hostPort } from '../../format/address.ts';
import { took } from '../../format/time.ts';
import { errorText, language, t } from '../../i18n/index.ts';
import { loadPast } from '../../store/runs.ts';

export function PastTests({ chain }: { chain: string }): ReactNode {
  const model = useModel();
  const [open, setOpen] = useState(false);
  const ready = useHost((state) => state.ready);
  const past = useHost((state) => state.tests.past[chain]);
  useEffect(() => {
    if (ready) void loadPast(model, chain);
  }, [model, chain, ready]);
  if (past === undefined || past.length === 0) return null;
  const good = past.filter(({ ok }) => ok).length;
  return (
    <>
      <button
        type="button"
        className="past-dots"
        aria-label={t('chainTest.past', { good, count: past.length, chain })}
        title={t('chainTest.past', { good, count: past.length, chain })}
        onClick={() => setOpen(true)}
      >
        {past.map((test, index) => (
          <i key={`${test.at}:${index}`} className={test.ok ? 'past-ok' : 'past-bad'} aria-hidden />
        ))}
      </button>
      {open && (
        <Dialog wide title={t('chainTest.pastTitle', { chain })} close={() => setOpen(false)}>
          <div className="dialog-body past-list">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('chainTest.pastWhen')}</th>
                  <th scope="col">{t('chainTest.target')}</th>
                  <th scope="col">{t('chainTest.pastResult')}</th>
                </tr>
              </thead>
              <tbody>
                {[...past].reverse().map((test, index) => (
                  <PastRow key={`${test.at}:${index}`} test={test} />
                ))}
              </tbody>
            </table>
          </div>
        </Dialog>
      )}
    </>
  );
}

function PastRow({ test }: { test: PastTest }): ReactNode {
  const { at, target, ok, totalMs, hop, stage, error } = test;
  return (
    <tr>
      <td className="number">{new Date(at).toLocaleString(language())}</td>
      <td dir="ltr">{hostPort(target)}</td>
      <td>
        {ok ? (
          <span className="mark mark-ok">
            <Check aria-hidden />
            {t('chainTest.total', { ms: took(totalMs ?? 0) })}
          </span>
        ) : (
          <>
            <span className="mark mark-bad">
              <X aria-hidden />
              {[hop ?? t('stream.target'), stage === null ? '' : t(`stage.${stage}`)]
                .filter((text) => text !== '')
                .join(' · ')}
            </span>
            {error !== null && <span className="past-why">{errorText(error)}</span>}
          </>
        )}
      </td>
    </tr>
  );
}
