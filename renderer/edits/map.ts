/**
 * The configuration as a graph for the map: services, chains, proxies (one for every address, however many chains use it), bypasses and the
 * target, in columns by how far traffic has come. Which rows they get, what belongs together and how the arrows walk is here as well. Pure.
 */
import type { Config, Json } from '../../core/contract/config.ts';
import { chainsOfService } from './chain-users.ts';
import { chainsOf, hopsOf, isSkipped, type Place } from './chains.ts';
import { nodesBehind } from './shared-hops.ts';

/** `row` may lie between two rows: short columns stand in the middle of tall ones. */
export interface MapNode extends Spot {
  readonly id: string;
  readonly kind: 'service' | 'chain' | 'direct' | 'bypass' | 'proxy' | 'target';
  readonly label: string;
  /** Names under which statistics know it. */
  readonly names: readonly string[];
  /** Where it stands first; chains and proxies. */
  readonly place: Place | null;
  /** Ids of the chains, bypasses and Direct whose traffic it is part of; the target is part of all and lists none. */
  readonly ways: readonly string[];
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  /** Whose rate it shows: of a service, or of nodes. */
  readonly service: string | null;
  readonly names: readonly string[];
  readonly ways: readonly string[];
  readonly dashed: boolean;
  /** Columns it passes on its way, and the rows kept free for it there. */
  readonly past: readonly Spot[];
}

export interface Spot {
  readonly column: number;
  readonly row: number;
}

export interface MapGraph {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly columns: number;
  readonly rows: number;
}

interface Proxy {
  readonly label: string;
  column: number;
  readonly names: Set<string>;
  readonly place: Place;
  readonly ways: Set<string>;
}

const DIRECT = 'direct';
const TARGET = 'target';

export function mapOf(config: Config): MapGraph {
  const services = config.services ?? [];
  const chains = chainsOf(config);
  const proxies = new Map<string, Proxy>();
  const edges = new Map<string, MapEdge>();
  const link = (from: string, to: string, way: string, about: Partial<MapEdge> = {}): void => {
    const known = edges.get(`${from} ${to}`);
    const names = [...new Set([...(known?.names ?? []), ...(about.names ?? [])])];
    const ways = [...new Set([...(known?.ways ?? []), way])];
    edges.set(`${from} ${to}`, { service: null, dashed: false, past: [], ...about, from, to, names, ways });
  };

  for (const [at, chain] of chains.entries()) {
    const way = chainId(chain.name);
    // what stands before the next hop, and the names under which it is counted
    let before = new Map<string, readonly string[]>([[way, []]]);
    for (const [hop, each] of hopsOf(chain).entries()) {
      if (isSkipped(each)) continue;
      const column = 2 + hop;
      const { nodes: own } = nodesBehind(config, each, []);
      const reached = own.map((node, index) => {
        const id = `proxy:${node.connector?.type ?? 'http'} ${node.addr ?? ''}`;
        const known = proxies.get(id);
        const stat = node.name ?? `node-${index}`;
        if (known === undefined) {
          proxies.set(id, {
            label: node.addr ?? stat,
            column,
            names: new Set([stat]),
            // a shared hop is opened as a whole: its nodes stand elsewhere
            place: { chain: at, hop, node: each.nodes === undefined ? null : index },
            ways: new Set([way]),
          });
        } else {
          known.column = Math.max(known.column, column);
          known.names.add(stat);
          known.ways.add(way);
        }
        // the same proxy twice in a row has no edge to itself
        for (const from of before.keys()) if (from !== id) link(from, id, way, { names: [stat] });
        return [id, [stat]] as const;
      });
      if (reached.length > 0) before = new Map(reached);
    }
    for (const [from, names] of before) link(from, TARGET, way, { names });
  }

  const bypasses = new Set<string>();
  let direct = false;
  const waysOf = new Map<string, string[]>();
  for (const service of services) {
    const name = service.name ?? '';
    const known = chainsOfService(service).filter((chain) => chains.some((each) => each.name === chain));
    const ways = known.length === 0 ? [DIRECT] : [...new Set(known.map(chainId))];
    direct ||= known.length === 0;
    for (const way of ways) link(`service:${name}`, way, way, { service: name });
    const beside = bypassesOf(service).map((bypass) => {
      bypasses.add(bypass);
      link(`service:${name}`, `bypass:${bypass}`, `bypass:${bypass}`, { dashed: true, service: name });
      return `bypass:${bypass}`;
    });
    waysOf.set(name, [...ways, ...beside]);
  }
  if (direct) link(DIRECT, TARGET, DIRECT);
  for (const bypass of bypasses) link(`bypass:${bypass}`, TARGET, `bypass:${bypass}`, { dashed: true });

  const columns = Math.max(2, ...[...proxies.values()].map(({ column }) => column + 1)) + 1;
  const plain = { names: [], place: null, row: 0 };
  const nodes: MapNode[] = [
    ...services.map(({ name = '' }): MapNode => ({
      ...plain,
      id: `service:${name}`,
      kind: 'service',
      column: 0,
      label: name,
      names: [name],
      ways: waysOf.get(name) ?? [],
    })),
    ...chains.map(({ name = '' }, at): MapNode => ({
      ...plain,
      id: chainId(name),
      kind: 'chain',
      column: 1,
      label: name,
      place: { chain: at, hop: null, node: null },
      ways: [chainId(name)],
    })),
    ...(direct
      ? [{ ...plain, id: DIRECT, kind: 'direct' as const, column: 1, label: '', ways: [DIRECT] }]
      : []),
    ...[...bypasses].map((name): MapNode => ({
      ...plain,
      id: `bypass:${name}`,
      kind: 'bypass',
      column: 1,
      label: name,
      ways: [`bypass:${name}`],
    })),
    ...[...proxies].map(([id, proxy]): MapNode => ({
      id,
      kind: 'proxy',
      column: proxy.column,
      row: 0,
      label: proxy.label,
      names: [...proxy.names],
      place: proxy.place,
      ways: [...proxy.ways],
    })),
    { ...plain, id: TARGET, kind: 'target', column: columns - 1, label: '', ways: [] },
  ];
  return inRows(nodes, [...edges.values()], columns);
}

