/**
 * The header of a grid: sorts with a click, moves columns by dragging or Alt and arrows, makes them wider by their edge or Shift
 * and arrows. The header cells are one tab stop; arrows go from one to the next. The menu of columns does the same with buttons.
 */
import { memo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useModel, useUi } from '../../components/context.ts';
import { t } from '../../i18n/index.ts';
import type { AnyKey, ColumnDef, TableId } from '../../store/columns.ts';
import { nudged, placed, resized, sortedBy, type Layout } from '../../store/tables.ts';
import { say, setLayout } from '../../store/ui.ts';

const STEP_PX = 16;
/** The pointer has to go this far before a press becomes a drag. */
const DRAG_PX = 8;

interface Drag {
  readonly key: AnyKey;
  readonly startX: number;
  readonly beside: AnyKey | null;
  readonly after: boolean;
}

/** Drawn again only when the arrangement changes, not with the rows. */
export const GridHead = memo(function GridHead({
  table,
  columns,
  template,
  least,
}: {
  table: TableId;
  columns: readonly ColumnDef<AnyKey>[];
  template: string;
  least: number;
  /** The heads are words. */
  language: string;
}): ReactNode {
  const { ui } = useModel();
  const layout = useUi((state) => state.layouts[table]);
  const head = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  const [drag, setDrag] = useState<Drag | null>(null);
  /** A drag ends in a click that must not sort. */
  const dragged = useRef(false);
  const set = (next: Layout): void => setLayout(ui, table, next);
  const stop = Math.min(focused, columns.length - 1);

  const cellAt = (index: number): HTMLElement | null =>
    head.current?.querySelectorAll<HTMLElement>('.sort')[index] ?? null;
  const widthOf = (key: AnyKey): number =>
    head.current?.querySelector<HTMLElement>(`[data-column="${key}"]`)?.getBoundingClientRect().width ?? 0;

  const keys = (event: KeyboardEvent, index: number, key: AnyKey): void => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.altKey) {
      const next = nudged(layout, key, by);
      set(next);
      const shown = next.order.filter((each) => !next.hidden.includes(each));
      setFocused(shown.indexOf(key));
      say(
        ui,
        t('table.moved', {
          column: t(`column.${key}`),
          position: shown.indexOf(key) + 1,
          count: shown.length,
        }),
      );
    } else if (event.shiftKey) {
      const px = widthOf(key) + by * STEP_PX;
      set(resized(layout, key, px));
      say(ui, t('table.width', { column: t(`column.${key}`), px: Math.round(px) }));
    } else {
      const to = Math.max(0, Math.min(columns.length - 1, index + by));
      setFocused(to);
      cellAt(to)?.focus();
    }
  };

  const press = (event: PointerEvent, key: AnyKey): void => {
    dragged.current = false;
    if (event.button !== 0) return;
    // from here on the pointer is this column's, wherever it goes
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ key, startX: event.clientX, beside: null, after: false });
  };
  const move = (event: PointerEvent): void => {
    if (event.buttons !== 1 || drag === null) return;
    if (Math.abs(event.clientX - drag.startX) < DRAG_PX && drag.beside === null) return;
    dragged.current = true;
    for (const { key: over } of columns) {
      const box = head.current?.querySelector(`[data-column="${over}"]`)?.getBoundingClientRect();
      if (box === undefined || event.clientX < box.left || event.clientX >= box.right) continue;
      const after = event.clientX > box.left + box.width / 2;
      setDrag({ ...drag, beside: over, after });
      return;
    }
  };
  const drop = (): void => {
    if (drag?.beside != null && dragged.current) set(placed(layout, drag.key, drag.beside, drag.after));
    setDrag(null);
  };

  return (
    <div
      ref={head}
      role="row"
      aria-rowindex={1}
      className="grid-head"
      style={{ gridTemplateColumns: template, minWidth: least }}
    >
      {columns.map(({ key, right }, index) => {
        const active = layout.sort.key === key;
        const marker = drag?.beside === key ? (drag.after ? ' drop-after' : ' drop-before') : '';
        return (
          <div
            key={key}
            role="columnheader"
            data-column={key}
            className={`${right === true ? 'right' : ''}${marker}`}
            aria-sort={active ? (layout.sort.descending ? 'descending' : 'ascending') : 'none'}
          >
            <button
              type="button"
              className="sort"
              tabIndex={index === stop ? 0 : -1}
              aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight Shift+ArrowLeft Shift+ArrowRight"
              onFocus={() => setFocused(index)}
              onKeyDown={(event) => keys(event, index, key)}
              onPointerDown={(event) => press(event, key)}
              onPointerMove={move}
              onPointerUp={drop}
              onPointerCancel={() => setDrag(null)}
              onClick={() => {
                if (dragged.current) return;
                set(sortedBy(table, layout, key));
              }}
            >
              <span className="clip">{t(`column.${key}`)}</span>
              <span className="sort-mark" aria-hidden>
                {active ? (layout.sort.descending ? '↓' : '↑') : ''}
              </span>
            </button>
            <Edge
              width={() => widthOf(key)}
              resize={(px) => set(resized(layout, key, px))}
              reset={() => set(withoutWidth(layout, key))}
            />
          </div>
        );
      })}
    </div>
  );
});

/** The right edge of a header cell. Pointer only: the keyboard and the menu of columns do the same. A double click lets go of the width. */
function Edge({
  width,
  resize,
  reset,
}: {
  width: () => number;
  resize: (px: number) => void;
  reset: () => void;
}): ReactNode {
  const start = useRef<{ x: number; px: number } | null>(null);
  return (
    <span
      className="grid-edge"
      aria-hidden
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, px: width() };
      }}
      onPointerMove={(event) => {
        if (event.buttons !== 1 || start.current === null) return;
        const rtl = getComputedStyle(event.currentTarget).direction === 'rtl';
        resize(start.current.px + (event.clientX - start.current.x) * (rtl ? -1 : 1));
      }}
      onPointerUp={() => (start.current = null)}
      onDoubleClick={reset}
    />
  );
}

function withoutWidth(layout: Layout, key: AnyKey): Layout {
  const widths = Object.entries(layout.widths).filter(([column]) => column !== key);
  return { ...layout, widths: Object.fromEntries(widths) };
}
