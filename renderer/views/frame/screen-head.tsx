/** The bar over a screen: its name, its own controls, then undo, redo and the palette, the same everywhere. */
import { Redo2, Search, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { redo, undo } from '../../actions/host.ts';
import { keyCaps } from '../../actions/keys.ts';
import { MAC } from '../../actions/shortcuts.ts';
import { IconButton } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { hostText, t } from '../../i18n/index.ts';

export function ScreenHead({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  const model = useModel();
  const undoLabel = useHost((state) => state.config?.undo ?? null);
  const redoLabel = useHost((state) => state.config?.redo ?? null);
  return (
    <header className="screen-head">
      <h1>{title}</h1>
      <div className="screen-tools">{children}</div>
      <div className="screen-common">
        <IconButton
          label={undoLabel === null ? t('action.undo') : t('edit.undoNamed', { label: hostText(undoLabel) })}
          disabled={undoLabel === null}
          onClick={() => void undo(model)}
        >
          <Undo2 aria-hidden />
        </IconButton>
        <IconButton
          label={redoLabel === null ? t('action.redo') : t('edit.redoNamed', { label: hostText(redoLabel) })}
          disabled={redoLabel === null}
          onClick={() => void redo(model)}
        >
          <Redo2 aria-hidden />
        </IconButton>
        <button
          type="button"
          className="palette-open"
          onClick={() => model.ui.setState({ dialog: 'palette' })}
        >
          <Search aria-hidden />
          <span className="palette-open-text">{t('action.palette')}</span>
          <span className="caps" aria-hidden>
            {keyCaps('mod+k', MAC).map((cap) => (
              <kbd key={cap}>{cap}</kbd>
            ))}
          </span>
        </button>
      </div>
    </header>
  );
}
