/**
 * One row of a grid. Ten thousand rows change twice to four times a second, so a row is drawn again only when the thing it shows is another
 * one, and a figure only when its text is. Rows are used again for others while the table scrolls: nothing is made, only texts change.
 */
import { memo, useSyncExternalStore, type MouseEvent, type ReactNode } from 'react';
import type { AnyKey, ColumnDef } from '../../store/columns.ts';
import type { Signal } from '../../store/signal.ts';

/** Where a grid reads its rows: a live store, its changes in place, told by a signal. */
export interface RowSource {
  readonly changed: Signal;
  /** What stands behind a row; another object once a cell other than a figure has to be drawn again. */
  about(id: string): unknown;
  /** The columns whose text may change with every signal. */
  readonly figures: ReadonlySet<AnyKey>;
  figure(id: string, key: AnyKey): string;
  /** Every other cell. */
  cell(id: string, key: AnyKey): ReactNode;
  /** Class of a row that looks different from the others. */
  look?(id: string): string;
}

/** Of a table whose rows never change. */
export const NO_FIGURES: ReadonlySet<AnyKey> = new Set();

interface RowProps {
  readonly source: RowSource;
  readonly columns: readonly ColumnDef<AnyKey>[];
  readonly id: string;
  /** Id of the element, for aria-activedescendant. */
  readonly element: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly template: string;
  readonly picked: boolean;
  readonly active: boolean;
  /** Cells hold words. */
  readonly language: string;
  readonly click: (event: MouseEvent, index: number, id: string) => void;
}

export const GridRow = memo(function GridRow(props: RowProps): ReactNode {
  const { source, columns, id, element, index, top, height, template, picked, active, click } = props;
  useSyncExternalStore(source.changed.subscribe, () => source.about(id));
  return (
    <div
      id={element}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={picked}
      className={`grid-row${picked ? ' row-selected' : ''}${active ? ' row-active' : ''} ${source.look?.(id) ?? ''}`}
      style={{ gridTemplateColumns: template, height, top }}
      onClick={(event) => click(event, index, id)}
    >
      {columns.map(({ key, right }) => (
        <div key={key} role="gridcell" className={right === true ? 'right number' : undefined}>
          {source.figures.has(key) ? <Figure source={source} id={id} column={key} /> : source.cell(id, key)}
        </div>
      ))}
    </div>
  );
});

const Figure = memo(function Figure({
  source,
  id,
  column,
}: {
  source: RowSource;
  id: string;
  column: AnyKey;
}): ReactNode {
  return useSyncExternalStore(source.changed.subscribe, () => source.figure(id, column));
});
