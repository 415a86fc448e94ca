/** Which columns a table shows, in what order and how wide: the form of everything that the header does by dragging. */
import { ArrowDown, ArrowUp, Columns3, Minus, Plus } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { t } from '../../i18n/index.ts';
import { COLUMNS, type AnyKey, type TableId } from '../../store/columns.ts';
import { firstLayout, leastPx, nudged, resized, toggled } from '../../store/tables.ts';
import { setLayout } from '../../store/ui.ts';

const STEP_PX = 24;

export function ColumnsMenu({ table }: { table: TableId }): ReactNode {
  const { ui } = useModel();
  const open = useUi((state) => state.choosingColumns);
  return (
    <Popover.Root open={open} onOpenChange={(next) => ui.setState({ choosingColumns: next })}>
      <Popover.Trigger asChild>
        <Button icon={<Columns3 aria-hidden />}>{t('table.columns')}</Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover columns"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t('table.columns')}
        >
          <Columns table={table} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Columns({ table }: { table: TableId }): ReactNode {
  const { ui } = useModel();
  const layout = useUi((state) => state.layouts[table]);
  const shown = layout.order.filter((key) => !layout.hidden.includes(key));
  const rows = [...shown, ...layout.order.filter((key) => layout.hidden.includes(key))];
  const widthOf = (key: AnyKey): number => {
    const cell = document.querySelector(`.grid-head [data-column="${key}"]`);
    const def = COLUMNS[table].find((column) => column.key === key);
    return cell?.getBoundingClientRect().width ?? (def === undefined ? 0 : leastPx(def, layout));
  };
  return (
    <>
      <ul>
        {rows.map((key) => {
          const column = t(`column.${key}`);
          const at = shown.indexOf(key);
          return (
            <li key={key}>
              <label>
                <input
                  type="checkbox"
                  checked={at !== -1}
                  disabled={at !== -1 && shown.length === 1}
                  onChange={() => setLayout(ui, table, toggled(layout, key))}
                />
                <span>{column}</span>
              </label>
              {at !== -1 && (
                <span className="columns-do">
                  <IconButton
                    label={t('table.earlier', { column })}
                    disabled={at === 0}
                    onClick={() => setLayout(ui, table, nudged(layout, key, -1))}
                  >
                    <ArrowUp aria-hidden />
                  </IconButton>
                  <IconButton
                    label={t('table.later', { column })}
                    disabled={at === shown.length - 1}
                    onClick={() => setLayout(ui, table, nudged(layout, key, 1))}
                  >
                    <ArrowDown aria-hidden />
                  </IconButton>
                  <IconButton
                    label={t('table.narrower', { column })}
                    onClick={() => setLayout(ui, table, resized(layout, key, widthOf(key) - STEP_PX))}
                  >
                    <Minus aria-hidden />
                  </IconButton>
                  <IconButton
                    label={t('table.wider', { column })}
                    onClick={() => setLayout(ui, table, resized(layout, key, widthOf(key) + STEP_PX))}
                  >
                    <Plus aria-hidden />
                  </IconButton>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <footer>
        <Button look="quiet" onClick={() => setLayout(ui, table, firstLayout(table))}>
          {t('table.reset')}
        </Button>
      </footer>
    </>
  );
}
