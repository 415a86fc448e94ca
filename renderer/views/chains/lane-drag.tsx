/**
 * Dragging in the lanes and from the shelf: one context around all of them. Begins after 8 px, shows what is held under the pointer and where
 * it would land, scrolls near edges, and Esc lets go. A third way to what keys and menus do, never the only one.
 */
import {
  DndContext,
  DragOverlay,
  PointerSensor,
  pointerWithin,
  useSensor,
  useSensors,
  type CollisionDetection,
} from '@dnd-kit/core';
import { useEffect, useState, type ReactNode } from 'react';
import { change } from '../../actions/host.ts';
import { takeItem } from '../../actions/shelf.ts';
import { useHost, useModel } from '../../components/context.ts';
import { chainsOf, hopsOf, moveHop, moveNode, nodesOf } from '../../edits/chains.ts';
import { shelfOf } from '../../edits/shelf.ts';
import { t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import { readDragged, readLanding, takes, type Dragged, type Landing } from './dragged.ts';

/** A click is not a drag. */
const DRAG_PX = 8;

export function LaneDrag({ children }: { children: ReactNode }): ReactNode {
  const model = useModel();
  const [held, setHeld] = useState<Dragged | null>(null);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: DRAG_PX } }));
  useEffect(() => {
    if (held === null) return undefined;
    // the library lets go by itself; nothing else is to be closed by the same key
    const keep = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') event.preventDefault();
    };
    window.addEventListener('keydown', keep, { capture: true });
    return () => window.removeEventListener('keydown', keep, { capture: true });
  }, [held]);
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={allowed}
      accessibility={QUIET}
      onDragStart={({ active }) => setHeld(readDragged(active.id))}
      onDragCancel={() => setHeld(null)}
      onDragEnd={({ active, over }) => {
        setHeld(null);
        const [dragged, landing] = [readDragged(active.id), readLanding(over?.id)];
        if (dragged !== null && landing !== null) void drop(model, dragged, landing);
      }}
    >
      {children}
      <DragOverlay dropAnimation={null}>{held !== null && <Held dragged={held} />}</DragOverlay>
    </DndContext>
  );
}

/** Under the pointer, and only what would take the thing. */
const allowed: CollisionDetection = (args) => {
  const dragged = readDragged(args.active.id);
  return pointerWithin(args).filter(({ id }) => {
    const landing = readLanding(id);
    return dragged !== null && landing !== null && takes(landing, dragged);
  });
};

async function drop(model: Model, dragged: Dragged, landing: Landing): Promise<void> {
  const config = model.host.getState().config?.config;
  if (config === undefined) return;
  const { chain } = landing;
  if (dragged.from === 'shelf') {
    const item = shelfOf(config).find(({ key }) => key === dragged.key);
    if (item === undefined || landing.on === 'slot') return;
    await takeItem(
      model,
      item,
      landing.on === 'gap' ? { chain, gap: landing.gap } : { chain, hop: landing.hop },
    );
    return;
  }
  const hops = hopsOf(chainsOf(config)[chain]);
  const hop = hops[dragged.hop];
  if (dragged.node === null) {
    // the places between hops count one more behind the hop that leaves
    const to = landing.on !== 'gap' ? landing.hop : landing.gap - Number(landing.gap > dragged.hop);
    const label = t('chains.movedHop', { hop: hop?.name ?? '', position: to + 1, count: hops.length });
    await change(model, moveHop(config, chain, dragged.hop, to), label);
    return;
  }
  if (landing.on === 'gap') return;
  const node = landing.on === 'slot' ? landing.node : nodesOf(hops[landing.hop]).length;
  const label = t('chains.movedNode', { node: nodesOf(hop)[dragged.node]?.name ?? '' });
  const from = { chain, hop: dragged.hop, node: dragged.node };
  await change(model, moveNode(config, from, { hop: landing.hop, node }), label);
}

/** What is held, under the pointer. */
function Held({ dragged }: { dragged: Dragged }): ReactNode {
  const config = useHost((state) => state.config?.config ?? {});
  if (dragged.from === 'shelf') {
    const item = shelfOf(config).find(({ key }) => key === dragged.key);
    return <span className="held">{item?.node.addr ?? ''}</span>;
  }
  const hop = hopsOf(chainsOf(config)[dragged.chain])[dragged.hop];
  const node = dragged.node === null ? undefined : nodesOf(hop)[dragged.node];
  return (
    <span className="held" dir={node === undefined ? 'auto' : 'ltr'}>
      {node === undefined ? (hop?.name ?? '') : (node.addr ?? '')}
    </span>
  );
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
