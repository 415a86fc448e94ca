/** Asks before many connections are closed: it can not be undone. */
import type { ReactNode } from 'react';
import { closeNow } from '../../actions/connections.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { t } from '../../i18n/index.ts';

export function CloseMany(): ReactNode {
  const model = useModel();
  const closing = useUi((state) => state.closing);
  if (closing === null) return null;
  const cancel = (): void => model.ui.setState({ closing: null });
  return (
    <Dialog title={t('table.closeMany', { count: closing.length })} close={cancel}>
      <div className="dialog-body">
        <p>{t('table.closeManyText')}</p>
        <div className="dialog-do">
          <Button onClick={cancel}>{t('cancel')}</Button>
          <Button look="danger" onClick={() => void closeNow(model, closing)}>
            {t('action.closePicked', { count: closing.length })}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
