/** The text that is being imported and what of it is wanted, and the draft of the YAML view. Outlives the dialogs, so that closing one loses nothing. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { WireError } from '../../core/contract/errors.ts';
import type { ImportReview, ImportSource, NameClash } from '../../core/contract/imports.ts';
import type { Taken } from '../edits/import-choice.ts';

/** A text of the YAML view that is not saved yet. */
interface Draft {
  readonly text: string;
  /** The saved text that it was made from, and its revision. */
  readonly base: string;
  readonly revision: number;
}

export interface TransferState {
  /** Null: nothing was given yet. */
  readonly source: ImportSource | null;
  readonly review: ImportReview | null;
  /** Where the file lies that the text is of; null: it is of none, or nobody told. */
  readonly path: string | null;
  readonly busy: boolean;
  readonly error: WireError | null;
  /** Something that is wrong with what was given before there was a text, in words. */
  readonly problem: string | null;
  readonly taken: Taken;
  readonly clashes: Readonly<Record<string, NameClash>>;
  /** Id of the item that is looked at. */
  readonly shown: string | null;
  /** Line of the source that is looked at. */
  readonly line: number;
  readonly draft: Draft | null;
  /** Line that the YAML view goes to when it opens; 0 for none. */
  readonly goTo: number;
}

export type TransferStore = StoreApi<TransferState>;

const EMPTY = {
  source: null,
  review: null,
  path: null,
  busy: false,
  error: null,
  problem: null,
  taken: new Set<string>(),
  clashes: {},
  shown: null,
  line: 0,
} as const;

export function createTransferStore(): TransferStore {
  return createStore<TransferState>(() => ({ ...EMPTY, draft: null, goTo: 0 }));
}

/** Forgets the import. */
export function resetImport(store: TransferStore): void {
  store.setState(EMPTY);
}