function chainId(name: string | undefined): string {
  return `chain:${name ?? ''}`;
}

/**
 * Rows: every column in the order of what its nodes are linked to on the left (the mean of their rows), so that edges cross little; short
 * columns stand in the middle. The first column keeps the order of the file. An edge that passes a column has a row of its own there, shared
 * with the others from the same node, and so runs behind nobody.
 */
function inRows(nodes: readonly MapNode[], edges: readonly MapEdge[], columns: number): MapGraph {
  const columnOf = new Map(nodes.map(({ id, column }) => [id, column]));
  const sources = new Map<string, string[]>();
  const passing = new Map<string, number>();
  const passes = (edge: MapEdge): string[] => {
    const [first, last] = [columnOf.get(edge.from) ?? 0, columnOf.get(edge.to) ?? 0];
    return Array.from({ length: Math.max(0, last - first - 1) }, (_, at) => `${edge.from} ${first + 1 + at}`);
  };
  for (const edge of edges) {
    const steps = [edge.from, ...passes(edge), edge.to];
    steps.slice(1).forEach((step, at) => sources.set(step, [...(sources.get(step) ?? []), steps[at] ?? '']));
    passes(edge).forEach((id, at) => passing.set(id, (columnOf.get(edge.from) ?? 0) + 1 + at));
  }
  const all = [...columnOf, ...passing];
  const byColumn = Array.from({ length: columns }, (_, at) => all.filter(([, column]) => column === at));
  const rows = Math.max(1, ...byColumn.map(({ length }) => length));
  const rowOf = new Map<string, number>();
  for (const column of byColumn) {
    const wanted = new Map(
      column.map(([id], at) => {
        const known = (sources.get(id) ?? []).flatMap((from) => rowOf.get(from) ?? []);
        // what nothing leads to comes last
        return [
          id,
          known.length === 0 ? rows + at : known.reduce((sum, each) => sum + each, 0) / known.length,
        ];
      }),
    );
    const sorted = [...column].sort(([a], [b]) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    sorted.forEach(([id], at) => rowOf.set(id, at + (rows - column.length) / 2));
  }
  const placed = nodes
    .map((node) => ({ ...node, row: rowOf.get(node.id) ?? 0 }))
    .sort((a, b) => a.column - b.column || a.row - b.row);
  const routed = edges.map((edge) => ({
    ...edge,
    past: passes(edge).map((id) => ({ column: passing.get(id) ?? 0, row: rowOf.get(id) ?? 0 })),
  }));
  return { nodes: placed, edges: routed, columns, rows };
}

/** What belongs to a node: the ways of the traffic it is part of. Null when that is everything. */
export function belongings({ nodes, edges }: MapGraph, id: string): ReadonlySet<string> | null {
  const node = nodes.find((each) => each.id === id);
  if (node === undefined || node.ways.length === 0) return null;
  const found = new Set([id]);
  for (const edge of edges) {
    const mine = edge.ways.some((way) => node.ways.includes(way));
    const others = node.kind === 'service' && edge.service !== null && edge.service !== node.label;
    if (!mine || others) continue;
    found.add(edge.from).add(edge.to).add(`${edge.from} ${edge.to}`);
  }
  return found;
}

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** Where an arrow leads: along an edge to the nearest linked node, else to the nearest of the next column; up and down within a column. */
export function neighbour({ nodes, edges }: MapGraph, id: string, direction: Direction): string | null {
  const from = nodes.find((node) => node.id === id);
  if (from === undefined) return null;
  const nearest = (candidates: readonly MapNode[]): string | null =>
    candidates.reduce<MapNode | null>(
      (best, node) =>
        best === null || Math.abs(node.row - from.row) < Math.abs(best.row - from.row) ? node : best,
      null,
    )?.id ?? null;
  if (direction === 'up' || direction === 'down') {
    const beyond = nodes.filter(
      ({ column, row }) => column === from.column && (direction === 'up' ? row < from.row : row > from.row),
    );
    return nearest(beyond);
  }
  const columns = nodes.map(({ column }) => column);
  if (direction === 'first' || direction === 'last') {
    const column = direction === 'first' ? Math.min(...columns) : Math.max(...columns);
    return nearest(nodes.filter((node) => node.column === column));
  }
  const linked = (dashed: boolean): string | null => {
    const ids = edges
      .filter((edge) => edge.dashed === dashed && (direction === 'right' ? edge.from : edge.to) === id)
      .map((edge) => (direction === 'right' ? edge.to : edge.from));
    return nearest(nodes.filter((node) => ids.includes(node.id)));
  };
  const along = linked(false) ?? linked(true);
  if (along !== null) return along;
  const aside = columns.filter((column) =>
    direction === 'right' ? column > from.column : column < from.column,
  );
  if (aside.length === 0) return null;
  const next = direction === 'right' ? Math.min(...aside) : Math.max(...aside);
  return nearest(nodes.filter(({ column }) => column === next));
}

function bypassesOf(service: { readonly [key: string]: Json | undefined }): string[] {
  const one = service['bypass'];
  const many = service['bypasses'];
  return [
    ...(typeof one === 'string' && one !== '' ? [one] : []),
    ...(Array.isArray(many) ? many.filter((name): name is string => typeof name === 'string') : []),
  ];
}
