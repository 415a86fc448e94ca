/**
 * The configuration as a graph for the map: services, chains, proxies (one for every address, however many chains use it), bypasses and the
 * target, in columns by how far traffic has come. Pure.
 */
import type { Config, Json } from '../../core/contract/config.ts';
import { chainsOf, hopsOf, isSkipped, nodesOf, type Place } from './chains.ts';

export interface MapNode {
  readonly id: string;
  readonly kind: 'service' | 'chain' | 'direct' | 'bypass' | 'proxy' | 'target';
  readonly column: number;
  readonly row: number;
  readonly label: string;
  /** Names under which statistics know it. */
  readonly names: readonly string[];
  /** Where it stands first; chains and proxies. */
  readonly place: Place | null;
  /** Chains that go through it; proxies. */
  readonly chains: readonly string[];
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  /** Whose rate it shows: of a service, or of nodes. */
  readonly service: string | null;
  readonly names: readonly string[];
  readonly dashed: boolean;
}

export interface MapGraph {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly columns: number;
}

interface Proxy {
  readonly label: string;
  column: number;
  readonly names: Set<string>;
  readonly place: Place;
  readonly chains: Set<string>;
}

export function mapOf(config: Config): MapGraph {
  const services = config.services ?? [];
  const chains = chainsOf(config);
  const proxies = new Map<string, Proxy>();
  const edges = new Map<string, MapEdge>();
  const link = (from: string, to: string, about: Partial<MapEdge> = {}): void => {
    const known = edges.get(`${from} ${to}`);
    const names = [...new Set([...(known?.names ?? []), ...(about.names ?? [])])];
    edges.set(`${from} ${to}`, { service: null, dashed: false, ...about, from, to, names });
  };

  for (const [at, chain] of chains.entries()) {
    const name = chain.name ?? '';
    let before = [`chain:${name}`];
    for (const [hop, each] of hopsOf(chain).entries()) {
      if (isSkipped(each)) continue;
      const column = 2 + hop;
      const reached = nodesOf(each).map((node, index) => {
        const id = `proxy:${node.connector?.type ?? 'http'} ${node.addr ?? ''}`;
        const known = proxies.get(id);
        const stat = node.name ?? `node-${index}`;
        if (known === undefined) {
          proxies.set(id, {
            label: node.addr ?? stat,
            column,
            names: new Set([stat]),
            place: { chain: at, hop, node: index },
            chains: new Set([name]),
          });
        } else {
          known.column = Math.max(known.column, column);
          known.names.add(stat);
          known.chains.add(name);
        }
        for (const from of before) link(from, id, { names: [stat] });
        return id;
      });
      if (reached.length > 0) before = reached;
    }
    for (const from of before) {
      const names = from.startsWith('proxy:') ? [...(proxies.get(from)?.names ?? [])] : [];
      link(from, 'target', { names });
    }
  }

  const bypasses = new Set<string>();
  let direct = false;
  for (const service of services) {
    const name = service.name ?? '';
    const chain = service.handler?.chain;
    const known = chains.some((each) => each.name === chain);
    if (chain === undefined || !known) direct = true;
    link(`service:${name}`, known ? `chain:${chain ?? ''}` : 'direct', { service: name });
    for (const bypass of bypassesOf(service)) {
      bypasses.add(bypass);
      link(`service:${name}`, `bypass:${bypass}`, { dashed: true });
    }
  }
  if (direct) link('direct', 'target');
  for (const bypass of bypasses) link(`bypass:${bypass}`, 'target', { dashed: true });

  const columns = Math.max(2, ...[...proxies.values()].map(({ column }) => column + 1)) + 1;
  const rows = new Map<number, number>();
  const place = (node: Omit<MapNode, 'row'>): MapNode => {
    const row = rows.get(node.column) ?? 0;
    rows.set(node.column, row + 1);
    return { ...node, row };
  };
  const plain = { names: [], place: null, chains: [] };
  const nodes: MapNode[] = [
    ...services.map(({ name = '' }) =>
      place({ ...plain, id: `service:${name}`, kind: 'service', column: 0, label: name, names: [name] }),
    ),
    ...chains.map(({ name = '' }, at) =>
      place({
        ...plain,
        id: `chain:${name}`,
        kind: 'chain',
        column: 1,
        label: name,
        place: { chain: at, hop: null, node: null },
      }),
    ),
    ...(direct ? [place({ ...plain, id: 'direct', kind: 'direct', column: 1, label: '' })] : []),
    ...[...bypasses].map((name) =>
      place({ ...plain, id: `bypass:${name}`, kind: 'bypass', column: 1, label: name }),
    ),
    ...[...proxies].map(([id, proxy]) =>
      place({
        id,
        kind: 'proxy',
        column: proxy.column,
        label: proxy.label,
        names: [...proxy.names],
        place: proxy.place,
        chains: [...proxy.chains],
      }),
    ),
    place({ ...plain, id: 'target', kind: 'target', column: columns - 1, label: '' }),
  ];
  return { nodes, edges: [...edges.values()], columns };
}

function bypassesOf(service: { readonly [key: string]: Json | undefined }): string[] {
  const one = service['bypass'];
  const many = service['bypasses'];
  return [
    ...(typeof one === 'string' && one !== '' ? [one] : []),
    ...(Array.isArray(many) ? many.filter((name): name is string => typeof name === 'string') : []),
  ];
}
