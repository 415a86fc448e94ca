/**
 * Every change of a chain as edits of the file, with the place that should have the focus afterwards. Pure: the lane, the
 * menus, the keys and the palette all go through here.
 */
import type { Chain, Config, Edit, Hop, Json, Node } from '../../core/contract/config.ts';
import { chainRefs } from './chain-users.ts';
import { isObject } from './diff.ts';

/** A place in the lanes. `hop` null: the chain itself; `node` null: the hop's header. */
export interface Place {
  readonly chain: number;
  readonly hop: number | null;
  readonly node: number | null;
}

export interface Change {
  readonly edits: Edit[];
  readonly focus: Place | null;
}

/** How a hop chooses among its nodes: GOST's names. */
export const PICK_RULES = ['round', 'random', 'fifo', 'hash'] as const;
export type PickRule = (typeof PICK_RULES)[number];

/** GOST's name and aliases of a pick rule as one of ours; round robin is what GOST does when it knows no better. */
export function pickRule(hop: Hop): PickRule {
  const written = (hop.selector?.strategy ?? 'round').toLowerCase();
  if (written === 'random' || written === 'rand') return 'random';
  if (written === 'fifo' || written === 'ha') return 'fifo';
  return written === 'hash' ? 'hash' : 'round';
}

/** One and the same, so that whoever compares what they read last sees no change. */
const NONE: readonly Chain[] = [];

export function chainsOf(config: Config): readonly Chain[] {
  return config.chains ?? NONE;
}

export function hopsOf(chain: Chain | undefined): readonly Hop[] {
  return chain?.hops ?? [];
}

export function nodesOf(hop: Hop | undefined): readonly Node[] {
  return hop?.nodes ?? [];
}

/** A new chain with one hop; `service` (an index) is sent through it at once when given. */
export function addChain(
  config: Config,
  nodes: readonly Node[],
  selector: Json | undefined,
  service: number | null,
): Change {
  const at = chainsOf(config).length;
  const name = freshName('chain', chainsOf(config));
  const hop = newHop('hop-0', nodes, selector);
  const edits: Edit[] = [{ op: 'insert', path: ['chains'], index: at, value: { name, hops: [hop] } }];
  if (service !== null)
    edits.push({ op: 'set', path: ['services', service, 'handler', 'chain'], value: name });
  return { edits, focus: { chain: at, hop: 0, node: 0 } };
}

export function addHop(
  config: Config,
  chain: number,
  index: number,
  nodes: readonly Node[],
  selector: Json | undefined,
): Change {
  const hops = hopsOf(chainsOf(config)[chain]);
  const value = newHop(freshName('hop', hops), nodes, selector);
  return {
    edits: [{ op: 'insert', path: ['chains', chain, 'hops'], index, value }],
    focus: { chain, hop: index, node: 0 },
  };
}

export function addNodes(config: Config, chain: number, hop: number, nodes: readonly Node[]): Change {
  const present = nodesOf(hopsOf(chainsOf(config)[chain])[hop]);
  const taken = [...present];
  const edits = nodes.map((node, offset): Edit => {
    const named = { ...node, name: freshName(node.name ?? 'node', taken, node.name) };
    taken.push(named);
    return {
      op: 'insert',
      path: ['chains', chain, 'hops', hop, 'nodes'],
      index: present.length + offset,
      value: named,
    };
  });
  return { edits, focus: { chain, hop, node: present.length } };
}

export function moveHop(config: Config, chain: number, from: number, to: number): Change | null {
  const last = hopsOf(chainsOf(config)[chain]).length - 1;
  if (to < 0 || to > last || from === to) return null;
  return {
    edits: [{ op: 'move', path: ['chains', chain, 'hops'], from, to }],
    focus: { chain, hop: to, node: null },
  };
}

