/** Between the library that drags and the lanes: which hop or node it is about. */
/** What travels with a drag, and what a drop lands on. */
export interface Dragged {
  readonly hop: number;
  readonly node: number | null;
}

export function readDragged(data: Record<string, unknown> | undefined): Dragged | null {
  const hop = data?.['hop'];
  const node = data?.['node'];
  if (typeof hop !== 'number') return null;
  return { hop, node: typeof node === 'number' ? node : null };
}
