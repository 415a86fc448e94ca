/**
 * A virtual grid of equally high rows: only what is in sight is in the document. The rows are one tab stop, the header another.
 * Arrows move an active row that assistive technology follows through aria-activedescendant; with Shift they pick a range.
 * Rows are known by their ids, so the active one stays where it is when the order changes around it.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import { useModel, useUi } from '../../components/context.ts';
import { useLanguage } from '../../i18n/index.ts';
import type { TableId } from '../../store/columns.ts';
import { leastPx, shownColumns, trackOf } from '../../store/tables.ts';
import { NOTHING } from '../../store/ui.ts';
import { GridHead } from './grid-head.tsx';
import { GridRow, type RowSource } from './grid-row.tsx';
import type { Rest } from './use-resting.ts';

/** Height of the head, which stays in sight while the rows scroll below it. */
const HEAD_PX = 32;
const ROW_PX = { comfortable: 36, compact: 28 } as const;
const PADDING_PX = 36;
/** Rows above and below what is in sight. */
const BEYOND = 6;

export function Grid({
  label,
  table,
  ids,
  selected,
  open,
  source,
  rowHeight,
  rest,
  children,
}: {
  label: string;
  table: TableId;
  ids: readonly string[];
  /** Shown in the inspector. */
  selected: string | null;
  open: (id: string) => void;
  /** Of one identity as long as it reads the same. */
  source: RowSource;
  /** Of a row in comfortable density, when its cells have two lines. */
  rowHeight?: number;
  /** The pointer is over the rows, or they are being scrolled. */
  rest?: (how: Rest) => void;
  /** Shown under the head when there are no rows. */
  children?: ReactNode;
}): ReactNode {
  const { ui } = useModel();
  const density = useUi((state) => state.prefs.density);
  const layout = useUi((state) => state.layouts[table]);
  const picked = useUi((state) => state.picked);
  const language = useLanguage();
  const scroll = useRef<HTMLDivElement>(null);
  const base = useId();
  const [activeId, setActive] = useState<string | null>(null);
  /** Where a range that Shift picks begins. */
  const anchor = useRef<string | null>(null);
  const last = useRef(0);
  const rowPx = density === 'comfortable' ? (rowHeight ?? ROW_PX.comfortable) : ROW_PX.compact;
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer keeps its own state; nothing here is memoized over it
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan: BEYOND,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  const columns = useMemo(() => shownColumns(table, layout), [table, layout]);
  const template = columns.map((column) => trackOf(column, layout)).join(' ');
  const least = columns.reduce((sum, column) => sum + leastPx(column, layout), PADDING_PX);
  /** As many rows as are ever in the document at once: each is used again for the one that many places further on. */
  const pool = Math.ceil((virtual.scrollRect?.height ?? 0) / rowPx) + 2 * BEYOND + 2;
  const found = activeId === null ? -1 : ids.indexOf(activeId);
  const at = found === -1 ? Math.min(last.current, Math.max(0, ids.length - 1)) : found;
  const items = virtual.getVirtualItems();
  const seen = items.some(({ index }) => index === at);
  // each stays where it is in the document, where moving it would lay it out anew; aria-rowindex tells the order
  const pooled = [...items].sort((a, b) => (a.index % pool) - (b.index % pool));

  const pick = (next: ReadonlySet<string>): void => ui.setState({ picked: next });
  const range = (to: number): ReadonlySet<string> => {
    const from = anchor.current === null ? at : Math.max(0, ids.indexOf(anchor.current));
    return new Set(ids.slice(Math.min(from, to), Math.max(from, to) + 1));
  };
  const flipped = (id: string): ReadonlySet<string> => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    return next;
  };
  const go = (to: number): void => {
    last.current = to;
    setActive(ids[to] ?? null);
    virtual.scrollToIndex(to);
  };

  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.altKey) return;
    const mod = event.ctrlKey || event.metaKey;
    const id = ids[at];
    const page = Math.floor((scroll.current?.clientHeight ?? 0) / rowPx) - 2;
    const next = mod ? null : nextRow(event.key, at, ids.length, page);
    if (next !== null) {
      if (event.shiftKey) {
        anchor.current ??= id ?? null;
        pick(range(next));
      } else {
        anchor.current = null;
        if (picked.size > 0) pick(NOTHING);
      }
      go(next);
    } else if (mod && event.key === 'a') pick(new Set(ids));
    else if (mod && event.key === ' ' && id !== undefined) pick(flipped(id));
    else if (!mod && event.key === 'Enter' && id !== undefined) open(id);
    else return;
    event.preventDefault();
  };

  const clicked = (event: MouseEvent, index: number, id: string): void => {
    if (event.shiftKey) {
      anchor.current ??= activeId ?? id;
      pick(range(index));
    } else if (event.ctrlKey || event.metaKey) {
      anchor.current = id;
      pick(flipped(id));
    } else {
      anchor.current = id;
      pick(new Set([id]));
      open(id);
    }
    last.current = index;
    setActive(id);
  };
  const newest = useRef(clicked);
  useEffect(() => {
    newest.current = clicked;
  });
  const click = useCallback<typeof clicked>((...about) => newest.current(...about), []);

  return (
    <div
      ref={scroll}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={ids.length + 1}
      aria-colcount={columns.length}
      aria-multiselectable
      aria-activedescendant={seen && ids.length > 0 ? `${base}-${at}` : undefined}
      tabIndex={0}
      data-keys="connections"
      onKeyDown={keys}
      onScroll={() => rest?.('scroll')}
    >
      <GridHead table={table} columns={columns} template={template} least={least} language={language} />
      <div
        role="rowgroup"
        className="grid-rows"
        style={{ minWidth: least }}
        onPointerEnter={() => rest?.('over')}
        onPointerLeave={() => rest?.('away')}
      >
        <div role="presentation" className="grid-space" style={{ height: virtual.getTotalSize() }}>
          {pooled.map(({ index, start }) => {
            const id = ids[index] ?? '';
            return (
              <GridRow
                key={index % pool}
                source={source}
                columns={columns}
                id={id}
                element={`${base}-${index}`}
                index={index}
                top={start - HEAD_PX}
                height={rowPx}
                template={template}
                picked={picked.has(id) || id === selected}
                active={index === at}
                language={language}
                click={click}
              />
            );
          })}
        </div>
        {ids.length === 0 && (
          <div role="row">
            <div role="gridcell" aria-colspan={columns.length}>
              {children}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

function nextRow(key: string, at: number, count: number, page: number): number | null {
  const to = (row: number): number => Math.max(0, Math.min(count - 1, row));
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at - 1);
    case 'PageDown':
      return to(at + page);
    case 'PageUp':
      return to(at - page);
    case 'Home':
      return 0;
    case 'End':
      return to(count - 1);
    default:
      return null;
  }
}
