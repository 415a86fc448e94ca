/** Where things of the map stand on its sheet, in pixels at life size. */
import type { MapGraph, MapNode } from '../../edits/map.ts';
import type { Box, Size } from '../../edits/viewport.ts';

const COLUMN_PX = 216;
const ROW_PX = 66;
const WIDTH_PX = 156;
const HEIGHT_PX = 46;

export function sheetOf({ columns, rows }: MapGraph): Size {
  return {
    width: columns * COLUMN_PX - (COLUMN_PX - WIDTH_PX),
    height: rows * ROW_PX - (ROW_PX - HEIGHT_PX),
  };
}

export function boxOf({ column, row }: MapNode): Box {
  return { x: column * COLUMN_PX, y: row * ROW_PX, width: WIDTH_PX, height: HEIGHT_PX };
}

/** From the end of one box to the start of another, or to a point. */
export function curve(from: Box, to: { readonly x: number; readonly y: number }): string {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const bend = Math.max(24, (to.x - x1) / 2);
  return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${to.x - bend} ${to.y}, ${to.x} ${to.y}`;
}
