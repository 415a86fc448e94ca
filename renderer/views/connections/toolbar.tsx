/** What stands above every table of connections: filter, how many match, close them, columns, pause. */
import { Pause, Play, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { closeAsked, pickedConnections } from '../../actions/connections.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { parseFilter } from '../../filter/filter.ts';
import { count } from '../../format/bytes.ts';
import { language, t } from '../../i18n/index.ts';
import type { TableId } from '../../store/columns.ts';
import { setPrefs } from '../../store/ui.ts';
import { ColumnsMenu } from './columns-menu.tsx';
import { FilterField, KeptFilters } from './filter-field.tsx';

export function Toolbar({
  table,
  shown,
  total,
  closing,
  filtered = true,
  children,
}: {
  table: TableId;
  shown: number;
  total: number;
  /** Open connections that match, to be closed together. */
  closing: readonly string[];
  /** The table can be filtered. */
  filtered?: boolean;
  children?: ReactNode;
}): ReactNode {
  const model = useModel();
  const paused = useUi((state) => state.paused);
  useUi((state) => state.picked);
  const filter = useUi((state) => state.filter);
  const searchHidden = useUi((state) => state.prefs.searchHidden);
  const { unknown, empty } = parseFilter(filter);
  const chosen = pickedConnections(model);
  return (
    <>
      <div className="toolbar">
        {filtered && <FilterField />}
        {children}
        {filtered && !empty && (
          <span className="toolbar-note number">
            {t('connections.shown', { shown: count(shown, language()), total: count(total, language()) })}
          </span>
        )}
        <span className="grow" />
        {chosen.length > 1 ? (
          <Button look="danger" icon={<X aria-hidden />} onClick={() => closeAsked(model, chosen)}>
            {t('action.closePicked', { count: chosen.length })}
          </Button>
        ) : (
          !empty &&
          closing.length > 0 && (
            <Button icon={<X aria-hidden />} onClick={() => closeAsked(model, closing)}>
              {t('action.closeMatching', { count: closing.length })}
            </Button>
          )
        )}
        <ColumnsMenu table={table} />
        <Button
          icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          aria-pressed={paused}
          onClick={() => model.ui.setState({ paused: !paused })}
        >
          {paused ? t('connections.resume') : t('connections.pause')}
        </Button>
      </div>
      {filtered && (
        <div className="toolbar-more">
          <KeptFilters />
          {!empty && (
            <label className="inline-label">
              <input
                type="checkbox"
                checked={searchHidden}
                onChange={(event) => setPrefs(model.ui, { searchHidden: event.target.checked })}
              />
              {t('table.searchHidden')}
            </label>
          )}
          {unknown.length > 0 && (
            <span className="toolbar-note" role="status">
              {t('connections.unknownKey', { key: unknown[0] ?? '' })}
            </span>
          )}
        </div>
      )}
    </>
  );
}

/** Says that the order rests and how much came meanwhile. */
export function FrozenChip({ fresh }: { fresh: number }): ReactNode {
  return (
    <span className="frozen" role="status">
      {fresh === 0
        ? t('table.orderPaused')
        : t('connections.frozen', { count: fresh, shown: count(fresh, language()) })}
    </span>
  );
}
