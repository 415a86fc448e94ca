/** Dragging the handle of a service to a chain: a line follows the pointer, the map moves along near its edges, Esc lets go. */
import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';
import { sendThrough } from '../../actions/map.ts';
import { onSheet, type Point } from '../../edits/viewport.ts';
import type { Model } from '../../model.ts';
import { pointIn, type MapView } from './use-view.ts';

/** This near to an edge the map moves along, at most this fast. */
const EDGE_PX = 40;
const EDGE_PX_PER_FRAME = 9;

interface Wire {
  /** Id of the service whose handle is held. */
  readonly from: string | null;
  /** Where the line ends, on the sheet. */
  readonly to: Point | null;
  /** Id of the chain that would take it. */
  readonly over: string | null;
  readonly begin: (event: PointerEvent<HTMLElement>) => void;
}

export function useWire(model: Model, canvas: RefObject<HTMLElement | null>, shown: MapView): Wire {
  const [from, setFrom] = useState<string | null>(null);
  const [pointer, setPointer] = useState<Point | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const latest = useRef({ shown, pointer });
  useEffect(() => {
    latest.current = { shown, pointer };
  });

  useEffect(() => {
    if (from === null) return undefined;
    const end = (): void => {
      setFrom(null);
      setPointer(null);
      setOver(null);
    };
    const move = (event: globalThis.PointerEvent): void => {
      if (canvas.current === null) return;
      setPointer(pointIn(canvas.current, event));
      setOver(wayAt(event.clientX, event.clientY));
    };
    const drop = (event: globalThis.PointerEvent): void => {
      const way = wayAt(event.clientX, event.clientY);
      if (way !== null) {
        const chain = way.startsWith('chain:') ? way.slice('chain:'.length) : null;
        void sendThrough(model, from.slice('service:'.length), chain);
      }
      end();
    };
    const key = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      end();
    };
    let frame = 0;
    const glide = (): void => {
      const { shown: now, pointer: at } = latest.current;
      if (at !== null) {
        const by = { x: pull(at.x, now.window.width), y: pull(at.y, now.window.height) };
        if (by.x !== 0 || by.y !== 0) now.panBy(by);
      }
      frame = requestAnimationFrame(glide);
    };
    frame = requestAnimationFrame(glide);
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', drop);
    window.addEventListener('pointercancel', end);
    window.addEventListener('keydown', key, { capture: true });
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', drop);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('keydown', key, { capture: true });
    };
  }, [from, model, canvas]);

  return {
    from,
    to: pointer === null ? null : onSheet(shown.view, pointer),
    over,
    begin: (event) => {
      const handle = event.target instanceof HTMLElement ? event.target.dataset['wire'] : undefined;
      if (handle === undefined || event.button !== 0 || canvas.current === null) return;
      event.preventDefault();
      event.stopPropagation();
      setPointer(pointIn(canvas.current, event));
      setFrom(handle);
    },
  };
}

/** How far the map moves in this frame, for a pointer at `at` along a side of this length. */
function pull(at: number, length: number): number {
  const near = Math.min(at, length - at);
  if (near >= EDGE_PX) return 0;
  const speed = EDGE_PX_PER_FRAME * Math.min(1, (EDGE_PX - near) / EDGE_PX);
  return at < length / 2 ? speed : -speed;
}

function wayAt(x: number, y: number): string | null {
  const element = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-way]');
  return element?.dataset['way'] ?? null;
}
