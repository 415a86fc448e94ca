/**
 * A list of addresses a service keeps for itself, or one of the named lists of the file: nobody, only these, all but these,
 * or a list others use too. What is typed stays on its own lines until it is applied.
 */
import { useState, type ReactNode } from 'react';
import type { ListDraft } from '../edits/lists.ts';
import { t } from '../i18n/index.ts';
import { SelectInput, type Choice } from './inputs.tsx';
import { TypedInput } from './typed.tsx';

export interface ListWords {
  readonly label: string;
  /** Nothing is listed. */
  readonly none: string;
  readonly only: string;
  readonly but: string;
  readonly entries: string;
  readonly hint: string;
}

export function ListInput({
  draft,
  names,
  words,
  open = false,
  change,
}: {
  draft: ListDraft;
  /** Lists of the file that can be chosen. */
  names: readonly string[];
  words: ListWords;
  /** Starts with the field for "only these". */
  open?: boolean;
  change: (draft: ListDraft) => void;
}): ReactNode {
  const [typing, setTyping] = useState<'only' | 'but' | null>(open ? 'only' : null);
  const own = draft.entries.length > 0 ? (draft.only ? 'only' : 'but') : (typing ?? 'none');
  const mode = draft.shared ? `list:${draft.name ?? ''}` : own;
  const choices: Choice[] = [
    { value: 'none', label: words.none },
    { value: 'only', label: words.only },
    { value: 'but', label: words.but },
    ...names
      .filter((name) => draft.shared || name !== draft.name)
      .map((name) => ({ value: `list:${name}`, label: t('lists.named', { name }) })),
  ];
  const choose = (next: string): void => {
    if (next.startsWith('list:')) {
      setTyping(null);
      change({ name: next.slice('list:'.length), shared: true, only: false, entries: [] });
      return;
    }
    setTyping(next === 'none' ? null : next === 'only' ? 'only' : 'but');
    const kept = draft.shared || next === 'none' ? [] : draft.entries;
    change({ name: draft.shared ? null : draft.name, shared: false, only: next === 'only', entries: kept });
  };
  return (
    <>
      <SelectInput label={words.label} value={mode} choices={choices} change={choose} />
      {(mode === 'only' || mode === 'but') && (
        <TypedInput
          label={words.entries}
          hint={words.hint}
          lines={3}
          value={draft.entries.join('\n')}
          change={(text) => change({ ...draft, only: mode === 'only', entries: linesOf(text) })}
        />
      )}
    </>
  );
}

function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
