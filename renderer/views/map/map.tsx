/**
 * The map: every service, chain, shared proxy and bypass at once, edges as wide as their traffic, on a sheet to move and zoom. To be read,
 * except that a service is sent through another chain here: its handle dragged onto one, or Enter and a choice. What the focus or the
 * pointer is on lights up its way. Drawn by hand (docs/decisions/0013-map-by-hand.md).
 */
import { useDeferredValue, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useHost, useModel } from '../../components/context.ts';
import { belongings, mapOf, neighbour, type Direction, type MapGraph } from '../../edits/map.ts';
import { t } from '../../i18n/index.ts';
import { Edges } from './edges.tsx';
import { boxOf, curve, sheetOf } from './geometry.ts';
import { MapFind } from './map-find.tsx';
import { MapTools } from './map-tools.tsx';
import { Minimap } from './minimap.tsx';
import { Station } from './station.tsx';
import { useView } from './use-view.ts';
import { useWire } from './use-wire.ts';

/** Below this, texts are too small to be read: only names stay, and grow. */
const FAR = 0.55;
const PAN_PX = 80;
const WALK: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};
const PAN: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [PAN_PX, 0],
  ArrowRight: [-PAN_PX, 0],
  ArrowUp: [0, PAN_PX],
  ArrowDown: [0, -PAN_PX],
};

export function ChainMap(): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config ?? null);
  const graph = useMemo(() => mapOf(config ?? {}), [config]);
  const sheet = useMemo(() => sheetOf(graph), [graph]);
  const canvas = useRef<HTMLDivElement>(null);
  const shown = useView(canvas, sheet);
  const { view } = shown;
  const wire = useWire(model, canvas, shown);
  const [at, setAt] = useState<string | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const [find, setFind] = useState('');
  const found = useMemo(() => matching(graph, find), [graph, find]);
  const looked = useDeferredValue(pointed ?? at);
  const lit = useMemo(
    () => (found !== null ? new Set(found) : looked === null ? null : belongings(graph, looked)),
    [graph, found, looked],
  );
  const entry = graph.nodes.some(({ id }) => id === at) ? at : graph.nodes[0]?.id;
  const over = wire.over;
  const stations = useMemo(
    () =>
      graph.nodes.map((node) => (
        <Station
          key={node.id}
          node={node}
          entry={node.id === entry}
          dim={lit !== null && !lit.has(node.id)}
          over={node.id === over}
        />
      )),
    [graph, entry, lit, over],
  );
  const edges = useMemo(() => <Edges graph={graph} lit={lit} />, [graph, lit]);

  const go = (id: string | null | undefined): void => {
    if (id == null) return;
    canvas.current?.querySelector<HTMLElement>(`[data-station="${CSS.escape(id)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const id = stationOf(event.target);
    const walk = WALK[event.key];
    const by = PAN[event.key];
    if (by !== undefined && (event.shiftKey || id === null)) shown.panBy({ x: by[0], y: by[1] }, true);
    else if (walk !== undefined && id !== null) go(neighbour(graph, id, walk));
    else return;
    event.preventDefault();
  };
  const from = graph.nodes.find(({ id }) => id === wire.from);
  return (
    <section className="panel map" aria-label={t('map.title')} data-keys="map">
      <div
        ref={canvas}
        className={`map-canvas${view.scale < FAR ? ' map-far' : ''}${wire.from === null ? '' : ' map-wiring'}`}
        role="application"
        aria-label={t('map.title')}
        aria-description={t('map.hint')}
        tabIndex={-1}
        dir="ltr"
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const node = graph.nodes.find(({ id }) => id === stationOf(event.target));
          if (node === undefined) return;
          setAt(node.id);
          // a press with the pointer must not pull what is pressed away from under it
          if (event.target.matches(':focus-visible')) shown.reveal(boxOf(node));
        }}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setAt(null);
        }}
        onPointerOver={(event) => setPointed(stationOf(event.target))}
        onPointerLeave={() => setPointed(null)}
        {...shown.dragging}
      >
        <div
          className={`map-sheet${shown.smooth ? ' map-smooth' : ''}`}
          style={{
            width: sheet.width,
            height: sheet.height,
            transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
          }}
          onPointerDown={wire.begin}
        >
          {edges}
          {stations}
          {from !== undefined && wire.to !== null && (
            <svg className="map-edges" width={sheet.width} height={sheet.height} aria-hidden>
              <path className="map-wire" d={curve(boxOf(from), wire.to)} />
            </svg>
          )}
        </div>
      </div>
      <MapFind
        text={find}
        count={found?.length ?? null}
        change={setFind}
        next={() => {
          const ids = found ?? [];
          go(ids[(ids.indexOf(at ?? '') + 1) % Math.max(1, ids.length)]);
        }}
      />
      <MapTools shown={shown} />
      <Minimap graph={graph} sheet={sheet} shown={shown} lit={lit} />
    </section>
  );
}

/** Stations whose name or address holds the text; null when there is none to look for. */
function matching({ nodes }: MapGraph, text: string): readonly string[] | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return null;
  return nodes
    .filter(({ label, names }) => [label, ...names].some((each) => each.toLowerCase().includes(wanted)))
    .map(({ id }) => id);
}

function stationOf(target: EventTarget): string | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-station]') : null;
  return element?.dataset['station'] ?? null;
}
