/** What part of a sheet a window shows, and how large: panning, zooming and fitting as arithmetic. Pure. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point, Size {}

/** A point of the sheet is shown at `point * scale + (x, y)` of the window. */
export interface View extends Point {
  readonly scale: number;
}

const SMALLEST = 0.1;
const LARGEST = 2.5;
/** Room that is left around what is fitted or brought into sight. */
const MARGIN_PX = 28;
/** So much of the sheet always stays in the window. */
const KEPT_PX = 96;

/** The whole sheet in the middle of the window, never larger than life. */
export function fit(sheet: Size, window: Size): View {
  const room = (length: number): number => Math.max(1, length - 2 * MARGIN_PX);
  const wanted = Math.min(1, room(window.width) / sheet.width, room(window.height) / sheet.height);
  const scale = Math.max(SMALLEST, wanted);
  return {
    scale,
    x: (window.width - sheet.width * scale) / 2,
    y: (window.height - sheet.height * scale) / 2,
  };
}

/** Larger or smaller by `factor`, around a point of the window that stays where it is. */
export function zoom(view: View, at: Point, factor: number): View {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}

/** Moves as far as asked, but never the sheet out of the window. */
export function pan(view: View, by: Point, sheet: Size, window: Size): View {
  const held = (offset: number, length: number, room: number): number =>
    Math.min(room - KEPT_PX, Math.max(KEPT_PX - length * view.scale, offset));
  return {
    scale: view.scale,
    x: held(view.x + by.x, sheet.width, window.width),
    y: held(view.y + by.y, sheet.height, window.height),
  };
}

/** The smallest move that brings a box of the sheet into the window with some room around it; the view itself when it is there. */
export function reveal(view: View, box: Box, window: Size): View {
  const shift = (start: number, length: number, room: number): number => {
    const end = start + length;
    if (start < MARGIN_PX) return MARGIN_PX - start;
    return end > room - MARGIN_PX ? Math.max(room - MARGIN_PX - end, MARGIN_PX - start) : 0;
  };
  const x = shift(box.x * view.scale + view.x, box.width * view.scale, window.width);
  const y = shift(box.y * view.scale + view.y, box.height * view.scale, window.height);
  return x === 0 && y === 0 ? view : { scale: view.scale, x: view.x + x, y: view.y + y };
}

/** Where a point of the window lies on the sheet. */
export function onSheet({ x, y, scale }: View, point: Point): Point {
  return { x: (point.x - x) / scale, y: (point.y - y) / scale };
}
