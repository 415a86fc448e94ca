/**
 * Deadlines. `within` is the only way a time limit enters the engine: own controller, own timer, listeners removed in
 * `finally`, so that nothing stays behind on a long-lived parent signal (AbortSignal.any would keep about 1 KB per call).
 */
import { ProxyError } from '../errors.ts';
import { passWatch } from './stages.ts';

/**
 * Runs `work` under a parent signal and, if `ms` is not null, under a deadline. The signal given to `work` aborts with
 * `late()` as its reason when the time is over and with the parent's reason when that aborts; the promise then rejects
 * with that reason even if `work` does not listen. What `work` still produces afterwards is `discard`ed.
 */
export async function within<T>(
  parent: AbortSignal,
  ms: number | null,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Error = () => new ProxyError('timed_out', { seconds: (ms ?? 0) / 1000 }),
  discard?: (value: T) => void,
): Promise<T> {
  if (parent.aborted) throw abortReason(parent);
  const own = new AbortController();
  passWatch(parent, own.signal);
  let abandon!: (reason: unknown) => void;
  const abandoned = new Promise<never>((_, reject) => {
    abandon = reject;
  });
  abandoned.catch(() => undefined); // observed through the race below; without it a late abort would be unhandled
  const end = (reason: unknown): void => {
    own.abort(reason);
    abandon(reason);
  };
  const onParent = (): void => end(abortReason(parent));
  parent.addEventListener('abort', onParent, { once: true });
  const timer = ms === null ? null : setTimeout(() => end(late()), ms);
  const running = work(own.signal);
  try {
    return await Promise.race([running, abandoned]);
  } catch (error) {
    if (discard !== undefined) running.then(discard, () => undefined);
    else running.catch(() => undefined);
    throw error;
  } finally {
    if (timer !== null) clearTimeout(timer);
    parent.removeEventListener('abort', onParent);
  }
}

/** Why a signal was aborted, always as a ProxyError. */
export function abortReason(signal: AbortSignal): ProxyError {
  return signal.reason instanceof ProxyError
    ? signal.reason
    : new ProxyError('aborted', {}, { cause: signal.reason });
}

/** Rejects when the signal aborts; the listener is gone as soon as `work` settles. */
export async function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return within(signal, null, () => work);
}
