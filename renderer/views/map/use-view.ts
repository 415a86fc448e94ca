/**
 * What part of the map is shown: the wheel zooms at the pointer (Shift or a sideways wheel moves), the background is dragged, two fingers
 * pinch. Until somebody moves or zooms, everything is fitted into the window, also when that changes its size.
 */
import { useEffect, useLayoutEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';
import { fit, pan, reveal, zoom, type Box, type Point, type Size, type View } from '../../edits/viewport.ts';

/** One notch of a mouse wheel is about a sixth. */
const PER_PIXEL = 0.0015;
const LINE_PX = 33;
/** Trackpads pinch in far smaller steps. */
const PINCH = 6;
const STEP = 1.25;

export interface MapView {
  readonly view: View;
  readonly window: Size;
  /** Moved by a key or a button: then it glides. */
  readonly smooth: boolean;
  readonly zoomBy: (steps: number) => void;
  readonly actualSize: () => void;
  readonly fitAll: () => void;
  readonly panBy: (by: Point, smooth?: boolean) => void;
  readonly reveal: (box: Box) => void;
  /** Middle of the window on a point of the sheet. */
  readonly centre: (point: Point) => void;
  readonly dragging: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  };
}

export function useView(canvas: RefObject<HTMLElement | null>, sheet: Size): MapView {
  const [window, setWindow] = useState<Size>({ width: 1, height: 1 });
  // null: all of it
  const [chosen, setChosen] = useState<{ view: View; smooth: boolean } | null>(null);
  const fingers = useRef(new Map<number, Point>());
  const { width, height } = sheet;
  const view = chosen?.view ?? fit(sheet, window);
  const change = (to: (before: View) => View, smooth: boolean): void =>
    setChosen((before) => ({
      view: pan(to(before?.view ?? fit(sheet, window)), { x: 0, y: 0 }, sheet, window),
      smooth,
    }));

  // before the first paint, so that nothing is seen in a wrong size
  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const measure = (): void => setWindow({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [canvas]);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    // React listens to wheels passively, which could not keep the page from scrolling
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX;
      const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
      const at = pointIn(element, event);
      const all = { width, height };
      const sideways = !event.ctrlKey && (event.shiftKey || Math.abs(dx) > Math.abs(dy));
      const factor = Math.exp(-dy * PER_PIXEL * (event.ctrlKey ? PINCH : 1));
      setChosen((before) => {
        const now = before?.view ?? fit(all, window);
        const by = { x: -(dx || dy), y: 0 };
        return {
          view: sideways
            ? pan(now, by, all, window)
            : pan(zoom(now, at, factor), { x: 0, y: 0 }, all, window),
          smooth: false,
        };
      });
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [canvas, width, height, window]);

  const middle = { x: window.width / 2, y: window.height / 2 };
  const release = (event: PointerEvent<HTMLElement>): void => {
    fingers.current.delete(event.pointerId);
    if (fingers.current.size === 0) delete event.currentTarget.dataset['held'];
  };
  return {
    view,
    window,
    smooth: chosen?.smooth ?? false,
    zoomBy: (steps) => change((now) => zoom(now, middle, STEP ** steps), true),
    actualSize: () => change((now) => zoom(now, middle, 1 / now.scale), true),
    fitAll: () => setChosen(null),
    panBy: (by, smooth = false) => change((now) => ({ ...now, x: now.x + by.x, y: now.y + by.y }), smooth),
    reveal: (box) => {
      const next = reveal(view, box, window);
      if (next !== view) setChosen({ view: next, smooth: true });
    },
    centre: ({ x, y }) =>
      change((now) => ({ ...now, x: middle.x - x * now.scale, y: middle.y - y * now.scale }), false),
    dragging: {
      onPointerDown: (event) => {
        const onNode =
          event.target instanceof Element ? event.target.closest('button, input, [data-station]') : null;
        if (event.button > 1 || (onNode !== null && event.button === 0)) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.dataset['held'] = '';
        fingers.current.set(event.pointerId, pointIn(event.currentTarget, event));
      },
      onPointerMove: (event) => {
        const before = fingers.current.get(event.pointerId);
        if (before === undefined) return;
        const now = pointIn(event.currentTarget, event);
        const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
        fingers.current.set(event.pointerId, now);
        change((shown) => {
          const moved = { ...shown, x: shown.x + now.x - before.x, y: shown.y + now.y - before.y };
          if (other === undefined) return moved;
          // two fingers: the other one holds its point, this one pulls
          const factor = Math.max(1, distance(now, other)) / Math.max(1, distance(before, other));
          return zoom(shown, other, factor);
        }, false);
      },
      onPointerUp: release,
      onPointerCancel: release,
    },
  };
}

/** Where an event is, from the corner of the canvas. */
export function pointIn(
  element: Element,
  event: { readonly clientX: number; readonly clientY: number },
): Point {
  const { left, top } = element.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
