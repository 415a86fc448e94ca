/** The name of a chain, hop or node being written anew in its place. Enter keeps it, Esc leaves it as it was. */
import { useEffect, useRef, type ReactNode } from 'react';
import { placeName, renamePlace } from '../../actions/lane.ts';
import { useModel } from '../../components/context.ts';
import type { Place } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';

export function RenameField({ place }: { place: Place }): ReactNode {
  const model = useModel();
  const field = useRef<HTMLInputElement>(null);
  const name = placeName(model, place);
  const done = useRef(false);
  useEffect(() => field.current?.select(), []);
  /** The focus goes back to what was renamed. */
  const end = (value: string | null): void => {
    if (done.current) return;
    done.current = true;
    const home = field.current
      ?.closest<HTMLElement>('[data-place], .lane')
      ?.querySelector<HTMLElement>('[data-rename]');
    const cell = field.current?.closest<HTMLElement>('[data-place]');
    if (value === null) model.ui.setState({ renaming: null });
    else void renamePlace(model, place, value);
    (cell ?? home)?.focus();
  };
  return (
    <input
      ref={field}
      className="rename"
      aria-label={t('chains.newName', { name })}
      defaultValue={name}
      maxLength={120}
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Enter') end(event.currentTarget.value);
        else if (event.key === 'Escape') end(null);
        else return;
        event.preventDefault();
      }}
    />
  );
}

export function samePlace(a: Place | null, b: Place): boolean {
  return a !== null && a.chain === b.chain && a.hop === b.hop && a.node === b.node;
}
