/**
 * The filter box with what it proposes while typing: keys of the language, then values that are really there. A combobox: the
 * focus stays in the field, arrows go through the list, Enter or Tab takes, Esc closes the list and then clears the filter.
 */
import { ListFilter, Star, X } from 'lucide-react';
import {
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from 'react';
import { IconButton } from '../../components/button.tsx';
import { useModel, useUi } from '../../components/context.ts';
import { suggest, type Suggestion } from '../../filter/suggest.ts';
import { t, type Key } from '../../i18n/index.ts';
import { factsOf } from '../../store/facts.ts';
import { FILTERS_KEPT } from '../../store/prefs.ts';
import { say, setPrefs } from '../../store/ui.ts';

export function FilterField(): ReactNode {
  const model = useModel();
  const { ui, live } = model;
  const filter = useUi((state) => state.filter);
  const kept = useUi((state) => state.prefs.filters);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  const [chosen, setChosen] = useState(-1);
  /** Rows that came since are looked at only while nothing is proposed: a list must not change under the pointer. */
  const [looks, setLooks] = useState(0);
  const options = useMemo(
    () => (caret === null ? [] : suggest(filter, caret, factsOf(live))),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [caret, filter, live, looks],
  );
  const searching = caret !== null && options.length === 0;
  useEffect(
    () => (searching ? live.changed.subscribe(() => setLooks((count) => count + 1)) : undefined),
    [searching, live],
  );
  /** Where the caret goes once the field shows the completed filter. */
  const next = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (next.current !== null) input.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  }, [filter]);
  const close = (): void => {
    setCaret(null);
    setChosen(-1);
  };
  const take = (option: Suggestion): void => {
    ui.setState({ filter: option.filter });
    setChosen(-1);
    // a key wants a value next, a value is the end of its word
    setCaret(option.key === null ? null : option.caret);
    next.current = option.caret;
    input.current?.focus();
  };
  const keys = (event: KeyboardEvent<HTMLInputElement>): void => {
    const option = options[chosen];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (options.length === 0) setCaret(event.currentTarget.selectionStart ?? filter.length);
      else {
        const by = event.key === 'ArrowDown' ? 1 : -1;
        setChosen((chosen + by + options.length + (chosen === -1 && by === -1 ? 1 : 0)) % options.length);
      }
    } else if ((event.key === 'Enter' || event.key === 'Tab') && option !== undefined) take(option);
    else if (event.key === 'Enter') close();
    else if (event.key === 'Escape' && options.length > 0) close();
    else if (event.key === 'Escape' && filter !== '') ui.setState({ filter: '' });
    else return;
    event.preventDefault();
  };
  const trimmed = filter.trim();
  const isKept = kept.includes(trimmed);
  return (
    <div className="filter">
      <ListFilter aria-hidden />
      <input
        ref={input}
        className="filter-input"
        data-filter
        dir="ltr"
        type="text"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={options.length > 0}
        aria-controls={id}
        aria-activedescendant={chosen === -1 ? undefined : `${id}-${chosen}`}
        spellCheck={false}
        autoComplete="off"
        aria-label={t('connections.filter')}
        placeholder={t('connections.filterHint')}
        value={filter}
        onChange={(event) => {
          ui.setState({ filter: event.target.value });
          const at = event.target.selectionStart ?? event.target.value.length;
          // between words nothing is asked for; the arrow down opens the list of all keys
          setCaret(/\S$/.test(event.target.value.slice(0, at)) ? at : null);
          setChosen(-1);
        }}
        onBlur={close}
        onKeyDown={keys}
      />
      {options.length > 0 && (
        <ul className="suggestions" id={id} role="listbox" aria-label={t('table.suggestions')}>
          {options.map((option, index) => (
            <li
              key={option.word}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              // before the field loses the focus
              onPointerDown={(event) => {
                event.preventDefault();
                take(option);
              }}
            >
              <code dir="ltr">{option.word}</code>
              {option.key !== null && <span>{t(`filterKey.${option.key}` as Key)}</span>}
            </li>
          ))}
        </ul>
      )}
      {trimmed !== '' && !isKept && kept.length < FILTERS_KEPT && (
        <IconButton
          label={t('table.keepFilter')}
          onClick={() => {
            setPrefs(ui, { filters: [...kept, trimmed] });
            say(ui, t('table.filterKept', { filter: trimmed }));
          }}
        >
          <Star aria-hidden />
        </IconButton>
      )}
      {filter !== '' && (
        <IconButton label={t('connections.clearFilter')} onClick={() => ui.setState({ filter: '' })}>
          <X aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** The filters that were kept, one click away. */
export function KeptFilters(): ReactNode {
  const { ui } = useModel();
  const kept = useUi((state) => state.prefs.filters);
  const filter = useUi((state) => state.filter.trim());
  if (kept.length === 0) return null;
  return (
    <ul className="chips" aria-label={t('table.keptFilters')}>
      {kept.map((one) => (
        <li key={one} className="chip">
          <button
            type="button"
            className="chip-main"
            dir="ltr"
            aria-pressed={filter === one}
            onClick={() => ui.setState({ filter: filter === one ? '' : one })}
          >
            {one}
          </button>
          <IconButton
            label={t('table.forgetFilter', { filter: one })}
            onClick={() => setPrefs(ui, { filters: kept.filter((each) => each !== one) })}
          >
            <X aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
