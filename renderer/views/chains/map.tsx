/**
 * The map: every service, chain, shared proxy and bypass at once, edges as wide as their traffic. To be read, except that a service is sent
 * through another chain here: dragged onto it, or with Enter and a choice. Drawn by hand: layers need no graph library.
 */
import { DndContext, PointerSensor, useDraggable, useDroppable, useSensor, useSensors } from '@dnd-kit/core';
import { GitFork, Globe, GripVertical, Server, Shuffle, Waypoints } from 'lucide-react';
import { useMemo, type CSSProperties, type ReactNode } from 'react';
import { change } from '../../actions/host.ts';
import { inspectPlace } from '../../actions/lane.ts';
import { useHost, useModel, useSignal } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import { assignChain, chainsOf } from '../../edits/chains.ts';
import { mapOf, type MapEdge, type MapNode } from '../../edits/map.ts';
import { bytes } from '../../format/bytes.ts';
import { t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';

const COLUMN_PX = 200;
const ROW_PX = 68;
const WIDTH_PX = 152;
const HEIGHT_PX = 46;
const DRAG_PX = 8;

export function ChainMap(): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config ?? null);
  const graph = useMemo(() => mapOf(config ?? {}), [config]);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: DRAG_PX } }));
  const rows = Math.max(1, ...graph.nodes.map(({ row }) => row + 1));
  const width = graph.columns * COLUMN_PX - (COLUMN_PX - WIDTH_PX);
  const height = rows * ROW_PX - (ROW_PX - HEIGHT_PX);
  return (
    <section className="panel map" aria-label={t('map.title')}>
      <p className="muted map-hint">{t('map.hint')}</p>
      <div className="map-scroll" tabIndex={0} role="group" aria-label={t('map.title')}>
        <DndContext
          sensors={sensors}
          accessibility={QUIET}
          onDragEnd={({ active, over }) => {
            const service = String(active.id).replace(/^service:/, '');
            const to = over === null ? null : String(over.id);
            if (to === 'direct') void assign(model, service, null);
            else if (to?.startsWith('chain:') === true) void assign(model, service, to.slice(6));
          }}
        >
          <div className="map-sheet" style={{ width, height }}>
            <Edges nodes={graph.nodes} edges={graph.edges} width={width} height={height} />
            {graph.nodes.map((node) => (
              <Station key={node.id} node={node} />
            ))}
          </div>
        </DndContext>
      </div>
    </section>
  );
}

async function assign(model: Model, service: string, chain: string | null): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined) return;
  const label = t('chains.assigned', { service, chain: chain ?? t('direct') });
  await change(model, assignChain(config, service, chain), label, true);
}

function Edges({
  nodes,
  edges,
  width,
  height,
}: {
  nodes: readonly MapNode[];
  edges: readonly MapEdge[];
  width: number;
  height: number;
}): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return (
    <svg className="map-edges" width={width} height={height} aria-hidden>
      {edges.map((edge) => {
        const [from, to] = [byId.get(edge.from), byId.get(edge.to)];
        if (from === undefined || to === undefined) return null;
        const rate = rateOf(model, edge);
        const [x1, y1] = [from.column * COLUMN_PX + WIDTH_PX, middle(from)];
        const [x2, y2] = [to.column * COLUMN_PX, middle(to)];
        const bend = Math.max(24, (x2 - x1) / 2);
        return (
          <path
            key={`${edge.from} ${edge.to}`}
            className={`map-edge${edge.dashed ? ' map-edge-dashed' : ''}${rate > 0 ? ' map-edge-live' : ''}`}
            d={`M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`}
            strokeWidth={1.5 + Math.min(10, Math.log2(1 + rate / 1024))}
          />
        );
      })}
    </svg>
  );
}

function middle({ row }: MapNode): number {
  return row * ROW_PX + HEIGHT_PX / 2;
}

function rateOf({ live }: Model, { service, names }: MapEdge): number {
  const rates = [
    ...(service === null ? [] : [live.serviceRates.of(service)]),
    ...names.map((name) => live.nodeRates.of(name)),
  ];
  return rates.reduce((sum, { up, down }) => sum + up + down, 0);
}

