/**
 * The shelf: every proxy the file knows, once, to be put into chains again. Proxies of shared hops that no chain uses come first. What is
 * taken from it is a copy; its password is copied in the host. Pure.
 */
import type { Config, Edit, Json, Node, Path } from '../../core/contract/config.ts';
import { chainsOf, freshName, hopsOf, nodesOf, type Change } from './chains.ts';
import { nodesBehind, sharedHops } from './shared-hops.ts';

export interface ShelfItem {
  readonly key: string;
  readonly node: Node;
  /** Where it stands first. */
  readonly from: Path;
  /** Names of the chains it is part of. */
  readonly chains: readonly string[];
}

/** Where something from the shelf goes: into a hop, before position `gap` as a hop of its own, or (chain null) as a chain of its own. */
export type ShelfPlace =
  | { readonly chain: number; readonly hop: number }
  | { readonly chain: number; readonly gap: number }
  | { readonly chain: null };

export function shelfOf(config: Config): readonly ShelfItem[] {
  const items = new Map<string, { node: Node; from: Path; chains: Set<string> }>();
  const add = (node: Node, from: Path, chain: string | null): void => {
    const known = items.get(keyOf(node));
    if (known === undefined)
      items.set(keyOf(node), { node, from, chains: new Set(chain === null ? [] : [chain]) });
    else if (chain !== null) known.chains.add(chain);
  };
  for (const [at, chain] of chainsOf(config).entries())
    for (const [h, hop] of hopsOf(chain).entries()) {
      const { nodes, path } = nodesBehind(config, hop, ['chains', at, 'hops', h]);
      for (const [n, node] of nodes.entries()) add(node, [...path, n], chain.name ?? '');
    }
  for (const [at, hop] of sharedHops(config).entries())
    for (const [n, node] of nodesOf(hop).entries()) add(node, ['hops', at, 'nodes', n], null);
  return [...items]
    .map(([key, { node, from, chains }]) => ({ key, node, from, chains: [...chains] }))
    .sort((a, b) => Number(a.chains.length > 0) - Number(b.chains.length > 0));
}

export function takeFromShelf(config: Config, item: ShelfItem, to: ShelfPlace): Change {
  const { node, from } = item;
  const insert = (path: Path, index: number, taken: readonly { readonly name?: string }[]): Edit => ({
    op: 'insert',
    path,
    index,
    value: { ...node, name: freshName(node.name ?? 'node', taken, node.name) },
    from,
  });
  if (to.chain === null) {
    const at = chainsOf(config).length;
    const name = freshName('chain', chainsOf(config));
    const value: Json = { name, hops: [{ name: 'hop-0', nodes: [] }] };
    return {
      edits: [
        { op: 'insert', path: ['chains'], index: at, value },
        insert(['chains', at, 'hops', 0, 'nodes'], 0, []),
      ],
      focus: { chain: at, hop: 0, node: 0 },
    };
  }
  const hops = hopsOf(chainsOf(config)[to.chain]);
  const base: Path = ['chains', to.chain, 'hops'];
  if ('hop' in to) {
    const nodes = nodesOf(hops[to.hop]);
    return {
      edits: [insert([...base, to.hop, 'nodes'], nodes.length, nodes)],
      focus: { chain: to.chain, hop: to.hop, node: nodes.length },
    };
  }
  const gap = Math.min(Math.max(0, to.gap), hops.length);
  return {
    edits: [
      // the hop first, so that the secrets of the node are asked for at the node
      { op: 'insert', path: base, index: gap, value: { name: freshName('hop', hops), nodes: [] } },
      insert([...base, gap, 'nodes'], 0, []),
    ],
    focus: { chain: to.chain, hop: gap, node: 0 },
  };
}

/** One proxy spoken to in one way by one user is one thing, whatever it is called. */
function keyOf({ connector, dialer, addr = '' }: Node): string {
  const user = connector?.auth?.username ?? '';
  return `${connector?.type ?? 'http'}+${dialer?.type ?? 'tcp'}://${user}@${addr}`;
}
