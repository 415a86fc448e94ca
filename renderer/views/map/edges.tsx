/** The edges of the map: one curve each, as wide as what flows along it now. */
import { useMemo, type ReactNode } from 'react';
import { useModel, useSignal } from '../../components/context.ts';
import type { MapEdge, MapGraph } from '../../edits/map.ts';
import type { Model } from '../../model.ts';
import { boxOf, curve, sheetOf } from './geometry.ts';

export function Edges({ graph, lit }: { graph: MapGraph; lit: ReadonlySet<string> | null }): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const { width, height } = sheetOf(graph);
  const drawn = useMemo(() => {
    const byId = new Map(graph.nodes.map((node) => [node.id, node]));
    return graph.edges.flatMap((edge) => {
      const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
      if (from === undefined || to === undefined) return [];
      const end = boxOf(to);
      const d = curve(boxOf(from), { x: end.x, y: end.y + end.height / 2 }, edge.past);
      return [{ edge, key: `${edge.from} ${edge.to}`, d }];
    });
  }, [graph]);
  return (
    <svg className="map-edges" width={width} height={height} aria-hidden>
      {drawn.map(({ edge, key, d }) => {
        const rate = rateOf(model, edge);
        const looks = [
          'map-edge',
          edge.dashed ? 'map-edge-dashed' : '',
          rate > 0 ? 'map-edge-live' : '',
          lit === null ? '' : lit.has(key) ? 'map-edge-lit' : 'map-edge-dim',
        ];
        return (
          <path
            key={key}
            className={looks.filter(Boolean).join(' ')}
            d={d}
            strokeWidth={1.5 + Math.min(10, Math.log2(1 + rate / 1024))}
          />
        );
      })}
    </svg>
  );
}

function rateOf({ live }: Model, { service, names, dashed }: MapEdge): number {
  // what a bypass keeps out of a chain is not counted by itself
  if (dashed) return 0;
  const rates = [
    ...(service === null ? [] : [live.serviceRates.of(service)]),
    ...names.map((name) => live.nodeRates.of(name)),
  ];
  return rates.reduce((sum, { up, down }) => sum + up + down, 0);
}
