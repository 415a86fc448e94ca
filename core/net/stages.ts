/**
 * Who wants to know how far an attempt has come. The watch travels with the signal of the attempt: `within` hands it on to the signals it
 * makes, and whoever begins a stage of establishing says so on the signal it was given. It is a property of the signal and not in
 * a WeakMap: every connection has one, and such maps are what a garbage collector likes least.
 */
import type { Stage } from '../contract/stage.ts';

export interface StageWatch {
  /** A stage begins; it ends where the next one begins. Must not throw. */
  stage(stage: Stage): void;
}

const WATCH = Symbol('who watches the stages');

interface Watched extends AbortSignal {
  [WATCH]?: StageWatch | null;
}

/** From now on `watch` hears of everything that is established under `signal`; null: nobody does. */
export function watchStages(signal: Watched, watch: StageWatch | null): void {
  signal[WATCH] = watch;
}

/** A stage begins. */
export function beginStage(signal: Watched, stage: Stage): void {
  signal[WATCH]?.stage(stage);
}

/** `to` was made of `from` and is watched by whoever watches that. */
export function passWatch(from: Watched, to: Watched): void {
  const watch = from[WATCH];
  if (watch !== undefined && watch !== null) to[WATCH] = watch;
}
