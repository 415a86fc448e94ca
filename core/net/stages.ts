/**
 * Who wants to know how far an attempt has come. The watch travels with the signal of the attempt: `within` hands it on to the signals it
 * makes, and whoever begins a stage of establishing says so on the signal it was given. Nobody watching costs one comparison.
 */
import type { Stage } from '../contract/stage.ts';

/** Called when a stage begins; it ends where the next one begins. Must not throw. */
export type StageWatch = (stage: Stage) => void;

const watches = new WeakMap<AbortSignal, StageWatch>();
let watching = 0;

/** Runs `work`; everything it establishes under `signal` tells `watch` about its stages. */
export async function watchStages<T>(
  signal: AbortSignal,
  watch: StageWatch,
  work: () => Promise<T>,
): Promise<T> {
  watching += 1;
  watches.set(signal, watch);
  try {
    return await work();
  } finally {
    watching -= 1;
    watches.delete(signal);
  }
}

/** A stage begins. */
export function beginStage(signal: AbortSignal, stage: Stage): void {
  if (watching > 0) watches.get(signal)?.(stage);
}

/** `to` was made of `from` and is watched by whoever watches that. */
export function passWatch(from: AbortSignal, to: AbortSignal): void {
  if (watching === 0) return;
  const watch = watches.get(from);
  if (watch !== undefined) watches.set(to, watch);
}
