/** The whole map in a corner with the part that is shown, when that is not all of it. For the pointer; keys walk the map itself. */
import { useMemo, type PointerEvent, type ReactNode } from 'react';
import type { MapGraph } from '../../edits/map.ts';
import { onSheet, type Size } from '../../edits/viewport.ts';
import { boxOf } from './geometry.ts';
import type { MapView } from './use-view.ts';

const LARGEST: Size = { width: 150, height: 104 };

export function Minimap({
  graph,
  sheet,
  shown,
  lit,
}: {
  graph: MapGraph;
  sheet: Size;
  shown: MapView;
  lit: ReadonlySet<string> | null;
}): ReactNode {
  const { view, window } = shown;
  const boxes = useMemo(
    () =>
      graph.nodes.map((node) => (
        <rect
          key={node.id}
          className={`minimap-${node.kind}${lit !== null && !lit.has(node.id) ? ' minimap-dim' : ''}`}
          {...boxOf(node)}
          rx={10}
        />
      )),
    [graph, lit],
  );
  const from = onSheet(view, { x: 0, y: 0 });
  const to = onSheet(view, { x: window.width, y: window.height });
  const all = from.x <= 0 && from.y <= 0 && to.x >= sheet.width && to.y >= sheet.height;
  if (all) return null;
  const scale = Math.min(LARGEST.width / sheet.width, LARGEST.height / sheet.height);
  const go = (event: PointerEvent<SVGSVGElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    shown.centre({ x: (event.clientX - left) / scale, y: (event.clientY - top) / scale });
  };
  return (
    <svg
      className="minimap"
      aria-hidden
      width={sheet.width * scale}
      height={sheet.height * scale}
      viewBox={`0 0 ${sheet.width} ${sheet.height}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
      }}
    >
      {boxes}
      <rect className="minimap-window" x={from.x} y={from.y} width={to.x - from.x} height={to.y - from.y} />
    </svg>
  );
}
