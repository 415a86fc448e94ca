/**
 * What pasting into the lanes changes, as edits of the file: nodes go into the focused hop, hops behind it, chains to the end; without a
 * focus everything makes a chain of its own. Pure.
 */
import type { PastedItem } from '../../core/contract/clip.ts';
import type { Config, Edit, Json } from '../../core/contract/config.ts';
import { chainsOf, freshName, hopsOf, nodesOf, type Change, type Place } from './chains.ts';

type Named = { readonly name?: string };

export function pasteAt(config: Config, place: Place | null, items: readonly PastedItem[]): Change | null {
  const edits: Edit[] = [];
  const focuses: Place[] = [];
  const chains: Named[] = [...chainsOf(config)];
  const insert = (path: (string | number)[], index: number, { from }: PastedItem, value: Json): void => {
    edits.push({ op: 'insert', path, index, value, ...(from === null ? {} : { from }) });
  };

  for (const item of items.filter(({ kind }) => kind === 'chain')) {
    const name = named(item, 'chain', chains);
    insert(['chains'], chains.length, item, { ...item.value, name });
    focuses.push({ chain: chains.length, hop: null, node: null });
    chains.push({ name });
  }

  const loose = items.filter(({ kind }) => kind !== 'chain');
  if (loose.length === 0) return edits.length === 0 ? null : { edits, focus: focuses[0] ?? null };

  const chain = place?.chain ?? chains.length;
  if (place === null) {
    const value = { name: freshName('chain', chains), hops: [] };
    edits.push({ op: 'insert', path: ['chains'], index: chain, value });
  }
  const hops: Named[] = place === null ? [] : [...hopsOf(chainsOf(config)[chain])];
  const inHop = place?.hop ?? null;
  const nodes: Named[] = inHop === null ? [] : [...nodesOf(hopsOf(chainsOf(config)[chain])[inHop])];
  let nextHop = inHop === null ? hops.length : inHop + 1;
  let nextNode = place?.node == null ? nodes.length : place.node + 1;

  for (const item of loose) {
    if (item.kind === 'node' && inHop !== null) {
      const name = named(item, 'node', nodes);
      insert(['chains', chain, 'hops', inHop, 'nodes'], nextNode, item, { ...item.value, name });
      focuses.push({ chain, hop: inHop, node: nextNode });
      nodes.push({ name });
      nextNode += 1;
      continue;
    }
    const path = ['chains', chain, 'hops'];
    const name = item.kind === 'hop' ? named(item, 'hop', hops) : freshName('hop', hops);
    if (item.kind === 'hop') insert(path, nextHop, item, { ...item.value, name });
    else {
      // the hop first, so that the secrets of the node are asked for at the node
      edits.push({ op: 'insert', path, index: nextHop, value: { name, nodes: [] } });
      insert([...path, nextHop, 'nodes'], 0, item, { ...item.value, name: named(item, 'node', []) });
    }
    focuses.push({ chain, hop: nextHop, node: item.kind === 'hop' ? null : 0 });
    hops.push({ name });
    nextHop += 1;
  }
  return { edits, focus: focuses[0] ?? null };
}

/** Its own name when that is free. */
function named({ value }: PastedItem, stem: string, taken: readonly Named[]): string {
  const own = value['name'];
  return typeof own === 'string' && own !== '' ? freshName(own, taken, own) : freshName(stem, taken);
}
