/**
 * What crosses the contract when configuration comes in from elsewhere, goes out, or goes back to an earlier state. Texts hold passwords only
 * where somebody asked for them: everything shown of the saved configuration is masked.
 */
import type { Finding, Path } from './config.ts';

/** A text that may hold proxies or a configuration, and how it is to be read. */
export interface ImportSource {
  /** File name, or what else tells a person where the text came from. */
  readonly name: string;
  readonly text: string;
  /** What a list of proxy addresses becomes: the choices of one hop, or a chain each. */
  readonly list: 'hop' | 'chains';
  /** How command lines are read: by the rules of GOST v3 or those of v2. */
  readonly dialect: 'v3' | 'v2';
}

export type ImportFormat = 'gost' | 'gost-v2' | 'command' | 'uris' | 'none';

/** `setting`: a key of the file that is no list of named things, such as `log`. */
export type ImportKind =
  | 'service'
  | 'chain'
  | 'hop'
  | 'node'
  | 'auther'
  | 'admission'
  | 'bypass'
  | 'resolver'
  | 'hosts'
  | 'limiter'
  | 'climiter'
  | 'rlimiter'
  | 'setting';

/** `changed`: something else has this name already. `same`: it is there already, exactly so. `blocked`: it can not run here. */
export type ImportState = 'new' | 'changed' | 'same' | 'blocked';

export interface ImportItem {
  /** Its path in the imported configuration, as text. */
  readonly id: string;
  readonly path: Path;
  readonly kind: ImportKind;
  readonly name: string;
  /** Address or contents in a few words; may be empty. */
  readonly detail: string;
  /** Lines of the source text, 1-based and inclusive; 0 when it has no place there. */
  readonly line: number;
  readonly endLine: number;
  readonly state: ImportState;
  /** The name it would get beside the one that is there. Null unless `changed`. */
  readonly freeName: string | null;
  /** Ids of other items of this import that it can not do without. */
  readonly needs: readonly string[];
  /** The names behind `needs` that are there already, so that it would do without the item. */
  readonly present: readonly string[];
  /** YAML of what is there under this name, and of what would be. Passwords masked. Children are part of their parent. */
  readonly before: string | null;
  readonly after: string;
  /** A password differs, which `before` and `after` do not show. */
  readonly secretsDiffer: boolean;
  readonly children: readonly ImportItem[];
}

/** Something wrong with the text itself that can be put right by changing the text. */
export type ImportRepair = 'tabs' | 'duplicates';

export interface ImportReview {
  readonly format: ImportFormat;
  /** The text that the lines speak of: as given, after repairs and fixes. */
  readonly text: string;
  readonly items: readonly ImportItem[];
  readonly findings: readonly Finding[];
  /** Passwords and keys among the values. */
  readonly secrets: number;
  /** The configuration is empty, so the text is taken over as it is, with comments and order. */
  readonly whole: boolean;
  readonly repair: ImportRepair | null;
}

/** What to do with an item whose name is taken, when it is taken in all the same. */
export type NameClash = 'rename' | 'replace';

export interface ImportChoice {
  /** Ids of everything that is wanted, children included. */
  readonly take: readonly string[];
  /** By id of the item; `rename` where nothing is said. */
  readonly clashes: Readonly<Record<string, NameClash>>;
}

type ExportFormat = 'yaml' | 'json' | 'uris' | 'command';

export interface ExportRequest {
  readonly format: ExportFormat;
  /** Paths of services, chains and other objects; what they need comes along. Null: everything. */
  readonly paths: readonly Path[] | null;
  readonly secrets: boolean;
}

export interface ExportResult {
  readonly text: string;
  /** One sentence for everything that is not in the text, or is there in another form. */
  readonly left: readonly string[];
  /** Passwords and keys that were left out. */
  readonly hidden: number;
}

/** Why a snapshot was kept. `label` says more where somebody did something. */
export type SnapshotKind = 'start' | 'edit' | 'undo' | 'redo' | 'outside' | 'upgrade';

/** The configuration as it was after a change. */
export interface Snapshot {
  readonly id: string;
  readonly at: number;
  readonly kind: SnapshotKind;
  readonly label: string;
  readonly services: number;
  readonly chains: number;
  /** It is what the configuration is now. */
  readonly current: boolean;
}

/** Two texts to be looked at side by side, passwords masked in the same way in both. */
export interface TextPair {
  readonly before: string;
  readonly after: string;
}

/** The file elsewhere that the configuration is read from and saved to. */
export interface LinkState {
  readonly path: string;
  /** Somebody else has changed the file, and nobody has decided yet: what was there, ours, theirs. Edits of ours wait meanwhile. */
  readonly conflict: boolean;
}

/** The three texts of a conflict, passwords included: asked for when somebody wants to decide. */
export interface Conflict {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly findings: readonly Finding[];
}

/** Keys of the file, for completion: by shape, each with the shape of what stands below it. */
export interface FileShapes {
  readonly shapes: Readonly<
    Record<string, readonly { readonly key: string; readonly kind: string; readonly of: string | null }[]>
  >;
  /** Words that a key of a shape may have, by `shape.key`. */
  readonly words: Readonly<Record<string, readonly string[]>>;
}
