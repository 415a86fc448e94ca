/** Hops of the section `hops`, which chains refer to by name: where the nodes of a hop really stand. Pure. */
import type { Config, Hop, Json, Node, Path } from '../../core/contract/config.ts';
import { isObject } from './diff.ts';

/** Every hop of the section, by its place; what is no object there is an empty one, so that places stay true. */
export function sharedHops(config: Config): readonly Hop[] {
  const hops = config['hops'];
  return Array.isArray(hops) ? (hops as readonly Json[]).map((hop) => (isObject(hop) ? hop : {})) : [];
}

/** The nodes of a hop that stands at `path`, and where they stand: in itself, or in the shared hop it names. */
export function nodesBehind(config: Config, hop: Hop, path: Path): { nodes: readonly Node[]; path: Path } {
  if (hop.nodes !== undefined) return { nodes: hop.nodes, path: [...path, 'nodes'] };
  const at = sharedHops(config).findIndex(({ name }) => name !== undefined && name === hop.name);
  return { nodes: sharedHops(config)[at]?.nodes ?? [], path: ['hops', at, 'nodes'] };
}
