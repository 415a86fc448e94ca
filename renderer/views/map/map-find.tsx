/** Finding a service, chain or proxy on the map: what matches stays lit, Enter goes from one to the next. */
import { Search, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../components/button.tsx';
import { t } from '../../i18n/index.ts';

export function MapFind({
  text,
  count,
  change,
  next,
}: {
  text: string;
  /** Null: nothing is looked for. */
  count: number | null;
  change: (text: string) => void;
  next: () => void;
}): ReactNode {
  return (
    <div className="filter map-find" role="search">
      <Search aria-hidden />
      <input
        className="filter-input"
        type="text"
        data-filter
        aria-label={t('map.find')}
        placeholder={t('map.find')}
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') next();
          else if (event.key === 'Escape' && text !== '') change('');
          else return;
          event.preventDefault();
        }}
      />
      {count !== null && (
        <>
          <span className="muted number" role="status">
            {t('map.found', { count })}
          </span>
          <IconButton label={t('map.clear')} onClick={() => change('')}>
            <X aria-hidden />
          </IconButton>
        </>
      )}
    </div>
  );
}
