/**
 * A virtual grid of equally high rows: only what is in sight is in the document. One tab stop; arrows move an active row that
 * assistive technology follows through aria-activedescendant; Enter or a click opens it.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useUi } from '../../components/context.ts';

export interface Column {
  readonly key: string;
  readonly title: string;
  /** CSS grid track. */
  readonly track: string;
  readonly right?: boolean;
  readonly sort?: { readonly descending: boolean; readonly active: boolean; readonly toggle: () => void };
}

/** Height of the head, which stays in sight while the rows scroll below it. */
const HEAD_PX = 32;
const ROW_PX = { comfortable: 36, compact: 28 } as const;

export function Grid({
  label,
  columns,
  ids,
  selected,
  open,
  cells,
  rowClass,
  keysScope,
  hover,
  children,
}: {
  label: string;
  columns: readonly Column[];
  ids: readonly string[];
  selected: string | null;
  open: (id: string) => void;
  /** One cell per column. */
  cells: (id: string) => readonly ReactNode[];
  rowClass?: (id: string) => string;
  keysScope?: string;
  /** The pointer is over the rows. */
  hover?: (over: boolean) => void;
  /** Shown under the head when there are no rows. */
  children?: ReactNode;
}): ReactNode {
  const density = useUi((state) => state.prefs.density);
  const scroll = useRef<HTMLDivElement>(null);
  const base = useId();
  const [active, setActive] = useState(0);
  const rowPx = ROW_PX[density];
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer keeps its own state; nothing here is memoized over it
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan: 8,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  const template = columns.map(({ track }) => track).join(' ');
  const at = Math.min(active, Math.max(0, ids.length - 1));

  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = nextRow(
      event.key,
      at,
      ids.length,
      Math.floor((scroll.current?.clientHeight ?? 0) / rowPx) - 2,
    );
    const id = ids[at];
    if (next !== null) {
      setActive(next);
      virtual.scrollToIndex(next);
    } else if (event.key === 'Enter' && id !== undefined) open(id);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroll}
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={ids.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={ids.length === 0 ? undefined : `${base}-${at}`}
      tabIndex={0}
      data-keys={keysScope}
      onKeyDown={keys}
    >
      <div role="row" aria-rowindex={1} className="grid-head" style={{ gridTemplateColumns: template }}>
        {columns.map((column) => (
          <HeadCell key={column.key} column={column} />
        ))}
      </div>
      <div
        role="rowgroup"
        className="grid-rows"
        onPointerEnter={() => hover?.(true)}
        onPointerLeave={() => hover?.(false)}
      >
        <div role="presentation" className="grid-space" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const id = ids[item.index] ?? '';
            return (
              <div
                key={item.key}
                id={`${base}-${item.index}`}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={id === selected}
                className={`grid-row${id === selected ? ' row-selected' : ''}${item.index === at ? ' row-active' : ''} ${rowClass?.(id) ?? ''}`}
                style={{
                  gridTemplateColumns: template,
                  height: rowPx,
                  transform: `translateY(${item.start - HEAD_PX}px)`,
                }}
                onClick={() => {
                  setActive(item.index);
                  open(id);
                }}
              >
                {cells(id).map((cell, index) => (
                  <div
                    key={index}
                    role="gridcell"
                    className={columns[index]?.right === true ? 'right number' : undefined}
                  >
                    {cell}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
        {ids.length === 0 && (
          <div role="row">
            <div role="gridcell">{children}</div>
          </div>
        )}
      </div>
    </div>
  );
}

function HeadCell({ column }: { column: Column }): ReactNode {
  const { sort } = column;
  const className = column.right === true ? 'right' : undefined;
  if (sort === undefined) {
    return (
      <div role="columnheader" className={className}>
        {column.title}
      </div>
    );
  }
  return (
    <div
      role="columnheader"
      className={className}
      aria-sort={sort.active ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" className="sort" onClick={sort.toggle}>
        {column.title}
        <span className="sort-mark" aria-hidden>
          {sort.active ? (sort.descending ? '↓' : '↑') : ''}
        </span>
      </button>
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