function Station({ node }: { node: MapNode }): ReactNode {
  const style: CSSProperties = {
    insetInlineStart: node.column * COLUMN_PX,
    insetBlockStart: node.row * ROW_PX,
    width: WIDTH_PX,
    height: HEIGHT_PX,
  };
  if (node.kind === 'service') return <ServiceStation node={node} style={style} />;
  if (node.kind === 'chain' || node.kind === 'direct') return <ChainStation node={node} style={style} />;
  if (node.kind === 'proxy') return <ProxyStation node={node} style={style} />;
  const Icon = node.kind === 'target' ? Globe : Shuffle;
  return (
    <div className={`map-node map-${node.kind}`} style={style}>
      <Icon aria-hidden />
      <span dir="auto">{node.kind === 'target' ? t('stream.target') : node.label}</span>
      {node.kind === 'bypass' && <span className="muted">{t('map.bypass')}</span>}
    </div>
  );
}

/** Enter or a click opens the choice of chains; dragging onto one is the same. */
function ServiceStation({ node, style }: { node: MapNode; style: CSSProperties }): ReactNode {
  const model = useModel();
  const config = useHost((state) => state.config?.config ?? null);
  const { setNodeRef, listeners, transform } = useDraggable({ id: node.id });
  const now = config?.services?.find(({ name }) => name === node.label)?.handler?.chain ?? null;
  const moved = transform === null ? {} : { transform: `translate(${transform.x}px, ${transform.y}px)` };
  const chains = chainsOf(config ?? {}).flatMap(({ name }) => name ?? []);
  return (
    <div ref={setNodeRef} className="map-place" style={{ ...style, ...moved }}>
      <span className="map-grip" aria-hidden {...listeners}>
        <GripVertical />
      </span>
      <Menu
        label={t('map.pick', { service: node.label })}
        trigger={
          <button
            type="button"
            className="map-node map-service"
            aria-label={t('map.service', { service: node.label, chain: now ?? t('direct') })}
          >
            <Server aria-hidden />
            <span dir="auto">{node.label}</span>
            <Rate node={node} />
          </button>
        }
        groups={[
          chains.map((chain) => ({
            label: chain,
            checked: chain === now,
            run: () => void assign(model, node.label, chain),
          })),
          [{ label: t('direct'), checked: now === null, run: () => void assign(model, node.label, null) }],
        ]}
      />
    </div>
  );
}

function ChainStation({ node, style }: { node: MapNode; style: CSSProperties }): ReactNode {
  const model = useModel();
  const { setNodeRef, isOver } = useDroppable({ id: node.id });
  const className = `map-node map-${node.kind}${isOver ? ' map-over' : ''}`;
  const { place } = node;
  return (
    <div ref={setNodeRef} className="map-place" style={style}>
      {place === null ? (
        <div className={className}>
          <GitFork aria-hidden />
          <span>{t('direct')}</span>
        </div>
      ) : (
        <button
          type="button"
          className={className}
          onClick={() => model.ui.setState({ chainView: 'lanes', place, selected: { kind: 'place', place } })}
        >
          <Waypoints aria-hidden />
          <span dir="auto">{node.label}</span>
        </button>
      )}
    </div>
  );
}

function ProxyStation({ node, style }: { node: MapNode; style: CSSProperties }): ReactNode {
  const model = useModel();
  const { place, chains } = node;
  return (
    <div className="map-place" style={style}>
      <button
        type="button"
        className="map-node map-proxy"
        onClick={() => (place === null ? undefined : inspectPlace(model, place))}
      >
        <span dir="ltr">{node.label}</span>
        {chains.length > 1 ? (
          <span className="muted">{t('map.shared', { count: chains.length })}</span>
        ) : (
          <span className="muted" dir="auto">
            {node.names.join(', ')}
          </span>
        )}
        <Rate node={node} />
      </button>
    </div>
  );
}

function Rate({ node }: { node: MapNode }): ReactNode {
  const model = useModel();
  useSignal(model.traffic.changed);
  const rates = node.kind === 'service' ? model.live.serviceRates : model.live.nodeRates;
  const rate = node.names.reduce((sum, name) => sum + rates.of(name).up + rates.of(name).down, 0);
  if (rate === 0) return null;
  return <span className="number map-rate">{bytes(rate)}/s</span>;
}

/** Only the pointer drags here; what happened is said by the change itself. */
const QUIET = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
};
