/** The filter box. Suggestions are the keys of the filter language. */
import { ListFilter, X } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { IconButton } from '../../components/button.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { FILTER_KEYS } from '../../filter/filter.ts';
import { t } from '../../i18n/index.ts';

export function FilterField(): ReactNode {
  const model = useModel();
  const filter = useUi((state) => state.filter);
  const id = useId();
  return (
    <div className="filter">
      <ListFilter aria-hidden />
      <input
        className="filter-input"
        data-filter
        dir="ltr"
        type="text"
        role="searchbox"
        list={id}
        spellCheck={false}
        autoComplete="off"
        aria-label={t('connections.filter')}
        placeholder={t('connections.filterHint')}
        value={filter}
        onChange={(event) => model.ui.setState({ filter: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || filter === '') return;
          event.preventDefault();
          model.ui.setState({ filter: '' });
        }}
      />
      <datalist id={id}>
        {FILTER_KEYS.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      {filter !== '' && (
        <IconButton label={t('connections.clearFilter')} onClick={() => model.ui.setState({ filter: '' })}>
          <X aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
