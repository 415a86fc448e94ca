/** Between the library that drags and the lanes: what is held, and what it lands on. */
import type { UniqueIdentifier } from '@dnd-kit/core';

/** A hop (`node` null) or node of a lane, or a proxy of the shelf. */
export type Dragged =
  | { readonly from: 'lane'; readonly chain: number; readonly hop: number; readonly node: number | null }
  | { readonly from: 'shelf'; readonly key: string };

/** A card, a column, or the place between two columns. */
export type Landing =
  | { readonly on: 'slot'; readonly chain: number; readonly hop: number; readonly node: number }
  | { readonly on: 'column'; readonly chain: number; readonly hop: number }
  | { readonly on: 'gap'; readonly chain: number; readonly gap: number };

/** Ids carry all there is to know, so that what the library hands back needs no cast. */
export function dragId(dragged: Dragged): string {
  return dragged.from === 'shelf'
    ? `shelf ${dragged.key}`
    : `lane ${dragged.chain} ${dragged.hop} ${dragged.node ?? ''}`;
}

export function landingId(landing: Landing): string {
  if (landing.on === 'gap') return `gap ${landing.chain} ${landing.gap}`;
  const node = landing.on === 'slot' ? ` ${landing.node}` : '';
  return `${landing.on} ${landing.chain} ${landing.hop}${node}`;
}

export function readDragged(id: UniqueIdentifier | undefined): Dragged | null {
  const text = String(id ?? '');
  if (text.startsWith('shelf ')) return { from: 'shelf', key: text.slice('shelf '.length) };
  const [kind, chain, hop, node = ''] = text.split(' ');
  if (kind !== 'lane') return null;
  return { from: 'lane', chain: Number(chain), hop: Number(hop), node: node === '' ? null : Number(node) };
}

export function readLanding(id: UniqueIdentifier | undefined): Landing | null {
  const [on, chain = '', first = '', node = ''] = String(id ?? '').split(' ');
  if (on === 'gap') return { on, chain: Number(chain), gap: Number(first) };
  if (on === 'column') return { on, chain: Number(chain), hop: Number(first) };
  if (on === 'slot') return { on, chain: Number(chain), hop: Number(first), node: Number(node) };
  return null;
}

/** Whether what is held may land there: things of a lane stay in it, hops go between and onto hops, nodes to nodes and columns. */
export function takes(landing: Landing, dragged: Dragged): boolean {
  if (dragged.from === 'shelf') return landing.on !== 'slot';
  if (landing.chain !== dragged.chain) return false;
  return dragged.node === null ? landing.on !== 'slot' : landing.on !== 'gap';
}