/** Within its hop, or to the end of another one; a hop left empty goes with its last node. */
export function moveNode(
  config: Config,
  place: { chain: number; hop: number; node: number },
  to: { hop: number; node: number },
): Change | null {
  const hops = hopsOf(chainsOf(config)[place.chain]);
  const from = nodesOf(hops[place.hop]);
  const node = from[place.node];
  const target = hops[to.hop];
  if (node === undefined || target === undefined) return null;
  const base = ['chains', place.chain, 'hops'] as const;
  if (to.hop === place.hop) {
    if (to.node < 0 || to.node >= from.length || to.node === place.node) return null;
    return {
      edits: [{ op: 'move', path: [...base, place.hop, 'nodes'], from: place.node, to: to.node }],
      focus: { ...place, node: to.node },
    };
  }
  const index = Math.min(Math.max(0, to.node), nodesOf(target).length);
  const named = { ...node, name: freshName(node.name ?? 'node', nodesOf(target), node.name) };
  const source = [...base, place.hop, 'nodes', place.node];
  const edits: Edit[] = [
    { op: 'insert', path: [...base, to.hop, 'nodes'], index, value: named, from: source },
  ];
  if (from.length > 1) {
    edits.push({ op: 'remove', path: [...base, place.hop, 'nodes', place.node] });
    return { edits, focus: { chain: place.chain, hop: to.hop, node: index } };
  }
  edits.push({ op: 'remove', path: [...base, place.hop] });
  const hop = to.hop > place.hop ? to.hop - 1 : to.hop;
  return { edits, focus: { chain: place.chain, hop, node: index } };
}

/** Removes what stands at a place. Services that used a removed chain go Direct; a hop goes with its last node. */
export function removeAt(config: Config, place: Place): Change {
  const chain = chainsOf(config)[place.chain];
  const hops = hopsOf(chain);
  if (place.hop === null) {
    const freed = chainRefs(config, chain?.name ?? '').map((path): Edit => ({ op: 'remove', path }));
    return { edits: [...freed, { op: 'remove', path: ['chains', place.chain] }], focus: null };
  }
  const nodes = nodesOf(hops[place.hop]);
  if (place.node !== null && nodes.length > 1) {
    return {
      edits: [{ op: 'remove', path: ['chains', place.chain, 'hops', place.hop, 'nodes', place.node] }],
      focus: { ...place, node: Math.min(place.node, nodes.length - 2) },
    };
  }
  if (hops.length === 1) return removeAt(config, { chain: place.chain, hop: null, node: null });
  return {
    edits: [{ op: 'remove', path: ['chains', place.chain, 'hops', place.hop] }],
    focus: { chain: place.chain, hop: Math.min(place.hop, hops.length - 2), node: null },
  };
}

/** A copy right behind the original. */
export function duplicateAt(config: Config, place: Place): Change | null {
  const chain = chainsOf(config)[place.chain];
  if (chain === undefined) return null;
  const hops = hopsOf(chain);
  const hop = place.hop === null ? undefined : hops[place.hop];
  if (place.hop === null || hop === undefined) {
    const name = freshName(chain.name ?? 'chain', chainsOf(config), chain.name);
    const index = place.chain + 1;
    return {
      edits: [
        { op: 'insert', path: ['chains'], index, value: { ...chain, name }, from: ['chains', place.chain] },
      ],
      focus: { chain: index, hop: null, node: null },
    };
  }
  const node = place.node === null ? undefined : nodesOf(hop)[place.node];
  if (place.node === null || node === undefined) {
    const value = { ...hop, name: freshName(hop.name ?? 'hop', hops, hop.name) };
    return {
      edits: [
        {
          op: 'insert',
          path: ['chains', place.chain, 'hops'],
          index: place.hop + 1,
          value,
          from: ['chains', place.chain, 'hops', place.hop],
        },
      ],
      focus: { ...place, hop: place.hop + 1 },
    };
  }
  const value = { ...node, name: freshName(node.name ?? 'node', nodesOf(hop), node.name) };
  return {
    edits: [
      {
        op: 'insert',
        path: ['chains', place.chain, 'hops', place.hop, 'nodes'],
        index: place.node + 1,
        value,
        from: ['chains', place.chain, 'hops', place.hop, 'nodes', place.node],
      },
    ],
    focus: { ...place, node: place.node + 1 },
  };
}

