/** One slow timer for everything that must notice silence, so that ten thousand connections need no timer each. */
const SWEEP_MS = 500;

export interface Swept {
  /** Called about twice a second. */
  sweep(now: number): void;
}

const members = new Set<Swept>();
let timer: NodeJS.Timeout | null = null;

export function joinSweep(member: Swept): void {
  members.add(member);
  timer ??= setInterval(sweepAll, SWEEP_MS).unref();
}

export function leaveSweep(member: Swept): void {
  members.delete(member);
  if (members.size > 0 || timer === null) return;
  clearInterval(timer);
  timer = null;
}

function sweepAll(): void {
  const now = Date.now();
  for (const member of members) member.sweep(now);
}
