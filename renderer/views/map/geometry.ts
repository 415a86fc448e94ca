/** Where things of the map stand on its sheet, in pixels at life size. */
import type { MapGraph, Spot } from '../../edits/map.ts';
import type { Box, Point, Size } from '../../edits/viewport.ts';

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

export function boxOf({ column, row }: Spot): Box {
  return { x: column * COLUMN_PX, y: row * ROW_PX, width: WIDTH_PX, height: HEIGHT_PX };
}

/** From the end of one box, straight past the columns on the way, to a point. */
export function curve(from: Box, to: Point, past: readonly Spot[] = []): string {
  let [x, y] = [from.x + from.width, from.y + from.height / 2];
  let path = `M ${x} ${y}`;
  const bendTo = (end: Point): void => {
    const bend = Math.max(24, (end.x - x) / 2);
    path += ` C ${x + bend} ${y}, ${end.x - bend} ${end.y}, ${end.x} ${end.y}`;
    [x, y] = [end.x, end.y];
  };
  for (const spot of past) {
    const box = boxOf(spot);
    bendTo({ x: box.x, y: box.y + box.height / 2 });
    x += box.width;
    path += ` L ${x} ${y}`;
  }
  bendTo(to);
  return path;
}
