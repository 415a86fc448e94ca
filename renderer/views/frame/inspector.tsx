/** The panel at the right for the selected thing. Its edge is a separator that pointer and arrow keys move. */
import { X } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { IconButton } from '../../components/button.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { t } from '../../i18n/index.ts';
import { clampInspector } from '../../store/prefs.ts';
import { setPrefs } from '../../store/ui.ts';

const STEP_PX = 24;

export function Inspector({
  title,
  kind,
  focus = false,
  children,
}: {
  title: string;
  kind: string;
  /** Takes the focus when it appears: something is to be filled in. */
  focus?: boolean;
  children: ReactNode;
}): ReactNode {
  const model = useModel();
  const width = useUi((state) => state.prefs.inspectorPx);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (focus) panel.current?.querySelector<HTMLElement>('input, select')?.focus();
  }, [focus]);
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // whoever opened it has the focus again, unless it went somewhere else meanwhile
      requestAnimationFrame(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
      });
    };
  }, [title]);
  const resize = (px: number): void => setPrefs(model.ui, { inspectorPx: clampInspector(px) });
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    resize(window.innerWidth - event.clientX);
  };
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === 'ArrowLeft') resize(width + STEP_PX);
    else if (event.key === 'ArrowRight') resize(width - STEP_PX);
    else return;
    event.preventDefault();
  };
  return (
    <aside
      ref={panel}
      className="inspector"
      aria-label={`${kind}: ${title}`}
      style={{ width }}
      data-region
      tabIndex={-1}
    >
      <div
        className="inspector-edge"
        role="separator"
        aria-orientation="vertical"
        aria-label={t('inspector.resize')}
        aria-valuenow={width}
        aria-valuemin={300}
        aria-valuemax={640}
        tabIndex={0}
        onPointerDown={drag}
        onPointerMove={drag}
        onKeyDown={keys}
      />
      <header className="inspector-head">
        <div>
          <p className="inspector-kind">{kind}</p>
          <h2 dir="auto">{title}</h2>
        </div>
        <IconButton label={t('inspector.close')} onClick={() => model.ui.setState({ selected: null })}>
          <X aria-hidden />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}
