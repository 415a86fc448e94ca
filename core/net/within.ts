/**
 * Deadlines. `within` and `inTime` are the only way a time limit enters the engine: own timer, listeners removed as soon as
 * it is over, so that nothing stays behind on a long-lived parent signal (AbortSignal.any would keep about 1 KB per call).
 * Every connection passes through several of them: no controller, promise or listener that is not needed.
 */
import { ProxyError } from '../errors.ts';
import { passWatch } from './stages.ts';

const ONCE = { once: true };

/**
 * Runs `work` under a parent signal and, if `ms` is not null, under a deadline. The signal given to `work` aborts with
 * `late()` as its reason when the time is over and with the parent's reason when that aborts; the promise then rejects
 * with that reason even if `work` does not listen. What `work` still produces afterwards is `discard`ed.
 */
export function within<T>(
  parent: AbortSignal,
  ms: number | null,
  work: (signal: AbortSignal) => Promise<T>,
  late?: () => Error,
  discard?: (value: T) => void,
): Promise<T> {
  if (ms === null) return inTime(parent, null, () => work(parent), late, discard);
  const own = new AbortController();
  passWatch(parent, own.signal);
  const begin = (): Promise<T> => work(own.signal);
  return inTime(parent, ms, begin, late, discard, (reason) => own.abort(reason));
}

/** The same for work that listens to no signal: when its time is over, it is only no longer waited for (and `told`). */
export function inTime<T>(
  parent: AbortSignal,
  ms: number | null,
  work: () => Promise<T>,
  late: () => Error = () => new ProxyError('timed_out', { seconds: (ms ?? 0) / 1000 }),
  discard?: (value: T) => void,
  told?: (reason: Error) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (parent.aborted) return reject(abortReason(parent));
    const wait = new Wait({ parent, resolve, reject, late, discard, told }, ms);
    try {
      wait.on(work());
    } catch (error) {
      wait.finish();
      throw error;
    }
  });
}

/**
 * Runs `work` under a signal of its own that aborts with the parent's reason, or with one that is given to `end`. `attach` gets
 * `end`, and returns what undoes it; the promise rejects with the reason even if `work` does not listen.
 */
export function endable<T>(
  parent: AbortSignal,
  attach: (end: (reason: Error) => void) => () => void,
  work: (signal: AbortSignal) => Promise<T>,
  discard: (value: T) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (parent.aborted) return reject(abortReason(parent));
    const own = new AbortController();
    passWatch(parent, own.signal);
    const told = (reason: Error): void => own.abort(reason);
    const wait = new Wait({ parent, resolve, reject, late: never, discard, told }, null);
    wait.detach = attach((reason) => wait.end(reason));
    try {
      wait.on(work(own.signal));
    } catch (error) {
      wait.finish();
      throw error;
    }
  });
}

interface WaitParts<T> {
  readonly parent: AbortSignal;
  readonly resolve: (value: T | Promise<T>) => void;
  readonly reject: (reason: Error) => void;
  readonly late: () => Error;
  readonly discard: ((value: T) => void) | undefined;
  readonly told: ((reason: Error) => void) | undefined;
}

/** Ends once: with what the work comes to, with its parent, or with its time. */
class Wait<T> {
  readonly #parts: WaitParts<T>;
  readonly #timer: NodeJS.Timeout | null;
  /** Called once, when it ends. */
  detach: (() => void) | null = null;
  #over = false;

  constructor(parts: WaitParts<T>, ms: number | null) {
    this.#parts = parts;
    parts.parent.addEventListener('abort', this.#onParent, ONCE);
    this.#timer = ms === null ? null : setTimeout(() => this.end(parts.late()), ms);
  }

  on(running: Promise<T>): void {
    running.then(
      (value) => {
        if (this.#over) return this.#parts.discard?.(value);
        this.finish();
        this.#parts.resolve(value);
      },
      () => {
        if (this.#over) return;
        this.finish();
        this.#parts.resolve(running); // rejects as it did
      },
    );
  }

  end(reason: Error): void {
    if (this.#over) return;
    this.finish();
    this.#parts.told?.(reason);
    this.#parts.reject(reason);
  }

  finish(): void {
    this.#over = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#parts.parent.removeEventListener('abort', this.#onParent);
    this.detach?.();
  }

  readonly #onParent = (): void => this.end(abortReason(this.#parts.parent));
}

function never(): Error {
  return new ProxyError('bug');
}

/** Why a signal was aborted, always as a ProxyError. */
export function abortReason(signal: AbortSignal): ProxyError {
  return signal.reason instanceof ProxyError
    ? signal.reason
    : new ProxyError('aborted', {}, { cause: signal.reason });
}

/** Rejects when the signal aborts; the listener is gone as soon as `work` settles. */
export function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return inTime(signal, null, () => work);
}
