/** What is copied and pasted in the lanes. */
import type { Json, Path } from './config.ts';

export interface ClipItem {
  readonly kind: 'node' | 'hop' | 'chain';
  readonly value: { readonly [key: string]: Json | undefined };
}

/** A pasted thing; its secrets are at `from` when the host still has them, for the insert that uses it. */
export interface PastedItem extends ClipItem {
  readonly from: Path | null;
}
