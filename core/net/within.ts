/**
 * Deadlines. `within` and `inTime` are the only way a time limit enters the engine: own timer, listeners removed as soon as
 * it is over, so that nothing stays behind on a long-lived parent signal (AbortSignal.any would keep about 1 KB per call).
 * Every connection passes through several of them: no controller, promise or listener that is not needed.
 */
import { ProxyError } from '../errors.ts';
import { passWatch } from './stages.ts';

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
    let over = false;
    let timer: NodeJS.Timeout | null = null;
    const finish = (): void => {
      over = true;
      if (timer !== null) clearTimeout(timer);
      parent.removeEventListener('abort', onParent);
    };
    const end = (reason: Error): void => {
      finish();
      told?.(reason);
      reject(reason);
    };
    const onParent = (): void => end(abortReason(parent));
    const onLate = (): void => end(late());
    parent.addEventListener('abort', onParent, { once: true });
    if (ms !== null) timer = setTimeout(onLate, ms);
    try {
      const running = work();
      running.then(
        (value) => {
          if (over) return discard?.(value);
          finish();
          resolve(value);
        },
        () => {
          if (over) return;
          finish();
          resolve(running); // rejects as it did
        },
      );
    } catch (error) {
      finish();
      throw error;
    }
  });
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
