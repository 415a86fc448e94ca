/**
 * Toasts: outcomes of what the user just did, five seconds each, not while the pointer or the focus rests on them. They are
 * never the only record. Also the one polite live region of the window.
 */
import { CircleAlert, X } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { undo } from '../actions/host.ts';
import { t } from '../i18n/index.ts';
import { dismissToast, type Toast } from '../store/ui.ts';
import { Button, IconButton } from './button.tsx';
import { useModel, useUi } from './context.ts';

const SHOWN_MS = 5_000;

export function Toasts(): ReactNode {
  const toasts = useUi((state) => state.toasts);
  const said = useUi((state) => state.said);
  return (
    <>
      <div className="toasts" role="region" aria-label={t('toasts')}>
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} />
        ))}
      </div>
      <div className="hidden" role="status" aria-live="polite">
        {said}
      </div>
    </>
  );
}

function ToastCard({ toast }: { toast: Toast }): ReactNode {
  const model = useModel();
  const [held, setHeld] = useState(false);
  const dismiss = (): void => dismissToast(model.ui, toast.id);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(() => dismissToast(model.ui, toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, model, toast.id]);
  return (
    <div
      className={`toast toast-${toast.tone}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toast.tone === 'bad' && <CircleAlert aria-hidden />}
      <span role={toast.tone === 'bad' ? 'alert' : 'status'}>{toast.text}</span>
      {toast.undo && (
        <Button
          look="quiet"
          onClick={() => {
            dismiss();
            void undo(model);
          }}
        >
          {t('action.undo')}
        </Button>
      )}
      <IconButton label={t('close')} onClick={dismiss}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}