/** Our key in a hop's metadata (docs/decisions/0012-skipped-hops.md). */
const SKIP = 'sockeye.skip';

export function isSkipped(hop: Hop | undefined): boolean {
  const metadata = hop?.['metadata'];
  return isObject(metadata) && metadata[SKIP] === true;
}

/** Leaves a hop out of the way of the traffic, or puts it back. */
export function skipAt(config: Config, place: Place, skip: boolean): Change | null {
  if (place.hop === null) return null;
  const hop = hopsOf(chainsOf(config)[place.chain])[place.hop];
  if (hop === undefined || isSkipped(hop) === skip) return null;
  const path = ['chains', place.chain, 'hops', place.hop, 'metadata'];
  const metadata = hop['metadata'];
  const others = isObject(metadata) ? Object.keys(metadata).filter((key) => key !== SKIP).length : 0;
  const edit: Edit = skip
    ? { op: 'set', path: [...path, SKIP], value: true }
    : { op: 'remove', path: others === 0 ? path : [...path, SKIP] };
  return { edits: [edit], focus: { ...place } };
}

export function setPickRule(place: { chain: number; hop: number }, rule: PickRule): Change {
  return {
    edits: [
      { op: 'set', path: ['chains', place.chain, 'hops', place.hop, 'selector', 'strategy'], value: rule },
    ],
    focus: null,
  };
}

/** Sends a service through a chain, or Direct when null. */
export function assignChain(config: Config, service: string, chain: string | null): Change | null {
  const index = (config.services ?? []).findIndex((item) => item.name === service);
  if (index < 0) return null;
  const path = ['services', index, 'handler', 'chain'];
  if (chain !== null) return { edits: [{ op: 'set', path, value: chain }], focus: null };
  if (config.services?.[index]?.handler?.chain === undefined) return null;
  return { edits: [{ op: 'remove', path }], focus: null };
}

/** A new name and, for a chain, everything that refers to it. */
export function renameAt(config: Config, place: Place, name: string): Change {
  const base = ['chains', place.chain] as const;
  if (place.hop === null) {
    const refs = chainRefs(config, chainsOf(config)[place.chain]?.name ?? '');
    const users = refs.map((path): Edit => ({ op: 'set', path, value: name }));
    return { edits: [{ op: 'set', path: [...base, 'name'], value: name }, ...users], focus: { ...place } };
  }
  const path =
    place.node === null
      ? [...base, 'hops', place.hop, 'name']
      : [...base, 'hops', place.hop, 'nodes', place.node, 'name'];
  return { edits: [{ op: 'set', path, value: name }], focus: { ...place } };
}

function newHop(name: string, nodes: readonly Node[], selector: Json | undefined): Json {
  const hop = { name, nodes: nodes as readonly Json[] };
  return selector === undefined || selector === null ? hop : { ...hop, selector };
}

/** `wanted` itself when it is free, else `stem-0`, `stem-1` … as GOST numbers things. */
export function freshName(
  stem: string,
  taken: readonly { readonly name?: string }[],
  wanted?: string,
): string {
  const names = new Set(taken.map(({ name }) => name));
  if (wanted !== undefined && !names.has(wanted)) return wanted;
  const base = stem.replace(/-\d+$/, '');
  let number = 0;
  while (names.has(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}

/** The name a person gave a node, by which connections and statistics call it; null for names that were counted up, or say its address again. */
export function givenName({ name = '', addr = '' }: Node): string | null {
  return name === '' || /^node(-\d+)?$/.test(name) || addr.startsWith(name) ? null : name;
}
